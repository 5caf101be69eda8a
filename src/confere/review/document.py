"""The sign-off document: everything that a verifier's signature speaks of, as one value.

``docs/sign-off.md`` describes every field. Rules for this file: only whole numbers, text, truth
values, lists and objects, because two readers must write the same bytes; nothing of the recorder's
file name, because it may hold a person's name; and the one person who signs has verified every
segment and worked on none, because a signature can vouch only for what its maker did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from confere.domain import (
    Coverage,
    EngineRecord,
    ErrorKind,
    Judgement,
    Revision,
    Segment,
    Severity,
    State,
    Transcript,
)
from confere.errors import (
    AlteredTranscript,
    BadValue,
    NotPlayed,
    NotReady,
    OwnWork,
    Signed,
)
from confere.review import history
from confere.review.checks import Level
from confere.review.checks.dismissals import Seen, count_open
from confere.review.sampling import Plan, Sample
from confere.review.states import SIGNED

KIND: Final = "confere/sign-off"
#: The format that is written, and those that are read.
FORMAT: Final = 2
FORMATS: Final = (1, 2)

_VERIFIED: Final = {
    "en": "I verified every segment of this transcript, in both texts, against the recording whose "
    "digests stand here.",
    "pt": "Conferi cada segmento desta transcrição, nos dois textos, com a gravação cujos resumos "
    "criptográficos constam aqui.",
}
_SAMPLED: Final = {
    "en": "I verified every segment of this transcript that the study's sampling plan asked for, in "
    "both texts, against the recording whose digests stand here. The segments that name no verifier "
    "were not verified by anybody.",
    "pt": "Conferi cada segmento desta transcrição que o plano de amostragem do estudo pediu, nos "
    "dois textos, com a gravação cujos resumos criptográficos constam aqui. Os segmentos que não "
    "nomeiam quem os conferiu não foram conferidos por ninguém.",
}
_WORKED: Final = {
    "en": "I worked on none of these segments myself.",
    "pt": "Eu mesmo(a) não trabalhei em nenhum destes segmentos.",
}
_PLAYED: Final = {
    "en": "Where I did not play the audio of a segment, my reason stands with it.",
    "pt": "Onde não reproduzi o áudio de um segmento, o motivo consta junto a ele.",
}
_PLAYED_SHARE: Final = {
    "en": "Where I played less than {percent} % of the audio of a segment, which is the share that "
    "the study asks for, my reason stands with it.",
    "pt": "Onde reproduzi menos de {percent} % do áudio de um segmento, que é a parte que o estudo "
    "pede, o motivo consta junto a ele.",
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


@dataclass(frozen=True, slots=True)
class Previous:
    """The signed version that this one follows: its digest, and who began the new one, when and why."""

    version: int
    sha256: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a transcript is signed: what the study asks for, and what the software sees.

    ``played_percent`` of each segment must have been played. ``checks`` is everything that the checks
    see now. ``sample`` is what came of a sampling plan; None: every segment is verified.
    """

    played_percent: int = 100
    checks: Sequence[Seen] = ()
    sample: Sample | None = None
    open_comments: int = 0

    @property
    def spared(self) -> Collection[str]:
        """The segments that may be signed without having been verified, by id."""
        return self.sample.spared if self.sample else ()


def statement(*, sampled: bool, played_percent: int) -> dict[str, str]:
    """Return what a verifier states, in English and in Portuguese."""
    first = _SAMPLED if sampled else _VERIFIED
    played = _PLAYED if played_percent == 100 else _PLAYED_SHARE
    return {
        language: " ".join(
            (first[language], _WORKED[language], played[language].format(percent=played_percent))
        )
        for language in ("en", "pt")
    }


