"""Interviews of any length in the practice language, for measuring: of sentences that nothing trained on.

In an interpreted interview the researcher asks in English, the interpreter asks again in Portuguese, the
participant answers in one or more sentences, and the interpreter renders them in English; somebody says
"I understand." in between. Pauses go from a fifth of a second to some seconds, people sit at different
distances, and the room is not silent. Everything follows from the seed.

What is tuned and what is reported must not be the same: a sentence is either for development or held
out, by its digest, whatever the seed.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import random
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

from . import sentences
from .grammar import Pair
from .recordings import Line, chosen_voice
from .speech_corpus import VARIANTS
from .synthesis import SAMPLE_RATE, Sound, Voice, resample, say

Kind = Literal["interpreted", "portuguese", "stereo", "stereo-interpreted"]
KINDS: tuple[Kind, ...] = ("interpreted", "portuguese", "stereo", "stereo-interpreted")

#: A longer recording says what its first minutes said again, in another order, with other pauses.
FRESH_MINUTES = 30
NOISE_DB = (-66, -50)  # of full scale: a quiet room to one with a fan
DISTANCES = (0.35, 1.0)  # of full loudness: who sits far from the recorder, who near
BLEEDING_DB = (-20, -12)  # what a side's microphone hears of the other side
BLEEDING_DELAY_S = 0.003  # sound takes so long for a metre
LEAST_PAUSE_S = 0.2

BACK_CHANNELS: list[Pair] = [
    ("Eu entendo.", "I understand."),
    ("Com certeza.", "Certainly."),
    ("É verdade.", "That is true."),
    ("Sim, claro.", "Yes, of course."),
]
HEADER = "# start_ms\tend_ms\tside\tspeaker\tlanguage\ttext\tenglish\n"

Block = NDArray[np.int16]  # [channels, samples]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it stands in a recording; ``side`` is "" in mono, else "left" or "right"."""

    start_ms: int
    end_ms: int
    side: str
    speaker: str
    language: str
    text: str
    english: str


def make(
    seed: int,
    minutes: float,
    kind: Kind = "interpreted",
    *,
    held_out: bool = False,
    rate: int = SAMPLE_RATE,
) -> tuple[bytes, list[Sentence]]:
    """Return an interview as the bytes of a 16-bit WAV file, and what is said in it."""
    data = io.BytesIO()
    truth = _write(data, ".wav", seed, minutes, kind, held_out, rate)
    return data.getvalue(), truth


def write(
    path: Path,
    seed: int,
    minutes: float,
    kind: Kind = "interpreted",
    *,
    held_out: bool = False,
    rate: int = SAMPLE_RATE,
) -> list[Sentence]:
    """Write an interview as WAV, MP3 or M4A, as the name ends, and what is said beside it as ``.tsv``."""
    with path.open("wb") as file:
        truth = _write(file, path.suffix.lower(), seed, minutes, kind, held_out, rate)
    rows = (
        f"{s.start_ms}\t{s.end_ms}\t{s.side}\t{s.speaker}\t{s.language}\t{s.text}\t{s.english}\n"
        for s in truth
    )
    path.with_suffix(".tsv").write_text(HEADER + "".join(rows), "utf-8")
    return truth


def read_truth(path: Path) -> list[Sentence]:
    """Return what the file beside a recording tells is said in it."""
    rows = path.with_suffix(".tsv").read_text("utf-8").splitlines()[1:]
    return [Sentence(int(start), int(end), *rest) for start, end, *rest in map(_split, rows)]


def _split(row: str) -> list[str]:
    return row.split("\t")


# --- what is said ---------------------------------------------------------------------------------


def turns(
    seed: int, minutes: float, kind: Kind = "interpreted", *, held_out: bool = False
) -> Iterator[list[Line]]:
    """Give exchange after exchange, endlessly: those of the first minutes, then the same again, shuffled."""
    rng = random.Random(f"said {seed} {kind} {held_out}")
    fresh_s = 60 * min(minutes, FRESH_MINUTES)
    pairs = iter(_pairs(seed, int(fresh_s / 2) + 40, held_out))
    cast = _cast(rng)
    said: list[list[Line]] = []
    seconds = 0.0
    while seconds < fresh_s:
        exchange = _exchange(rng, pairs, cast, kind)
        said.append(exchange)
        yield exchange
        # The least that it can take: so there are enough of them in any case.
        seconds += sum(len(_spoken(line.text, line.voice)) / SAMPLE_RATE for line in exchange)
    while True:
        rng.shuffle(said)
        yield from said


