"""Denials that got lost, or that nobody made: the worst silent error.

What denies without a word of denial (``falta``, ``unless``, ``unable``) does not count, but may stand for one
that does; so a clean pair is seldom flagged, and a denial may be lost beside such a word unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from confere.review.checks.messages import finding
from confere.review.checks.negation.denials import Denials, read
from confere.review.checks.negation.english import ENGLISH
from confere.review.checks.negation.portuguese import PORTUGUESE
from confere.review.checks.text import Pair, Token
from confere.review.checks.values import Context, Finding, Span


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find a text that denies more often than the other can account for.

    Sentence by sentence if both have as many, so that a loose word far away explains nothing.
    """
    said, told = _sentences(pair.source_tokens), _sentences(pair.target_tokens)
    if len(said) != len(told):
        said, told = [pair.source_tokens], [pair.target_tokens]
    for left, right in zip(said, told, strict=True):
        source = read(left, pair.source, PORTUGUESE)
        target = read(right, pair.target, ENGLISH)
        spans = _spans(source), _spans(target)
        only = min(source.only, target.only)  # só and only stand for each other
        if len(source.firm) > len(target.firm) + target.loose - only:
            yield finding(pair.segment, "negation.lost", *spans, source=_told(source))
        elif len(target.firm) > len(source.firm) + source.loose - only:
            yield finding(pair.segment, "negation.added", *spans, target=_told(target))


def _sentences(found: Sequence[Token]) -> list[Sequence[Token]]:
    starts = [place for place, t in enumerate(found) if not place or re.search(r"[.?!…]", t.gap)]
    return [found[start:end] for start, end in pairwise([*starts, len(found)])]


def _spans(denials: Denials) -> list[Span]:
    return [token.span for token in denials.firm]


def _told(denials: Denials) -> str:
    return ", ".join(token.text for token in denials.firm)
