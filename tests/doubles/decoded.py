"""Whole recordings in memory, which the product never holds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from confere.transcribe.decoding import AudioFacts, Decoder


@dataclass(frozen=True, slots=True)
class Decoded:
    """A recording mixed to one: ``samples`` are (n,), float32 at 16 kHz."""

    samples: Any
    facts: AudioFacts
    truncated: bool
    damaged: bool


def decode(audio: BinaryIO, name: str) -> Decoded:
    """Return all samples of a recording; raises as decoding does."""
    with closing(Decoder(audio, name)) as decoder:
        samples = np.concatenate([block.mean(axis=0) for block in decoder.blocks()])
    return Decoded(samples, decoder.facts, decoder.truncated, decoder.damaged)
