"""A recording from any place on, for somebody to listen to: only what it needs is decrypted and decoded.

Time begins with the first sound that comes out of a recording, as it does in the drafting of it, so that a
segment is where its words are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, BinaryIO

from confere.errors import NotAudio
from confere.transcribe.decoding import Decoder
from confere.transcribe.places import Places, has_places, seeks_exactly
from confere.transcribe.resampling import SAMPLE_RATE, Resampler, silence

if TYPE_CHECKING:
    from confere.transcribe.resampling import Mono

#: Decoding starts this much before the span: a codec needs some frames to find its state.
LEAD_MS = 500
#: Where a container led too far with that, once more from farther back.
_LEADS_MS = (LEAD_MS, 10_000)
#: What begins earlier is decoded from the very beginning, where some codecs begin in their own way.
_BEGINNING_MS = 1_000
_HOLE_S = 0.010  # shorter ones are rounding
_NAME = "the recording"


def decode_span(
    audio: BinaryIO, start_ms: int, end_ms: int, rate_hz: int = SAMPLE_RATE
) -> Iterator[Mono]:
    """Yield mono float32 samples from ``start_ms`` to ``end_ms`` (or the recording's end).

    Raises NotAudio, and whatever reading ``audio`` raises.
    """
    first, last = (ms * rate_hz // 1000 for ms in (start_ms, end_ms))
    with closing(Places(audio)) as places:  # before the head reads: there is one reader for both
        if places.are_needed:
            places.find(start_ms / 1000)
    with closing(Playhead(audio, rate_hz, places)) as head:
        head.go(first)
        while head.position < last and len(piece := head.read(last - head.position)):
            yield piece


class Playhead:
    """Reads a recording as mono float32 samples at one rate, from wherever it was put.

    ``position`` is the next sample. Reading on costs no seeking. Where packets are missing, silence stands
    for them, so that no sample is at another time than its own. Not for two threads at once.
    """

    def __init__(
        self, audio: BinaryIO, rate_hz: int = SAMPLE_RATE, places: Places | None = None
    ) -> None:
        """``places`` are those of the same recording, read by a reader of their own, if there are some.

        Raises NotAudio, and whatever reading ``audio`` raises.
        """
        self.position = 0
        self._audio, self._rate_hz = audio, rate_hz
        self._pieces: Iterator[tuple[int, Mono]]
        self._at, self._piece = 0, silence(0)  # what was decoded and where it begins
        self._begin()
        self.seeks_exactly = seeks_exactly(self._decoder.facts)
        self.has_places = has_places(self._decoder.facts)
        self._places = places if self.has_places else None

    def go(self, sample: int) -> None:
        """Put it at a sample, which may lie beyond the end. Raises as reading does."""
        at_ms = sample * 1000 // self._rate_hz
        leads_ms = [lead_ms for lead_ms in _LEADS_MS if at_ms - lead_ms >= _BEGINNING_MS]
        if not any(self._enter((at_ms - lead_ms) / 1000, sample) for lead_ms in leads_ms):
            self._decoder.close()
            self._begin()
        self.position = sample

    def read(self, count: int) -> Mono:
        """Return up to ``count`` samples, as many as come at once; none only at the end."""
        while True:
            skipped = self.position - self._at
            if skipped < len(self._piece):
                here: Mono = self._piece[skipped : skipped + count]
                if skipped < 0:
                    here = silence(min(count, -skipped) / self._rate_hz, self._rate_hz)
                self.position += len(here)
                return here
            found = next(self._pieces, None)
            if found is None:
                return silence(0)
            self._at, self._piece = found

    def close(self) -> None:
        """Let go of FFmpeg's state; the reader stays open."""
        self._decoder.close()

    def _begin(self) -> None:
        """Go to the very beginning."""
        self._decoder = Decoder(self._audio, _NAME)
        frames = self._decoder.frames()
        first = next(frames)
        self._origin_s = first.time or 0.0
        self._listen(itertools.chain([first], frames), -self._origin_s)

    def _enter(self, lead_s: float, sample: int) -> bool:
        """Go to about ``lead_s``, and not beyond ``sample``; False where there is no way to it."""
        if self.seeks_exactly:
            self._decoder.seek(round(lead_s * 1000))
            place = None
        elif self._places is None or not (place := self._places.find(lead_s + self._origin_s)):
            return False
        else:
            self._decoder.seek_byte(place.byte)
        decoded = self._decoder.decoded()
        try:
            packet, first = next(decoded)
        except NotAudio:  # nothing comes from there on
            return False
        shift_s = -self._origin_s
        if place is not None:
            if packet.pos != place.byte or packet.pts is None:
                return False
            # After such a jump FFmpeg counts from nothing again.
            shift_s += place.time_s - float(packet.pts * packet.time_base)
        if first.time is None or (first.time + shift_s) * self._rate_hz > sample:
            return False
        self._listen(itertools.chain([first], (frame for _, frame in decoded)), shift_s)
        return True

    def _listen(self, frames: Iterator[Any], shift_s: float) -> None:
        """Take frames from here on; ``shift_s`` makes their times those of the recording."""
        self._at, self._piece = 0, silence(0)
        self._pieces = self._placed(frames, shift_s)

    def _placed(self, frames: Iterator[Any], shift_s: float) -> Iterator[tuple[int, Mono]]:
        """Yield pieces, each with the place of its first sample."""
        resampler = Resampler(self._rate_hz)
        position = 0
        expected_s: float | None = None
        for frame in frames:
            time_s = expected_s if frame.time is None else max(0.0, frame.time + shift_s)
            if expected_s is None:
                expected_s = time_s or 0.0
                position = round(expected_s * self._rate_hz)
            elif time_s is not None and time_s - expected_s > _HOLE_S and self._may_be(time_s):
                position += round((time_s - expected_s) * self._rate_hz)
                expected_s = time_s
            expected_s += frame.samples / frame.sample_rate
            for (piece,) in resampler(frame):
                yield position, piece
                position += len(piece)
        for (piece,) in resampler(None):
            yield position, piece
            position += len(piece)

    def _may_be(self, time_s: float) -> bool:
        # A time stamp beyond the end is a lie, and all that follows would be silent.
        return time_s * 1000 <= self._decoder.facts.duration_ms
