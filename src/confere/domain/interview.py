"""Interviews and their recordings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interview:
    """One conversation: where, when, who by code. The register fills it in; it may start empty.

    ``version`` counts what was written in it. Interviewers and interpreter are of the team: as it calls them.
    """

    id: str
    site: str = ""
    date: str = ""  # ISO 8601 day, as the interviewer gives it; recorders' clocks prove nothing
    participants: tuple[str, ...] = ()  # codes, never names
    notes: str = ""  # of the field; they leave the vault in no export
    interviewers: tuple[str, ...] = ()
    interpreter: str = ""
    languages: tuple[str, ...] = ()  # ISO 639
    consent: str = ""  # how it was given, and to what
    version: int = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """One audio object of an interview.

    ``sha256`` is the digest of the audio as it was on the recorder, ``sealed_sha256`` that of the
    sealed object; both lower-case hex. ``part`` counts from 1 within the interview.
    ``recorded_at`` is the file's time on the recorder, raw: a wrong clock stays visible.
    """

    id: str
    interview_id: str
    part: int
    name: str
    size_bytes: int
    sha256: str
    sealed_sha256: str
    duration_ms: int
    recorded_at: str
    offloaded_at: str
