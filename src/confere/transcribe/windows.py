"""From the blocks of a recording to its windows: the stretches that are heard and kept one by one.

A window ends in a silence: the longest one in the last third of what was read for it. What is behind the cut
is read again by the next window, whose voices are found anew from its first sample on. So a window follows
from where it begins and from what was decided about the sides, and from nothing else before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confere.transcribe.clips import GRAIN_MS, Span, find_voices
from confere.transcribe.port import Sides
from confere.transcribe.profile import DraftingProfile
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.sides import Verdict, judge, mix, own_voices

if TYPE_CHECKING:
    from confere.transcribe.resampling import Mono, Samples

BOTH = ""  # the side of what is heard as one
LEFT, RIGHT = "left", "right"

QUIET_MS = 200  # what is called a quiet place must be quiet for so long

_PER_MS = SAMPLE_RATE // 1000


@dataclass(frozen=True, slots=True)
class Track:
    """One side of a window: its samples, from the window's beginning, and its voices, in the recording."""

    side: str
    samples: Mono
    voices: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a recording; ``sides`` is what is known of its two sides after it."""

    span: Span
    tracks: tuple[Track, ...]
    sides: Verdict
    last: bool


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a window begins, and what is known of the sides there."""

    start_ms: int = 0
    sides: Verdict = "undecided"


def cut_windows(
    blocks: Iterator[Samples], after: Beginning, wanted: Sides, profile: DraftingProfile
) -> Iterator[Window]:
    """Yield the windows of a recording from a beginning on; ``blocks`` are all of it, shape (rows, n)."""
    reader = _Reader(blocks, after.start_ms * _PER_MS)
    while True:
        samples, last = reader.look(profile.window_ms * _PER_MS)
        window = _cut(samples, last, after, wanted, profile)
        yield window
        if last:
            return
        after = Beginning(window.span.end_ms, window.sides)
        reader.drop(window.span.length_ms * _PER_MS)


def _cut(
    samples: Samples, last: bool, after: Beginning, wanted: Sides, profile: DraftingProfile
) -> Window:
    sides, heard = _tracks(samples, after.sides, wanted, profile)
    length = samples.shape[1]
    if not last:
        spoken = [voice for _, _, voices in heard for voice in voices]
        length = quiet_place([track for _, track, _ in heard], spoken) * _PER_MS
    end_ms = length // _PER_MS
    return Window(
        Span(after.start_ms, after.start_ms + end_ms),
        tuple(
            Track(side, track[:length], _placed(voices, after.start_ms, end_ms))
            for side, track, voices in heard
        ),
        sides,
        last,
    )


def _tracks(
    samples: Samples, known: Verdict, wanted: Sides, profile: DraftingProfile
) -> tuple[Verdict, list[tuple[str, Mono, list[Span]]]]:
    """Return what is known of the sides now, and each side's samples and voices, from 0 ms on."""
    if len(samples) == 1 or wanted == "mixed":
        known = "mixed"
    if known != "mixed":
        left, right = (find_voices(row, profile) for row in samples)
        if wanted == "apart":
            known = "apart"
        elif known == "undecided":
            known = judge(samples, left, right)
        if known == "apart":
            left, right = own_voices(samples, left, right)
            return known, [(LEFT, samples[0], left), (RIGHT, samples[1], right)]
    mixed = mix(samples)
    return known, [(BOTH, mixed, find_voices(mixed, profile))]


def quiet_place(tracks: Sequence[Mono], voices: Sequence[Span]) -> int:
    """Return where to cut, in ms from the first sample, in the last third: a multiple of 10 ms.

    That is the middle of the longest silence, or, where people talk without end, the quietest place.
    """
    length_ms = len(tracks[0]) // _PER_MS
    first_ms = length_ms * 2 // 3
    silences, silent_from_ms = [], first_ms
    for voice in sorted(voices, key=lambda voice: voice.start_ms):
        if voice.start_ms > silent_from_ms:
            silences.append(Span(silent_from_ms, voice.start_ms))
        silent_from_ms = max(silent_from_ms, voice.end_ms)
    if silent_from_ms < length_ms:
        silences.append(Span(silent_from_ms, length_ms))
    longest = max(silences, key=lambda silence: silence.length_ms, default=None)
    if longest is None:
        return _quietest_ms(tracks, first_ms)
    return (longest.start_ms + longest.end_ms) // 2 // GRAIN_MS * GRAIN_MS


def _quietest_ms(tracks: Sequence[Mono], first_ms: int) -> int:
    import numpy as np

    grain = GRAIN_MS * _PER_MS
    first = first_ms // GRAIN_MS
    power = sum(
        np.square(track[first * grain : len(track) // grain * grain], dtype=np.float64)
        .reshape(-1, grain)
        .sum(axis=1)
        for track in tracks
    )
    smooth = np.convolve(np.asarray(power), np.ones(QUIET_MS // GRAIN_MS), "same")
    return (first + int(smooth.argmin())) * GRAIN_MS


def _placed(voices: Sequence[Span], start_ms: int, end_ms: int) -> tuple[Span, ...]:
    """Voices of a window at their places in the recording, what is behind the window left out."""
    return tuple(
        Span(start_ms + voice.start_ms, start_ms + min(voice.end_ms, end_ms))
        for voice in voices
        if voice.start_ms < end_ms
    )


class _Reader:
    """Samples from a place on; it holds no more than was looked at, and a block."""

    def __init__(self, blocks: Iterator[Samples], skipped: int) -> None:
        self._blocks = blocks
        self._held: list[Samples] = []
        self._length = 0
        self._skipped = skipped

    def look(self, length: int) -> tuple[Samples, bool]:
        """Return the next ``length`` samples, and whether they are the last ones."""
        import numpy as np

        while self._length <= length and (block := next(self._blocks, None)) is not None:
            thrown = min(self._skipped, block.shape[1])
            self._skipped -= thrown
            self._held.append(block[:, thrown:])
            self._length += block.shape[1] - thrown
        self._held = [np.concatenate(self._held, axis=1)]
        return self._held[0][:, :length], self._length <= length

    def drop(self, length: int) -> None:
        """Leave out the next ``length`` samples; they were looked at."""
        self._held = [self._held[0][:, length:].copy()]
        self._length -= length
