"""Speech from espeak-ng and its features."""

from __future__ import annotations

import random

import numpy as np
import pytest
from practice.synthesis import SAMPLE_RATE, Voice, resample, say

from practice import features


def test_espeak_tells_when_words_and_phonemes_are_said(espeak: None) -> None:
    """One start a word, going up, inside of the sound; more phonemes than words."""
    utterance = say("O ônibus passa a cada cinco minutos.", Voice("pt-br+f2"))
    assert len(utterance.word_starts) == 7
    assert utterance.word_starts[0] == 0.0
    assert utterance.word_starts == sorted(utterance.word_starts)
    assert utterance.word_starts[-1] < utterance.duration
    assert len(utterance.phonemes) > 20


def test_faster_speech_is_shorter(espeak: None) -> None:
    """The rate reaches the library."""
    slow, fast = (say("Onde fica a biblioteca?", Voice("pt", rate)) for rate in (120, 190))
    assert fast.duration < 0.8 * slow.duration


def test_a_voice_that_does_not_exist_is_an_error(espeak: None) -> None:
    """No other voice steps in silently."""
    with pytest.raises(ValueError, match="no voice"):
        say("Bom dia.", Voice("xx-nowhere"))


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
def test_resampling_keeps_a_tone(rate: int) -> None:
    """A tone both rates can hold comes out as the same tone."""
    time = np.arange(rate) / rate
    tone = np.sin(2 * np.pi * 1_000 * time).astype(np.float32)
    found = resample(tone, rate, SAMPLE_RATE)
    wanted = np.sin(2 * np.pi * 1_000 * np.arange(len(found)) / SAMPLE_RATE)
    assert len(found) == SAMPLE_RATE
    assert np.abs(found - wanted)[1_000:-1_000].max() < 1e-3


def test_features_are_those_of_faster_whisper() -> None:
    """What trains is what the product computes, but for the edges, which it mirrors."""
    from faster_whisper.feature_extractor import FeatureExtractor

    sound = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    wanted = FeatureExtractor()(sound, padding=0)
    found = features.normalised(features.raw_log_mel(sound)).T
    assert np.abs(found[:, 3:97] - wanted[:, 3:97]).max() < 1e-3


@pytest.mark.parametrize("seed", range(6))
def test_augmented_features_stay_in_whispers_range(seed: int) -> None:
    """Two units of loudness, whatever room and noise there is, and the same again from the seed."""
    raw = features.raw_log_mel(np.random.default_rng(seed).normal(0, 0.1, 8_000).astype(np.float32))
    first, second = (features.augmented(raw, random.Random(seed)) for _ in range(2))
    assert first.shape == raw.shape
    assert first.max() - first.min() <= 2.0 + 1e-3
    assert np.array_equal(first, second)
