"""Whole reads and whole writes on files that may read short or write short."""

from __future__ import annotations

import errno
from typing import BinaryIO


def read_up_to(source: BinaryIO, into: memoryview) -> int:
    """Fill ``into`` from ``source``; fewer bytes than it holds only where the source ends."""
    filled = 0
    while filled < len(into):
        if not (count := read_some(source, into[filled:])):
            break
        filled += count
    return filled


def write_all(sink: BinaryIO, data: memoryview) -> None:
    """Write every byte of ``data``; a sink that takes none is an OSError, never an endless loop."""
    while data:
        if not (count := sink.write(data)):
            raise OSError(errno.EIO, "the sink took no bytes")
        data = data[count:]


def read_some(source: BinaryIO, into: memoryview) -> int:
    """Read once, at most what ``into`` holds; 0 only where the source ends."""
    if (readinto := getattr(source, "readinto", None)) is not None:
        return int(readinto(into) or 0)
    block = source.read(len(into))
    into[: len(block)] = block
    return len(block)
