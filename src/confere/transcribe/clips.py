"""From samples to clips: the spans that are given to the model, found by voice activity.

A clip is a span of the recording with the voices in it; silence inside it stays, so that a time in the
clip is a time of the recording. The voice detector is Silero's, as faster-whisper brings it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confere.transcribe.profile import DraftingProfile
from confere.transcribe.resampling import SAMPLE_RATE

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples

GRAIN_MS = 10  # one frame of Whisper's spectrogram: clips begin on one, or times would be off


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start_ms`` to ``end_ms`` of the recording."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Clip:
    """What the model hears at once, and the voices in it."""

    span: Span
    voices: tuple[Span, ...]

    def rest(self, from_ms: int) -> Clip | None:
        """What is left of the clip from a time on, or None when no voice is."""
        voices = tuple(
            Span(max(voice.start_ms, from_ms), voice.end_ms)
            for voice in self.voices
            if voice.end_ms > from_ms
        )
        start_ms = from_ms // GRAIN_MS * GRAIN_MS
        return Clip(Span(start_ms, self.span.end_ms), voices) if voices else None


def find_voices(samples: Samples, profile: DraftingProfile) -> list[Span]:
    """Return where somebody speaks, to about 30 ms; no span is longer than the model's window."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_speech_duration_ms=profile.clip_min_ms,
        min_silence_duration_ms=profile.clip_silence_ms,
        max_speech_duration_s=(profile.chunk_ms - 2 * profile.clip_pad_ms) / 1000,
        speech_pad_ms=0,  # padded below, where the voice's own bounds are kept beside
    )
    return [
        Span(found["start"] * 1000 // SAMPLE_RATE, found["end"] * 1000 // SAMPLE_RATE)
        for found in get_speech_timestamps(samples, options)
    ]


def make_clips(
    voices: Sequence[Span], duration_ms: int, profile: DraftingProfile, *, several_languages: bool
) -> list[Clip]:
    """Return the clips over these voices, padded, merged as the profile says, in order of time.

    Where several languages alternate, a longer pause ends a clip: a clip has one language, and people
    who interpret wait for one another.
    """
    silence_ms = profile.merge_silence_ms
    if several_languages:
        silence_ms = min(silence_ms, profile.turn_silence_ms)
    groups: list[list[Span]] = []
    for voice in voices:
        if groups and _fits(groups[-1], voice, silence_ms, profile):
            groups[-1].append(voice)
        else:
            groups.append([voice])
    return [
        _padded(
            group,
            after_ms=groups[index - 1][-1].end_ms if index else 0,
            before_ms=groups[index + 1][0].start_ms if index + 1 < len(groups) else duration_ms,
            pad_ms=profile.clip_pad_ms,
        )
        for index, group in enumerate(groups)
    ]


def _fits(group: list[Span], voice: Span, silence_ms: int, profile: DraftingProfile) -> bool:
    length_ms = voice.end_ms - group[0].start_ms + 2 * profile.clip_pad_ms
    return voice.start_ms - group[-1].end_ms < silence_ms and length_ms <= profile.chunk_ms


def _padded(group: list[Span], *, after_ms: int, before_ms: int, pad_ms: int) -> Clip:
    """A clip over voices, with half of a short silence on each side or the whole padding."""
    first, last = group[0].start_ms, group[-1].end_ms
    lead_ms = pad_ms if first - after_ms >= 2 * pad_ms or after_ms == 0 else (first - after_ms) // 2
    tail_ms = pad_ms if before_ms - last >= 2 * pad_ms else (before_ms - last) // 2
    start_ms = max(0, first - lead_ms) // GRAIN_MS * GRAIN_MS
    return Clip(Span(start_ms, last + max(0, tail_ms)), tuple(group))
