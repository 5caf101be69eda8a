"""What the study's word list wants of one sentence, and whether a translation gives it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confere.domain.inflection import WORD, Said, english, fold, places
from confere.domain.words import WordEntry, WordStatus

_ENDS = '.?!…:"“«—\n'  # behind these a capital says nothing


@dataclass(frozen=True, slots=True)
class Need:
    """What one term of the list, said in a sentence, wants of the translation.

    ``spans`` are its places in the sentence, in characters. ``wanted`` are the texts of which one must
    be there, the first one preferred: of a kept word that it stays as it was said. ``unwanted`` are those
    of which none may be there.
    """

    spans: tuple[tuple[int, int], ...]
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    kept: bool

    def is_met(self, target: str) -> bool:
        """Whether a translation gives it."""
        if self.kept:
            return any(as_it_is(word, target) for word in self.wanted)
        words = [fold(match[0]) for match in WORD.finditer(target)]
        if any(places(english(term), words) for term in self.unwanted):
            return False
        return not self.wanted or any(places(english(term), words) for term in self.wanted)


class WordList:
    """The study's word list, made ready once to be found in many sentences.

    Plurals are made, and articles seen to, only where the ``target`` is English.
    """

    def __init__(self, entries: Iterable[WordEntry], target: str = "en") -> None:
        self.english = target == "en"
        terms: defaultdict[str, list[WordEntry]] = defaultdict(list)
        for entry in entries:
            terms[entry.source].append(entry)
        self._sources = list(terms)
        self._entries = list(terms.values())
        self._said = Said(self._sources)

    def needs(self, sentence: str) -> tuple[Need, ...]:
        """Return what the list wants of a sentence's translation."""
        words = list(WORD.finditer(sentence))
        found = self._said.find([fold(word[0]) for word in words])
        return tuple(
            self._need(number, sentence, [(words[a].start(), words[b - 1].end()) for a, b in said])
            for number, said in found.items()
        )

    def _need(self, number: int, sentence: str, spans: list[tuple[int, int]]) -> Need:
        source, entries = self._sources[number], self._entries[number]
        unwanted = [e.target for e in entries if e.status is WordStatus.FORBIDDEN and e.target]
        if any(entry.status is WordStatus.KEEP for entry in entries):
            said = [_in_a_sentence(sentence[a:b], source, sentence, a) for a, b in spans]
            return Need(tuple(spans), tuple(dict.fromkeys((*said, source))), (), kept=True)
        required = [e.target for e in entries if e.status is WordStatus.REQUIRED and e.target]
        if self.english and required and any(_is_plural(sentence[a:b], source) for a, b in spans):
            required.insert(0, _plural(required[0]))
        return Need(tuple(spans), tuple(required), tuple(unwanted), kept=False)


def as_it_is(word: str, text: str) -> re.Match[str] | None:
    """Return where a word stands in a text unchanged, but for a capital where a sentence begins."""
    for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
        there = match[0]
        if there == word or (there[1:] == word[1:] and opens(text, match.start())):
            return match
    return None


def opens(text: str, at: int) -> bool:
    """Whether a sentence begins there."""
    before = text[:at].rstrip()
    return not before or before[-1] in _ENDS


def standing(term: str, text: str) -> list[tuple[int, int]]:
    """Return the places of an English term in a text, in any form, in characters."""
    words = list(WORD.finditer(text))
    patterns = english(term)
    starts = places(patterns, [fold(word[0]) for word in words])
    return [(words[at].start(), words[at + len(patterns) - 1].end()) for at in starts]


def put(text: str, span: tuple[int, int], word: str, english: bool = True) -> str:
    """Return a text with another word in a place; at the beginning of a sentence with a capital.

    In English "a" becomes "an" before it where it must, and the other way round.
    """
    start, end = span
    if opens(text, start):
        word = word[:1].upper() + word[1:]
    before = text[:start]
    article = re.search(r"\b([Aa])n? $", before)
    if english and article and not word.isupper():  # how letters are read aloud is another matter
        before = before[: article.start()] + article[1] + ("n " if word[0] in "aeiouAEIOU" else " ")
    return before + word + text[end:]


def _in_a_sentence(said: str, source: str, sentence: str, at: int) -> str:
    """A kept word as it is written inside a sentence, where its capital is only that of a beginning."""
    is_only_there = opens(sentence, at) and said[:1].isupper() and source[:1].islower()
    return said[:1].lower() + said[1:] if is_only_there else said


def _is_plural(said: str, source: str) -> bool:
    pairs: Sequence[tuple[str, str]] = list(zip(said.split(), source.split(), strict=False))
    return any(a.lower().endswith("s") and not b.lower().endswith("s") for a, b in pairs)


def _plural(term: str) -> str:
    """The plural of an English term, where it is regular."""
    if re.search(r"[^aeiou]y$", term):
        return term[:-1] + "ies"
    return term + ("es" if re.search(r"(?:s|x|z|ch|sh)$", term) else "s")
