"""The real engines on the practice models, loaded once, and speech for them to hear."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from confere.models.manifest import Kind
from confere.models.store import BUNDLED, ModelStore
from confere.transcribe.whisper import WhisperEngine
from confere.translate.argos import ArgosEngine

SPEECH = "practice-speech"
TRANSLATION = "practice-pt_en"
RECORDINGS = BUNDLED / "recordings"


@dataclass(frozen=True)
class Spoken:
    """A sentence that is spoken in a recording."""

    start_ms: int
    end_ms: int
    language: str
    text: str


@cache
def speech_engine(
    window_ms: int = 240_000, threads: int = 1, parallel: int = 1, *, hotwords: bool = False
) -> WhisperEngine:
    """The practice speech engine, with windows of another length if told."""
    model = ModelStore(Path("nowhere")).find(SPEECH, Kind.SPEECH)
    return WhisperEngine(
        model.path,
        name=model.name,
        digest=model.digest,
        practice=model.practice,
        profile={**model.profile, "window_ms": window_ms, "hotwords": hotwords},
        device="cpu",
        threads=threads,
        parallel=parallel,
    )


@cache
def translation_engine() -> ArgosEngine:
    """The practice translation engine."""
    model = ModelStore(Path("nowhere")).find(TRANSLATION, Kind.TRANSLATION)
    return ArgosEngine(model.path, name=model.name, digest=model.digest, practice=model.practice)


def truth(recording: str) -> list[Spoken]:
    """What the text beside a bundled recording says is spoken in it."""
    lines = (RECORDINGS / recording).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [
        Spoken(round(float(start) * 1000), round(float(end) * 1000), language, text)
        for start, end, _, language, text, *_ in rows
    ]


def recording(name: str) -> io.BytesIO:
    """A bundled recording."""
    return io.BytesIO((RECORDINGS / name).read_bytes())


def cut(name: str, start_ms: int, end_ms: int) -> bytes:
    """A span of a bundled WAV recording, as a WAV file."""
    with wave.open(str(RECORDINGS / name)) as source:
        rate = source.getframerate()
        source.setpos(start_ms * rate // 1000)
        frames = source.readframes((end_ms - start_ms) * rate // 1000)
        return wav(frames, source.getnchannels(), source.getsampwidth(), rate)


def wav(frames: bytes, channels: int = 1, width_bytes: int = 2, rate: int = 16_000) -> bytes:
    """A WAV file of these frames."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width_bytes)
        file.setframerate(rate)
        file.writeframes(frames)
    return target.getvalue()
