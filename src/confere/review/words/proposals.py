"""Corrections that recur, proposed for the word list. People decide; nothing is added by itself.

A correction is a run of words that was replaced by another, found by difflib over words, ignoring
case and punctuation. It recurs when it was made in at least three segments *and* in at least half of
the segments where it could have been made: otherwise every *de* that became *da* would be proposed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Final, Literal, TypeAlias

from confere.domain import WordEntry, WordStatus
from confere.review.drafted import DraftAndFinal
from confere.review.spoken import words
from confere.review.words.entries import plain
from confere.review.words.reach import stands

LEAST_SEGMENTS: Final = 3
LEAST_SHARE: Final = 0.5  # of the segments in which the correction could have been made
LONGEST: Final = 4  # words; longer runs are rewritten sentences, not terms
LEAST_LETTERS: Final = 3  # of the first and last word of a term: no article or preposition

_Run: TypeAlias = tuple[str, ...]
_Words: TypeAlias = Sequence[str]
Side: TypeAlias = Literal["source", "target"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction that recurs, and the entry that it suggests.

    ``side`` tells which text was corrected: a source word that the engine mishears, or a target word
    that it chose for a source term. ``before`` and ``after`` are the words in lower case. Of a
    misheard word nobody has said how it is translated: unless it stands in the translations as it
    is said, the entry's target is empty, and whoever accepts the proposal fills it in.
    """

    side: Side
    before: str
    after: str
    entry: WordEntry
    segments: tuple[str, ...]


def proposals(
    segments: Iterable[DraftAndFinal], known: Iterable[WordEntry] = ()
) -> tuple[Proposal, ...]:
    """Return what recurs and is not on the list (``known``) yet, the most frequent first."""
    given = list(segments)
    sources = [words(s.source) for s in given]
    found = [*_misheard(given, sources), *_mistranslated(given, sources)]
    listed = {(plain(e.source), plain(e.target)) for e in known}
    terms = {source for source, _ in listed}
    fresh = [p for p in found if not _is_known(p, terms, listed)]
    return tuple(sorted(fresh, key=lambda p: (-len(p.segments), p.side, p.before, p.after)))


def _is_known(p: Proposal, terms: set[str], listed: set[tuple[str, str]]) -> bool:
    source = plain(p.entry.source)
    return source in terms if p.side == "source" else (source, plain(p.entry.target)) in listed


def _misheard(segments: Sequence[DraftAndFinal], sources: Sequence[_Words]) -> Iterator[Proposal]:
    """Source words that people put right in the same way again and again."""
    drafts = [
        words(s.draft_source) if s.source_changed else source
        for s, source in zip(segments, sources, strict=True)
    ]
    recurring = _recurring(zip(segments, drafts, sources, strict=True))
    possible = _counted({before for before, _ in recurring}, drafts)
    for (before, after), where in recurring.items():
        if len(where) < LEAST_SHARE * possible[before]:
            continue
        written = _as_written(after, [s.source for s in where])
        kept = all(stands(after, words(s.target)) for s in where)
        status = WordStatus.KEEP if kept else WordStatus.REQUIRED
        yield _proposal("source", before, after, WordEntry(written, "", status), where)


def _mistranslated(
    segments: Sequence[DraftAndFinal], sources: Sequence[_Words]
) -> Iterator[Proposal]:
    """Target words that people replaced in the same way, each time for the same source term."""
    changed = (s for s in segments if s.target_changed)
    recurring = _recurring((s, words(s.draft_target), words(s.target)) for s in changed)
    said = _Said(sources) if recurring else None
    for (before, after), where in recurring.items():
        term = said.shared_term([words(s.source) for s in where]) if said else ()
        if term:
            entry = WordEntry(
                _as_written(term, [s.source for s in where]),
                _as_written(after, [s.target for s in where]),
                WordStatus.REQUIRED,
            )
            yield _proposal("target", before, after, entry, where)


def _proposal(
    side: Side, before: _Run, after: _Run, entry: WordEntry, where: Sequence[DraftAndFinal]
) -> Proposal:
    ids = tuple(s.id for s in where)
    return Proposal(side, " ".join(before), " ".join(after), entry, ids)


