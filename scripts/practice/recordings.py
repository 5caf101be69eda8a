"""Recordings made of spoken sentences: sound, and what is said in it when, by whom and in which
language."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .grammar import Pair
from .speech_corpus import ENGLISH_VOICES, PORTUGUESE_VOICES, RATES, VARIANTS
from .synthesis import SAMPLE_RATE, Sound, Voice, say

SENTENCE_PAUSE = (0.5, 1.2)  # seconds between two sentences of one speaker
TURN_PAUSE = (1.2, 2.2)  # seconds when the speaker changes
ROOM_NOISE = 10 ** (-62 / 20)  # of full scale: a quiet room


@dataclass(frozen=True)
class Line:
    """One sentence to be said; `english` is its translation, or itself where English is spoken."""

    speaker: str
    language: str
    text: str
    english: str
    voice: Voice


@dataclass(frozen=True)
class Heard:
    """One sentence as it stands in a recording; times in seconds."""

    start: float
    end: float
    line: Line


@dataclass(frozen=True)
class Recording:
    """Mono sound at 16 kHz and what is said in it."""

    sound: Sound
    heard: list[Heard]

    @property
    def duration(self) -> float:
        """Seconds of sound."""
        return len(self.sound) / SAMPLE_RATE


def compose(lines: Iterable[Line], seed: int) -> Recording:
    """The lines one after another, with pauses and a quiet room."""
    rng = random.Random(seed)
    parts: list[Sound] = [_silence(rng.uniform(0.5, 1.5))]
    heard: list[Heard] = []
    for line in lines:
        if heard:
            changed = heard[-1].line.speaker != line.speaker
            parts.append(_silence(rng.uniform(*(TURN_PAUSE if changed else SENTENCE_PAUSE))))
        start = sum(map(len, parts)) / SAMPLE_RATE
        parts.append(say(line.text, line.voice).sound)
        end = start + len(parts[-1]) / SAMPLE_RATE
        heard.append(Heard(round(start, 3), round(end, 3), line))
    parts.append(_silence(rng.uniform(0.8, 1.5)))
    sound = np.concatenate(parts)
    room = np.random.default_rng(seed).normal(0, ROOM_NOISE, len(sound))
    return Recording((sound + room).astype(np.float32), heard)


def _silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def voice_names(language: str) -> list[str]:
    """Every voice of the model card in that language."""
    bases = PORTUGUESE_VOICES if language == "pt" else ENGLISH_VOICES
    return [base + variant for base in bases for variant in VARIANTS]


def monologue(pairs: Sequence[Pair], voice: Voice, language: str = "pt") -> list[Line]:
    """One speaker who says every pair in one language."""
    side = 0 if language == "pt" else 1
    return [Line(voice.name, language, pair[side], pair[1], voice) for pair in pairs]


def interpreted(pairs: Sequence[Pair], voices: Sequence[Voice]) -> list[Line]:
    """Every pair said twice: question by the researcher and the interpreter, answer by the
    participant and the interpreter. `voices` are the researcher (English), the interpreter's
    Portuguese and English, the participant."""
    researcher, to_portuguese, to_english, participant = voices
    lines: list[Line] = []
    for index, (portuguese, english) in enumerate(pairs):
        if index % 2 == 0:
            lines.append(Line("researcher", "en", english, english, researcher))
            lines.append(Line("interpreter", "pt", portuguese, english, to_portuguese))
        else:
            lines.append(Line("participant", "pt", portuguese, english, participant))
            lines.append(Line("interpreter", "en", english, english, to_english))
    return lines


def chosen_voice(rng: random.Random, names: Sequence[str]) -> Voice:
    """One of the voices at a rate and pitch within the card's limits, a little inside them."""
    return Voice(rng.choice(names), rng.randint(RATES[0] + 10, RATES[1] - 10), rng.randint(30, 70))
