"""One file on a recorder: what is known of it, and how it is read."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from confere.errors import SourceChanged, SourceVanished
from confere.intake.names import printable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK_BYTES = 1 << 20  # 1 MiB: large enough for flash, small enough for bounded memory


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a file "still the same": where it is on which device, its size, its time."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, facts: os.stat_result) -> Identity:
        """Take the identity from a stat result."""
        return cls(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A regular file as it was seen on the recorder. ``parts`` are raw names from the root down."""

    parts: tuple[str, ...]
    identity: Identity

    @property
    def name(self) -> str:
        """The file's name, made printable."""
        return printable(self.parts[-1])

    @property
    def path(self) -> str:
        """The path from the recorder's root, ``/`` between, made printable."""
        return "/".join(printable(part) for part in self.parts)

    @property
    def suffix(self) -> str:
        """The extension in lower case, with its dot, or nothing."""
        return PurePosixPath(self.parts[-1]).suffix.lower()

    @property
    def size_bytes(self) -> int:
        """The size as it was seen."""
        return self.identity.size_bytes


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn an error of the operating system, on the recorder's side, into SourceVanished."""
    try:
        yield
    except OSError as error:
        raise SourceVanished(name, error.strerror or "") from error


class OpenedSource(io.RawIOBase):
    """A recording that is open for reading. It remembers a read error, whoever swallowed it.

    As long as it is open its inode number cannot be given away, which matters on FAT, where numbers
    are invented as files are looked up.
    """

    def __init__(self, descriptor: int, identity: Identity, name: str) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._name = name
        self.identity = identity
        self.failure: OSError | None = None

    def blocks(self) -> Iterator[bytes]:
        """Yield the file whole, from its beginning, or raise on the way or at the end.

        Raises SourceVanished on a read error, and SourceChanged when the file is longer, shorter or
        younger than it was when it was opened; one that grows without end is read no further.
        """
        left = self.identity.size_bytes
        with translated(self._name):
            self.seek(0)
        while block := self._block():
            left -= len(block)
            if left < 0:
                break
            yield block
        if left or not self._unchanged():
            raise SourceChanged(self._name)

    def beginning(self, size_bytes: int) -> bytes:
        """Return the first bytes, fewer only of a file that has fewer; raises SourceVanished."""
        with translated(self._name):
            self.seek(0)
            data = self._read(size_bytes)
            while len(data) < size_bytes and (more := self._read(size_bytes - len(data))):
                data += more
        return data

    def _block(self) -> bytes:
        """Read a block, whole unless the file ends: some recorders give less than they are asked for."""
        with translated(self._name):
            block = self._read(BLOCK_BYTES)
            while 0 < len(block) < BLOCK_BYTES and (more := self._read(BLOCK_BYTES - len(block))):
                block += more
        return block

    def _unchanged(self) -> bool:
        with translated(self._name):
            return Identity.of(os.fstat(self._descriptor)) == self.identity

    def drop_caches(self) -> None:
        """Ask the system to forget what it read, so that the next reading comes from the card."""
        if hasattr(os, "posix_fadvise"):
            with translated(self._name):
                os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def _read(self, size_bytes: int) -> bytes:
        try:
            return os.read(self._descriptor, size_bytes)
        except OSError as error:
            self.failure = error
            raise

    # --- what io.RawIOBase asks for, so that a decoder can read from it -------------------------

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer as far as the file goes; return the number of bytes."""
        view = memoryview(buffer).cast("B")
        data = self._read(len(view))
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move in the file; return the new position in bytes."""
        return os.lseek(self._descriptor, offset, whence)

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()