def _recurring(
    compared: Iterable[tuple[DraftAndFinal, _Words, _Words]],
) -> dict[tuple[_Run, _Run], list[DraftAndFinal]]:
    """Return each replacement that was made in enough segments, with those segments."""
    found: defaultdict[tuple[_Run, _Run], list[DraftAndFinal]] = defaultdict(list)
    for segment, old, new in compared:
        for replacement in replacements(old, new):
            found[replacement].append(segment)
    return {made: where for made, where in found.items() if len(where) >= LEAST_SEGMENTS}


def replacements(old: _Words, new: _Words) -> frozenset[tuple[_Run, _Run]]:
    """Return the runs of at most four words that were replaced by other such runs.

    The same beginning and end are no part of any.
    """
    if old == new:
        return frozenset()
    begin, most = 0, min(len(old), len(new))
    while begin < most and old[begin] == new[begin]:
        begin += 1
    end = 0
    while end < most - begin and old[-1 - end] == new[-1 - end]:
        end += 1
    return _replaced(old[begin : len(old) - end], new[begin : len(new) - end])


def _replaced(old: _Words, new: _Words) -> frozenset[tuple[_Run, _Run]]:
    """Return them for texts that begin and end differently."""
    if set(old).isdisjoint(new):  # most often it is this: one run for another
        runs = (tuple(old), tuple(new))
        return frozenset([runs] if all(1 <= len(run) <= LONGEST for run in runs) else [])
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return frozenset(
        (tuple(old[a:b]), tuple(new[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag == "replace" and b - a <= LONGEST and d - c <= LONGEST
    )


def _counted(runs: Iterable[_Run], texts: Iterable[_Words]) -> Counter[_Run]:
    """Return in how many of the texts each run stands."""
    by_first: defaultdict[str, list[_Run]] = defaultdict(list)
    for run in runs:
        by_first[run[0]].append(run)
    counts: Counter[_Run] = Counter()
    for said in texts if by_first else ():
        counts.update(
            {
                run
                for at, word in enumerate(said)
                for run in by_first.get(word, ())
                if tuple(said[at : at + len(run)]) == run
            }
        )
    return counts


class _Said:
    """Where each word is said, over all source texts."""

    def __init__(self, texts: Sequence[_Words]) -> None:
        self._texts = texts
        self._where: defaultdict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            for word in set(text):
                self._where[word].append(place)

    def shared_term(self, where: Sequence[_Words]) -> _Run:
        """Return the longest run of words that is said in all of ``where`` and seldom elsewhere.

        Of runs of one length the one that is said least elsewhere is meant; then the first.
        """
        first, most = where[0], int(len(where) / LEAST_SHARE)
        for size in range(min(LONGEST, len(first)), 0, -1):
            runs = dict.fromkeys(tuple(first[i : i + size]) for i in range(len(first) - size + 1))
            counted = [
                (self._count(run, most), run)
                for run in runs
                if min(len(run[0]), len(run[-1])) >= LEAST_LETTERS
                and all(_holds(run, text) for text in where)
            ]
            said, term = min(counted, key=lambda pair: pair[0], default=(0, ()))
            if term and said <= most:
                return term
        return ()

    def _count(self, run: _Run, most: int) -> int:
        """Return in how many texts a run is said, counted to one more than ``most``."""
        rarest = min((self._where[word] for word in run), key=len)
        if len(run) == 1:
            return len(rarest)
        found = (place for place in rarest if _holds(run, self._texts[place]))
        return sum(1 for _ in islice(found, most + 1))


def _holds(run: _Run, text: _Words) -> bool:
    size = len(run)
    return any(tuple(text[i : i + size]) == run for i in range(len(text) - size + 1))


def _as_written(run: _Run, texts: Iterable[str]) -> str:
    """Return the words of ``run`` as people write them most often, capitals included."""
    seen: Counter[str] = Counter()
    for text in texts:
        parts = text.split()
        for start in range(len(parts) - len(run) + 1):
            here = " ".join(parts[start : start + len(run)])
            if tuple(words(here)) == run:
                seen[here.strip("\"'“”‘’«».,;:!?…()[]–—-")] += 1
    return min(seen, key=lambda text: (-seen[text], text), default=" ".join(run))
