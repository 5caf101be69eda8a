"""The transcript of one recording, with what people did to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from confere.domain.draft import EngineRecord
from confere.domain.interview import Recording
from confere.domain.segment import Segment


@dataclass(frozen=True, slots=True)
class Revision:
    """One recorded change to a segment: who, when, what decision, before and after.

    ``before`` and ``after`` hold only the fields that changed. ``by`` is a person's name.
    """

    segment_id: str
    by: str
    at: str
    decision: str
    before: Mapping[str, str | int | bool]
    after: Mapping[str, str | int | bool]
    reason: str = ""


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

    ``revisions`` are in the order they were made; ``played`` maps a person's name to their
    coverage; ``unplayed_reasons`` maps a segment's id to the reason its verifier gave for not playing it.
    """

    recording: Recording
    segments: tuple[Segment, ...]
    revisions: tuple[Revision, ...]
    played: Mapping[str, Coverage]
    speech: EngineRecord
    translation: EngineRecord
    unplayed_reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def practice(self) -> bool:
        """Whether a practice model drafted it."""
        return self.speech.practice or self.translation.practice

    def authors(self, segment_id: str) -> frozenset[str]:
        """Return who made any change to the segment's text, speaker or times since the draft."""
        return frozenset(r.by for r in self.revisions if r.segment_id == segment_id and r.after)
