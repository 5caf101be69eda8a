"""Three readings of one file that have to agree: copied, read back, read again.

All in blocks of a MiB, so that memory does not grow with the file; and side by side: hashing costs more
than sealing, and neither may hold up the disks.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confere.crypto.hashing import HashingThread
from confere.errors import CopyDiffers, DamagedStore, DiskFull, StorageProblem
from confere.intake.ahead import ahead
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


def prove(
    copied: Digest, path: str, placement: Placement, again: OpenedSource, meter: Meter
) -> None:
    """Raise unless the shelf's disk and a second reading of the source both give what was copied.

    They are read side by side and compared byte by byte: what is the same has the same digest, so one
    is computed for both.
    """
    same = True
    with HashingThread() as hashing, ahead(lambda: _read_back(placement, path)) as kept:
        for block in meter.over(again.blocks(), _READINGS - 1):
            hashing.update(block)
            same = same and next(kept, None) == block
        same = same and next(kept, None) is None
        found = Digest(hashing.digest().hex(), hashing.size_bytes)
    if found != copied:
        raise CopyDiffers(path, "two readings of it differ")
    if not same:
        raise CopyDiffers(path, "the vault's disk gives back something else")


def digest_of(blocks: Iterable[bytes]) -> Digest:
    """Return the digest of one reading."""
    with HashingThread() as hashing:
        for block in blocks:
            hashing.update(block)
        return Digest(hashing.digest().hex(), hashing.size_bytes)


def _read_back(placement: Placement, path: str) -> Iterator[bytes]:
    """Give what the shelf's disk has, in blocks of the source's."""
    try:
        with on_shelf(), placement.read_back() as stream:
            while block := stream.read(BLOCK_BYTES):
                yield block
    except DamagedStore as error:
        raise CopyDiffers(path, "what the vault's disk gives back does not open") from error


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

    def over(self, blocks: Iterable[bytes], readings: int) -> Iterator[bytes]:
        """Pass blocks on, counting them as often as they are read at once."""
        for block in blocks:
            yield block
            self.add(len(block) * readings)
