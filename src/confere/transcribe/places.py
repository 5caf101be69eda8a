"""Where in the bytes of a recording its times lie, for the formats that can only guess it.

A table or a sample number in the file makes seeking exact. An MP3 of changing bit rate, raw AAC and AMR,
and WAV in blocks have neither: their packets are counted once from the beginning, without decoding them,
and what is kept is one place in a tenth of a second. Of the sound itself nothing is kept.
"""

from __future__ import annotations

import bisect
import itertools
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from confere.transcribe.decoding import AudioFacts, Decoder

APART_S = 0.1
_TABLED = frozenset({"mov", "flac", "asf"})
_ARITHMETIC = frozenset({"wav", "w64", "aiff"})
_RAW = frozenset({"mp3", "aac", "amr"})
_LOOK_EVERY = 64  # places; about a millisecond


def seeks_exactly(facts: AudioFacts) -> bool:
    """Whether the container says at which time its packets are, wherever one enters it."""
    if facts.container in _ARITHMETIC:
        return facts.codec.startswith("pcm_")
    if facts.container == "ogg":
        return facts.codec != "flac"  # its packets after a jump bear another page's time
    return facts.container in _TABLED


def has_places(facts: AudioFacts) -> bool:
    """Whether `Places` helps: a jump to the byte of a packet finds that packet, and not a page around it.

    Neither this nor `seeks_exactly` holds for FLAC in Ogg, which is decoded from its beginning.
    """
    return not seeks_exactly(facts) and facts.container in _RAW | _ARITHMETIC


@dataclass(frozen=True, slots=True)
class Place:
    """A packet: where it begins, in bytes, and in seconds as ``frame.time`` counts from the beginning."""

    byte: int
    time_s: float


class Places:
    """The places of one recording, found as far as they were asked for. Not for two threads at once."""

    def __init__(self, audio: BinaryIO, name: str = "the recording") -> None:
        """``audio`` is read by nobody else meanwhile. Raises NotAudio, and what reading raises."""
        self._decoder: Decoder | None = Decoder(audio, name)
        self.are_needed = has_places(self._decoder.facts)
        self._packets: Iterator[tuple[int, float]] = self._decoder.packets(APART_S)
        self._bytes, self._times = array("q"), array("d")

    def find(self, time_s: float) -> Place | None:
        """Return the last place that is not after a time; None before the first."""
        while self._decoder is not None and (not self._times or self._times[-1] <= time_s):
            self._look_on()
        index = bisect.bisect_right(self._times, time_s) - 1
        return Place(self._bytes[index], self._times[index]) if index >= 0 else None

    def look_ahead(self, budget_s: float) -> bool:
        """Find some more places, for about so long; return whether all are found."""
        until = time.monotonic() + budget_s
        while self._decoder is not None:
            self._look_on()
            if time.monotonic() >= until:
                break
        return self._decoder is None

    def close(self) -> None:
        """Look no further; what was found stays."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _look_on(self) -> None:
        found = list(itertools.islice(self._packets, _LOOK_EVERY))
        self._bytes.extend(byte for byte, _ in found)
        self._times.extend(time_s for _, time_s in found)
        if len(found) < _LOOK_EVERY:
            self.close()
