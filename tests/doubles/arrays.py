"""Samples in memory as a sound: what a decoder would give, without one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from confere.transcribe.decoding import AudioFacts, Decoder
from confere.transcribe.resampling import SAMPLE_RATE

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples


class ArraySound:
    """A ``Sound`` over samples of shape (rows, n) or (n,); ``blocks_ended`` counts its passes."""

    def __init__(
        self, samples: Samples, *, block_ms: int = 30_000, truncated: bool = False
    ) -> None:
        self.samples = np.atleast_2d(samples).astype(np.float32)
        self.truncated = truncated
        self.damaged = False
        self.facts = AudioFacts(
            self.samples.shape[1] * 1000 // SAMPLE_RATE, len(self.samples), SAMPLE_RATE, "pcm", "-"
        )
        self.blocks_given = 0
        self._step = block_ms * SAMPLE_RATE // 1000

    def blocks(self) -> Iterator[Samples]:
        """Yield the samples in blocks."""
        for start in range(0, self.samples.shape[1], self._step):
            self.blocks_given += 1
            yield self.samples[:, start : start + self._step]

    def close(self) -> None:
        """There is nothing to let go of."""


def decoded(audio: bytes) -> Samples:
    """All samples of a recording, shape (rows, n)."""
    return np.concatenate(list(Decoder(io.BytesIO(audio), "the recording").blocks()), axis=1)
