"""Copies in a folder: another disk, a stick, a mounted share.

A file is written into the hidden folder ``.confere-parts``, flushed to the disk and only then renamed to
its name; the folders are flushed too. So a name in the folder always stands for a whole file, and
whatever lies in the hidden folder when the next writer comes is what a killed one left.

The vault has its own door to its files; this one is apart because a stage never imports the vault,
and because a copy may lie on a file system that knows neither modes nor folder flushes.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from confere.backup.names import require_safe
from confere.backup.port import (
    BLOCK_BYTES,
    AnnouncedReader,
    Digest,
    Readable,
    StoredFacts,
    Told,
    digest_of,
)
from confere.errors import (
    BadValue,
    ConfereError,
    CopyUnderway,
    DamagedCopy,
    DiskFull,
    MissingCopy,
    StorageProblem,
)

FILE_MODE = 0o600
FOLDER_MODE = 0o700
PARTS = ".confere-parts"
_LOCK = "lock"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NOT_PLAIN = {errno.ELOOP, errno.ENXIO, errno.EISDIR, errno.ENOTDIR}
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class FolderStore:
    """The files below one folder; it is made by ``claim``, but the folder above it must be there."""

    def __init__(self, folder: Path) -> None:
        self._root = folder.absolute()

    @property
    def where(self) -> str:
        """The folder's path."""
        return str(self._root)

    @contextlib.contextmanager
    def claim(self) -> Iterator[None]:
        """Hold the folder alone; the system ends the hold of a process that died."""
        with self._explained(self.where):
            if not self._root.parent.is_dir():
                # Made here, the backup would quietly lie on the wrong disk.
                raise StorageProblem(
                    str(self._root.parent), "it is not there; is the disk mounted?"
                )
            self._make_folder(self._root / PARTS)
        lock = FileLock(self._root / PARTS / _LOCK, mode=FILE_MODE)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise CopyUnderway(self.where) from None
        except OSError as error:
            raise _told(error, self.where) from error
        try:
            with self._explained(self.where):
                for left in (self._root / PARTS).iterdir():
                    if left.name != _LOCK:
                        left.unlink()
            yield
        finally:
            lock.release()

    def make_private(self) -> None:
        """Give the folder itself the mode of what is in it, where the file system knows modes."""
        with self._explained(self.where), contextlib.suppress(PermissionError):
            self._root.chmod(FOLDER_MODE)

    def tidy(self) -> None:
        """Remove the hidden folder from a place that will be no store any more."""
        with contextlib.suppress(
            OSError
        ):  # left there it harms nobody, and the next writer clears it
            for left in (self._root / PARTS).iterdir():
                left.unlink()
            (self._root / PARTS).rmdir()

    def names(self, folder: str = "") -> Mapping[str, StoredFacts]:
        """Return what lies below a folder. Links are told, never followed; empty folders are not."""
        found: dict[str, StoredFacts] = {}
        top = self._path(folder) if folder else self._root
        with self._explained(folder or self.where):
            if top.is_dir():
                self._collect(top, found)
        return found

    def put(self, name: str, source: Readable, size_bytes: int, sha256: str) -> None:
        """Write under a hidden name, flush, rename, flush the folder."""
        final = self._path(name)
        reader = AnnouncedReader(source, size_bytes, sha256)
        part = self._root / PARTS / f"{os.getpid()}-{sha256[:16]}"
        with self._explained(name):
            self._make_folder(final.parent)
            self._make_folder(part.parent)
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_FOLLOW
                with os.fdopen(os.open(part, flags, FILE_MODE), "wb") as file:
                    while block := reader.read(BLOCK_BYTES):
                        file.write(block)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(final)
            finally:
                part.unlink(missing_ok=True)
            _flush_folder(final.parent)

    def swap(self, name: str, content: bytes, before: bytes | None) -> None:
        """Compare and write; the claim keeps others from coming between."""
        path = self._path(name)
        if (self._read(name) if os.path.lexists(path) else None) != before:
            raise CopyUnderway(self.where)
        from_memory = io.BytesIO(content)
        announced = digest_of(from_memory)
        from_memory.seek(0)
        self.put(name, from_memory, announced.size_bytes, announced.sha256)

    def open(self, name: str) -> BinaryIO:
        """Open a plain file, after dropping what the system has cached of it."""
        path = self._path(name)
        # Not blocking: a pipe in the place of a file would wait for ever.
        flags = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(path, flags)
        except FileNotFoundError:
            raise MissingCopy(name) from None
        except OSError as error:
            if error.errno in _NOT_PLAIN:
                raise DamagedCopy(name, "is not a plain file") from None
            raise _told(error, name) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise DamagedCopy(name, "is not a plain file")
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        return os.fdopen(descriptor, "rb")

    def digest(self, name: str, told: Told = lambda count: None) -> Digest:
        """Read the file from the disk; raises DamagedCopy where the disk cannot."""
        with self.open(name) as file:
            try:
                return digest_of(file, told)
            except OSError as error:
                detail = f"cannot be read ({error.strerror or type(error).__name__})"
                raise DamagedCopy(name, detail) from error

    def remove(self, name: str) -> None:
        """Unlink a file and the folders that it leaves empty, durably."""
        path = self._path(name)
        with self._explained(name):
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root or not folder.is_dir():
                    break
                _flush_folder(folder)
                if any(folder.iterdir()):
                    return
                folder.rmdir()
            _flush_folder(self._root)

    def close(self) -> None:
        """Nothing is held open."""

    def _read(self, name: str) -> bytes:
        with self.open(name) as file, self._explained(name):
            return file.read()

    def _path(self, name: str) -> Path:
        require_safe(name)
        path = self._root / name
        if not path.parent.resolve().is_relative_to(self._root.resolve()):
            raise BadValue(f"{name!r} leads out of {self.where}")
        return path

    def _collect(self, folder: Path, found: dict[str, StoredFacts]) -> None:
        with os.scandir(folder) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".")]
        for entry in shown:
            if entry.is_dir(follow_symlinks=False):
                self._collect(Path(entry.path), found)
            else:
                name = Path(entry.path).relative_to(self._root).as_posix()
                found[name] = StoredFacts(entry.stat(follow_symlinks=False).st_size)

    def _make_folder(self, folder: Path) -> None:
        for each in [*reversed(folder.relative_to(self._root).parents), folder]:
            whole = self._root / each
            if not whole.is_dir():
                whole.mkdir(mode=FOLDER_MODE)
                _flush_folder(whole.parent)

    @contextlib.contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _told(error, name) from error


def _told(error: OSError, name: str) -> ConfereError:
    if error.errno in _NO_ROOM:
        return DiskFull(name)
    if error.errno == errno.EFBIG:
        return StorageProblem(name, "it is too large for that disk (FAT32: 4 GiB a file)")
    return StorageProblem(name, os.strerror(error.errno or 0))


def _flush_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the file system knows how."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # some shares and FUSE
            raise
    finally:
        os.close(descriptor)
