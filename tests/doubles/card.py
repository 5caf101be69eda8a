"""A recorder's card in a folder, and a probe that knows its "audio"."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from confere.errors import NotAudio

MAGIC = b"RIFF"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the probe tells of every file."""

    duration_ms: int = 5000
    channels: int = 2
    sample_rate: int = 44100
    codec: str = "pcm_s16le"
    container: str = "wav"
    truncated: bool = False


def probe(stream: BinaryIO, name: str) -> Facts:
    """Take for audio what begins as a WAV; a file that ends with "cut" is truncated."""
    if stream.read(len(MAGIC)) != MAGIC:
        raise NotAudio(name)
    stream.seek(-3, 2)
    return Facts(truncated=stream.read() == b"cut")


def audio(size_bytes: int, seed: int = 0) -> bytes:
    """Return the bytes of a "recording"; each seed gives another."""
    return MAGIC + random.Random(seed).randbytes(size_bytes - len(MAGIC))


def record(root: Path, path: str, content: bytes) -> bytes:
    """Put a file on the card, with its folders; return its content."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return content


def files_of(root: Path) -> dict[str, bytes]:
    """Return every regular file of the card with its content."""
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file() and not file.is_symlink()
    }
