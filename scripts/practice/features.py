"""Sound to Whisper's log-mel features, and the rooms, noises and levels that vary them in training.

Features are arrays `[frames, 80]`, 100 frames a second. "Raw" features are log10 of the mel power,
before the normalising that faster-whisper does per clip; augmenting works on those and normalises
last.
"""

from __future__ import annotations

import random
from functools import cache

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_SECOND = 100
MEL_BINS = 80
FLOOR = -10.0  # log10 of the least power that faster-whisper lets through
FFT, HOP = 400, 160

Features = NDArray[np.float32]


@cache
def _filters() -> NDArray[np.float32]:
    """The mel filter bank of faster-whisper itself, transposed to `[201, 80]`."""
    from faster_whisper.feature_extractor import FeatureExtractor

    filters: NDArray[np.float32] = FeatureExtractor().mel_filters.T.astype(np.float32)
    return filters


def raw_log_mel(sound: NDArray[np.float32]) -> Features:
    """Log10 mel power of sound at 16 kHz, as faster-whisper takes it, silence standing around the
    sound."""
    padded = np.pad(sound, FFT // 2).astype(np.float32)
    count = 1 + (len(padded) - FFT) // HOP
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP][:count]
    spectrum = np.fft.rfft(frames * np.hanning(FFT + 1)[:-1].astype(np.float32), axis=-1)
    power = (np.abs(spectrum) ** 2).astype(np.float32)
    raw: Features = np.log10(np.maximum(power @ _filters(), 1e-10)).astype(np.float32)
    return raw


def normalised(raw: Features, ceiling: float | None = None) -> Features:
    """Whisper's normalising: eight decades below the loudest point, then shifted and scaled."""
    top = float(raw.max()) if ceiling is None else ceiling
    scaled: Features = ((np.maximum(raw, top - 8) + 4) / 4).astype(np.float32)
    return scaled


@cache
def noise_bank() -> Features:
    """Power of 400 s of noise before it is given a colour and a level."""
    rng = np.random.default_rng(0)
    return rng.gamma(1.5, 1 / 1.5, (40_000, MEL_BINS)).astype(np.float32)


def _tilt(rng: random.Random, points: int, deviation: float) -> NDArray[np.float64]:
    """A smooth random curve over the mel bins."""
    values = [rng.gauss(0, deviation) for _ in range(points)]
    return np.interp(np.arange(MEL_BINS), np.linspace(0, MEL_BINS - 1, points), values)


def add_room(power: Features, rng: random.Random) -> Features:
    """The power with an exponential tail behind every sound: a room of 0.08 to 0.45 s."""
    seconds = rng.uniform(0.08, 0.45)
    decay = 10 ** (-6 / (seconds * FRAMES_PER_SECOND))
    strength = rng.uniform(0.02, 0.25) * (1 - decay) * 3
    length = min(len(power), int(seconds * FRAMES_PER_SECOND))
    tail = np.concatenate([[0.0], decay ** np.arange(length)])
    size = len(power) + len(tail)
    echo = np.fft.irfft(
        np.fft.rfft(power, size, axis=0) * np.fft.rfft(tail, size)[:, None], size, axis=0
    )
    heard: Features = (power + strength * np.maximum(echo[: len(power)], 0)).astype(np.float32)
    return heard


def add_noise(power: Features, rng: random.Random) -> Features:
    """The power with coloured noise 5 to 45 dB below its mean."""
    bank = noise_bank()
    start = rng.randrange(0, len(bank) - len(power))
    colour = 10 ** _tilt(rng, 6, 0.6)
    level = power.mean() * 10 ** (-rng.uniform(5, 45) / 10)
    noise = (level * colour / colour.mean()).astype(np.float32)
    noisy: Features = power + bank[start : start + len(power)] * noise
    return noisy


def augmented(raw: Features, rng: random.Random, masks: bool = True) -> Features:
    """Raw features in a random room, noise, level and microphone, normalised; `masks` blanks a band
    and a moment."""
    power = np.power(10.0, raw, dtype=np.float32)
    if rng.random() < 0.3:
        power = add_room(power, rng)
    if rng.random() < 0.75:
        power = add_noise(power, rng)
    features = np.log10(np.maximum(power, 1e-10))
    features = features + (rng.uniform(-2.5, 0.6) + _tilt(rng, 5, 0.2)).astype(np.float32)
    features = np.maximum(features, FLOOR)
    # Half the time the clip is cut out of something louder, as when one file is normalised as a whole.
    louder = rng.uniform(0, 0.8) if rng.random() < 0.5 else 0.0
    result = normalised(features, float(features.max()) + louder)
    if masks and rng.random() < 0.3:
        width = rng.randint(2, 8)
        low = rng.randrange(0, MEL_BINS - width)
        result[:, low : low + width] = result.mean()
    if masks and rng.random() < 0.3:
        width = rng.randint(2, 8)
        start = rng.randrange(0, max(1, len(result) - width))
        result[start : start + width] = result.mean()
    return result
