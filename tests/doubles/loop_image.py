"""A disk of its own in a file, so that every byte that ever reached it can be looked at afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

_BLOCK_BYTES = 1 << 20


@contextmanager
def loop_image(image: Path, size_mib: int = 96) -> Iterator[Path]:
    """Make a file with an ext4 file system, mounted beside it; skips where that cannot be done.

    After the block it is unmounted, whatever happened: then all is in the file.
    """
    tools = [shutil.which(tool) for tool in ("mkfs.ext4", "mount", "umount")]
    if sys.platform != "linux" or os.geteuid() != 0 or None in tools:
        pytest.skip("only root on Linux, with mkfs.ext4, can mount an image")
    with image.open("wb") as file:
        file.truncate(size_mib << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    with mounted(image) as place:
        yield place


@contextmanager
def mounted(image: Path) -> Iterator[Path]:
    """Mount an image that is there, beside it; skips where that cannot be done."""
    place = image.with_name(f"{image.name}.mounted")
    place.mkdir()
    mounting = subprocess.run(["mount", "-o", "loop", str(image), str(place)], capture_output=True)
    if mounting.returncode != 0:
        pytest.skip("no image can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


def found(file: Path, patterns: Mapping[str, bytes]) -> dict[str, int]:
    """Return which of the patterns are in a file, and where first: every byte is looked at."""
    overlap = max(map(len, patterns.values())) - 1
    places: dict[str, int] = {}
    for at, block in _blocks(file, overlap):
        for name, pattern in patterns.items():
            if name not in places and (where := block.find(pattern)) >= 0:
                places[name] = at + where
    return places


def _blocks(file: Path, overlap: int) -> Iterable[tuple[int, bytes]]:
    """Give the file in blocks, each with the end of the one before it; not those that are all zeros."""
    nothing = bytes(_BLOCK_BYTES)
    before, at = b"", 0
    with file.open("rb") as source:
        while block := source.read(_BLOCK_BYTES):
            if block != nothing[: len(block)]:
                yield at - len(before), before + block
            before, at = block[-overlap:] if overlap else b"", at + len(block)
