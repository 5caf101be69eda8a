"""How often a sentence denies something.

A clause that denies already denies no second time by ``nada``, ``ninguém``, ``nothing`` (they only agree with
it), by a last ``não`` (``fui não``), or after a bare answer (``Não, não fui``). The same denial said of one
thing after another (``não tinha luz, não tinha água``, ``no light, no water``) counts once, as it may be told
once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from confere.review.checks.text import Token

_ENDS = re.compile(r"[.?!;:…,—–]")
_ENDS_SENTENCE = re.compile(r"[.?!…]")


@dataclass(frozen=True, slots=True)
class Denials:
    """What a sentence denies.

    ``firm`` are the words that deny, ``loose`` is how many denials of the other text its other words
    may stand for, ``only`` how many of these are ``só`` or ``only``.
    """

    firm: tuple[Token, ...]
    loose: int
    only: int


@dataclass(frozen=True, slots=True)
class Language:
    """The words of a language that deny, folded.

    ``denies`` tells whether the word at a place is ``não`` or ``not``; ``loose`` counts what may stand for a
    denial, the word at each place; ``concord`` are the words that agree with a denial or deny
    alone; of these ``lists`` are those that deny one thing after another. ``breaks`` begin a clause.
    What ``tags`` finds denies nothing; what ``soft`` finds may be told with a denial or without.
    """

    denies: Callable[[Sequence[Token], int], bool]
    loose: Callable[[Sequence[Token], int], bool]
    only: frozenset[str]
    concord: frozenset[str]
    lists: frozenset[str]
    without: frozenset[str]
    without_agrees: bool  # whether ``sem`` makes what follows agree: sem dizer nada
    breaks: frozenset[str]
    undenied: re.Pattern[str]
    tags: re.Pattern[str]
    soft: re.Pattern[str]


def read(sentence: Sequence[Token], text: str, language: Language) -> Denials:
    """Return what one sentence of ``text`` denies."""
    found = _outside(_outside(sentence, language.tags, text), language.soft, text)
    loose = sum(language.loose(sentence, place) for place in range(len(sentence)))
    if sentence:
        loose += len(language.soft.findall(text, sentence[0].start, sentence[-1].end))
    reader = _Reader(found, language, [])
    for place in range(len(found)):
        reader.step(place)
    only = sum(token.folded in language.only for token in sentence)
    return Denials(tuple(reader.firm), loose + reader.loose, only)


def word(found: Sequence[Token], place: int) -> str:
    """Return the folded word at ``place``, or nothing where there is none."""
    return found[place].folded if 0 <= place < len(found) else ""


@dataclass(slots=True)
class _Reader:
    found: Sequence[Token]
    language: Language
    firm: list[Token]
    last: int = -1  # where the last firm denial stands
    open_: bool = False  # whether this clause denies already
    loose: int = 0

    def step(self, place: int) -> None:
        """Read the word at ``place``."""
        token, language = self.found[place], self.language
        if _ENDS.search(token.gap) and not self._list_goes_on(place):
            self.open_ = False
        if language.denies(self.found, place):
            self._deny(place)
        elif token.folded in language.concord:
            self._agree(place)
        elif token.folded in language.without:
            if not (self.open_ and "," in token.gap):
                self._count(place)
            self.open_ = self.open_ or language.without_agrees
        elif (
            token.folded in language.breaks and word(self.found, place + 1) not in language.concord
        ):
            reflexive = token.folded == "se" and place and language.denies(self.found, place - 1)
            self.open_ = self.open_ and bool(reflexive)  # não se sabe

    def _deny(self, place: int) -> None:
        after = word(self.found, place + 2)
        verb = word(self.found, place + 1) + (f" {after}" if after == "de" else "")
        if self.language.undenied.fullmatch(verb):
            self.loose += 1
        elif not (
            self._again(place, 1)
            or (self.open_ and self._closes(place))
            or self._repeats_answer(place)
            or self._is_afterthought(place)
        ):
            self._count(place)
        self.open_ = True

    def _agree(self, place: int) -> None:
        again = self.found[place].folded in self.language.lists and self._again(place, -1)
        if not (again or self.open_ or self._repeats_answer(place)):
            self._count(place)
        elif self.found[place].folded in ("nem", "nor"):
            self.loose += 1  # may be told by a denial of its own
        self.open_ = True

    def _count(self, place: int) -> None:
        self.firm.append(self.found[place])
        self.last = place

    def _closes(self, place: int) -> bool:
        """Whether a ``não`` only ends its clause, or stands right behind a word that agrees."""
        ends = place + 1 == len(self.found) or _ENDS.search(self.found[place + 1].gap)
        return bool(ends) or word(self.found, place - 1) in self.language.concord

    def _is_afterthought(self, place: int) -> bool:
        """Whether a ``não`` between a comma and the end only stresses: não é fácil, não."""
        after = self.found[place + 1 : place + 2]
        ends = not after or _ENDS.search(after[0].gap)
        since = self.found[self.last + 1 : place + 1] if self.last >= 0 else []
        same = since and not any(_ENDS_SENTENCE.search(token.gap) for token in since)
        return bool(ends and same and "," in self.found[place].gap)

    def _repeats_answer(self, place: int) -> bool:
        """Whether the clause began right after the bare answer ``não`` or ``no``."""
        between = self.found[self.last + 1 : place + 1]
        return (
            self.last >= 0
            and self.found[self.last].opens
            and "," in between[0].gap
            and not any(_ENDS.search(token.gap) for token in between[1:])
        )

    def _list_goes_on(self, place: int) -> bool:
        """Whether a comma only parts one denied thing from the next: ``sem aviso, sem nada``."""
        token = self.found[place]
        agreeing = self.language.concord | self.language.without
        return token.gap.strip() == "," and token.folded in agreeing

    def _again(self, place: int, side: int) -> bool:
        """Whether the last denial is said once more, with the same word at its ``side``."""
        if self.last < 0 or self.found[self.last].folded != self.found[place].folded:
            return False
        beside = word(self.found, place + side)
        parted = any(_ENDS_SENTENCE.search(t.gap) for t in self.found[self.last + 1 : place + 1])
        return bool(beside) and beside == word(self.found, self.last + side) and not parted


def _outside(found: Sequence[Token], pattern: re.Pattern[str], text: str) -> list[Token]:
    spans = [match.span() for match in pattern.finditer(text)]
    if not spans:
        return list(found)
    return [t for t in found if not any(start <= t.start < end for start, end in spans)]
