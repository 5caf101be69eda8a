"""The port between copying and the places where copies are kept.

``FolderStore`` and ``S3Store`` implement it; both pass ``tests/contracts/test_copy_store.py``. A store
holds bytes under names (``names``: relative, with ``/``) and knows nothing of vaults or manifests.

What a store cannot do it says with a ``ConfereError``: ``DiskFull``, ``StorageProblem``,
``CopyPlaceProblem``, ``NoSuchThing`` (no such bucket), ``BadValue`` (a name that is not safe),
``DamagedCopy`` (a name that is no plain file, or cannot be read), ``MissingCopy`` (no such name).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, Protocol

BLOCK_BYTES = 1 << 20  # what is read and hashed at a time

Told = Callable[[int], None]  # is told the bytes that went by since the last time


class Readable(Protocol):
    """What is read once, from its beginning to its end."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """What a listing says of a stored file; its bytes were not read."""

    size_bytes: int


class Digest(NamedTuple):
    """SHA-256 (lower-case hex) and length of bytes that were read."""

    sha256: str
    size_bytes: int


class SourceFault(Exception):
    """What was to be put is not what was announced, or cannot be read to its end.

    Not an error for people: whoever called ``put`` knows whose fault it is and says so.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class CopyStore(Protocol):
    """Where copies are kept."""

    @property
    def where(self) -> str:
        """The place as people name it. Never holds a secret."""
        ...

    def claim(self) -> AbstractContextManager[None]:
        """Prepare for writing, and keep others out for the time where the place knows locks.

        Clears away what a killed writer left half-written. Raises CopyUnderway when somebody else
        is known to be writing.
        """
        ...

    def names(self, folder: str = "") -> Mapping[str, StoredFacts]:
        """Return every name below a folder, or all; hidden names and half-written files are not told."""
        ...

    def put(self, name: str, source: Readable, size_bytes: int, sha256: str) -> None:
        """Store what ``source`` gives under a name, whole or not at all; replaces what was there.

        Raises SourceFault, and leaves the name as it was, unless the source ends after
        ``size_bytes`` and its digest is ``sha256``. Memory does not grow with the size.
        """
        ...

    def swap(self, name: str, content: bytes, before: bytes | None) -> None:
        """Store a small file whose stored content is still ``before`` (None: there is none).

        Raises CopyUnderway when it is something else, so of two writers one is refused.
        """
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading from its beginning to its end. The caller closes it."""
        ...

    def digest(self, name: str, told: Told = lambda count: None) -> Digest:
        """Read a stored file back **from the place itself**, past caches of ours, and digest it."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file with every older version the place keeps of it; absent is fine."""
        ...

    def close(self) -> None:
        """Let go of connections. Safe twice."""
        ...


def digest_of(stream: Readable, told: Told = lambda count: None) -> Digest:
    """Read a stream to its end; what the stream raises is passed on."""
    running = hashlib.sha256()
    size_bytes = 0
    while block := stream.read(BLOCK_BYTES):
        running.update(block)
        size_bytes += len(block)
        told(len(block))
    return Digest(running.hexdigest(), size_bytes)


class AnnouncedReader:
    """Reads a source and holds it to what was announced of it.

    The last block is given out only after length and digest were found right, so that a store which
    writes what it reads has never written a whole wrong file. Deliberately not seekable.
    """

    def __init__(self, source: Readable, size_bytes: int, sha256: str) -> None:
        self._source = source
        self._left = size_bytes
        self._sha256 = sha256
        self._running = hashlib.sha256()
        self._checked = False

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes; an empty answer is the proven end. Raises SourceFault."""
        if size == 0:
            return b""
        wanted = self._left if size < 0 else min(size, self._left)
        block = self._take(wanted)
        self._running.update(block)
        self._left -= len(block)
        if self._left == 0 and not self._checked:
            self._check_end()
        return block

    def _take(self, wanted: int) -> bytes:
        try:
            block = self._source.read(wanted) if wanted else b""
        except OSError as error:
            raise SourceFault(
                f"cannot be read ({error.strerror or type(error).__name__})"
            ) from error
        if wanted and not block:
            raise SourceFault(f"ends {self._left} bytes too early")
        return block

    def _check_end(self) -> None:
        try:
            more = self._source.read(1)
        except OSError as error:
            raise SourceFault(
                f"cannot be read ({error.strerror or type(error).__name__})"
            ) from error
        if more:
            raise SourceFault("is longer than announced")
        if self._running.hexdigest() != self._sha256:
            raise SourceFault("does not have the digest that was announced")
        self._checked = True
