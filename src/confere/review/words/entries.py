"""What a word list is, what is wrong in it, and what the engines are given of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from confere.domain import WordEntry, WordStatus
from confere.errors import BadValue
from confere.review import entries as typed

#: A term is a few words; characters.
LONGEST: Final = {"source": 200, "target": 200, "note": 1_000}
#: A spreadsheet that opens the exported list would run what begins so.
_FORMULA: Final = ("=", "+", "-", "@")


class ProblemKind(StrEnum):
    """How two entries get in each other's way."""

    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Problem:
    """Two entries of a list that do not go together; ``first`` and ``second`` are places from 0."""

    kind: ProblemKind
    first: int
    second: int


def plain(text: str) -> str:
    """Return ``text`` for comparing: any case, any spacing."""
    return " ".join(text.casefold().split())


def checked(source: str, target: str, status: str, note: str = "") -> WordEntry:
    """Return an entry as it is kept: composed, on one line, its status in any case.

    Raises BadValue, which holds none of the words, for what cannot be an entry.
    """
    which = _status(status)
    source, target, note = _text("source", source), _text("target", target), _text("note", note)
    if not source:
        raise BadValue("the source is empty")
    if which is WordStatus.KEEP:
        if target and target != source:
            raise BadValue("a kept word has no other translation")
        target = ""
    elif not target:
        raise BadValue(f"what is {which} needs a target")
    return WordEntry(source, target, which, note)


def _text(name: str, value: str) -> str:
    try:
        line = " ".join(typed.text(value).split())
    except BadValue:
        raise BadValue(f"the {name} holds a control character") from None
    if len(line) > LONGEST[name]:
        raise BadValue(f"the {name} has more than {LONGEST[name]} characters")
    if line.startswith(_FORMULA):
        raise BadValue(
            f"the {name} begins with '{line[0]}', which a spreadsheet takes for a formula"
        )
    return line


def _status(value: str) -> WordStatus:
    try:
        return WordStatus(value.strip().casefold())
    except ValueError:
        raise BadValue(f"the status is none of {', '.join(WordStatus)}") from None


def problems(entries: Sequence[WordEntry]) -> tuple[Problem, ...]:
    """Return every pair of entries for the same words that repeat or contradict each other.

    Two required translations of one word contradict each other, for no text can meet both; so do a
    word that is kept and one that is to be translated, and a translation that is both required and
    forbidden.
    """
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        places.setdefault(plain(entry.source), []).append(place)
    found = []
    for same in places.values():
        for first, second in combinations(same, 2):
            kind = _between(entries[first], entries[second])
            if kind:
                found.append(Problem(kind, first, second))
    return tuple(sorted(found, key=lambda problem: (problem.first, problem.second)))


def _between(one: WordEntry, other: WordEntry) -> ProblemKind | None:
    same_target = _wanted(one) == _wanted(other)
    if one.status == other.status:
        if same_target:
            return ProblemKind.DUPLICATE
        return ProblemKind.CONTRADICTION if one.status is WordStatus.REQUIRED else None
    if WordStatus.FORBIDDEN in (one.status, other.status):
        return ProblemKind.CONTRADICTION if same_target else None
    return ProblemKind.DUPLICATE if same_target else ProblemKind.CONTRADICTION


def _wanted(entry: WordEntry) -> str:
    """Return what the entry speaks of in the translation: a kept word is its own translation."""
    return plain(entry.source if entry.status is WordStatus.KEEP else entry.target)


def changed(before: Iterable[WordEntry], after: Iterable[WordEntry]) -> tuple[WordEntry, ...]:
    """Return what was added, taken off or altered, in a stable order; a note alone is no change."""
    old = {(plain(e.source), e.target, e.status): e for e in before}
    new = {(plain(e.source), e.target, e.status): e for e in after}
    return tuple((old | new)[key] for key in sorted(old.keys() ^ new.keys()))


def hotwords(entries: Iterable[WordEntry]) -> tuple[str, ...]:
    """Return the source words that a speech engine is told to expect, each once.

    Kept words come first: they are the names and local terms that no model has learnt, and an engine
    that has room for only so many takes them from the front. Forbidden entries are left out: they
    speak of the translation, and their other translation has an entry of its own if it matters.
    """
    order = {WordStatus.KEEP: 0, WordStatus.REQUIRED: 1}
    wanted = sorted((e for e in entries if e.status in order), key=lambda e: order[e.status])
    first: dict[str, str] = {}
    for entry in wanted:
        first.setdefault(plain(entry.source), entry.source)
    return tuple(first.values())
