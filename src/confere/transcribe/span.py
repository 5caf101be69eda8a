"""One span of a recording, for somebody to listen to: only what it needs is decrypted and decoded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from confere.transcribe.decoding import Decoder
from confere.transcribe.resampling import SAMPLE_RATE, Resampler

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Decoding starts this much before the span: a codec needs some frames to find its state.
LEAD_MS = 500


def decode_span(audio: BinaryIO, start_ms: int, end_ms: int) -> Iterator[npt.NDArray[np.float32]]:
    """Yield 16 kHz mono float32 samples from ``start_ms`` to ``end_ms`` (or the recording's end).

    Raises NotAudio, and whatever reading ``audio`` raises.
    """
    first, last = (ms * SAMPLE_RATE // 1000 for ms in (start_ms, end_ms))
    for position, piece in _pieces(audio, max(0, start_ms - LEAD_MS)):
        here = piece[max(0, first - position) : max(0, last - position)]
        if len(here):
            yield here
        if position + len(piece) >= last:
            return


def _pieces(audio: BinaryIO, from_ms: int) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """Yield samples from about ``from_ms`` on, each piece with its place on the recording."""
    position, frames = _frames(audio, from_ms)
    resampler = Resampler()
    for frame in itertools.chain(frames, [None]):
        for piece in resampler(frame):
            yield position, piece
            position += len(piece)


def _frames(audio: BinaryIO, from_ms: int) -> tuple[int, Iterator[Any]]:
    """Return decoded frames from about a time on, and where the first one begins, in samples."""
    decoder = Decoder(audio, "the recording")
    if from_ms > 0:
        decoder.seek(from_ms)
    frames = decoder.frames()
    first = next(frames)
    time_s = decoder.time_of(first)
    if time_s is None:
        if from_ms > 0:  # a stream without time stamps is counted from its beginning
            return _frames(audio, 0)
        time_s = 0.0
    return round(time_s * SAMPLE_RATE), itertools.chain([first], frames)
