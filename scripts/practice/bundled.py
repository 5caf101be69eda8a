"""The bundled recordings: which dialogue is spoken by whom, and in which of the formats that recorders write.

Everything follows from the dialogues and the seeds: the same libraries write the same bytes.
"""

from __future__ import annotations

import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from . import dialogues
from .recordings import Line, Recording, compose
from .synthesis import SAMPLE_RATE, Voice, resample

Samples = NDArray[np.int16]  # [channels, samples]
Writer = Callable[[Path, Samples, int], None]

HEADER = "# start_seconds\tend_seconds\tspeaker\tlanguage\ttext\tenglish\n"
LOUDNESS = 0.9  # of full scale, the loudest sample
SIDES = {0: (1.0, 0.7), 1: (0.7, 1.0)}  # a stereo recorder lies between two people
COMPRESSED_BITS = 64_000  # a second


@dataclass(frozen=True)
class Plan:
    """One file: its name, dialogue, the voice of each speaker, and how it is written.

    An interpreter's voice is given once for each language, as "interpreter pt" and "interpreter en".
    """

    name: str
    dialogue: list[dialogues.Turn]
    voices: dict[str, Voice]
    rate: int  # Hz
    channels: int
    seed: int


PLANS = [
    Plan(
        "ZOOM0001.WAV",
        dialogues.HEALTH_POST,
        {"interviewer": Voice("pt-br+m1", 155, 45), "nurse": Voice("pt-br+f1", 150, 52)},
        rate=44_100,
        channels=1,
        seed=1,
    ),
    Plan(
        "VOICE002.MP3",
        dialogues.LIBRARY,
        {"interviewer": Voice("pt-br+f3", 160, 55), "volunteer": Voice("pt+m4", 150, 45)},
        rate=44_100,
        channels=1,
        seed=2,
    ),
    Plan(
        "INTERVIEW003.M4A",
        dialogues.INTERPRETED,
        {
            "researcher": Voice("en+m2", 150, 45),
            "interpreter pt": Voice("pt-br+f2", 155, 55),
            "interpreter en": Voice("en-us+f2", 155, 55),
            "participant": Voice("pt-br+m6", 150, 48),
        },
        rate=44_100,
        channels=1,
        seed=3,
    ),
    *(
        Plan(
            f"ZOOM0004_LR-000{part}.WAV",
            dialogue,
            {"interviewer": Voice("pt+m1", 155, 48), "coordinator": Voice("pt-br+f4", 150, 52)},
            rate=16_000,
            channels=2,
            seed=3 + part,
        )
        for part, dialogue in (
            (1, dialogues.SHELTER_FIRST_PART),
            (2, dialogues.SHELTER_SECOND_PART),
        )
    ),
]


def lines_of(plan: Plan) -> list[Line]:
    """What is said, by whom: with an interpreter everything twice."""
    lines = []
    with_interpreter = "researcher" in plan.voices
    for speaker, pairs in plan.dialogue:
        for portuguese, english in pairs:
            if not with_interpreter:
                lines.append(Line(speaker, "pt", portuguese, english, plan.voices[speaker]))
                continue
            in_portuguese = ("pt", portuguese, english)
            in_english = ("en", english, english)
            asked = speaker == "researcher"
            said, rendered = (in_english, in_portuguese) if asked else (in_portuguese, in_english)
            lines.append(Line(speaker, *said, plan.voices[speaker]))
            voice = plan.voices[f"interpreter {rendered[0]}"]
            lines.append(Line("interpreter", *rendered, voice))
    return lines


def make(plan: Plan, folder: Path) -> Recording:
    """Write one recording and the text beside it."""
    recording = compose(lines_of(plan), plan.seed)
    writer: Writer = {".WAV": write_wav, ".MP3": write_mp3, ".M4A": write_m4a}[
        Path(plan.name).suffix
    ]
    writer(folder / plan.name, samples_of(recording, plan), plan.rate)
    (folder / plan.name).with_suffix(".txt").write_text(text_of(recording))
    return recording


def text_of(recording: Recording) -> str:
    """The lines of the text file beside a recording."""
    rows = [
        f"{heard.start:.2f}\t{heard.end:.2f}\t{line.speaker}\t{line.language}\t{line.text}\t{line.english}\n"
        for heard in recording.heard
        for line in [heard.line]
    ]
    return HEADER + "".join(rows)


def samples_of(recording: Recording, plan: Plan) -> Samples:
    """The sound at the plan's rate, in stereo with each speaker nearer to one side."""
    sound = recording.sound * (LOUDNESS / np.abs(recording.sound).max())
    gains = np.ones((plan.channels, len(sound)), np.float32)
    if plan.channels == 2:
        speakers = list(dict.fromkeys(heard.line.speaker for heard in recording.heard))
        for heard in recording.heard:
            start, end = (int(time * SAMPLE_RATE) for time in (heard.start, heard.end))
            sides = SIDES[speakers.index(heard.line.speaker) % 2]
            gains[:, start:end] = np.array(sides)[:, None]
    channels = [resample(sound * gain, SAMPLE_RATE, plan.rate) for gain in gains]
    return np.clip(np.round(np.array(channels) * 32767), -32768, 32767).astype(np.int16)


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    """16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.T.astype("<i2").tobytes())


def write_mp3(path: Path, samples: Samples, rate: int) -> None:
    """MP3, as voice recorders write."""
    _encode(path, samples, rate, container="mp3", codec="libmp3lame")


def write_m4a(path: Path, samples: Samples, rate: int) -> None:
    """AAC in MPEG-4, as phones write."""
    _encode(path, samples, rate, container="ipod", codec="aac")


def _encode(path: Path, samples: Samples, rate: int, container: str, codec: str) -> None:
    with av.open(str(path), "w", format=container, options={"fflags": "+bitexact"}) as output:
        stream: Any = output.add_stream(
            codec, rate=rate, options={"flags": "+bitexact", "threads": "1"}
        )
        stream.bit_rate = COMPRESSED_BITS
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples[:1], format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format, stream.layout, rate, stream.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
