"""The transcript of one recording, with what people did to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from confere.domain.draft import EngineRecord
from confere.domain.interview import Recording
from confere.domain.judgement import Judgement
from confere.domain.segment import Segment


@dataclass(frozen=True, slots=True)
class Revision:
    """One recorded change to a segment: who, when, what decision, before and after.

    ``before`` and ``after`` hold only the fields that changed, and ``after`` what ties segments
    together: ``part``, the id of what was split off; ``joined``, the id of what was taken in;
    ``undone``, the version whose change was taken back. ``by`` is a person's name. ``error`` is what a
    verifier found wrong.
    """

    segment_id: str
    by: str
    at: str
    decision: str
    before: Mapping[str, str | int | bool]
    after: Mapping[str, str | int | bool]
    reason: str = ""
    error: Judgement | None = None

    @property
    def origin(self) -> str:
        """The segment whose text came into this one by this revision, or nothing."""
        return str(self.after.get("parent") or self.after.get("joined") or "")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which spans of a recording were played by one person: sorted, disjoint, half-open, in ms."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> Coverage:
        """Join overlapping and touching spans; empty ones vanish."""
        joined: list[tuple[int, int]] = []
        for start, end in sorted((a, b) for a, b in spans if b > a):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((start, end))
        return cls(tuple(joined))

    def within(self, start_ms: int, end_ms: int) -> int:
        """Return how many milliseconds between the two times were played."""
        return sum(max(0, min(end_ms, b) - max(start_ms, a)) for a, b in self.spans)

    def covers(self, start_ms: int, end_ms: int) -> bool:
        """Whether everything between the two times was played."""
        return self.within(start_ms, end_ms) == end_ms - start_ms


@dataclass(frozen=True, slots=True)
class Passage:
    """Some segments of one recording with everything that led to them: what a decision on them needs.

    Whole in itself: with a segment come all that it was ever split off, split into or merged with, those
    in ``merged`` that no longer stand by themselves, and all their revisions in the order they were
    made. ``played`` maps a person's name to what they played of these segments. What must see every
    segment of the recording takes a `Transcript`, and no passage will do.
    """

    recording: Recording
    segments: tuple[Segment, ...]
    revisions: tuple[Revision, ...]
    played: Mapping[str, Coverage]
    merged: tuple[Segment, ...] = field(default=(), kw_only=True)
    #: All stories, told at the first question: many ask for one after the other.
    _stories: dict[str, tuple[Revision, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def story(self, segment_id: str) -> tuple[Revision, ...]:
        """Return the revisions of a segment and, until then, of whatever it came from, in order.

        Where a segment was split off another, or took one in, the earlier revisions of that other one,
        and of whatever that came from, belong to it as well.
        """
        if not self._stories:
            self._stories.update(_stories(self.revisions))
        return self._stories.get(segment_id, ())

    def authors(self, segment_id: str) -> frozenset[str]:
        """Return who made any change to a segment, or to what it came from, since the draft."""
        return frozenset(r.by for r in self.story(segment_id) if r.after)


@dataclass(frozen=True, slots=True)
class Transcript(Passage):
    """The ordered segments of one recording, all of them, and everything the sign-off speaks of.

    ``played`` maps a person's name to their coverage; ``unplayed_reasons`` maps a segment's id to the
    reason its verifier gave for not playing it.
    """

    speech: EngineRecord
    translation: EngineRecord
    unplayed_reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def practice(self) -> bool:
        """Whether a practice model drafted it."""
        return self.speech.practice or self.translation.practice


def _stories(revisions: Iterable[Revision]) -> dict[str, tuple[Revision, ...]]:
    """Return the story of every segment: what it has from another is what that one was by then."""
    found: defaultdict[str, dict[int, Revision]] = defaultdict(dict)
    for number, revision in enumerate(revisions):
        mine = found[revision.segment_id]
        if revision.origin:
            mine |= found[revision.origin]
        mine[number] = revision
    return {id_: tuple(story[n] for n in sorted(story)) for id_, story in found.items()}
