"""What goes into copying and comes out of it, and how its progress is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from confere.backup.port import Readable, Told

Progress = Callable[[int, int], None]  # bytes done, bytes in all; may be called from another thread


def silent(done: int, total: int) -> None:
    """The progress that nobody is told."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a vault. ``sha256`` is given for a file that never changes once it is written.

    ``size_bytes`` counts only beside ``sha256``; what may change is measured by reading it. ``open``
    may raise OSError or a DamagedStore.
    """

    name: str
    size_bytes: int
    open: Callable[[], BinaryIO]
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did. Names are those in the vault, but for ``removed``: names in the store.

    ``files`` and ``size_bytes`` are those of the whole copy as it is now. ``damaged`` are files that
    could not be copied and were left out: see ``back_up`` and ``bring_back``.
    """

    where: str
    files: int
    size_bytes: int
    copied: tuple[str, ...]
    copied_bytes: int
    removed: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that ``check`` found: a name in the vault (or in the store) and what is wrong."""

    name: str
    detail: str


class Counter:
    """Adds up bytes and tells a progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._total = 0
        self._done = 0

    def expect(self, count: int) -> None:
        """Add bytes that are still to come."""
        self._total += count
        self._progress(self._done, self._total)

    def add(self, count: int) -> None:
        """Count bytes that went by."""
        self._done += count
        self._progress(self._done, self._total)


class Counted:
    """A source whose bytes are told as they are read."""

    def __init__(self, source: Readable, told: Told) -> None:
        self._source = source
        self._told = told

    def read(self, size: int = -1, /) -> bytes:
        """Read and tell."""
        block = self._source.read(size)
        self._told(len(block))
        return block
