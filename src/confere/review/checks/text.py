"""Texts as the checks read them: words with their places, marks set aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from confere.domain.inflection import WORD
from confere.domain.inflection import fold as fold
from confere.review.checks.values import SegmentTexts, Span

MARK = re.compile(r"\[[^\[\]\n]*\]")


def listed(text: str) -> list[str]:
    """Return the words of ``text``, for the short lists that stand in the code."""
    return text.split()


@dataclass(frozen=True, slots=True)
class Token:
    """One word or one number of a text; ``gap`` is what stands before it."""

    text: str
    folded: str
    start: int
    end: int
    gap: str

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits."""
        return self.text[0].isdecimal()

    @property
    def opens(self) -> bool:
        """Whether it begins a sentence or a quotation, where a capital says nothing."""
        return self.start == len(self.gap) or any(mark in self.gap for mark in '.?!:…"“‘«–—\n')

    @property
    def joined(self) -> bool:
        """Whether nothing but a space or a hyphen parts it from the word before."""
        return self.gap in (" ", "-", "\u00a0", "\u2011")


def tokens(text: str) -> list[Token]:
    """Return the words and numbers of ``text`` in order."""
    found, last = [], 0
    for match in WORD.finditer(text):
        start, end = match.span()
        found.append(Token(match[0], fold(match[0]), start, end, text[last:start]))
        last = end
    return found


def without_marks(text: str) -> str:
    """Return ``text`` with spaces for its transcript marks, so that places stay the same."""
    return MARK.sub(lambda match: " " * len(match[0]), text)


def cover(found: Sequence[Token]) -> Span:
    """Return the span from the first to the last of ``found``."""
    return Span(found[0].start, found[-1].end)


@dataclass
class Pair:
    """A segment with both of its texts read once, for all the checks."""

    segment: SegmentTexts

    @cached_property
    def source(self) -> str:
        """What was said, marks blanked."""
        return without_marks(self.segment.source)

    @cached_property
    def target(self) -> str:
        """The translation, marks blanked."""
        return without_marks(self.segment.target)

    @cached_property
    def source_tokens(self) -> list[Token]:
        """The words of what was said."""
        return tokens(self.source)

    @cached_property
    def target_tokens(self) -> list[Token]:
        """The words of the translation."""
        return tokens(self.target)
