"""A segment, and the whole transcript, as the page reads them (`docs/web.md`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confere.acts.desk import Desk
from confere.domain import Coverage, Passage, Revision, Segment, State
from confere.review import history
from confere.review.states import Decision
from confere.vault import comments


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the segments of a passage: by segment, and of the person who asks."""

    me: str
    played: Coverage
    editing: Mapping[str, Sequence[str]]
    comments: Mapping[str, int]
    spared: frozenset[str] = frozenset()


def segments_json(
    passage: Passage, segments: Iterable[Segment], beside: Beside
) -> list[dict[str, Any]]:
    """Return segments of a passage, each with who worked on it, who verified it, and what was played."""
    revisions = history.by_segment(passage)
    return [segment_json(passage, s, revisions[s.id], beside) for s in segments]


def segment_json(
    passage: Passage, segment: Segment, revisions: Sequence[Revision], beside: Beside
) -> dict[str, Any]:
    """Return one segment; ``revisions`` are its own."""
    verification = history.verification(revisions)
    return {
        "id": segment.id,
        "number": segment.position,
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "speaker": segment.speaker,
        "language": segment.language,
        "source": segment.source,
        "target": segment.target,
        "state": str(segment.state),
        "version": segment.version,
        "stale": segment.target_stale,
        "marks": list(segment.marks),
        "probability": segment.probability,
        "parent": segment.parent,
        "verified_by": verification.by if verification else "",
        "authors": sorted(passage.authors(segment.id)),
        "mine": beside.me in history.workers(passage, segment.id),
        "played": share_played(segment, beside.played, passage.recording.duration_ms),
        "editing": list(beside.editing.get(segment.id, ())),
        "comments": beside.comments.get(segment.id, 0),
        "findings": {"error": 0, "warning": 0, "info": 0},  # asked for apart: they take longer
        "spared": segment.state is State.UNVERIFIED or segment.id in beside.spared,
        "returned": _returned(segment, revisions),
    }


def share_played(segment: Segment, played: Coverage, duration_ms: int) -> float:
    """Return how much of a segment was played, 0 to 1."""
    start_ms, end_ms = history.playable(segment, duration_ms)
    return played.within(start_ms, end_ms) / (end_ms - start_ms) if end_ms > start_ms else 1.0


def open_comments(desk: Desk, recording_id: str) -> Mapping[str, int]:
    """Return how many open comments each segment of a recording has."""
    found = comments.list_comments(desk.catalog, recording_id)
    return Counter(comment.segment_id for comment in found if comment.is_open)


def _returned(segment: Segment, revisions: Sequence[Revision]) -> dict[str, Any] | None:
    """Return why it came back, while nobody has corrected it since."""
    if segment.state is not State.NEEDS_WORK:
        return None
    last = next((r for r in reversed(revisions) if r.decision == Decision.RETURN), None)
    if last is None:
        return None
    return {"by": last.by, "at": last.at, "reason": last.reason, **judged(last)}


def judged(revision: Revision) -> dict[str, str]:
    """Return kind and severity of the error that a revision tells, both empty if none."""
    error = revision.error
    return {
        "kind": error.kind.value if error else "",
        "severity": error.severity.value if error else "",
    }
