"""What ``marks.py`` asks of the practice model itself: drafts of fresh recordings, and what it invents.

The voice detector lets no music or noise through that was tried. So the model is made to write over them:
they are called voices. And it is kept from voices that were found, as if it had left them out.
"""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "src"), str(ROOT / "tests")]

from practice.recordings import (  # noqa: E402
    Heard,
    Recording,
    chosen_voice,
    compose,
    interpreted,
    monologue,
    voice_names,
)
from practice.synthesis import SAMPLE_RATE, Sound  # noqa: E402

from confere.domain import SpokenSegment  # noqa: E402 - src stands in the path
from confere.transcribe import hearing, windows  # noqa: E402
from confere.transcribe.clips import Span, find_voices, make_clips  # noqa: E402
from confere.transcribe.decoding import Decoder  # noqa: E402
from confere.transcribe.listening import listen  # noqa: E402
from confere.transcribe.marks import MISSED_SPEECH  # noqa: E402
from confere.transcribe.port import whole  # noqa: E402
from doubles.doubtful import Scene  # noqa: E402
from doubles.practice import speech_engine, wav  # noqa: E402
from practice import grammar, sentences  # noqa: E402 - the trainers' modules lie beside their scripts

LANGUAGES = ["pt", "en"]
SENTENCES = 16
STRETCH_S = (2.0, 6.0)


