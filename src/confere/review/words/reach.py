"""Which segments an entry of the word list speaks of, inflections included."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confere.domain import Segment, State, WordEntry, WordStatus
from confere.review.spoken import words

LEAST_STEM = 4  # letters that two inflections share at their beginning
LONGEST_ENDING = 3  # letters in which they may differ


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
    listed = [(entry, words(entry.source)) for entry in entries]
    found = []
    for segment in segments:
        if segment.state is State.LOCKED:
            continue
        source, target = words(segment.source), words(segment.target)
        here = tuple(
            entry
            for entry, term in listed
            if stands(term, source) or (entry.status is WordStatus.KEEP and stands(term, target))
        )
        if here:
            found.append(Touched(segment.id, here))
    return tuple(found)


def stands(term: Sequence[str], text: Sequence[str]) -> bool:
    """Whether the words of ``term`` stand in ``text`` one after the other, inflected or not."""
    size = len(term)
    return size > 0 and any(
        all(alike(one, other) for one, other in zip(term, text[start : start + size], strict=True))
        for start in range(len(text) - size + 1)
    )


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


def _bare(word: str) -> str:
    """Return a word without its accents, which move when it is inflected (*câmera*, *camerazinha*)."""
    apart = unicodedata.normalize("NFD", word)
    # Only Latin: in Hindi or Bengali the combining signs are the vowels, and the word.
    return "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
