"""From voices to clips: the spans that are given to the model, found by voice activity.

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
    from confere.transcribe.resampling import Mono

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
    """What the model hears at once, and the voices in it; ``side`` as in a ``SpokenSegment``."""

    span: Span
    voices: tuple[Span, ...]
    side: str = ""

    def rest(self, from_ms: int) -> Clip | None:
        """What is left of the clip from a time on, or None when no voice is."""
        voices = tuple(
            Span(max(voice.start_ms, from_ms), voice.end_ms)
            for voice in self.voices
            if voice.end_ms > from_ms
        )
        start_ms = from_ms // GRAIN_MS * GRAIN_MS
        return Clip(Span(start_ms, self.span.end_ms), voices, self.side) if voices else None


def find_voices(samples: Mono, profile: DraftingProfile) -> list[Span]:
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
    voices: Sequence[Span],
    window: Span,
    profile: DraftingProfile,
    *,
    several_languages: bool,
    side: str = "",
) -> list[Clip]:
    """Return the clips over the voices of a window, padded, merged as the profile says, in order.

    Where several languages alternate, a longer pause ends a clip: a clip has one language, and people
    who interpret wait for one another. No clip reaches out of the window.
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
    clips = []
    for index, group in enumerate(groups):
        first_ms, last_ms = group[0].start_ms, group[-1].end_ms
        # Neighbours share a short silence; nobody else hears what is at the window's ends.
        lead_ms, tail_ms = first_ms - window.start_ms, window.end_ms - last_ms
        if index:
            lead_ms = (first_ms - groups[index - 1][-1].end_ms) // 2
        if index + 1 < len(groups):
            tail_ms = (groups[index + 1][0].start_ms - last_ms) // 2
        start_ms = first_ms - min(profile.clip_pad_ms, lead_ms)
        end_ms = last_ms + max(0, min(profile.clip_pad_ms, tail_ms))
        span = Span(start_ms // GRAIN_MS * GRAIN_MS, end_ms)
        clips.append(Clip(span, tuple(group), side))
    return clips


def _fits(group: list[Span], voice: Span, silence_ms: int, profile: DraftingProfile) -> bool:
    length_ms = voice.end_ms - group[0].start_ms + 2 * profile.clip_pad_ms
    return voice.start_ms - group[-1].end_ms < silence_ms and length_ms <= profile.chunk_ms
