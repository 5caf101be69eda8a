"""Correct a segment, or take it as it stands: the interpreter's act."""

from __future__ import annotations

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
    states.require_role(desk.person.name, desk.person.roles, Decision.CORRECT)
    with desk.catalog.transaction():
        transcript = open_transcript(desk, given).transcript
        segment = transcripts.find_segment(transcript, number)
        changed, revision = changes.correct(
            segment,
            desk.person.name,
            desk.now(),
            seen_version=segment.version if seen_version is None else seen_version,
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
        states.require_role(desk.person.name, desk.person.roles, Decision(revision.decision))
        save(desk, transcript, changed, revision)
    return changed


def save(desk: Desk, transcript: Transcript, changed: Segment, revision: Revision) -> None:
    """Write a decision about a segment and its event."""
    transcripts.save_revision(desk.catalog, changed, revision)
    desk.tell(
        revision.decision,
        {
            "recording": transcript.recording.id,
            "segment": changed.id,
            "version": changed.version,
            "fields": " ".join(sorted(revision.after)),
        },
    )
