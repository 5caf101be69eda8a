"""Whether a recording ends before its header says, found without decoding it whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from confere.transcribe.decoding import SHORT_BY_MS, AudioFacts, Decoder, probe

_LAST_MS = 2000  # how much of the end is looked at; a packet of any codec here is shorter


@dataclass(frozen=True, slots=True)
class Seen:
    """What a first look at a recording tells, as an offload wants it."""

    duration_ms: int
    channels: int
    sample_rate: int
    codec: str
    container: str
    truncated: bool


def look(audio: BinaryIO, name: str) -> Seen:
    """Return what a recording is, after decoding its first sound and finding its last packet.

    Raises EmptyFile, NotAudio, and whatever reading ``audio`` raises.
    """
    facts = probe(audio, name)
    return Seen(
        facts.duration_ms,
        facts.channels,
        facts.sample_rate,
        facts.codec,
        facts.container,
        ends_early(audio, name, facts),
    )


def ends_early(audio: BinaryIO, name: str, facts: AudioFacts) -> bool:
    """Whether the last packet lies clearly before the end that the header states.

    False where the header states none: FFmpeg's guess from a bit rate proves nothing.
    """
    decoder = Decoder(audio, name)
    if decoder.truncated or not decoder.states_length:
        return decoder.truncated
    decoder.seek(max(0, facts.duration_ms - _LAST_MS))
    return facts.duration_ms - decoder.last_packet_ms() > SHORT_BY_MS
