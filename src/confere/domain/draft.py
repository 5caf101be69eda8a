"""What the machine wrote: kept for ever, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word; ``probability`` is the engine's own, 0 to 1."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


@dataclass(frozen=True, slots=True)
class SpokenSegment:
    """A sentence as the speech engine heard it.

    ``marks`` name what the machine distrusts about it (``low-probability``, ``loop`` …); they point
    people somewhere and decide nothing. ``side`` is ``left`` or ``right`` where the two sides of a stereo
    recording were drafted apart.
    """

    start_ms: int
    end_ms: int
    language: str  # ISO 639-1
    text: str
    words: tuple[Word, ...]
    mean_log_probability: float
    no_speech_probability: float
    marks: tuple[str, ...] = ()
    side: str = ""


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """Which engine and model wrote something, exactly enough to do it again.

    ``model_digest`` is the digest of the model's manifest; ``parameters`` are JSON scalars.
    """

    engine: str
    engine_version: str
    model: str
    model_digest: str
    practice: bool
    parameters: Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Transcription:
    """What a speech engine makes of one recording, in the order of time."""

    duration_ms: int
    segments: tuple[SpokenSegment, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A transcription with its translation: ``targets[i]`` belongs to ``segments[i]``."""

    transcription: Transcription
    targets: tuple[str, ...]
    speech: EngineRecord
    translation: EngineRecord
    drafted_at: str

    @property
    def practice(self) -> bool:
        """Whether a practice model had a hand in it; then every page and file says so."""
        return self.speech.practice or self.translation.practice
