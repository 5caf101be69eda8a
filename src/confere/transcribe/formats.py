"""The containers and codecs that recorders and phones write, by FFmpeg's names for them."""

from __future__ import annotations

import os
from typing import BinaryIO

CONTAINERS = (
    "wav",
    "w64",
    "aiff",
    "mp3",
    "mov",  # with mp4, m4a and 3gp, one parser
    "mp4",
    "m4a",
    "3gp",
    "3g2",
    "asf",  # wma
    "flac",
    "ogg",
    "amr",  # with its header; FFmpeg's headerless "amrnb" takes any text for speech
    "aac",
)

CODECS = frozenset(
    [f"pcm_{kind}" for kind in ("u8", "s8", "alaw", "mulaw")]
    + [f"pcm_{kind}{end}" for kind in ("s16", "s24", "s32", "f32", "f64") for end in ("le", "be")]
    + ["adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "gsm_ms"]
    + ["mp3", "mp3float", "mp2", "mp2float"]
    + ["aac", "alac"]
    + ["wmav1", "wmav2", "wmapro", "wmavoice", "wmalossless"]
    + ["flac", "opus", "libopus", "vorbis", "libvorbis"]
    + ["amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb"]
)

# Containers whose header states the length; elsewhere FFmpeg guesses it from the bit rate or takes
# it from the last page, and a difference means nothing.
EXACT_LENGTH = frozenset({"wav", "w64", "aiff", "mov", "asf", "flac"})

MAX_HOURS = 12  # more than any interview; a bomb that unfolds to more ends here
#: A frame of sound at one sample a second would unfold to hours.
SAMPLE_RATES_HZ = range(2_000, 384_001)

_UNKNOWN_SIZES = (0, 0xFFFFFFFF)  # written while recording goes on, or into a pipe


def is_empty(audio: BinaryIO) -> bool:
    """Whether there is not one byte."""
    audio.seek(0)
    return not audio.read(1)


# The formats of Olympus's, Philips's and Grundig's dictation recorders, by their first bytes. FFmpeg has a
# decoder of DSS that reads some of them as noise, so it is not on the list above.
_DICTATION = {b"\x02dss": "DSS", b"\x03dss": "DSS", b"\x06dss": "DSS", b"\x03ds2": "DS2"}
_ENCRYPTED_DICTATION = {b"\x03enc": "DS2"}


def dictation(audio: BinaryIO) -> tuple[str, bool]:
    """Return the dictation format that a file is in, or nothing, and whether it is encrypted."""
    audio.seek(0)
    head = audio.read(4)
    if head in _ENCRYPTED_DICTATION:
        return _ENCRYPTED_DICTATION[head], True
    return _DICTATION.get(head, ""), False


def riff_is_cut(audio: BinaryIO) -> bool:
    """Whether a WAV file is shorter than its own header says; FFmpeg corrects that in silence."""
    audio.seek(0)
    head = audio.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return False
    size_bytes = int.from_bytes(head[4:8], "little")
    # The pad byte of an odd last chunk is often missing, and means nothing.
    return size_bytes not in _UNKNOWN_SIZES and audio.seek(0, os.SEEK_END) < size_bytes + 8 - 1


def zeros_from(audio: BinaryIO) -> int | None:
    """Return where a WAV file ends by its header, if there are more bytes and they begin with zeros.

    Some recorders make the file long beforehand, and lose their power. FFmpeg takes the zeros for empty
    chunks, eight bytes each, and goes through half a thousand million of them in 4 GiB.
    """
    audio.seek(0)
    head = audio.read(12)
    size_bytes = int.from_bytes(head[4:8], "little")
    if head[:4] != b"RIFF" or head[8:] != b"WAVE" or size_bytes in _UNKNOWN_SIZES:
        return None
    end = size_bytes + 8
    if audio.seek(0, os.SEEK_END) < end + 8:
        return None  # as nearly always; then nothing is read that nobody asked for
    audio.seek(end)
    return end if audio.read(8) == bytes(8) else None


def mp3_states_length(audio: BinaryIO) -> bool:
    """Whether an MP3 file states its number of frames (Xing, Info or VBRI in its first frame)."""
    audio.seek(0)
    head = audio.read(10)
    start = 0
    if head[:3] == b"ID3":
        start = 10 + sum(
            byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
        )
    audio.seek(start)
    frame = audio.read(64)
    return frame[:1] == b"\xff" and any(tag in frame for tag in (b"Xing", b"Info", b"VBRI"))
