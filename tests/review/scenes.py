"""A transcript and the people who act on it, kept in memory: the catalog's part in the tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from confere import review
from confere.crypto.signing import SigningKey
from confere.domain import (
    Coverage,
    EngineRecord,
    ErrorKind,
    Judgement,
    Recording,
    Revision,
    Segment,
    Severity,
    State,
    Transcript,
)
from confere.review import changes
from confere.review.document import Previous, Terms

INES, VERA, WANDA = "Inês", "Vera", "Wanda"
DURATION_MS = 60_000
KEY = SigningKey.from_seed(bytes(range(32)))
KEY_TEXT = str(KEY.verify_key)
AT = "2026-03-02T10:00:00Z"
SIGNED_AT = "2026-03-03T09:30:00Z"
WRONG = Judgement(ErrorKind.NUMBER, Severity.MAJOR)

RECORDING = Recording(
    id="3f9k2m7q1x8c5v0b",
    interview_id="1d6h4n9t2w7z3r8e",
    part=1,
    name="Maria da Silva.WAV",
    size_bytes=5_292_044,
    sha256="11" * 32,
    sealed_sha256="22" * 32,
    duration_ms=DURATION_MS,
    recorded_at="2026-03-01T14:00:00",
    offloaded_at="2026-03-01T20:00:00Z",
)
SPEECH = EngineRecord(
    "faster-whisper", "1.2.1", "medium", "33" * 32, False, {"beam_size": 5, "temperature": 0.2}
)
TRANSLATION = EngineRecord("argos", "1.11.0", "pt_en", "44" * 32, False, {"beam_size": 4})


def a_segment(position: int = 0, **fields: Any) -> Segment:
    """Return a drafted segment of ten seconds."""
    given: dict[str, Any] = {
        "id": f"seg{position}",
        "recording_id": RECORDING.id,
        "position": position,
        "start_ms": position * 10_000,
        "end_ms": position * 10_000 + 9_000,
        "speaker": "P01",
        "language": "pt",
        "source": f"A água chegou na porta, número {position}.",
        "target": f"The water reached the door, number {position}.",
        "state": State.DRAFT,
        "version": 0,
    }
    return Segment(**given | fields)


def a_transcript(*segments: Segment, **fields: Any) -> Transcript:
    """Return a transcript that nobody has touched."""
    given: dict[str, Any] = {
        "recording": RECORDING,
        "segments": segments,
        "revisions": (),
        "played": {},
        "speech": SPEECH,
        "translation": TRANSLATION,
    }
    return Transcript(**given | fields)


class Desk:
    """Holds a transcript and does to it what people decide, as the acts do with the catalog."""

    def __init__(self, *segments: Segment) -> None:
        self.transcript = a_transcript(*(segments or (a_segment(0), a_segment(1))))

    def __getitem__(self, segment_id: str) -> Segment:
        return next(s for s in self.transcript.segments if s.id == segment_id)

    @property
    def ids(self) -> list[str]:
        """The segments' ids in their order."""
        return [s.id for s in self.transcript.segments]

    def play(self, by: str, *spans: tuple[int, int]) -> None:
        """Record that spans were played; all of the recording if none is given."""
        played = Coverage.of(spans or [(0, DURATION_MS)])
        self.transcript = replace(self.transcript, played={**self.transcript.played, by: played})

    def correct(self, segment_id: str, by: str = INES, **change: Any) -> Segment:
        """Correct or accept a segment as it stands now."""
        segment = self[segment_id]
        given: dict[str, Any] = {"seen_version": segment.version, "duration_ms": DURATION_MS}
        return self._keep(review.correct(segment, by, AT, **given | change))

    def verify(self, segment_id: str, by: str = VERA, **given: Any) -> Segment:
        """Verify a segment as it stands now."""
        segment = self[segment_id]
        seen = {"seen_version": segment.version} | given
        return self._keep(review.verify(segment, self.transcript, by, AT, **seen))

    def return_(
        self,
        segment_id: str,
        by: str = VERA,
        reason: str = "look again",
        error: Judgement = WRONG,
    ) -> Segment:
        """Return a segment as it stands now."""
        segment = self[segment_id]
        seen = segment.version
        given: dict[str, Any] = {"seen_version": seen, "reason": reason, "error": error}
        return self._keep(review.return_(segment, by, AT, **given))

    def document(
        self, by: str = VERA, previous: Previous | None = None, **terms: Any
    ) -> dict[str, Any]:
        """Return the document that somebody signs."""
        return review.build_document(
            self.transcript,
            Terms(**terms),
            study={"id": "study-1", "name": "Flooded Cities", "protocol": "2.1"},
            previous=previous,
            verifier=by,
            verifier_key=KEY_TEXT,
            signed_at=SIGNED_AT,
            software_version="0.1.0",
            target_language="en",
        )

    def sign(
        self, by: str = VERA, previous: Previous | None = None, **terms: Any
    ) -> review.SignedTranscript:
        """Sign the transcript and lock its segments."""
        signed = review.sign(self.document(by, previous, **terms), KEY)
        for segment in self.transcript.segments:
            lock = changes.lock if segment.state is State.VERIFIED else changes.spare
            self._keep(lock(segment, by, SIGNED_AT))
        return signed

    def reopen(self, by: str = VERA) -> None:
        """Begin a new version."""
        for segment in self.transcript.segments:
            self._keep(changes.reopen(segment, by, AT))

    def alter(self, segment_id: str, **fields: Any) -> None:
        """Write into the catalog past the rules."""
        self._put(replace(self[segment_id], **fields), self.transcript.revisions)

    def _keep(self, decided: tuple[Segment, Revision]) -> Segment:
        segment, revision = decided
        self._put(segment, (*self.transcript.revisions, revision))
        return segment

    def _put(self, segment: Segment, revisions: Iterable[Revision]) -> None:
        segments = tuple(segment if s.id == segment.id else s for s in self.transcript.segments)
        self.transcript = replace(self.transcript, segments=segments, revisions=tuple(revisions))


def a_verified_desk(*segments: Segment) -> Desk:
    """Return a desk where the first segment was corrected, the rest accepted, and all verified."""
    desk = Desk(*segments)
    for number, segment_id in enumerate(desk.ids):
        change = {"target": "Water came up to the door."} if number == 0 else {}
        desk.correct(segment_id, **change)
    desk.play(VERA)
    for segment_id in desk.ids:
        desk.verify(segment_id)
    return desk


def key_of(_name: str) -> set[str]:
    """Know one key, as a roster with one verifier would."""
    return {KEY_TEXT}
