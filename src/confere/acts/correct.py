"""Correct a segment, or take it as it stands: the interpreter's act."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.acts.editing import others_editing
from confere.acts.passage import open_passage
from confere.domain import Judgement, Passage, Revision, Role, Segment
from confere.errors import MovedOn
from confere.review import changes, history, states
from confere.review.states import Decision
from confere.vault import editing, passages, transcripts


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to change in one segment; None leaves a field. Nothing given accepts it as it is.

    ``error`` is what a verifier who changes what was corrected says was wrong with it.
    """

    source: str | None = None
    target: str | None = None
    speaker: str | None = None
    language: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    finish: bool = True
    error: Judgement | None = None


def correct(
    desk: Desk, given: str, number: str, correction: Correction, seen_version: int | None = None
) -> Segment:
    """Change one segment of a recording; ``seen_version`` None stands for the version it has now."""
    if correction.error:
        desk.require("judge an error", Role.VERIFIER)

    def change(passage: Passage, segment: Segment, seen: int) -> tuple[Segment, Revision]:
        return changes.correct(
            segment,
            desk.person.name,
            desk.now(),
            seen_version=seen,
            duration_ms=passage.recording.duration_ms,
            source=correction.source,
            target=correction.target,
            speaker=correction.speaker,
            language=correction.language,
            start_ms=correction.start_ms,
            end_ms=correction.end_ms,
            finish=correction.finish,
            error=correction.error,
            target_language=desk.vault.locked.settings.study.target,
        )

    mine = {n: getattr(correction, n) for n in TOLD if getattr(correction, n) is not None}
    return decide(desk, Decision.CORRECT, given, number, seen_version, change, mine)


#: What a conflict tells of both sides.
TOLD = ("source", "target", "speaker", "language", "start_ms", "end_ms")
#: Makes the changed segment and its revision from the passage around it, the segment and the version seen.
Change = Callable[[Passage, Segment, int], tuple[Segment, Revision]]
#: The same for what changes several segments: the one that was asked for comes first.
Reshape = Callable[[Passage, Segment, int], Sequence[tuple[Segment, Revision]]]


def decide(
    desk: Desk,
    decision: Decision,
    given: str,
    number: str,
    seen_version: int | None,
    change: Change,
    mine: Mapping[str, object] | None = None,
) -> Segment:
    """Take one decision about one segment, whole or not at all: load, change, save, tell.

    MovedOn tells ``mine``, what was to be saved, beside what stands there now.
    """

    def one(passage: Passage, segment: Segment, seen: int) -> list[tuple[Segment, Revision]]:
        return [change(passage, segment, seen)]

    return reshape(desk, decision, given, number, seen_version, one, mine)


def reshape(
    desk: Desk,
    decision: Decision,
    given: str,
    number: str,
    seen_version: int | None,
    change: Reshape,
    mine: Mapping[str, object] | None = None,
) -> Segment:
    """Take one decision that may change several segments; return the first as it stands then."""
    states.require_role(desk.person.name, desk.person.roles, decision)
    with desk.catalog.transaction():
        following = decision is Decision.MERGE
        passage, segment = open_passage(desk, given, number, following=following)
        seen = segment.version if seen_version is None else seen_version
        try:
            changed = change(passage, segment, seen)
        except MovedOn as conflict:
            _tell_both(desk, conflict, passage, segment, mine or {})
            raise
        keep(desk, passage, changed)
        first, revision = changed[0]
        if len(changed) == 1 and "start_ms" not in revision.after:
            return first
        # Other segments or times, and so perhaps other numbers.
        now = passages.get_passage(desk.catalog, passage.recording.id, first.id)
        return transcripts.find_segment(now, first.id)


def keep(desk: Desk, passage: Passage, changed: Sequence[tuple[Segment, Revision]]) -> None:
    """Save changed segments with their revisions, inside a transaction, and tell each."""
    for segment, revision in changed:
        # A correction that changes nothing turns out to be an acceptance, which needs its own role.
        states.require_role(desk.person.name, desk.person.roles, Decision(revision.decision))
        commitment = transcripts.save_revision(desk.catalog, segment, revision)
        editing.clear_editing(desk.catalog, segment.id, desk.person.name)
        desk.tell(
            revision.decision,
            {
                "recording": passage.recording.id,
                "segment": segment.id,
                "version": segment.version,
                "fields": " ".join(sorted(revision.after)),
                "revision_sha256": commitment,
                **_judged(revision),
            },
        )


def _judged(revision: Revision) -> dict[str, str]:
    error = revision.error
    return {"kind": error.kind.value, "severity": error.severity.value} if error else {}


def _tell_both(
    desk: Desk,
    conflict: MovedOn,
    passage: Passage,
    segment: Segment,
    mine: Mapping[str, object],
) -> None:
    """Put both texts beside the refusal, and the one that both started from: nothing typed is lost."""
    revisions = history.by_segment(passage)[segment.id]
    base = history.as_of(segment, revisions, max(0, conflict.seen))
    conflict.mine = mine
    conflict.theirs = {name: getattr(segment, name) for name in TOLD}
    conflict.base = {name: getattr(base, name) for name in TOLD}
    conflict.by = revisions[-1].by if revisions else ""
    conflict.editing = others_editing(desk, passage.recording.id, segment.id)
