"""What somebody decides about segments: each calls one act, and answers with what is another now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from confere.acts import checks, comment, editing, following, speakers, split, verify
from confere.acts.correct import Correction, correct
from confere.acts.passage import open_passage
from confere.acts.playback import Playback
from confere.domain import ErrorKind, Judgement, Passage, Segment, Severity
from confere.errors import BadValue
from confere.vault.passages import get_passage
from confere.web.answers.reading import Readings, beside, counted, finding_json
from confere.web.answers.segments import segments_json
from confere.web.sitting import Sitting

_TEXTS = ("source", "target", "speaker", "language", "start_ms", "end_ms")


def correct_segment(
    sitting: Sitting, recording: str, segment: str, version: int, change: dict[str, Any]
) -> dict[str, Any]:
    """Change a segment, or with nothing to change and ``finish`` take it as it stands."""
    error = judgement(change.get("error"))
    given = {name: change[name] for name in _TEXTS if change.get(name) is not None}
    correction = Correction(**given, finish=bool(change.get("finish", True)), error=error)
    done = correct(sitting.desk, recording, segment, correction, version)
    return _one(sitting, done)


def split_segment(
    sitting: Sitting,
    recording: str,
    segment: str,
    version: int,
    source_at: int,
    target_at: int | None,
    at_ms: int | None,
) -> dict[str, Any]:
    """Split a segment; without a time, after the share of it that the first part's text is."""
    if at_ms is None:
        _, it = open_passage(sitting.desk, recording, segment)
        share = source_at / len(it.source) if it.source else 0.5
        at_ms = it.start_ms + round((it.end_ms - it.start_ms) * min(max(share, 0.0), 1.0))
    done = split.split(
        sitting.desk,
        recording,
        segment,
        at_ms=at_ms,
        source_at=source_at,
        target_at=target_at,
        seen_version=version,
    )
    return _all_tied(sitting, done)


def merge_segment(
    sitting: Sitting, recording: str, segment: str, version: int, anyway: bool
) -> dict[str, Any]:
    """Merge a segment with the next one."""
    done = split.merge(sitting.desk, recording, segment, anyway=anyway, seen_version=version)
    return _all_tied(sitting, done)


def undo_segment(sitting: Sitting, recording: str, segment: str, version: int) -> dict[str, Any]:
    """Take the last change of a segment back."""
    return _all_tied(sitting, split.undo(sitting.desk, recording, segment, version))


def verify_segment(
    sitting: Sitting, recording: str, segment: str, version: int, unplayed_reason: str
) -> dict[str, Any]:
    """Verify a segment; what was played until now is kept first."""
    sitting.part(Playback).keep()
    done = verify.verify(
        sitting.desk, recording, segment, unplayed_reason=unplayed_reason, seen_version=version
    )
    return _one(sitting, done)


def return_segment(
    sitting: Sitting, recording: str, segment: str, version: int, reason: str, error: dict[str, Any]
) -> dict[str, Any]:
    """Give a segment back to the interpreter."""
    judged = judgement(error)
    if judged is None:
        raise BadValue("what kind of error it is, and how much it weighs, are needed")
    done = verify.return_segment(sitting.desk, recording, segment, reason, judged, version)
    return _one(sitting, done)


def edit_segment(sitting: Sitting, recording: str, segment: str, opened: bool) -> dict[str, Any]:
    """Tell that a segment is open for editing, or no longer; return who else has which one open."""
    act = editing.begin_editing if opened else editing.end_editing
    act(sitting.desk, recording, segment)
    passage, _ = open_passage(sitting.desk, recording, segment)
    return {"editing": following.others(sitting.desk, passage.recording.id)}


def rename_speaker(
    sitting: Sitting, recording: str, speaker: str, old: str, segments: Sequence[str]
) -> dict[str, Any]:
    """Give segments, or all of one speaker, a speaker's code."""
    done = speakers.rename(sitting.desk, recording, speaker, old=old, numbers=tuple(segments))
    passage = get_passage(
        sitting.desk.catalog, done.segments[0].recording_id, *(s.id for s in done.segments)
    )
    return {"segments": _json(sitting, passage, {s.id for s in done.segments})}


def dismiss(
    sitting: Sitting, recording: str, segment: str, finding: str, reason: str, again: bool
) -> dict[str, Any]:
    """Say why what a check sees is right, or take that back; return what is seen in the segment."""
    act = checks.raise_again if again else checks.dismiss
    act(sitting.desk, recording, segment, finding, reason)
    passage, it = open_passage(sitting.desk, recording, segment)
    seen = checks.look_at_segment(sitting.desk, passage, it)
    return {"findings": [finding_json(one) for one in seen], "counts": counted(seen)}


def add_comment(
    sitting: Sitting, recording: str, segment: str, text: str, to: Sequence[str]
) -> dict[str, Any]:
    """Comment on a segment."""
    return comment_json(comment.add_comment(sitting.desk, recording, segment, text, to))


def resolve_comment(sitting: Sitting, comment_id: str) -> dict[str, Any]:
    """Resolve a comment."""
    return comment_json(comment.resolve(sitting.desk, comment_id))


def played(
    sitting: Sitting, recording: str, start_ms: int, end_ms: int, rate: float
) -> dict[str, Any]:
    """Take what the player says it played; return all that is believed of it in this sitting."""
    playback = sitting.part(Playback)
    playback.report(recording, start_ms, end_ms, rate)
    return {"played": [list(span) for span in playback.accepted(recording).spans]}


def judgement(given: Any) -> Judgement | None:
    """Return an error as the page sends it; raises BadValue."""
    if not given:
        return None
    try:
        return Judgement(ErrorKind(given["kind"]), Severity(given["severity"]))
    except (KeyError, TypeError, ValueError):
        raise BadValue("there is no such kind of error, or it weighs otherwise") from None


def comment_json(it: Any) -> dict[str, Any]:
    """Return a comment."""
    return {
        "id": it.id,
        "recording": it.recording_id,
        "segment": it.segment_id,
        "number": it.position,
        "by": it.by,
        "at": it.at,
        "to": list(it.addressed),
        "text": it.text,
        "resolved_by": it.resolved_by,
        "resolved_at": it.resolved_at,
    }


def _one(sitting: Sitting, done: Segment) -> dict[str, Any]:
    """Return a segment that was decided on, with what the checks see in it now."""
    sitting.part(Readings).tell(done.recording_id)
    passage = get_passage(sitting.desk.catalog, done.recording_id, done.id)
    [segment] = _json(sitting, passage, {done.id})
    return {"segment": segment}


def _all_tied(sitting: Sitting, done: Segment) -> dict[str, Any]:
    """Return the segments that a split, a merge or its undoing touches; ``gone`` are no more shown."""
    passage = get_passage(sitting.desk.catalog, done.recording_id, done.id)
    return {
        "segments": _json(sitting, passage, {s.id for s in passage.segments}),
        "gone": [s.id for s in passage.merged],
    }


def _json(sitting: Sitting, passage: Passage, ids: set[str]) -> list[dict[str, Any]]:
    some = [s for s in passage.segments if s.id in ids]
    made = segments_json(passage, some, beside(sitting, passage))
    for segment, it in zip(made, some, strict=True):
        segment["findings"] = counted(checks.look_at_segment(sitting.desk, passage, it))
    return made
