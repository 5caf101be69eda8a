"""Small sounds for tests, made without any program."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np


def write_tone(path: Path, seconds: float = 9.0, pitch_hz: float = 300.0) -> Path:
    """Write a mono 16-bit WAV of a tone, different for each pitch."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(round(seconds * 8000)) / 8000
    samples = (np.sin(2 * np.pi * pitch_hz * times) * 12000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    return path