@cache
def _pairs(seed: int, count: int, held_out: bool) -> list[Pair]:
    trained = sentences.speech_training_texts()
    drawn = sentences.held_out(seed, 3 * count, trained)
    return [pair for pair in drawn if _is_held_out(pair) == held_out][:count]


def _is_held_out(pair: Pair) -> bool:
    return hashlib.sha256(pair[0].encode()).digest()[0] % 2 == 1


def _cast(rng: random.Random) -> dict[str, Voice]:
    """Three people; the interpreter has one voice in two languages."""
    researcher, interpreter, participant = rng.sample(VARIANTS, 3)
    portuguese = chosen_voice(rng, ["pt-br" + interpreter])
    return {
        "researcher": chosen_voice(rng, ["en" + researcher, "en-us" + researcher]),
        "interpreter pt": portuguese,
        "interpreter en": Voice("en-us" + interpreter, portuguese.rate, portuguese.pitch),
        "interviewer": chosen_voice(rng, ["pt-br" + researcher]),
        "participant": chosen_voice(rng, ["pt-br" + participant, "pt" + participant]),
    }


def _exchange(
    rng: random.Random, pairs: Iterator[Pair], cast: dict[str, Voice], kind: Kind
) -> list[Line]:
    """A question and its answer; or some sentences, where one speaks alone."""
    question = [next(pairs) for _ in range(rng.choice((1, 1, 2)))]
    answer = [next(pairs) for _ in range(rng.choice((1, 1, 2, 2, 3, 4)))]
    if kind == "portuguese":
        return _said("participant", "pt", answer, cast)
    if kind == "stereo":
        first = _said("interviewer", "pt", question, cast)
        return [*first, *_answered(rng, answer, "interviewer", "pt", cast)]
    return [
        *_said("researcher", "en", question, cast),
        *_said("interpreter", "pt", question, cast),
        *_answered(rng, answer, "researcher", "en", cast),
        *_said("interpreter", "en", answer, cast),
    ]


def _answered(
    rng: random.Random, answer: Sequence[Pair], by: str, language: str, cast: dict[str, Voice]
) -> list[Line]:
    """The participant's sentences, with a word of who listens after some of them."""
    lines: list[Line] = []
    for pair in answer:
        lines += _said("participant", "pt", [pair], cast)
        if rng.random() < 0.2:
            lines += _said(by, language, [rng.choice(BACK_CHANNELS)], cast)
    return lines


def _said(speaker: str, language: str, pairs: Sequence[Pair], cast: dict[str, Voice]) -> list[Line]:
    voice = cast.get(speaker) or cast[f"{speaker} {language}"]
    side = 0 if language == "pt" else 1
    return [Line(speaker, language, pair[side], pair[1], voice) for pair in pairs]


@cache
def _spoken(text: str, voice: Voice) -> Sound:
    return say(text, voice).sound


# --- when, and how it sounds ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Placed:
    start: int  # samples
    sound: Sound
    sides: tuple[float, ...]  # how loud on each channel
    truth: Sentence


def _placed(seed: int, minutes: float, kind: Kind, held_out: bool, rate: int) -> Iterator[_Placed]:
    """Give what is said at its place, in the order of its beginnings, until the time is over."""
    rng = random.Random(f"pauses {seed} {kind} {held_out}")
    near: dict[str, float] = {}
    bleeding = 10 ** (rng.uniform(*BLEEDING_DB) / 20)
    silent_from_s, before, length_s = rng.uniform(0.5, 2.0), "", 0.0
    exchanges = turns(seed, minutes, kind, held_out=held_out)
    for line in itertools.chain.from_iterable(exchanges):
        start_s = silent_from_s
        if kind == "stereo" and line.text in _BACK_TEXTS and before not in ("", line.speaker):
            start_s -= rng.uniform(0.5, 0.9) * length_s  # said while the other speaks
        elif before:
            start_s += _pause(rng, line.speaker != before)
        sound = _at_rate(line.text, line.voice, rate)
        length_s = len(sound) / rate
        end_s = start_s + length_s
        if end_s > 60 * minutes - 0.5:
            return
        gain = near.setdefault(line.speaker, rng.uniform(*DISTANCES)) * rng.uniform(0.9, 1.1)
        side, sides = _side(line.speaker, kind, gain, bleeding)
        bounds = round(start_s * 1000), round(end_s * 1000)
        truth = Sentence(*bounds, side, line.speaker, line.language, line.text, line.english)
        yield _Placed(int(start_s * rate), sound, sides, truth)
        silent_from_s, before = max(end_s, silent_from_s), line.speaker