def build_document(
    transcript: Transcript,
    terms: Terms,
    *,
    study: Mapping[str, str],
    previous: Previous | None,
    verifier: str,
    verifier_key: str,
    signed_at: str,
    software_version: str,
    target_language: str,
) -> dict[str, Any]:
    """Return the document that ``verifier`` signs.

    ``study`` gives ``id``, ``name`` and ``protocol``; ``previous`` is None for the first version;
    ``verifier_key`` is the text of the public key for sign-offs; ``signed_at`` is ISO 8601 with its
    offset. Raises as ``require_ready`` does.
    """
    require_ready(transcript, verifier, terms)
    _require_time(signed_at)
    segments = _segments(transcript, verifier)
    played = transcript.played.get(verifier, Coverage())
    sampled = any(not s["verified_by"] for s in segments)
    return {
        "kind": KIND,
        "format": FORMAT,
        "software": f"confere {software_version}",
        "study": {name: study[name] for name in ("id", "name", "protocol")},
        "recording": _recording(transcript),
        "version": previous.version + 1 if previous else 1,
        "previous": _previous(previous),
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
        "plan": _plan(terms.sample),
        "played_percent": terms.played_percent,
        "checks_dismissed": _dismissed(terms.checks),
        "checks_open": {str(n): c for n, c in count_open(terms.checks).items()},
        "counts": _counts(segments, transcript.revisions, terms),
        "errors": _errors(transcript.revisions),
        "statement": statement(sampled=sampled, played_percent=terms.played_percent),
        "signed_at": signed_at,
    }


def require_ready(transcript: Transcript, verifier: str, terms: Terms) -> None:
    """Refuse to let ``verifier`` sign while anything is missing.

    Raises Signed, NotReady, OwnWork, NotPlayed, or AlteredTranscript if the catalog's segments do
    not follow from their revisions.
    """
    recording, segments = transcript.recording, transcript.segments
    if any(s.state in SIGNED for s in segments):
        raise Signed(recording.id)
    history.require_consistent(transcript)
    spared = {s.id for s in segments if s.state is State.CORRECTED and s.id in terms.spared}
    asked = [s for s in segments if s.id not in spared]
    _require_none("are not verified", [s for s in asked if s.state is not State.VERIFIED])
    _require_none("have a stale translation", [s for s in segments if s.target_stale])
    revisions = history.by_segment(transcript)
    _require_none(
        f"were not verified by {verifier}, who wants to sign",
        [s for s in asked if _verified_by(revisions[s.id]) != verifier],
    )
    for segment in segments:
        if verifier in history.workers(transcript, segment.id):
            raise OwnWork(verifier, segment.number)
    played = transcript.played.get(verifier, Coverage())
    for segment in asked:
        _require_played(segment, transcript, revisions[segment.id], played, terms.played_percent)
    if not segments and not played.covers(0, recording.duration_ms):
        raise NotReady(
            f"{recording.id} has no segment, and {verifier} did not play it to the end",
            "Play it: only then can somebody sign that nothing is said in it.",
        )
    _require_checked(transcript, terms.checks)


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
    revisions = history.by_segment(transcript)
    for segment in transcript.segments:
        wrong = _difference(signed.pop(segment.id, None), segment, revisions[segment.id])
        if wrong:
            raise AlteredTranscript(recording.id, f"segment {segment.id}, {wrong}")
    if signed:
        raise AlteredTranscript(recording.id, f"segment {min(signed)} is missing")


def _difference(
    signed: Mapping[str, Any] | None, segment: Segment, revisions: Sequence[Revision]
) -> str:
    if signed is None:
        return "was added"
    verification = history.verification(revisions)
    told = (verification.by, verification.at) if verification else ("", "")
    if (signed["verified_by"], signed["verified_at"]) != told:
        return "who verified it, or when"
    # A document of format 1 names a verifier everywhere.
    if segment.state is not (State.LOCKED if signed["verified_by"] else State.UNVERIFIED):
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


