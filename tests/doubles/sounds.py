"""Small sounds for tests, made without any program."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np


def write_tone(path: Path, seconds: float = 9.0, pitch_hz: float = 300.0, times: int = 1) -> Path:
    """Write a mono 16-bit WAV of a tone, different for each pitch, so many times over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    moments_s = np.arange(round(seconds * 8000)) / 8000
    samples = (np.sin(2 * np.pi * pitch_hz * moments_s) * 12000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        for _ in range(times):
            file.writeframesraw(samples.tobytes())
    return path