@cache
def _at_rate(text: str, voice: Voice, rate: int) -> Sound:
    sound = _spoken(text, voice)
    return sound if rate == SAMPLE_RATE else resample(sound, SAMPLE_RATE, rate)


_BACK_TEXTS = frozenset(text for pair in BACK_CHANNELS for text in pair)


def _pause(rng: random.Random, turn: bool) -> float:
    """Seconds until the next sentence: people interrupt nearly, and think."""
    style = rng.random()
    if style < 0.3:
        return rng.uniform(LEAST_PAUSE_S, 0.5)
    if style < (0.85 if turn else 0.95):
        return rng.uniform(0.5, 1.5)
    return rng.uniform(1.5, 5.0)


def _side(speaker: str, kind: Kind, gain: float, bleeding: float) -> tuple[str, tuple[float, ...]]:
    if not kind.startswith("stereo"):
        return "", (gain,)
    if speaker == "participant":
        return "right", (gain * bleeding, gain)
    return "left", (gain, gain * bleeding)


def _blocks(
    seed: int, minutes: float, kind: Kind, held_out: bool, rate: int, truth: list[Sentence]
) -> Iterator[Block]:
    """Give the sound piece after piece, and fill in what is said."""
    noise = np.random.default_rng(seed)
    level = np.float32(10 ** (noise.uniform(*NOISE_DB) / 20))
    channels = 2 if kind.startswith("stereo") else 1
    mixed = np.zeros((channels, 0), np.float32)
    done = 0

    def given(until: int) -> Block:
        nonlocal mixed, done
        count = until - done
        piece = level * noise.standard_normal((channels, count), np.float32)
        heard = mixed[:, :count]
        piece[:, : heard.shape[1]] += heard
        mixed, done = mixed[:, count:], until
        return (np.clip(piece, -1, 1) * 32767).round().astype(np.int16)

    for placed in _placed(seed, minutes, kind, held_out, rate):
        truth.append(placed.truth)
        if placed.start > done:
            yield given(placed.start)
        delay = int(BLEEDING_DELAY_S * rate)
        end = placed.start - done + len(placed.sound) + delay
        if end > mixed.shape[1]:
            mixed = np.pad(mixed, ((0, 0), (0, end - mixed.shape[1])))
        for channel, loud in enumerate(placed.sides):
            late = 0 if loud == max(placed.sides) else delay
            begin = placed.start - done + late
            mixed[channel, begin : begin + len(placed.sound)] += np.float32(loud) * placed.sound
    while done < int(60 * minutes * rate):
        yield given(min(int(60 * minutes * rate), done + 10 * rate))


# --- files ----------------------------------------------------------------------------------------


def _write(
    file: IO[bytes], suffix: str, seed: int, minutes: float, kind: Kind, held_out: bool, rate: int
) -> list[Sentence]:
    truth: list[Sentence] = []
    blocks = _blocks(seed, minutes, kind, held_out, rate, truth)
    if suffix == ".wav":
        _write_wav(file, blocks, rate)
    else:
        container, codec = {".mp3": ("mp3", "libmp3lame"), ".m4a": ("ipod", "aac")}[suffix]
        _encode(file, blocks, rate, container, codec, "stereo" if "stereo" in kind else "mono")
    return truth


def _write_wav(file: IO[bytes], blocks: Iterator[Block], rate: int) -> None:
    with wave.open(file, "wb") as target:
        for number, block in enumerate(blocks):
            if number == 0:
                target.setnchannels(len(block))
                target.setsampwidth(2)
                target.setframerate(rate)
            target.writeframesraw(block.T.astype("<i2").tobytes())


def _encode(
    file: IO[bytes], blocks: Iterator[Block], rate: int, container: str, codec: str, layout: str
) -> None:
    with av.open(file, "w", format=container, options={"fflags": "+bitexact"}) as output:
        options = {"flags": "+bitexact", "threads": "1"}
        stream: Any = output.add_stream(codec, rate=rate, options=options)
        stream.bit_rate = 64_000 if layout == "mono" else 128_000
        stream.layout = layout
        cutter = av.AudioResampler(stream.format, layout, rate, stream.frame_size or None)
        done = 0
        for block in blocks:
            packed = np.ascontiguousarray(block.T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
            frame.sample_rate, frame.pts = rate, done
            done += block.shape[1]
            for part in cutter.resample(frame):
                output.mux(stream.encode(part))
        for part in cutter.resample(None):
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
