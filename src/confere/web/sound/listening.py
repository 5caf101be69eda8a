"""One recording that is listened to: whole seconds of it, decoded when somebody wants them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from confere.transcribe.places import Places
from confere.transcribe.span import Playhead
from confere.web.sound.peaks import columns_of, peaks_of
from confere.web.sound.working import RATE_HZ, SAMPLE_BYTES

if TYPE_CHECKING:
    from confere.web.sound.peaks import Peaks

SECOND_BYTES = RATE_HZ * SAMPLE_BYTES
#: Two: what plays, and what is drawn meanwhile or plays in another tab.
_HEADS = 2
#: 3 MB. Who goes back a little hears it again without decoding.
_KEPT_SECONDS = 64


class Listening:
    """Makes the seconds of one recording. Not for two threads at once; nothing of it is on disk."""

    def __init__(self, open_audio: Callable[[], BinaryIO], duration_ms: int) -> None:
        """``open_audio`` gives a reader of its own each time. Raises what opening and decoding raise."""
        self._open_audio, self._duration_ms = open_audio, duration_ms
        self._heads: list[_Head] = []  # the one that was used last is the last
        self._seconds: dict[int, bytes] = {}
        self._peaks: dict[int, Peaks] = {}
        self._places: Places | None = None
        self._counted: BinaryIO | None = None
        head = self._new_head()
        if head.has_places:
            self._counted = open_audio()
            self._places = Places(self._counted)
            head.close()
        else:
            self._heads.append(head)

    def second(self, number: int) -> bytes:
        """Return a second as 16-bit mono samples; silent where the recording has ended."""
        if number * 1000 >= self._duration_ms:
            return bytes(SECOND_BYTES)
        made = self._seconds.pop(number, None)
        if made is None:
            made = self._decode(number)
            while len(self._seconds) >= _KEPT_SECONDS:
                self._seconds.pop(next(iter(self._seconds)))
        self._seconds[number] = made
        return made

    def look_ahead(self, budget_s: float) -> bool:
        """Find out for about so long where in the bytes its times lie; return whether that is known."""
        return self._places is None or self._places.look_ahead(budget_s)

    def has_peaks(self, number: int) -> bool:
        """Whether the peaks of a second are there without decoding."""
        return number in self._peaks

    def make_peaks(self, number: int) -> None:
        """Decode a second for its peaks."""
        self._peaks[number] = peaks_of(self.second(number))

    def columns(self, start_ms: int, end_ms: int, columns: int) -> list[int]:
        """Return the loudest peak of each column; the peaks of all its seconds must be there."""
        import numpy as np

        first, last = start_ms // 1000, (end_ms - 1) // 1000
        peaks = np.concatenate([self._peaks[n] for n in range(first, last + 1)])
        return columns_of(peaks, first * 1000, start_ms, end_ms, columns)

    def close(self) -> None:
        """Let go of everything."""
        for head in self._heads:
            head.close()
        if self._places is not None and self._counted is not None:
            self._places.close()
            self._counted.close()
        self._seconds.clear()
        self._peaks.clear()

    def _decode(self, number: int) -> bytes:
        import numpy as np

        head = self._take_head(number * RATE_HZ)
        samples = np.zeros(RATE_HZ, np.float32)
        filled = 0
        try:
            if head.position != number * RATE_HZ:
                head.go(number * RATE_HZ)
            while filled < RATE_HZ and len(piece := head.read(RATE_HZ - filled)):
                samples[filled : filled + len(piece)] = piece
                filled += len(piece)
        except BaseException:
            head.close()  # it would go on as if the recording had ended here
            raise
        self._heads.append(head)
        return np.clip(samples * 32768, -32768, 32767).astype("<i2").tobytes()

    def _take_head(self, sample: int) -> _Head:
        """Take out a head that came to a sample by reading, or else the one that was not used for longest."""
        there = next((head for head in self._heads if head.position == sample), None)
        if there is None and len(self._heads) < _HEADS:
            return self._new_head()
        there = there or self._heads[0]
        self._heads.remove(there)
        return there

    def _new_head(self) -> _Head:
        return _Head(self._open_audio(), self._places)


class _Head(Playhead):
    """A head that closes its reader with itself."""

    def __init__(self, audio: BinaryIO, places: Places | None) -> None:
        self._reader = audio
        try:
            super().__init__(audio, RATE_HZ, places)
        except BaseException:
            audio.close()
            raise

    def close(self) -> None:
        """Let go of both."""
        super().close()
        self._reader.close()
