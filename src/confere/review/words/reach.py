"""Which segments an entry of the word list speaks of, inflections included."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from confere.domain import Segment, State, WordEntry, WordStatus
from confere.review.spoken import words

LEAST_STEM = 4  # letters that two inflections share at their beginning
LONGEST_ENDING = 3  # letters in which they may differ
#: Signed, or not there any more; everything else is open.
_CLOSED = frozenset({State.LOCKED, State.UNVERIFIED, State.MERGED})


@dataclass(frozen=True, slots=True)
class Touched:
    """A segment, and the entries whose words stand in it."""

    segment_id: str
    entries: tuple[WordEntry, ...]


def touched(entries: Iterable[WordEntry], segments: Iterable[Segment]) -> tuple[Touched, ...]:
    """Return the open segments in which a word of ``entries`` is said, in their order.

    Open is everything that is not signed: a verified segment is looked at again too. A kept word
    counts in the translation as well, where it must stand.
    """
    reach = Reach(entries)
    found = []
    for segment in segments:
        if segment.state not in _CLOSED:
            here = reach.entries_in(segment.source, segment.target)
            if here:
                found.append(Touched(segment.id, here))
    return tuple(found)


class Reach:
    """What entries speak of, made ready for looking at very many segments.

    A study says few different words very often: for each of them it is worked out once which entries
    may begin with it.
    """

    def __init__(self, entries: Iterable[WordEntry]) -> None:
        self._listed = [(entry, words(entry.source)) for entry in entries]
        self._by_start: defaultdict[str, list[int]] = defaultdict(list)
        for place, (_, term) in enumerate(self._listed):
            for start in _starts(_bare(term[0])) if term else ():
                self._by_start[start].append(place)
        self._beginning: dict[str, tuple[int, ...]] = {}
        self._any_kept = any(map(self._is_kept, range(len(self._listed))))

    def entries_in(self, source: str, target: str) -> tuple[WordEntry, ...]:
        """Return the entries whose words stand in a segment's texts, in the order of the list."""
        here = set(self._standing(words(source)))
        if self._any_kept:
            here |= {place for place in self._standing(words(target)) if self._is_kept(place)}
        return tuple(self._listed[place][0] for place in sorted(here))

    def _is_kept(self, place: int) -> bool:
        return self._listed[place][0].status is WordStatus.KEEP

    def _standing(self, text: Sequence[str]) -> Iterator[int]:
        for at, word in enumerate(text):
            for place in self._may_begin(word):
                term = self._listed[place][1]
                if len(term) == 1 or _stands_at(term, text, at):
                    yield place

    def _may_begin(self, word: str) -> tuple[int, ...]:
        """Return the entries whose first word is alike."""
        places = self._beginning.get(word)
        if places is None:
            near = {
                place for start in _starts(_bare(word)) for place in self._by_start.get(start, ())
            }
            places = tuple(p for p in sorted(near) if alike(self._listed[p][1][0], word))
            self._beginning[word] = places
        return places


def _starts(bare: str) -> set[str]:
    """Return what two words have in common, at least in part, if they are alike."""
    most = LEAST_STEM - 1
    return {bare[:most], bare.removesuffix("s")} if len(bare) <= most else {bare[:most]}


def stands(term: Sequence[str], text: Sequence[str]) -> bool:
    """Whether the words of ``term`` stand in ``text`` one after the other, inflected or not."""
    return bool(term) and any(_stands_at(term, text, at) for at in range(len(text)))


def _stands_at(term: Sequence[str], text: Sequence[str], at: int) -> bool:
    here = text[at : at + len(term)]
    return len(here) == len(term) and all(map(alike, term, here))


@lru_cache(maxsize=500_000)
def alike(one: str, other: str) -> bool:
    """Whether two words may be inflections of one: a shared beginning and short endings.

    This knows no language, so it is right for several and sometimes finds too much (*conta*,
    *contra*): it only points at segments, for people to look at.
    """
    one, other = _bare(one), _bare(other)
    if one == other or one + "s" == other or other + "s" == one:
        return True
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    stem = min(len(one), len(other)) if shared is None else shared
    return stem >= LEAST_STEM and max(len(one), len(other)) - stem <= LONGEST_ENDING


@lru_cache(maxsize=100_000)
def _bare(word: str) -> str:
    """Return a word without its accents, which move when it is inflected (*câmera*, *camerazinha*)."""
    apart = unicodedata.normalize("NFD", word)
    # Only Latin: in Hindi or Bengali the combining signs are the vowels, and the word.
    return "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
