"""The two sides of a stereo recording: one speaker on each, or one room heard by two microphones.

With a microphone for each speaker, each is loud on one side and leaks onto the other, 12 dB or more below.
How much louder a moment is left than right, in dB, then has two heaps far apart; a room has one heap, or two
close together, and a copied channel has a single value. The distance between the heaps is twice the leak,
whatever the speakers' loudness and the microphones' gain, so that is what is judged. A third voice that both
microphones hear alike lies between the heaps: then the sides are mixed, or its words would stand there twice.

Everything is a function of the samples given: the same stretch gives the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from confere.transcribe.clips import Span
from confere.transcribe.resampling import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from confere.transcribe.resampling import Samples

    Decibels = npt.NDArray[np.float64]

Verdict = Literal["apart", "mixed", "undecided"]

FRAME_MS = 20
SMOOTH_FRAMES = 9  # 180 ms: longer than any delay between two microphones, shorter than a word
LEAST_SPEECH_MS = 10_000  # of voice before anything is decided
LEAST_OWN_MS = 2_000  # of speech that is clearly on one side, for each side
LEAST_OWN_SHARE = 0.02  # of all speech: a cough beside one microphone is no speaker
ONE_SIDED_DB = 8.0  # louder than the other side ...
ONE_SIDED = (
    15,
    85,
)  # ... so much of the time, in per cent from and to: the other has hardly spoken
LEAST_APART_DB = 16.0  # between the heaps: twice a leak of 8 dB; two microphones in a room have 12
MOST_SHIFT_DB = 12.0  # of the middle between the heaps: microphones are not set more differently
MOST_BETWEEN = 0.08  # of the speech near the middle: people talking at once; more is a third voice
ABOVE_NOISE_DB = 6.0  # over the noise of its side, to be a voice at all
DEAD_DB = 45.0  # so far below the other side while that one speaks, a side hears nothing
SILENT_DB = -80.0  # of full scale: what a converter without a microphone gives
LEAKED_DB = 6.0  # above the usual leak, it is the side's own voice
JOINED_MS = 400  # a shorter pause does not end a voice
EDGE_MS = 200  # of a voice, too quiet to tell whose it is
SHORTEST_OWN_MS = 160  # a shorter moment is no voice
STEADY_DB = 6.0  # between a side's quiet and its loud moments: hum and hiss; speech has 15 and more


@dataclass(frozen=True, slots=True)
class _Heaps:
    """How much louder left is than right, in dB: where left speaks, where right speaks, and between."""

    left_db: float
    right_db: float
    middle_db: float

    @property
    def apart_db(self) -> float:
        return self.left_db - self.right_db


#: Where a stretch holds one speaker only, the other heap is guessed: a leak of 12 dB.
_USUAL = _Heaps(12.0, -12.0, 0.0)


def judge(samples: Samples, voices_left: Sequence[Span], voices_right: Sequence[Span]) -> Verdict:
    """Return whether one speaker is on each side of ``samples`` (float32, 16 kHz, shape (2, n)).

    ``voices_left`` and ``voices_right`` are where the voice detector hears somebody on that side, in
    milliseconds from the first sample. ``undecided``: too little speech, or speech of one side only; mix
    the stretch and ask again with the next one. ``apart`` and ``mixed`` hold for the recording.
    """
    voiced = _frames_of([*voices_left, *voices_right], samples.shape[1])
    if int(voiced.sum()) * FRAME_MS < LEAST_SPEECH_MS:
        return "undecided"
    if _dead(samples, voiced):
        return "mixed"
    difference = _difference(samples, voiced)
    if len(difference) * FRAME_MS < LEAST_SPEECH_MS / 2:
        return "undecided"
    least_ms = max(LEAST_OWN_MS, LEAST_OWN_SHARE * len(difference) * FRAME_MS)
    if _heaps(difference, least_ms) is not None:
        return "apart"
    return "undecided" if _one_sided(difference) else "mixed"


def own_voices(
    samples: Samples, voices_left: Sequence[Span], voices_right: Sequence[Span]
) -> tuple[list[Span], list[Span]]:
    """Return the voices of each side of a recording that is ``apart``, without what leaks over.

    Arguments as in `judge`. Where both speak at once, both keep their voice. No span grows: each returned
    one lies in one given for its side.
    """
    voiced = _frames_of([*voices_left, *voices_right], samples.shape[1])
    heaps = _heaps(_difference(samples, voiced), LEAST_OWN_MS) or _USUAL
    levels = [_level_db(row) for row in samples]
    louder = levels[0] - levels[1]
    own_left = louder > min(heaps.middle_db, heaps.right_db + LEAKED_DB)
    own_right = louder < max(heaps.middle_db, heaps.left_db - LEAKED_DB)
    return (
        _kept(voices_left, own_left & _audible(levels[0])),
        _kept(voices_right, own_right & _audible(levels[1])),
    )


def mix(samples: Samples) -> Samples:
    """Return one row of shape (n,) that keeps every voice of ``samples`` of shape (rows, n) audible.

    A mean would halve the one good side of a recording whose other side is dead. So both sides are added
    with one weight, from 1/2 for two equally loud sides to 1 where the other is silent; a side that
    only hums or hisses while the other speaks is left out, and one with its poles swapped is turned, or
    the voices would cancel. The weights follow from all the samples given.
    """
    import numpy as np

    if len(samples) == 1 or not samples.shape[1]:
        return _row(samples, 0)
    left, right = _row(samples, 0), _row(samples, 1)
    loud = [float(np.sqrt(np.mean(side**2, dtype=np.float64))) for side in (left, right)]
    if not all(loud):
        return _row(samples, int(loud[1] > 0))
    steady = [_span_db(row) < STEADY_DB for row in samples]
    if steady[0] != steady[1]:
        return _row(samples, int(steady[0]))
    likeness = float(np.mean(left * right, dtype=np.float64)) / (loud[0] * loud[1])
    both: Samples = left - right if likeness < -0.5 else left + right
    mixed: Samples = (both * (max(loud) / sum(loud))).astype(np.float32)
    return mixed


# --- how loud a side is ------------------------------------------------------------------------------


def _row(samples: Samples, number: int) -> Samples:
    row: Samples = samples[number]
    return row


def _level_db(row: Samples) -> Decibels:
    """The level of each frame in dB of full scale, smoothed over neighbours."""
    import numpy as np

    size = FRAME_MS * SAMPLE_RATE // 1000
    whole = len(row) // size
    power = np.square(row[: whole * size], dtype=np.float64).reshape(whole, size).mean(axis=1)
    if whole >= SMOOTH_FRAMES:
        power = np.convolve(power, np.full(SMOOTH_FRAMES, 1 / SMOOTH_FRAMES), "same")
    level: Decibels = 10 * np.log10(power + 1e-12)
    return level


def _floor_db(level: Decibels) -> float:
    """The noise of a side: what is there a tenth of the time."""
    import numpy as np

    return float(np.percentile(level, 10)) if len(level) else SILENT_DB


def _span_db(row: Samples) -> float:
    """How far a side's loud moments are above its quiet ones."""
    import numpy as np

    level = _level_db(row)
    return float(np.percentile(level, 99)) - _floor_db(level) if len(level) else 0.0


