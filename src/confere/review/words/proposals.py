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
    found = [*_misheard(given), *_mistranslated(given)]
    listed = {(plain(e.source), plain(e.target)) for e in known}
    sources = {source for source, _ in listed}
    fresh = [p for p in found if not _is_known(p, sources, listed)]
    return tuple(sorted(fresh, key=lambda p: (-len(p.segments), p.side, p.before, p.after)))


def _is_known(p: Proposal, sources: set[str], listed: set[tuple[str, str]]) -> bool:
    source = plain(p.entry.source)
    return source in sources if p.side == "source" else (source, plain(p.entry.target)) in listed


def _misheard(segments: Sequence[DraftAndFinal]) -> Iterator[Proposal]:
    """Source words that people put right in the same way again and again."""
    drafts = [words(s.draft_source) for s in segments]
    for (before, after), where in _recurring(segments, "source").items():
        possible = sum(_holds(before, draft) for draft in drafts)
        if len(where) < LEAST_SHARE * possible:
            continue
        written = _as_written(after, [s.source for s in where])
        kept = all(stands(after, words(s.target)) for s in where)
        status = WordStatus.KEEP if kept else WordStatus.REQUIRED
        yield _proposal("source", before, after, WordEntry(written, "", status), where)


def _mistranslated(segments: Sequence[DraftAndFinal]) -> Iterator[Proposal]:
    """Target words that people replaced in the same way, each time for the same source term."""
    sources = [words(s.source) for s in segments]
    for (before, after), where in _recurring(segments, "target").items():
        term = _shared_term([words(s.source) for s in where], sources)
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
    segments: Sequence[DraftAndFinal], side: Side
) -> dict[tuple[_Run, _Run], list[DraftAndFinal]]:
    """Return each replacement that was made in enough segments, with those segments."""
    found: defaultdict[tuple[_Run, _Run], list[DraftAndFinal]] = defaultdict(list)
    for segment in segments:
        if side == "source":
            made = replacements(segment.draft_source, segment.source)
        else:
            made = replacements(segment.draft_target, segment.target)
        for replacement in made:
            found[replacement].append(segment)
    return {made: where for made, where in found.items() if len(where) >= LEAST_SEGMENTS}


def replacements(draft: str, final: str) -> frozenset[tuple[_Run, _Run]]:
    """Return the runs of at most four words that were replaced by other such runs."""
    old, new = words(draft), words(final)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return frozenset(
        (tuple(old[a:b]), tuple(new[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag == "replace" and b - a <= LONGEST and d - c <= LONGEST
    )


def _shared_term(where: Sequence[Sequence[str]], everywhere: Sequence[Sequence[str]]) -> _Run:
    """Return the longest run of words that is said in all of ``where`` and seldom elsewhere.

    Of runs of one length the one that is said least elsewhere is meant; then the first.
    """
    first = where[0]
    for size in range(min(LONGEST, len(first)), 0, -1):
        runs = dict.fromkeys(tuple(first[i : i + size]) for i in range(len(first) - size + 1))
        counted = [
            (sum(_holds(run, text) for text in everywhere), run)
            for run in runs
            if min(len(run[0]), len(run[-1])) >= LEAST_LETTERS
            and all(_holds(run, text) for text in where)
        ]
        said, term = min(counted, key=lambda pair: pair[0], default=(0, ()))
        if term and len(where) >= LEAST_SHARE * said:
            return term
    return ()


def _holds(run: _Run, text: Sequence[str]) -> bool:
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
