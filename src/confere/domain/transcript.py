"""The transcript of one recording, with what people did to it."""

from __future__ import annotations

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
class Transcript:
    """The ordered segments of one recording and everything the sign-off speaks of.

    ``merged`` are those that no longer stand by themselves. ``revisions``, theirs too, are in the
    order they were made; ``played`` maps a person's name to their
    coverage; ``unplayed_reasons`` maps a segment's id to the reason its verifier gave for not playing it.
    """

    recording: Recording
    segments: tuple[Segment, ...]
    revisions: tuple[Revision, ...]
    played: Mapping[str, Coverage]
    speech: EngineRecord
    translation: EngineRecord
    unplayed_reasons: Mapping[str, str] = field(default_factory=dict)
    merged: tuple[Segment, ...] = ()

    @property
    def practice(self) -> bool:
        """Whether a practice model drafted it."""
        return self.speech.practice or self.translation.practice

    def story(self, segment_id: str) -> tuple[Revision, ...]:
        """Return the revisions of a segment and, until then, of whatever it came from, in order.

        Read backwards: where a segment was split off another, or took one in, the earlier revisions
        of that other one belong to it as well.
        """
        belong, found = {segment_id}, []
        for revision in reversed(self.revisions):
            if revision.segment_id in belong:
                found.append(revision)
                if revision.origin:
                    belong.add(revision.origin)
        return tuple(reversed(found))

    def authors(self, segment_id: str) -> frozenset[str]:
        """Return who made any change to a segment, or to what it came from, since the draft."""
        return frozenset(r.by for r in self.story(segment_id) if r.after)
