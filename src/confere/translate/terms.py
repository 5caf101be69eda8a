"""The study's word list, followed in translation: by what helps and is seen to have helped.

A sentence's plain translation stays as it is where it gives what the list wants. Otherwise ways are tried one
after the other, and what comes of one is taken only when it gives more of what is wanted:

1. for required terms: the model's own word for the term, or one that the list forbids, is found in the
   translation and replaced;
2. a stand-in, a word that models copy, is said in place of the term and replaced afterwards. Several are
   tried; each must come out as often as it went in, and what most of them agree on is taken;
3. for kept words, too, as 1;
4. another translation that the search ended with. It comes last, for it may differ in other words as well.

What was changed so is marked, and so is what could not be reached.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from confere.translate.needs import Need, WordList, put, standing
from confere.translate.port import Translated

FOLLOWED = "word-list"
"""The mark of a translation that was changed to follow the word list."""

MISSED = "word-list-missed"
"""The mark of a translation that does not give what the word list wants."""

#: Names of people and towns that are written alike in many languages.
NAMES = ("Helena", "Recife", "Carlos", "Paula", "Pedro", "Ana")
#: Things that are: with them an article stays where it was.
THINGS = ("hospital", "hotel", "bar")
_HOLE = "\ue000"  # for private use: in no text; the number of the term follows
_ARTICLE_BEFORE = re.compile(
    r"(?<!\w)(?:[ao]s?|um|uma|[dn][ao]s?|aos?|às?|pel[ao]s?)\s$", re.IGNORECASE
)
_ARTICLES = re.compile(r"^(?:the|a|an|my|your|his|her|our|their|o|os|as|um|uma) ", re.IGNORECASE)


class Way(Protocol):
    """Translates sentences of one language."""

    def translate(self, sentences: Sequence[str]) -> Sequence[Translated]:
        """Return one translation a sentence."""
        ...

    def alternatives(self, sentences: Sequence[str]) -> Sequence[Sequence[str]]:
        """Return the other translations that the search ended with, the best first."""
        ...


def follow(way: Way, sentences: Sequence[str], words: WordList) -> list[Translated]:
    """Return one translation a sentence, following the word list as far as the model can be led."""
    plain = way.translate(sentences)
    cases = [
        _Case(sentence, words.needs(sentence), made, made.text, words.english)
        for sentence, made in zip(sentences, plain, strict=True)
    ]
    for attempt in _ATTEMPTS:
        unmet = [case for case in cases if case.made.text and case.unmet()]
        if unmet:
            attempt(way, unmet)
    return [case.result() for case in cases]


@dataclass
class _Case:
    """One sentence, and the best text for it so far."""

    sentence: str
    needs: tuple[Need, ...]
    made: Translated
    best: str
    english: bool
    own: dict[int, list[str]] = field(default_factory=dict)  # the model's words for a need

    def unmet(self, text: str | None = None) -> list[int]:
        """The numbers of the needs that a text, or the best one, does not meet."""
        text = self.best if text is None else text
        return [number for number, need in enumerate(self.needs) if not need.is_met(text)]

    def offer(self, text: str) -> None:
        """Take a text that meets more than the best one, and that has the right numbers."""
        right = (_digits(self.made.text), _digits(self.sentence))
        if len(self.unmet(text)) < len(self.unmet()) and _digits(text) in right:
            self.best = text

    def result(self) -> Translated:
        """The best text, with its marks."""
        marks = list(self.made.marks)
        if self.best != self.made.text:
            marks.append(FOLLOWED)
        if self.made.text and self.unmet():
            marks.append(MISSED)
        return Translated(self.best, tuple(marks))


def _by_replacing(way: Way, cases: Sequence[_Case]) -> None:
    asked = [(case, number, said) for case in cases for number, said in _terms(case)]
    alone = way.translate([said for _, _, said in asked])
    for (case, number, _), made in zip(asked, alone, strict=True):
        case.own.setdefault(number, []).append(made.text)
    for case in cases:
        case.offer(_replaced(case, case.best))


def _terms(case: _Case) -> Iterator[tuple[int, str]]:
    """What a model is asked for its own words: each term alone, and as a sentence."""
    for number, need in enumerate(case.needs):
        start, end = need.spans[0]
        said = case.sentence[start:end]
        if need.wanted:
            yield from ((number, said), (number, f"{said[:1].upper()}{said[1:]}."))


def _replaced(case: _Case, text: str, kept: bool = False) -> str:
    """A text with what is wanted in place of the model's own words, where that is one clear place."""
    for number in case.unmet(text):
        need = case.needs[number]
        if not need.wanted or (need.kept and not kept):
            continue
        for own in (*need.unwanted, *map(_bare, case.own.get(number, ()))):
            found = standing(own, text) if own else []
            if 0 < len(found) <= len(need.spans):
                for span in reversed(found):
                    text = put(text, span, need.wanted[0], case.english)
                break
    return text


