"""From decoded frames of any rate and layout to the samples that the models know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    #: (rows, n), -1 to 1, SAMPLE_RATE if no other rate is told: one row, or two, which are left and right.
    Samples = npt.NDArray[np.float32]
    #: (n,): the same mixed to one, for somebody to listen to.
    Mono = npt.NDArray[np.float32]

SAMPLE_RATE = 16_000  # Hz; what Whisper and the voice detector were trained on


class Resampler:
    """Any frames in, float32 in one or two rows at one rate out; a change of format is followed."""

    def __init__(self, rate_hz: int = SAMPLE_RATE, rows: int = 1, at_once: int = 0) -> None:
        """``at_once``: so many samples of a frame's rate are gathered first, and then resampled.

        What comes out is the same. A frame of an MP3 is 26 ms, and the way of each costs more than its sound.
        """
        self._rate_hz = rate_hz
        self._layout = "stereo" if rows == 2 else "mono"
        self._at_once = at_once
        self._current: Callable[[Any], list[Any]] | None = None
        self._gathered: Any = None
        self._shape: tuple[str, str, int] | None = None

    def __call__(self, frame: Any | None) -> Iterator[Samples]:
        """Yield what frames so far become; None yields what was held back, at the end."""
        import av

        shape = None if frame is None else (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self.gathered()
            if self._current is not None:
                yield from _arrays(self._current(None))
            self._shape = shape
            if frame is not None:
                self._current = av.AudioResampler("fltp", self._layout, self._rate_hz).resample
                self._gathered = av.AudioFifo()
        if frame is not None:
            frame.pts = None  # holes are filled by the caller; the resampler must not guess
            self._gathered.write(frame)
            if self._gathered.samples >= self._at_once:
                yield from self.gathered()

    def gathered(self) -> Iterator[Samples]:
        """Yield what was gathered so far: before a silence that the caller puts in."""
        if self._current is not None and (frame := self._gathered.read()) is not None:
            yield from _arrays(self._current(frame))


def _arrays(frames: list[Any]) -> Iterator[Samples]:
    for frame in frames:
        yield frame.to_ndarray()


def silence(seconds: float, rate_hz: int = SAMPLE_RATE) -> Mono:
    """Return so much silence."""
    import numpy as np

    return np.zeros(round(seconds * rate_hz), np.float32)


def make_finite(samples: Samples) -> bool:
    """Put silence for what is no number, in place; return whether there was such a thing.

    A file of floating point may hold anything, and one of it spoils a whole batch in a network.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        if np.isfinite(samples.sum()):
            return False
        wrong = ~np.isfinite(samples)
    samples[wrong] = 0
    return bool(wrong.any())
