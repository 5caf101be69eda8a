"""What an export is made from and what it gives: two plain values and how they are filled.

Every word of a signed transcript is read from the signed envelope itself, so that no reading copy can
say anything else than what was signed; only site, date and participants come from the register. The
recorder's name of a file and the field notes are in no kind of export: they may name a person.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confere.domain import Interview, Segment, Transcript

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of an export; ``name`` is safe on every system and says nothing of anybody."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest of the content, lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """One segment as it is exported."""

    id: str
    start_ms: int
    end_ms: int
    speaker: str
    language: str  # ISO 639
    source: str
    target: str
    unverified: bool = False  # signed, and left out by the study's sampling plan
    marks: tuple[str, ...] = ()  # what the machine distrusts, in a draft only


@dataclass(frozen=True, slots=True)
class ExportInput:
    """One transcript on its way out.

    ``envelope`` is the signed envelope (``docs/sign-off.md``), or None for a draft, which every
    kind then marks as such on every page; ``verified_by`` and ``signed_at`` are then empty.
    ``models`` names what drafted it.
    """

    study: str
    interview: Interview
    recording_id: str
    part: int
    duration_ms: int
    version: int
    target_language: str
    practice: bool
    lines: tuple[Line, ...]
    models: tuple[str, ...]
    correctors: tuple[str, ...] = ()
    verified_by: str = ""
    signed_at: str = ""
    statement: str = ""
    envelope: bytes | None = None

    @property
    def draft(self) -> bool:
        """Whether nobody signed this."""
        return self.envelope is None

    @property
    def unverified(self) -> int:
        """How many segments were signed without having been verified."""
        return sum(line.unverified for line in self.lines)

    @property
    def digest(self) -> str:
        """The SHA-256 of the signed envelope, lower-case hex; empty for a draft."""
        return hashlib.sha256(self.envelope).hexdigest() if self.envelope is not None else ""

    @property
    def stem(self) -> str:
        """The part of the files' names before the ending, from safe characters only."""
        return f"{safe(self.recording_id)}-{'draft' if self.draft else f'v{self.version}'}"

    @property
    def source_language(self) -> str:
        """The language that is spoken longest; the target language if nothing else is spoken."""
        spoken: dict[str, int] = {}
        for line in self.lines:
            if line.language != self.target_language:
                spoken[line.language] = (
                    spoken.get(line.language, 0) + max(0, line.end_ms - line.start_ms) + 1
                )
        return min(spoken, key=lambda name: (-spoken[name], name), default=self.target_language)


def safe(name: str) -> str:
    """Return ``name`` from letters, digits, hyphens and underscores of ASCII only, never empty."""
    return _UNSAFE.sub("_", name).strip("_-") or "unnamed"


def from_signed(envelope: bytes, interview: Interview) -> ExportInput:
    """Return the export of a signed transcript whose signature has already been checked."""
    document: Mapping[str, Any] = json.loads(envelope)["document"]
    recording = document["recording"]
    return ExportInput(
        study=document["study"]["name"],
        interview=interview,
        recording_id=recording["id"],
        part=recording["part"],
        duration_ms=recording["duration_ms"],
        version=document["version"],
        target_language=document["target_language"],
        practice=document["practice"],
        lines=tuple(_signed_line(segment) for segment in document["segments"]),
        models=tuple(document["draft"][step]["model"] for step in ("speech", "translation")),
        correctors=tuple(document["correctors"]),
        verified_by=document["verifier"]["name"],
        signed_at=document["signed_at"],
        statement=document["statement"]["en"],
        envelope=envelope,
    )


def from_draft(
    transcript: Transcript,
    interview: Interview,
    *,
    study: str,
    version: int,
    target_language: str,
) -> ExportInput:
    """Return the export of a transcript as it stands, signed or not: it is marked as a draft."""
    recording = transcript.recording
    return ExportInput(
        study=study,
        interview=interview,
        recording_id=recording.id,
        part=recording.part,
        duration_ms=recording.duration_ms,
        version=version,
        target_language=target_language,
        practice=transcript.practice,
        lines=tuple(map(_line, sorted(transcript.segments, key=lambda s: (s.position, s.id)))),
        models=(transcript.speech.model, transcript.translation.model),
        correctors=tuple(sorted({r.by for r in transcript.revisions if r.after})),
    )


def _signed_line(segment: Mapping[str, Any]) -> Line:
    return Line(
        segment["id"],
        segment["start_ms"],
        segment["end_ms"],
        segment["speaker"],
        segment["language"],
        segment["source"],
        segment["target"],
        unverified=not segment["verified_by"],
    )


def _line(s: Segment) -> Line:
    texts = (s.source, s.target)
    return Line(s.id, s.start_ms, s.end_ms, s.speaker, s.language, *texts, marks=s.marks)
