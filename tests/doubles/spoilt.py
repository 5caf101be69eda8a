"""Recordings spoilt by chance, the same ones for a number: what a hostile or a broken card may hold."""

from __future__ import annotations

import functools
import random

import numpy as np

from doubles.encoding import encode, tone

_SOUNDS = [
    ("wav", "pcm_s16le", 8_000),
    ("wav", "adpcm_ms", 22_050),
    ("wav", "adpcm_ima_wav", 22_050),
    ("w64", "pcm_s24le", 8_000),
    ("aiff", "pcm_s16be", 8_000),
    ("mp3", "libmp3lame", 44_100),
    ("ipod", "aac", 44_100),
    ("ipod", "alac", 44_100),
    ("3gp", "libopencore_amrnb", 8_000),
    ("adts", "aac", 44_100),
    ("asf", "wmav2", 44_100),
    ("flac", "flac", 44_100),
    ("ogg", "libopus", 48_000),
    ("ogg", "flac", 44_100),
    ("amr", "libopencore_amrnb", 8_000),
]
_TELLING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@functools.cache
def _whole(kind: int) -> bytes:
    container, codec, rate = _SOUNDS[kind]
    rows = tone(1.0, rate) if "amr" in codec else np.stack([tone(1.0, rate)] * 2)
    return encode(container, codec, rate, rows)


def spoilt(number: int) -> bytes:
    """Return a recording with 1 to 40 faults: bytes, lengths, pieces left out, doubled or exchanged.

    Half of the faults lie in the first 200 bytes, where the headers are.
    """
    chance = random.Random(number)
    data = bytearray(_whole(number % len(_SOUNDS)))
    for _ in range(chance.choice((1, 2, 5, 40))):
        at = chance.randrange(min(200, len(data)) if chance.random() < 0.5 else len(data))
        length = chance.choice((1, 2, 4, 8, 64, 1000))
        match chance.randrange(6):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                size = chance.choice((1, 2, 4))
                value = chance.choice(_TELLING) & (1 << 8 * size) - 1
                data[at : at + size] = value.to_bytes(size, chance.choice(("little", "big")))
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length]
            case 4:
                other = chance.randrange(len(data))
                data[at : at + length] = data[other : other + length]
            case _:
                data[at : at + length] = chance.randbytes(length)
        if len(data) < 16:
            break
    return bytes(data)
