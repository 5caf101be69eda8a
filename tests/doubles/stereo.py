"""Stereo recordings made of single sentences: a microphone for each speaker, or a pair in a room.

Sound is float32 at 16 kHz. Everything follows from the random generator that is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from confere.transcribe.clips import Span
from confere.transcribe.resampling import SAMPLE_RATE

Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Talk:
    """Two people, each alone in a row of its own (shape (2, n)), and when each of them speaks."""

    rows: Sound
    left: tuple[Span, ...]
    right: tuple[Span, ...]


def talk(
    left: Sequence[Sound],
    right: Sequence[Sound],
    rng: np.random.Generator,
    *,
    overlap: float = 0.1,
) -> Talk:
    """Sentences of two people in turns; a share of the answers begins before the other has ended."""
    waiting = [list(left), list(right)]
    spans: list[list[Span]] = [[], []]
    pieces: list[tuple[int, int, Sound]] = []
    at, who = int(0.5 * SAMPLE_RATE), 0
    while any(waiting):
        who = who if not waiting[1 - who] or (waiting[who] and rng.random() < 0.3) else 1 - who
        sound = waiting[who].pop(0)
        early = rng.random() < overlap
        at += int(rng.uniform(-0.8, -0.1) * SAMPLE_RATE) if early else 0
        at = max(0, at)
        pieces.append((who, at, sound))
        spans[who].append(Span(at * 1000 // SAMPLE_RATE, (at + len(sound)) * 1000 // SAMPLE_RATE))
        at += len(sound) + int(rng.uniform(0.1, 1.5) * SAMPLE_RATE)
    rows = np.zeros((2, max(start + len(sound) for _, start, sound in pieces) + 8000), np.float32)
    for who, start, sound in pieces:
        rows[who, start : start + len(sound)] += sound
    return Talk(rows, tuple(spans[0]), tuple(spans[1]))


def microphones_each(
    rows: Sound,
    rng: np.random.Generator,
    *,
    leak_db: float = -16.0,
    delay_ms: float = 4.0,
    noise_db: float = -60.0,
    gain_db: float = 0.0,
    reverberation_s: float = 0.3,
) -> Sound:
    """A microphone on each person: the other leaks over, later, and by way of the room.

    ``gain_db`` is how much louder the left recorder is set; ``noise_db`` is below full scale.
    """
    sides = []
    for side in (0, 1):
        leak = echoed(delayed(rows[1 - side], delay_ms), rng, reverberation_s, direct_db=3.0)
        sides.append(rows[side] + leak * 10 ** (leak_db / 20))
    return noisy(np.stack(sides) * _gains(gain_db), rng, noise_db)


def pair_in_a_room(
    rows: Sound,
    rng: np.random.Generator,
    *,
    apart_db: float = 5.0,
    delay_ms: float = 0.3,
    noise_db: float = -60.0,
    reverberation_s: float = 0.4,
    gain_db: float = 0.0,
) -> Sound:
    """Two microphones close together on a table: each hears its side ``apart_db`` louder, and the room."""
    near, far = 10 ** (apart_db / 40), 10 ** (-apart_db / 40)
    sides = []
    for side in (0, 1):
        direct = rows[side] * near + delayed(rows[1 - side], delay_ms) * far
        sides.append(echoed(direct, rng, reverberation_s, direct_db=4.0))
    return noisy(np.stack(sides) * _gains(gain_db), rng, noise_db)


def delayed(row: Sound, delay_ms: float) -> Sound:
    """The sound so much later."""
    samples = round(delay_ms * SAMPLE_RATE / 1000)
    return np.concatenate([np.zeros(samples, np.float32), row[: len(row) - samples]])


def echoed(row: Sound, rng: np.random.Generator, seconds: float, *, direct_db: float) -> Sound:
    """The sound in a room that rings for ``seconds`` (RT60); the direct sound is that much louder."""
    length = max(1, int(seconds * SAMPLE_RATE))
    ring = rng.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
    ring *= 10 ** (-direct_db / 20) / np.sqrt((ring**2).sum())
    ring[0] += 1.0
    size = 1 << (len(row) + length - 1).bit_length()
    spectrum = np.fft.rfft(row, size) * np.fft.rfft(ring, size)
    heard: Sound = np.fft.irfft(spectrum, size)[: len(row)].astype(np.float32)
    return heard


def noisy(sides: Sound, rng: np.random.Generator, noise_db: float) -> Sound:
    """The sound with noise of its own on each side."""
    noise = rng.normal(scale=10 ** (noise_db / 20), size=sides.shape)
    result: Sound = (sides + noise).astype(np.float32)
    return result


def _gains(gain_db: float) -> Sound:
    half = 10 ** (gain_db / 40)
    return np.array([[half], [1 / half]], np.float32)
