"""What the sound of a window tells about the text on it: where voices are, and whether they are any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from confere.transcribe.clips import Span
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.wording import letters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from confere.transcribe.resampling import Samples

FRAME_MS = 20

SLOWEST_MS = 200  # of a word, beside its letters ...
SLOWEST_LETTER_MS = 100  # ... each drawn out; what a word is stretched beyond that is not its own
MISSED_VOICE_MS = 600  # a whole voice of this length without a word; coughs are shorter
MISSED_MS = 1_200  # the same beside words: attention is a second late now and then
LONGEST_MS = 30_000  # of what is told as one
JOINED_MS = 1_000  # voices without words that are no farther apart are told together

STEADY_DB = 6.0  # between quiet and loud moments: a tone, a hum; syllables make 15 and more
STEADY_LEAST_MS = 1_000  # shorter sounds may be one vowel
ABOVE_NOISE_DB = 6.0  # over what the window has a tenth of its time


class Timed(Protocol):
    """A word at its place in the recording: a ``Word`` or a ``HeardWord``."""

    @property
    def text(self) -> str:
        """The word."""
        ...

    @property
    def start_ms(self) -> int:
        """Where it begins."""
        ...

    @property
    def end_ms(self) -> int:
        """Where it ends."""
        ...


W = TypeVar("W", bound=Timed)


@dataclass(frozen=True, slots=True)
class Listening:
    """One side of a window: the window's place in the recording, its voices, and how loud each frame is.

    ``levels_db`` has one value for each 20 ms of ``span``, in dB of full scale.
    """

    span: Span
    voices: tuple[Span, ...]
    levels_db: npt.NDArray[np.float64]

    def voiced_ms(self, span: Span) -> int:
        """Return how long there is a voice in a span of the recording."""
        return sum(max(0, part.length_ms) for part in self._voices_in(span))

    def is_steady(self, span: Span) -> bool:
        """Whether what sounds there is as loud all the time, as nobody speaks."""
        import numpy as np

        levels = self._levels(span)
        if len(levels) * FRAME_MS < STEADY_LEAST_MS:
            return False
        quiet, loud = np.percentile(levels, [5, 95])
        return bool(loud - quiet < STEADY_DB)

    def is_quiet(self, span: Span) -> bool:
        """Whether nothing there is louder than the window's own noise."""
        import numpy as np

        levels = self._levels(span)
        if not len(levels):
            return False
        return bool(np.percentile(levels, 90) < np.percentile(self.levels_db, 10) + ABOVE_NOISE_DB)

    def within(self, span: Span) -> Span:
        """Return the part of a span that lies in the window; empty if none does."""
        start_ms = max(span.start_ms, self.span.start_ms)
        return Span(start_ms, max(start_ms, min(span.end_ms, self.span.end_ms)))

    def _voices_in(self, span: Span) -> Iterator[Span]:
        for voice in self.voices:
            yield Span(max(voice.start_ms, span.start_ms), min(voice.end_ms, span.end_ms))

    def _levels(self, span: Span) -> npt.NDArray[np.float64]:
        inside = self.within(span)
        first = (inside.start_ms - self.span.start_ms) // FRAME_MS
        return self.levels_db[first : (inside.end_ms - self.span.start_ms) // FRAME_MS]


def listen(samples: Samples, start_ms: int, voices: Sequence[Span]) -> Listening:
    """Return what is heard in one row of samples (float32, 16 kHz, shape (n,)) that begin at ``start_ms``.

    ``voices`` are the voice detector's, at their places in the recording.
    """
    import numpy as np

    size = FRAME_MS * SAMPLE_RATE // 1000
    whole = len(samples) // size
    power = np.square(samples[: whole * size]).reshape(whole, size).mean(axis=1, dtype=np.float64)
    span = Span(start_ms, start_ms + len(samples) * 1000 // SAMPLE_RATE)
    return Listening(span, tuple(voices), 10 * np.log10(power + 1e-12))


def unwritten(listened: Listening, words: Iterable[Timed]) -> list[Span]:
    """Return the stretches of a window in which there are voices and no words, in order of time.

    A word covers as much of a voice as somebody who speaks slowly needs for it, however long the model
    thinks it is: it stretches the last word over what it leaves out.
    """
    found = []
    for group in _together(_holes(listened.voices, words)):
        whole = any(hole in listened.voices and hole.length_ms >= MISSED_VOICE_MS for hole in group)
        if whole or sum(hole.length_ms for hole in group) >= MISSED_MS:
            found.append(Span(group[0].start_ms, group[-1].end_ms))
    return found


def _holes(voices: Iterable[Span], words: Iterable[Timed]) -> Iterator[tuple[int, Span]]:
    """Yield the parts of voices that no word covers, each with the number of words before it."""
    covered = sorted(
        (word.start_ms, min(word.end_ms, word.start_ms + _slowest_ms(word.text))) for word in words
    )
    count = 0
    for voice in voices:
        at_ms = voice.start_ms
        while count < len(covered) and covered[count][0] < voice.end_ms:
            start_ms, end_ms = covered[count]
            if start_ms > at_ms:
                yield count, Span(at_ms, start_ms)
            at_ms = max(at_ms, end_ms)
            count += 1
        if at_ms < voice.end_ms:
            yield count, Span(at_ms, voice.end_ms)


def _together(holes: Iterable[tuple[int, Span]]) -> list[list[Span]]:
    """Put together what no word and no long silence lies between."""
    groups: list[list[Span]] = []
    before = -1
    for count, hole in holes:
        if (
            count == before
            and hole.start_ms - groups[-1][-1].end_ms <= JOINED_MS
            and hole.end_ms - groups[-1][0].start_ms <= LONGEST_MS
        ):
            groups[-1].append(hole)
        else:
            groups.append([hole])
        before = count
    return groups


def _slowest_ms(text: str) -> int:
    return SLOWEST_MS + SLOWEST_LETTER_MS * letters(text)
