"""The sign-off document: everything that a verifier's signature speaks of, as one value.

``docs/sign-off.md`` describes every field. Rules for this file: only whole numbers, text, truth
values, lists and objects, because two readers must write the same bytes; nothing of the recorder's
file name, because it may hold a person's name; and the one person who signs has verified every
segment and worked on none, because a signature can vouch only for what its maker did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from confere.domain import Coverage, EngineRecord, Revision, Segment, State, Transcript
from confere.errors import (
    AlteredTranscript,
    BadValue,
    NotPlayed,
    NotReady,
    OwnWork,
    Signed,
)
from confere.review import history

KIND: Final = "confere/sign-off"
FORMAT: Final = 1
STATEMENT: Final = {
    "en": "I verified every segment of this transcript, in both texts, against the recording whose "
    "digests stand here. I worked on none of these segments myself. Where I did not play the audio "
    "of a segment, my reason stands with it.",
    "pt": "Conferi cada segmento desta transcrição, nos dois textos, com a gravação cujos resumos "
    "criptográficos constam aqui. Eu mesmo(a) não trabalhei em nenhum destes segmentos. Onde não "
    "reproduzi o áudio de um segmento, o motivo consta junto a ele.",
}

#: What of a segment is signed as it stands in the catalog.
SEGMENT_FIELDS: Final = (
    "position",
    "start_ms",
    "end_ms",
    "speaker",
    "language",
    "source",
    "target",
)
#: What of a recording is signed; its name on the recorder is not, for it may hold a person's name.
RECORDING_FIELDS: Final = ("id", "part", "sha256", "sealed_sha256", "size_bytes", "duration_ms")

_LARGEST = 2**53 - 1  # the last whole number that every reader of JSON keeps


def build_document(
    transcript: Transcript,
    *,
    study: Mapping[str, str],
    version: int,
    verifier: str,
    verifier_key: str,
    signed_at: str,
    software_version: str,
    target_language: str,
) -> dict[str, Any]:
    """Return the document that ``verifier`` signs.

    ``study`` gives ``id``, ``name`` and ``protocol``; ``verifier_key`` is the text of the public
    key for sign-offs; ``signed_at`` is ISO 8601 with its offset. Raises as ``require_ready`` does.
    """
    require_ready(transcript, verifier)
    _require_time(signed_at)
    segments = _segments(transcript, verifier)
    played = transcript.played.get(verifier, Coverage())
    return {
        "kind": KIND,
        "format": FORMAT,
        "software": f"confere {software_version}",
        "study": {name: study[name] for name in ("id", "name", "protocol")},
        "recording": _recording(transcript),
        "version": version,
        "practice": transcript.practice,
        "target_language": target_language,
        "draft": {
            "speech": _engine(transcript.speech),
            "translation": _engine(transcript.translation),
        },
        "segments": segments,
        "correctors": sorted({name for s in segments for name in s["authors"] + s["accepted_by"]}),
        "verifier": {
            "name": verifier,
            "key": verifier_key,
            "played": [list(span) for span in played.spans],
        },
        "checks_dismissed": [],
        "counts": _counts(segments, transcript.revisions),
        "statement": dict(STATEMENT),
        "signed_at": signed_at,
    }


def require_ready(transcript: Transcript, verifier: str) -> None:
    """Refuse to let ``verifier`` sign while anything is missing.

    Raises Signed, NotReady, OwnWork, NotPlayed, or AlteredTranscript if the catalog's segments do
    not follow from their revisions.
    """
    recording, segments = transcript.recording, transcript.segments
    if any(s.state is State.LOCKED for s in segments):
        raise Signed(recording.id)
    history.require_consistent(transcript)
    _require_none("are not verified", [s for s in segments if s.state is not State.VERIFIED])
    _require_none("have a stale translation", [s for s in segments if s.target_stale])
    revisions = history.by_segment(transcript)
    _require_none(
        f"were not verified by {verifier}, who wants to sign",
        [s for s in segments if _verified_by(revisions[s.id]) != verifier],
    )
    played = transcript.played.get(verifier, Coverage())
    for segment in segments:
        _require_independent(segment, transcript, verifier, revisions[segment.id], played)
    if not segments and not played.covers(0, recording.duration_ms):
        raise NotReady(
            f"{recording.id} has no segment, and {verifier} did not play it to the end",
            "Play it: only then can somebody sign that nothing is said in it.",
        )


def compare(document: Mapping[str, Any], transcript: Transcript) -> None:
    """Refuse a catalog that no longer says what was signed; raises AlteredTranscript.

    The error names the segment and the field, never a text. A signed transcript's segments are
    locked, so any other state is a difference too.
    """
    recording = transcript.recording
    signed = {s["id"]: s for s in document["segments"]}
    for name in RECORDING_FIELDS:
        if document["recording"][name] != getattr(recording, name):
            raise AlteredTranscript(recording.id, f"the recording's {name}")
    for segment in transcript.segments:
        wrong = _difference(signed.pop(segment.id, None), segment)
        if wrong:
            raise AlteredTranscript(recording.id, f"segment {segment.id}, {wrong}")
    if signed:
        raise AlteredTranscript(recording.id, f"segment {min(signed)} is missing")


def _difference(signed: Mapping[str, Any] | None, segment: Segment) -> str:
    if signed is None:
        return "was added"
    if segment.state is not State.LOCKED:
        return "state"
    return next((n for n in SEGMENT_FIELDS if signed[n] != getattr(segment, n)), "")


def _require_time(signed_at: str) -> None:
    try:
        offset = datetime.fromisoformat(signed_at).tzinfo
    except ValueError:
        offset = None
    if offset is None:
        raise BadValue("the time of a signature is ISO 8601 with its offset from UTC")


def _require_none(problem: str, segments: Sequence[Segment]) -> None:
    """Refuse if there is any such segment; names the first three."""
    if segments:
        named = ", ".join(s.number for s in segments[:3]) + (" …" if len(segments) > 3 else "")
        raise NotReady(
            f"{len(segments)} segments {problem}: {named}",
            "'confere show' tells where every segment stands.",
        )


def _require_independent(
    segment: Segment,
    transcript: Transcript,
    verifier: str,
    revisions: Sequence[Revision],
    played: Coverage,
) -> None:
    """Ask again what ``verify`` asked: a catalog written by another hand must not get past this."""
    if verifier in history.workers(transcript, segment.id):
        raise OwnWork(verifier, segment.number)
    verification = history.verification(revisions)
    reason = verification.reason if verification else ""
    if not reason and not history.was_played(segment, played, transcript.recording.duration_ms):
        raise NotPlayed(segment.number)


def _verified_by(revisions: Sequence[Revision]) -> str | None:
    verification = history.verification(revisions)
    return verification.by if verification else None


def _recording(transcript: Transcript) -> dict[str, Any]:
    recording = transcript.recording
    fields = {name: getattr(recording, name) for name in RECORDING_FIELDS}
    return fields | {"interview": recording.interview_id}


def _engine(record: EngineRecord) -> dict[str, Any]:
    return {
        "engine": record.engine,
        "engine_version": record.engine_version,
        "model": record.model,
        "model_digest": record.model_digest,
        "practice": record.practice,
        "parameters": {name: _exact(value) for name, value in record.parameters.items()},
    }


def _exact(value: str | int | float | bool | None) -> str | int | bool | None:
    """Return a number that JSON readers might round as text: ``0.6`` becomes ``"0.6"``."""
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > _LARGEST):
        return repr(value)
    return value


def _segments(transcript: Transcript, verifier: str) -> list[dict[str, Any]]:
    revisions = history.by_segment(transcript)
    played = transcript.played.get(verifier, Coverage())
    return [
        _segment(segment, transcript, revisions[segment.id], played)
        for segment in sorted(transcript.segments, key=lambda s: (s.position, s.id))
    ]


def _segment(
    segment: Segment, transcript: Transcript, revisions: Sequence[Revision], played: Coverage
) -> dict[str, Any]:
    verification = history.verification(revisions)
    assert verification is not None  # require_ready has seen it
    span = history.playable(segment, transcript.recording.duration_ms)
    story = transcript.story(segment.id)
    return {
        "id": segment.id,
        **{name: getattr(segment, name) for name in SEGMENT_FIELDS},
        "authors": sorted({r.by for r in story if r.after}),
        "accepted_by": sorted(history.acceptors(story)),
        "verified_by": verification.by,
        "verified_at": verification.at,
        "played_ms": played.within(*span),
        "playable_ms": span[1] - span[0],
        "unplayed_reason": verification.reason,
    }


def _counts(segments: Sequence[Mapping[str, Any]], revisions: Sequence[Revision]) -> dict[str, int]:
    return {
        "segments": len(segments),
        "changed": sum(bool(s["authors"]) for s in segments),
        "unplayed": sum(bool(s["unplayed_reason"]) for s in segments),
        "revisions": len(revisions),
    }
