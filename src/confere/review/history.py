"""What revisions tell: who worked on a segment, who verified it, where it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from confere.domain import Coverage, Revision, Segment, State, Transcript
from confere.errors import AlteredTranscript
from confere.review.states import MOVES, Decision

#: Decisions after which an earlier verification still speaks for the segment.
_KEEPS_VERIFICATION = frozenset({Decision.VERIFY, Decision.SIGN})


def by_segment(transcript: Transcript) -> Mapping[str, list[Revision]]:
    """Return the revisions of each segment in the order they were made; no key is ever missing."""
    found: defaultdict[str, list[Revision]] = defaultdict(list)
    for revision in transcript.revisions:
        found[revision.segment_id].append(revision)
    return found


def acceptors(revisions: Iterable[Revision]) -> frozenset[str]:
    """Return who ever took a segment as done without changing it."""
    return frozenset(r.by for r in revisions if r.decision == Decision.ACCEPT)


def workers(transcript: Transcript, segment_id: str) -> frozenset[str]:
    """Return who may not verify a segment: whoever changed it, or accepted it as it stood.

    Accepting the machine's text makes nobody its author, but a person who accepted and then
    verified would be the only pair of eyes that ever saw it.
    """
    revisions = [r for r in transcript.revisions if r.segment_id == segment_id]
    return transcript.authors(segment_id) | acceptors(revisions)


def verification(revisions: Iterable[Revision]) -> Revision | None:
    """Return the verification of a segment that holds now, or None: never made, or cleared."""
    held: Revision | None = None
    for revision in revisions:
        if revision.decision == Decision.VERIFY:
            held = revision
        elif revision.decision not in _KEEPS_VERIFICATION:
            held = None
    return held


def playable(segment: Segment, duration_ms: int) -> tuple[int, int]:
    """Return the span of a segment that can be played at all, in ms.

    An engine may set the end of the last segment a little after the last sample.
    """
    end_ms = min(segment.end_ms, duration_ms)
    return min(segment.start_ms, end_ms), end_ms


def was_played(segment: Segment, played: Coverage, duration_ms: int) -> bool:
    """Whether every millisecond of a segment was played."""
    return played.covers(*playable(segment, duration_ms))


def standing(revisions: Iterable[Revision]) -> State | None:
    """Return the state that decisions lead to from the draft; None if the table has no such way."""
    state = State.DRAFT
    for revision in revisions:
        decision = next((d for d in Decision if d == revision.decision), None)
        following = MOVES[state].get(decision) if decision else None
        if following is None:
            return None
        state = following
    return state


def require_consistent(transcript: Transcript) -> None:
    """Refuse a transcript whose segments do not follow from their revisions.

    This finds a state, a version or a text that was put into the catalog past the rules. Raises
    AlteredTranscript naming the segment and the field.
    """
    revisions = by_segment(transcript)
    for segment in transcript.segments:
        wrong = _inconsistency(segment, revisions[segment.id])
        if wrong:
            raise AlteredTranscript(transcript.recording.id, f"segment {segment.id}, {wrong}")


def _inconsistency(segment: Segment, revisions: list[Revision]) -> str:
    """Return the name of a field that the revisions do not lead to, or nothing."""
    if standing(revisions) is not segment.state:
        return "state"
    if segment.version != len(revisions):
        return "version"
    now: dict[str, str | int | bool] = {}
    for revision in revisions:
        for name, value in revision.before.items():
            if now.get(name, value) != value:
                return name
        now |= revision.after
    return next((n for n, value in now.items() if getattr(segment, n, None) != value), "")
