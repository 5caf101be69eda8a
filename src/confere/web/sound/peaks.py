"""How loud a recording is, a hundredth of a second at a time: what the waveform is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Peaks = npt.NDArray[np.uint8]  # 0 to 127

A_SECOND = 100


def peaks_of(second: bytes) -> Peaks:
    """Return the peaks of a second of 16-bit mono samples."""
    import numpy as np

    samples = np.frombuffer(second, "<i2").reshape(A_SECOND, -1)
    # From a number with a sign its lowest value has no positive one.
    loud = np.maximum(samples.max(1).astype(np.int32), -samples.min(1).astype(np.int32))
    peaks: Peaks = np.minimum(loud >> 8, 127).astype(np.uint8)
    return peaks


def columns_of(peaks: Peaks, begins_ms: int, start_ms: int, end_ms: int, columns: int) -> list[int]:
    """Return the loudest peak of each column between two times; ``peaks`` begin at ``begins_ms``."""
    import numpy as np

    edges = np.linspace(start_ms, end_ms, columns + 1) - begins_ms
    step_ms = 1000 / A_SECOND
    first = np.clip((edges[:-1] // step_ms).astype(int), 0, len(peaks) - 1)
    last = np.clip(np.ceil(edges[1:] / step_ms).astype(int), first + 1, len(peaks))
    # reduceat takes pairs; every other of its results lies between two columns.
    pairs: Any = np.stack([first, last], 1).reshape(-1)
    padded = np.append(peaks, np.uint8(0))
    return [int(peak) for peak in np.maximum.reduceat(padded, pairs)[::2]]