def _by_stand_ins(way: Way, cases: Sequence[_Case], other: bool = False) -> None:
    """Try names or things, whichever the terms look like, or the ``other`` of the two."""
    asked = [
        (case, numbers, hand, _with_stand_ins(case, numbers, hand))
        for case in cases
        if (numbers := _apart(case))
        for hand in _hands(case, len(numbers), THINGS if _is_thing(case) != other else NAMES)
    ]
    made = way.translate([said for _, _, _, said in asked])
    frames: dict[int, Counter[str]] = {}
    for (case, numbers, hand, _), each in zip(asked, made, strict=True):
        frame = _frame(case, numbers, hand, each.text)
        if frame:
            frames.setdefault(id(case), Counter())[frame] += 1
    for case in cases:
        for frame, _ in frames.get(id(case), Counter()).most_common():
            filled = _filled(case, frame)
            case.offer(filled)
            case.offer(_replaced(case, filled))


def _by_other_stand_ins(way: Way, cases: Sequence[_Case]) -> None:
    _by_stand_ins(way, cases, other=True)


def _by_replacing_any(_way: Way, cases: Sequence[_Case]) -> None:
    for case in cases:
        case.offer(_replaced(case, case.best, kept=True))


def _by_another_hypothesis(way: Way, cases: Sequence[_Case]) -> None:
    others = way.alternatives([case.sentence for case in cases])
    for case, texts in zip(cases, others, strict=True):
        for text in texts:
            case.offer(text)


_ATTEMPTS = (
    _by_replacing,
    _by_stand_ins,
    _by_other_stand_ins,
    _by_replacing_any,
    _by_another_hypothesis,
)


def _is_thing(case: _Case) -> bool:
    """Whether the first unmet term has an article and is not written as a name is."""
    need = case.needs[case.unmet()[0]]
    start, end = need.spans[0]
    said = case.sentence[start:end]
    return _ARTICLE_BEFORE.search(case.sentence[:start]) is not None and not said.istitle()


def _apart(case: _Case) -> list[int]:
    """The unmet needs that want something and do not overlap, the longest terms first."""
    taken: list[tuple[int, int]] = []
    numbers = []
    for number in sorted(case.unmet(), key=lambda n: -_length(case.needs[n])):
        need = case.needs[number]
        free = all(end <= a or b <= start for start, end in need.spans for a, b in taken)
        if need.wanted and free:
            taken += need.spans
            numbers.append(number)
    return numbers


def _hands(case: _Case, count: int, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Different words for so many terms, none of which is said anyway; every hand begins with another."""
    known = (case.sentence + case.made.text).casefold()
    free = [name for name in names if name.casefold() not in known]
    if count <= len(free):
        yield from (tuple((*free[at:], *free[:at])[:count]) for at in range(len(free)))


def _with_stand_ins(case: _Case, numbers: Sequence[int], hand: Sequence[str]) -> str:
    spans = [
        (span, name)
        for number, name in zip(numbers, hand, strict=True)
        for span in case.needs[number].spans
    ]
    text = case.sentence
    for (start, end), name in sorted(spans, reverse=True):
        text = text[:start] + name + text[end:]
    return text


def _frame(case: _Case, numbers: Sequence[int], hand: Sequence[str], text: str) -> str:
    """A translation with holes for the stand-ins; empty when one is not there as often as it was said."""
    if _HOLE in text:
        return ""
    for number, name in zip(numbers, hand, strict=True):
        text, count = re.subn(rf"(?<!\w){name}(?!\w)", f"{_HOLE}{number};", text)
        if count != len(case.needs[number].spans):
            return ""
    return text


def _filled(case: _Case, frame: str) -> str:
    while hole := re.search(rf"{_HOLE}(\d+);", frame):
        frame = put(frame, hole.span(), case.needs[int(hole[1])].wanted[0], case.english)
    return frame


def _length(need: Need) -> int:
    start, end = need.spans[0]
    return end - start


def _bare(text: str) -> str:
    """A term as it is found inside a sentence: without article and final mark."""
    return _ARTICLES.sub("", text.strip(" .?!…"))


def _digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))
