"""Correct a segment, or take it as it stands: the interpreter's act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.acts.reading import open_transcript
from confere.domain import Revision, Segment, Transcript
from confere.review import changes, states
from confere.review.states import Decision
from confere.vault import transcripts


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to change in one segment; None leaves a field. Nothing given accepts it as it is."""

    source: str | None = None
    target: str | None = None
    speaker: str | None = None
    language: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    finish: bool = True


def correct(
    desk: Desk, given: str, number: str, correction: Correction, seen_version: int | None = None
) -> Segment:
    """Change one segment of a recording; ``seen_version`` None stands for the version it has now."""

    def change(transcript: Transcript, segment: Segment, seen: int) -> tuple[Segment, Revision]:
        return changes.correct(
            segment,
            desk.person.name,
            desk.now(),
            seen_version=seen,
            duration_ms=transcript.recording.duration_ms,
            source=correction.source,
            target=correction.target,
            speaker=correction.speaker,
            language=correction.language,
            start_ms=correction.start_ms,
            end_ms=correction.end_ms,
            finish=correction.finish,
            target_language=desk.vault.locked.settings.study.target,
        )

    return decide(desk, Decision.CORRECT, given, number, seen_version, change)


#: Makes the changed segment and its revision from the transcript, the segment and the version seen.
Change = Callable[[Transcript, Segment, int], tuple[Segment, Revision]]


def decide(
    desk: Desk,
    decision: Decision,
    given: str,
    number: str,
    seen_version: int | None,
    change: Change,
) -> Segment:
    """Take one decision about one segment, whole or not at all: load, change, save, tell."""
    states.require_role(desk.person.name, desk.person.roles, decision)
    with desk.catalog.transaction():
        transcript = open_transcript(desk, given).transcript
        segment = transcripts.find_segment(transcript, number)
        seen = segment.version if seen_version is None else seen_version
        changed, revision = change(transcript, segment, seen)
        # A correction that changes nothing turns out to be an acceptance, which needs its own role.
        states.require_role(desk.person.name, desk.person.roles, Decision(revision.decision))
        commitment = transcripts.save_revision(desk.catalog, changed, revision)
        desk.tell(
            revision.decision,
            {
                "recording": transcript.recording.id,
                "segment": changed.id,
                "version": changed.version,
                "fields": " ".join(sorted(revision.after)),
                "revision_sha256": commitment,
            },
        )
    return changed