def _require_played(
    segment: Segment,
    transcript: Transcript,
    revisions: Sequence[Revision],
    played: Coverage,
    percent: int,
) -> None:
    """Ask again what ``verify`` asked: a catalog written by another hand must not get past this."""
    verification = history.verification(revisions)
    reason = verification.reason if verification else ""
    duration_ms = transcript.recording.duration_ms
    if not reason and not history.was_played(segment, played, duration_ms, percent):
        raise NotPlayed(segment.number)


def _require_checked(transcript: Transcript, checks: Sequence[Seen]) -> None:
    """Refuse while a check of the level error is open: it is corrected, or dismissed with a reason."""
    errors = {s.segment_id for s in checks if s.is_open and s.finding.level is Level.ERROR}
    found = [s for s in transcript.segments if s.id in errors]
    if found:
        named = ", ".join(s.number for s in found[:3]) + (" …" if len(found) > 3 else "")
        raise NotReady(
            f"the checks see an error in {len(found)} segments: {named}",
            "'confere check' shows them. Each is corrected, or dismissed with a reason.",
        )


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
    verification = history.verification(revisions)  # none: the plan spares it
    span = history.playable(segment, transcript.recording.duration_ms)
    story = transcript.story(segment.id)
    return {
        "id": segment.id,
        **{name: getattr(segment, name) for name in SEGMENT_FIELDS},
        "authors": sorted({r.by for r in story if r.after}),
        "accepted_by": sorted(history.acceptors(story)),
        "verified_by": verification.by if verification else "",
        "verified_at": verification.at if verification else "",
        "played_ms": played.within(*span),
        "playable_ms": span[1] - span[0],
        "unplayed_reason": verification.reason if verification else "",
        "errors": [_judged(r, r.error) for r in story if r.error],
    }


def _judged(revision: Revision, error: Judgement) -> dict[str, str]:
    return {
        "by": revision.by,
        "at": revision.at,
        "decision": revision.decision,
        "kind": error.kind.value,
        "severity": error.severity.value,
    }


def _previous(previous: Previous | None) -> dict[str, Any]:
    return asdict(previous) if previous else {}


def _plan(sample: Sample | None) -> dict[str, Any]:
    """Return the plan, with what a stranger needs to do the draw again and to judge its outcome."""
    if sample is None:
        return dict(Plan().document())
    verdict = sample.verdict
    return {
        **sample.plan.document(),
        "seed": sample.seed.hex(),
        "marked": sorted(sample.draw.marked),
        "sample": verdict.sample,
        "checked": verdict.checked,
        "wrong": verdict.wrong,
        "outcome": verdict.outcome.value,
    }


def _dismissed(checks: Sequence[Seen]) -> list[dict[str, str]]:
    return [
        {
            "segment": it.segment_id,
            "check": it.finding.message_id,
            "level": it.finding.level.value,
            "message": it.finding.message,
            "by": it.dismissal.by,
            "at": it.dismissal.at,
            "reason": it.dismissal.reason,
        }
        for it in checks
        if it.dismissal
    ]


def _errors(revisions: Sequence[Revision]) -> dict[str, dict[str, int]]:
    """Count the errors that verifiers found, by kind and severity; each once, however it was split."""
    found = Counter(revision.error for revision in revisions if revision.error)
    return {
        kind.value: {
            w.value: found[Judgement(kind, w)] for w in Severity if found[Judgement(kind, w)]
        }
        for kind in ErrorKind
        if any(found[Judgement(kind, w)] for w in Severity)
    }


def _counts(
    segments: Sequence[Mapping[str, Any]], revisions: Sequence[Revision], terms: Terms
) -> dict[str, int]:
    return {
        "segments": len(segments),
        "verified": sum(bool(s["verified_by"]) for s in segments),
        "changed": sum(bool(s["authors"]) for s in segments),
        "unplayed": sum(bool(s["unplayed_reason"]) for s in segments),
        "revisions": len(revisions),
        "open_comments": terms.open_comments,
    }
