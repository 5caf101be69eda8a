"""Three readings of one file that have to agree: copied, read back, read again.

All in blocks of a MiB and with the hashing in a thread of its own, so that memory does not grow with
the file, and hashing does not hold up the disks.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confere.crypto.hashing import HashingThread
from confere.errors import CopyDiffers, DamagedStore, DiskFull, SourceChanged, StorageProblem
from confere.intake.outcome import Progress
from confere.intake.port import Placement
from confere.intake.source import BLOCK_BYTES, OpenedSource

_SHELF = "the vault"
_READINGS = 3  # every byte is copied, read back and read again


@dataclass(frozen=True, slots=True)
class Digest:
    """SHA-256 (lower-case hex) and length of one reading."""

    sha256: str
    size_bytes: int


def copy(source: OpenedSource, placement: Placement, meter: Meter) -> Digest:
    """Read the source once, into the digest and the placement."""
    with HashingThread() as hashing:
        for block in source.blocks():
            hashing.update(block)
            with on_shelf():
                placement.write(block)
            meter.add(len(block))
        return Digest(hashing.digest().hex(), hashing.size_bytes)


def prove_shelf(copied: Digest, path: str, placement: Placement, meter: Meter) -> None:
    """Raise unless the shelf's disk gives back what was copied."""
    try:
        with on_shelf(), placement.read_back() as stream:
            found = _digest(meter.over(iter(lambda: stream.read(BLOCK_BYTES), b"")))
    except DamagedStore as error:
        raise CopyDiffers(path, "what the vault's disk gives back does not open") from error
    if found != copied:
        raise CopyDiffers(path, "the vault's disk gives back something else")


def prove_source(
    copied: Digest, path: str, first: OpenedSource, again: OpenedSource, meter: Meter
) -> None:
    """Raise unless a second, independent reading of the source gives what was copied."""
    if again.identity != first.identity:
        raise SourceChanged(path)
    if _digest(meter.over(again.blocks())) != copied:
        raise CopyDiffers(path, "two readings of it differ")


def _digest(blocks: Iterable[bytes]) -> Digest:
    with HashingThread() as hashing:
        for block in blocks:
            hashing.update(block)
        return Digest(hashing.digest().hex(), hashing.size_bytes)


@contextmanager
def on_shelf() -> Iterator[None]:
    """Turn an error of the operating system, on the vault's side, into DiskFull or StorageProblem."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(_SHELF) from error
        raise StorageProblem(_SHELF, error.strerror or type(error).__name__) from error


class Meter:
    """Adds up the readings of one file for the progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._read_bytes = 0

    def add(self, size_bytes: int) -> None:
        """So many more bytes have been read."""
        self._read_bytes += size_bytes
        self._progress.advanced(self._read_bytes // _READINGS)

    def over(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass blocks on, counting them."""
        for block in blocks:
            yield block
            self.add(len(block))