def _audible(level: Decibels) -> npt.NDArray[np.bool_]:
    """Which frames rise above the noise of their side."""
    audible: npt.NDArray[np.bool_] = level > _floor_db(level) + ABOVE_NOISE_DB
    return audible


def _frames_of(voices: Sequence[Span], samples: int) -> npt.NDArray[np.bool_]:
    """Which frames any of these voices lies in."""
    import numpy as np

    voiced = np.zeros(samples * 1000 // SAMPLE_RATE // FRAME_MS, bool)
    for voice in voices:
        voiced[voice.start_ms // FRAME_MS : voice.end_ms // FRAME_MS] = True
    return voiced


def _dead(samples: Samples, voiced: npt.NDArray[np.bool_]) -> bool:
    """Whether one side hears nothing while there are voices on the other."""
    loud = [float(_median(_level_db(row)[voiced])) for row in samples]
    return min(loud) < max(SILENT_DB, max(loud) - DEAD_DB)


def _difference(samples: Samples, voiced: npt.NDArray[np.bool_]) -> Decibels:
    """How much louder left is than right, frame by frame, where either is a voice."""
    left, right = (_level_db(row) for row in samples)
    difference: Decibels = (left - right)[voiced & (_audible(left) | _audible(right))]
    return difference


def _heaps(difference: Decibels, least_ms: float) -> _Heaps | None:
    """Return the two heaps of the differences, or None where there are no two so large, far apart."""
    import numpy as np

    if not len(difference):
        return None
    low, high = np.percentile(difference, [2, 98])
    middle = (low + high) / 2
    for _ in range(20):  # the means of two heaps move until they stand
        left, right = difference[difference > middle], difference[difference <= middle]
        if not len(left) or not len(right):
            return None
        moved = (float(left.mean()) + float(right.mean())) / 2
        if abs(moved - middle) < 0.01:
            break
        middle = moved
    heaps = _Heaps(float(_median(left)), float(_median(right)), float(middle))
    near = np.abs(difference - middle) < heaps.apart_db / 4
    clear = (
        heaps.apart_db >= LEAST_APART_DB
        and abs(heaps.middle_db) <= MOST_SHIFT_DB
        and min(len(left), len(right)) * FRAME_MS >= least_ms
        and near.mean() <= MOST_BETWEEN
    )
    return heaps if clear else None


def _one_sided(difference: Decibels) -> bool:
    """Whether nearly all of it is louder on one side: the other may be somebody's who speaks later."""
    import numpy as np

    low, high = np.percentile(difference, ONE_SIDED)
    return bool(low > ONE_SIDED_DB or high < -ONE_SIDED_DB)


def _median(values: Decibels) -> float:
    import numpy as np

    return float(np.median(values)) if len(values) else SILENT_DB


# --- voices of one side ------------------------------------------------------------------------------


def _kept(voices: Sequence[Span], own: npt.NDArray[np.bool_]) -> list[Span]:
    """Return the parts of voices that are the side's own, pauses inside them included."""
    return [part for voice in voices for part in _parts(voice, own)]


def _parts(voice: Span, own: npt.NDArray[np.bool_]) -> list[Span]:
    first = voice.start_ms // FRAME_MS
    runs: list[list[int]] = []
    for frame in range(first, min(-(-voice.end_ms // FRAME_MS), len(own))):
        if not own[frame]:
            continue
        if runs and (frame - runs[-1][1]) * FRAME_MS <= JOINED_MS:
            runs[-1][1] = frame + 1
        else:
            runs.append([frame, frame + 1])
    spans = [Span(begin * FRAME_MS, end * FRAME_MS) for begin, end in runs]
    return [
        # The quiet edges of a voice belong to it: they are below the noise, and the detector knew better.
        Span(
            voice.start_ms if span.start_ms - voice.start_ms <= EDGE_MS else span.start_ms,
            voice.end_ms if voice.end_ms - span.end_ms <= EDGE_MS else span.end_ms,
        )
        for span in spans
        if span.length_ms >= SHORTEST_OWN_MS
    ]
