"""What people do to one segment: from the segment as it stands to the next one and its revision.

Rules for this file: values in, values out. Every act answers with the changed segment and exactly
one revision (those of ``reshape.py`` with several pairs), or raises and has changed nothing. Every
act names the version that its person saw. The order of the checks is the same everywhere: signed,
moved on, the move, the person, the rest.

``by`` is a person's name, ``at`` the time as ISO 8601 text. ``Revision.after`` is filled only by
acts that change text, speaker, language or times, because it makes their person an author of the
segment; where a segment stands afterwards follows from the decision (``states.py``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from confere.domain import Coverage, Judgement, Passage, Revision, Segment, State
from confere.errors import BadValue, MovedOn, NotPlayed, NotReady, OwnWork, Signed
from confere.review import entries, history
from confere.review.states import SIGNED, Decision, moved

Fields: TypeAlias = dict[str, str | int | bool]


def correct(
    segment: Segment,
    by: str,
    at: str,
    *,
    seen_version: int,
    duration_ms: int,
    source: str | None = None,
    target: str | None = None,
    speaker: str | None = None,
    language: str | None = None,
    start_ms: int | None = None,
    end_ms: int | None = None,
    finish: bool = True,
    target_language: str = "",
    error: Judgement | None = None,
) -> tuple[Segment, Revision]:
    """Change what is given (None leaves it); ``finish`` says that the segment is done.

    With nothing changed and ``finish``, the segment is accepted as it stands. A new source without
    a new target leaves the target stale; giving the target again, the same or another, clears that.
    A segment in ``target_language`` has one text: either argument sets both. ``duration_ms`` is the
    recording's. ``error`` is what a verifier found wrong, in what an interpreter had done with.
    Raises Signed, MovedOn, MoveRefused or BadValue.
    """
    still(segment, seen_version)
    given = _given(source, target, speaker, language, start_ms, end_ms)
    if target_language and given.get("language", segment.language) == target_language:
        given = _one_text(given)
    after = _differences(segment, given)
    if error and not (after and segment.state in (State.CORRECTED, State.VERIFIED)):
        raise BadValue(
            "an error is judged where something that was corrected is changed",
            "Leave out its kind and severity.",
        )
    if not after:
        return _accepted(segment, by, at, finish)
    changed = replace(segment, **after)  # type: ignore[arg-type]
    decision = Decision.CORRECT if finish else Decision.EDIT
    state = moved(segment, decision)
    entries.span(changed.start_ms, changed.end_ms, duration_ms)
    entries.both_or_neither(changed.source, changed.target)
    return decided(segment, decision, state, by, at, after=after, error=error)


def verify(
    segment: Segment,
    passage: Passage,
    by: str,
    at: str,
    *,
    seen_version: int,
    unplayed_reason: str = "",
    played_percent: int = 100,
) -> tuple[Segment, Revision]:
    """Verify one segment of ``passage``, or of a whole transcript.

    ``played_percent`` is how much of it must have been played to ``by``, by the study's settings;
    ``unplayed_reason`` stands in for the audio if it was not, and is kept only then. Raises Signed,
    MovedOn, MoveRefused, OwnWork, NotReady, NotPlayed or BadValue.
    """
    still(segment, seen_version)
    state = moved(segment, Decision.VERIFY)
    if by in history.workers(passage, segment.id):
        raise OwnWork(by, segment.number)
    if segment.target_stale:
        raise NotReady(
            f"the translation of segment {segment.number} is older than its source text",
            "Its translation is corrected, or confirmed by giving it again, before it is verified.",
        )
    played = passage.played.get(by, Coverage())
    if history.was_played(segment, played, passage.recording.duration_ms, played_percent):
        return decided(segment, Decision.VERIFY, state, by, at)
    if not unplayed_reason.strip():
        raise NotPlayed(segment.number)
    reason = entries.reason(unplayed_reason, "verify what was not played")
    return decided(segment, Decision.VERIFY, state, by, at, reason=reason)


def return_(
    segment: Segment, by: str, at: str, *, seen_version: int, reason: str, error: Judgement
) -> tuple[Segment, Revision]:
    """Give a segment back to the interpreter; raises Signed, MovedOn, MoveRefused or BadValue."""
    still(segment, seen_version)
    state = moved(segment, Decision.RETURN)
    written = entries.reason(reason, "return a segment")
    return decided(segment, Decision.RETURN, state, by, at, reason=written, error=error)


def rename(
    segment: Segment, by: str, at: str, *, seen_version: int, speaker: str
) -> tuple[Segment, Revision]:
    """Give a segment another speaker's code, and leave done what was done; clears verification.

    Raises Signed, MovedOn, MoveRefused, or BadValue, also if that is its speaker already.
    """
    still(segment, seen_version)
    state = moved(segment, Decision.RENAME)
    code = entries.speaker(speaker)
    if code == segment.speaker:
        raise BadValue(
            f"the speaker of segment {segment.number} is {code} already", "Nothing was changed."
        )
    return decided(segment, Decision.RENAME, state, by, at, after={"speaker": code})


def lock(segment: Segment, by: str, at: str) -> tuple[Segment, Revision]:
    """Lock a segment because its transcript was signed; raises Signed or MoveRefused."""
    return decided(segment, Decision.SIGN, moved(segment, Decision.SIGN), by, at)


def spare(segment: Segment, by: str, at: str) -> tuple[Segment, Revision]:
    """Sign a segment that is not verified, because the plan does not ask for it; raises as `lock`."""
    return decided(segment, Decision.SPARE, moved(segment, Decision.SPARE), by, at)


def reopen(segment: Segment, by: str, at: str) -> tuple[Segment, Revision]:
    """Let a signed segment stand where it stood before, for a new version; raises MoveRefused."""
    return decided(segment, Decision.REOPEN, moved(segment, Decision.REOPEN), by, at)


def still(segment: Segment, seen_version: int) -> None:
    """Refuse to act on a segment that is locked or is no longer what the person saw."""
    if segment.state in SIGNED:
        raise Signed(segment.recording_id)
    if segment.version != seen_version:
        raise MovedOn(segment.number, seen_version, segment.version)


def _given(
    source: str | None,
    target: str | None,
    speaker: str | None,
    language: str | None,
    start_ms: int | None,
    end_ms: int | None,
) -> Fields:
    fields = {
        "source": None if source is None else entries.text(source),
        "target": None if target is None else entries.text(target),
        "speaker": None if speaker is None else entries.speaker(speaker),
        "language": None if language is None else entries.language(language),
        "start_ms": start_ms,
        "end_ms": end_ms,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _one_text(given: Fields) -> Fields:
    """Speech that is in the target language already has the same text on both sides."""
    texts = {given[name] for name in ("source", "target") if name in given}
    if len(texts) > 1:
        raise BadValue(
            "what is said in the target language has one text, and two were given",
            "Give the same text for both, or only one of them.",
        )
    return given | dict.fromkeys(("source", "target"), *texts) if texts else given


def _differences(segment: Segment, given: Fields) -> Fields:
    """Return the fields that ``given`` changes, the stale mark included."""
    after = {name: value for name, value in given.items() if getattr(segment, name) != value}
    stale = "target" not in given and ("source" in after or segment.target_stale)
    if stale != segment.target_stale:
        after["target_stale"] = stale
    return after


def _accepted(segment: Segment, by: str, at: str, finish: bool) -> tuple[Segment, Revision]:
    """Take a segment as done without a change to it."""
    if not finish:
        raise BadValue(
            f"segment {segment.number} already says exactly that", "Nothing was changed."
        )
    state = moved(segment, Decision.ACCEPT)
    return decided(segment, Decision.ACCEPT, state, by, at)


def decided(
    segment: Segment,
    decision: Decision,
    state: State,
    by: str,
    at: str,
    *,
    after: Fields | None = None,
    links: Fields | None = None,
    reason: str = "",
    error: Judgement | None = None,
) -> tuple[Segment, Revision]:
    """Return the segment after a decision, and its revision; ``links`` are no fields of a segment."""
    after = after or {}
    before: Fields = {name: getattr(segment, name) for name in after}
    changed = replace(segment, **after, state=state, version=segment.version + 1)  # type: ignore[arg-type]
    told = after | (links or {})
    return changed, Revision(segment.id, by, at, str(decision), before, told, reason, error)