def recorded(half: str, seed: int) -> Recording:
    """A fresh recording of about a minute; the halves share no voice."""
    rng = random.Random(f"{half} {seed}")
    names = {
        language: [
            name for at, name in enumerate(voice_names(language)) if at % 2 == (half == "dev")
        ]
        for language in LANGUAGES
    }
    trained = sentences.speech_training_texts()
    pairs = grammar.corpus(rng.randrange(10**6), SENTENCES, exclude=trained)
    voices = [chosen_voice(rng, names[language]) for language in ("en", "pt", "en", "pt")]
    if seed % 2:
        return compose(monologue(pairs, voices[1]), seed)
    return compose(interpreted(pairs[: SENTENCES // 2], voices), seed)


def heard(sound: Sound) -> list[SpokenSegment]:
    """What the engine makes of a sound."""
    frames = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    with closing(Decoder(io.BytesIO(wav(frames)), "the recording")) as decoder:
        return list(whole(speech_engine(), decoder, languages=LANGUAGES).segments)


def draft(half: str, seed: int) -> Scene:
    """A fresh recording as the engine drafts it, its marks taken off."""
    made = recorded(half, seed)
    plain = [
        SpokenSegment(s.start_ms, s.end_ms, s.language, s.text, s.words,
                      s.mean_log_probability, s.no_speech_probability)
        for s in heard(made.sound)
        if s.text
    ]  # fmt: skip
    voices = find_voices(made.sound, speech_engine()._profile)
    return Scene(tuple(plain), tuple(voices), listen(made.sound, 0, voices).levels_db)


# --- what the model invents -----------------------------------------------------------------------------


def sounds(rng: np.random.Generator, speech: Sound) -> Iterator[tuple[str, Sound]]:
    """Sounds that are no speech, or none that anybody could write down."""
    seconds = rng.uniform(*STRETCH_S)
    count = int(seconds * SAMPLE_RATE)
    t = np.arange(count) / SAMPLE_RATE
    yield "a tone", 0.2 * np.sin(2 * np.pi * rng.uniform(200, 1000) * t)
    yield "a hum", sum(0.2 / k * np.sin(2 * np.pi * 60 * k * t) for k in (1, 2, 3, 5))
    yield "hiss", rng.normal(0, 0.05, count)
    yield "music", _music(rng, t)
    yield "silence", rng.normal(0, 10 ** (-62 / 20), count)
    spectrum = np.abs(
        np.fft.rfft(speech[:count] if len(speech) > count else np.resize(speech, count))
    )
    noise = np.fft.irfft(spectrum * np.exp(2j * np.pi * rng.random(len(spectrum))), count)
    yield "noise with the spectrum of speech", 0.08 * noise / noise.std()
    yield "many voices at once", 0.25 * sum(np.resize(np.roll(speech, int(n)), count)
                                            for n in rng.integers(0, len(speech), 12))  # fmt: skip
    yield "speech backwards", np.resize(speech[::-1], count)


def _music(rng: np.random.Generator, t: Sound) -> Sound:
    """Plucked chords, twice a second."""
    made = np.zeros_like(t)
    for start in np.arange(0, t[-1], 0.5):
        since = t - start
        ring = np.where(since >= 0, np.exp(-3 * np.maximum(since, 0)), 0)
        for note in rng.choice([196.0, 220, 262, 330, 392, 494], 3, replace=False):
            made += 0.05 * ring * sum(np.sin(2 * np.pi * note * k * since) / k for k in range(1, 6))
    return made


@contextmanager
def voices_called(extra: list[Span]) -> Iterator[None]:
    """Let the engine take these spans for voices, too."""

    def called(samples: Sound, profile: object) -> list[Span]:
        found = [v for v in find_voices(samples, profile) if not any(_shared(v, e) for e in extra)]
        return sorted([*found, *extra], key=lambda voice: voice.start_ms)

    windows.find_voices = called
    try:
        yield
    finally:
        windows.find_voices = find_voices


@contextmanager
def kept_from(hidden: list[Span]) -> Iterator[None]:
    """Let the model hear nothing of these spans."""

    def fewer(voices: list[Span], *args: object, **named: object) -> object:
        return make_clips(
            [v for v in voices if not any(_shared(v, h) for h in hidden)], *args, **named
        )

    hearing.make_clips = fewer
    try:
        yield
    finally:
        hearing.make_clips = make_clips


def real_cases(seed: int, count: int = 6) -> None:
    """Print what is marked where the model wrote over no speech, and where it left speech out."""
    written: dict[str, list[int]] = {}
    ordinary = false = hidden = told = 0
    for number in range(count):
        made = recorded("held-out", seed * 1000 + number)
        rng = np.random.default_rng(seed * 1000 + number)
        sound, extra, names = _with_sounds(made, rng)
        with voices_called(extra):
            segments = heard(sound)
        for name, span in zip(names, extra, strict=True):
            over = [
                s for s in segments if s.text and 2 * _shared(_span(s), span) > _span(s).length_ms
            ]
            marks = {mark for s in over for mark in s.marks}
            written.setdefault(name, []).append(0 if not over else 2 if marks else 1)
        for segment in segments:
            if not any(_shared(_span(segment), span) for span in extra):
                ordinary += 1
                false += bool(set(segment.marks) - {"low-probability"})
        gone = [_of(each) for each in made.heard[2::5] if each.end - each.start >= 1]
        with kept_from(gone):
            segments = heard(made.sound)
        hidden += len(gone)
        told += sum(
            any(
                MISSED_SPEECH in s.marks and 2 * _shared(_span(s), g) > g.length_ms
                for s in segments
            )
            for g in gone
        )
    print(
        "\nthe practice model, told that these are voices: texts it wrote over them, and how many are marked"
    )
    for name, results in written.items():
        wrote = [result for result in results if result]
        print(f"  {name:36} {len(wrote):3} of {len(results)} written over, marked {wrote.count(2)}")
    print(f"  sentences beside them, marked: {100 * false / max(1, ordinary):.1f} % of {ordinary}")
    print(f"  sentences kept from the model: told {100 * told / max(1, hidden):.1f} % of {hidden}")


def _with_sounds(made: Recording, rng: np.random.Generator) -> tuple[Sound, list[Span], list[str]]:
    """A recording with each of the sounds behind it, and where they are."""
    parts, spans, names = [made.sound], [], []
    at = len(made.sound)
    for name, sound in sounds(rng, made.sound):
        pause = rng.normal(0, 10 ** (-62 / 20), 2 * SAMPLE_RATE)
        parts += [pause, sound]
        start = at + len(pause)
        at = start + len(sound)
        spans.append(Span(start * 1000 // SAMPLE_RATE, at * 1000 // SAMPLE_RATE))
        names.append(name)
    parts.append(rng.normal(0, 10 ** (-62 / 20), 2 * SAMPLE_RATE))
    return np.concatenate(parts).astype(np.float32), spans, names


def _of(each: Heard) -> Span:
    return Span(round(each.start * 1000), round(each.end * 1000))


def _span(segment: SpokenSegment) -> Span:
    return Span(segment.start_ms, segment.end_ms)


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms))
