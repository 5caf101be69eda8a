"""Speech from espeak-ng, with the times of its words and phonemes: what the practice models hear.

The library is called through ctypes, since the `espeak-ng` command tells no times. It keeps one
voice per process, so work on several cores uses processes. Sound is mono float32 at 16,000 Hz, the
rate Whisper listens at.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
ESPEAK_RATE = 22_050

# Values of espeak-ng's speak_lib.h.
AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_PHONEME_EVENTS = 0x0001
INITIALIZE_DONT_EXIT = 0x8000
CHARS_UTF8 = 1
PARAMETER_RATE, PARAMETER_PITCH, PARAMETER_RANGE = 1, 3, 4
EVENT_END, EVENT_WORD, EVENT_PHONEME = 0, 1, 7

Sound = NDArray[np.float32]


class _Event(ctypes.Structure):
    """espeak_EVENT; `audio_position` is in milliseconds, `text_position` counts characters from 1."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class Voice:
    """How a sentence is said: espeak-ng's voice with its variant ("pt-br+f2"), words per minute,
    pitch and its range (0 to 99, espeak-ng's units)."""

    name: str
    rate: int = 160
    pitch: int = 50
    pitch_range: int = 50


@dataclass(frozen=True)
class Utterance:
    """One sentence as sound, its outer silence cut off; times in seconds from the start of the
    sound."""

    sound: Sound
    word_starts: list[float]
    phonemes: list[tuple[float, str]]  # (start, espeak-ng's name of the phoneme)

    @property
    def duration(self) -> float:
        """Seconds of sound."""
        return len(self.sound) / SAMPLE_RATE


class _Library:
    """The loaded library and the sound and events it has handed out for the sentence at work."""

    def __init__(self) -> None:
        self.chunks: list[NDArray[np.int16]] = []
        self.events: list[tuple[int, int, float, str]] = []
        self.handle: Any = ctypes.CDLL("libespeak-ng.so.1")
        rate = self.handle.espeak_Initialize(
            AUDIO_OUTPUT_SYNCHRONOUS, 0, None, INITIALIZE_PHONEME_EVENTS | INITIALIZE_DONT_EXIT
        )
        if rate != ESPEAK_RATE:
            raise RuntimeError(f"espeak-ng speaks at {rate} Hz, not at {ESPEAK_RATE}")
        self._callback = _CALLBACK(self._receive)  # kept: ctypes does not hold it for the library
        self.handle.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self.chunks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != EVENT_END:
            event = events[index]
            name = event.id.decode("utf-8", "replace")
            self.events.append((event.type, event.text_position, event.audio_position / 1000, name))
            index += 1
        return 0


@cache
def _library() -> _Library:
    return _Library()


def resample(sound: Sound, source_rate: int, target_rate: int) -> Sound:
    """The sound at another rate, through its spectrum: what the lower rate cannot hold falls away."""
    divisor = int(np.gcd(source_rate, target_rate))
    up, down = target_rate // divisor, source_rate // divisor
    block = down * 64  # lengths of small factors: the transforms stay fast
    padded = np.pad(sound, (0, -len(sound) % block))
    spectrum = np.fft.rfft(padded)
    count = len(padded) // down * up
    result = np.fft.irfft(spectrum[: count // 2 + 1], count) * (up / down)
    return result[: len(sound) * up // down].astype(np.float32)


def say(text: str, voice: Voice) -> Utterance:
    """The text in that voice; a voice that espeak-ng does not know raises ValueError."""
    library = _library()
    library.chunks.clear()
    library.events.clear()
    espeak = library.handle
    if espeak.espeak_SetVoiceByName(voice.name.encode()) != 0:
        raise ValueError(f"espeak-ng has no voice {voice.name}")
    for parameter, value in (
        (PARAMETER_RATE, voice.rate),
        (PARAMETER_PITCH, voice.pitch),
        (PARAMETER_RANGE, voice.pitch_range),
    ):
        espeak.espeak_SetParameter(parameter, value, 0)
    data = text.encode() + b"\0"
    espeak.espeak_Synth(data, len(data), 0, 1, 0, CHARS_UTF8, None, None)
    espeak.espeak_Synchronize()
    raw: Sound = (np.concatenate(library.chunks) / 32768).astype(np.float32)
    return _trimmed(text, resample(raw, ESPEAK_RATE, SAMPLE_RATE), library.events)


def _trimmed(text: str, sound: Sound, events: list[tuple[int, int, float, str]]) -> Utterance:
    """The sound from 10 ms before to 20 ms after what is louder than -48 dB, its events moved along."""
    loud = np.flatnonzero(np.abs(sound) > 0.004)
    start = max(0, int(loud[0]) - 160)
    end = min(len(sound), int(loud[-1]) + 320)
    offset, duration = start / SAMPLE_RATE, (end - start) / SAMPLE_RATE
    phonemes = [
        (min(max(time - offset, 0.0), duration), name)
        for kind, _, time, name in events
        if kind == EVENT_PHONEME
    ]
    spoken = [
        (position - 1, time - offset) for kind, position, time, _ in events if kind == EVENT_WORD
    ]
    return Utterance(sound[start:end], _word_starts(text, spoken, duration), phonemes)


def _word_starts(text: str, spoken: list[tuple[int, float]], duration: float) -> list[float]:
    """The start of each blank-separated word; one without an event is placed between its neighbours."""
    known: dict[int, float] = {}
    for index, match in enumerate(re.finditer(r"\S+", text)):
        times = [time for position, time in spoken if match.start() <= position < match.end()]
        if times:
            known[index] = times[0]
    count = len(text.split())
    if known:
        starts = np.interp(range(count), list(known), list(known.values()))
    else:
        starts = np.linspace(0, duration, count, endpoint=False)
    starts = np.clip(np.maximum.accumulate(starts), 0, duration)
    starts[0] = 0.0
    return [round(float(start), 3) for start in starts]
