"""The one door to the vault's files: nothing half-written, nothing readable by others.

Every writing call follows temporary name, fsync, rename, fsync of the folder. Paths are given
relative to the vault and never leave it.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from confere.errors import BadValue, ConfereError, DamagedVault, DiskFull, StorageProblem

FILE_MODE = 0o600
FOLDER_MODE = 0o700
PARTIAL = ".partial"
_WAITING = 16  # threads that wait for the disk; they need no processor
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def storage_error(error: OSError, where: Path | str) -> ConfereError:
    """Return the error of ours that an operating system's refusal to write means."""
    if error.errno in _NO_ROOM:
        return DiskFull(str(where))
    return StorageProblem(str(where), os.strerror(error.errno or 0))


class Storage:
    """The files under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def path(self, name: str) -> Path:
        """Return the path of a name inside; raises BadValue for one that leads out."""
        path = self.root / name
        if self._is_plainly_inside(name):
            return path  # most names by far, and resolving takes several times as long
        if path == self.root or not path.resolve().is_relative_to(self.root):
            raise BadValue(f"'{name}' is not a place inside the vault")
        return path

    def _is_plainly_inside(self, name: str) -> bool:
        """Whether a name goes down step by step, and neither a step nor what bears it is a link."""
        if os.name == "nt":  # more things lead elsewhere there than links
            return False
        place = str(self.root)
        for part in name.split("/"):
            place = f"{place}/{part}"
            if part in ("", ".", "..") or os.path.islink(place):  # noqa: PTH114 - no Path for each
                return False
        return True

    def exists(self, name: str) -> bool:
        """Whether something bears the name."""
        return self.path(name).exists()

    def list(self, folder: str) -> list[str]:
        """Return the finished entries of a folder, sorted; an absent folder is empty."""
        try:
            entries = [entry.name for entry in self.path(folder).iterdir()]
        except FileNotFoundError:
            return []
        return sorted(e for e in entries if not e.startswith(".") and not e.endswith(PARTIAL))

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; raises DamagedVault when it is not there."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            raise DamagedVault(name, "is missing") from None
        except OSError as error:
            raise StorageProblem(name, error.strerror or str(error)) from None

    def read_span(self, name: str, start: int, size_bytes: int) -> bytes:
        """Return a part of a file, shorter where it ends before; raises as `read`."""
        with self.open(name) as file, self._explained(name):
            file.seek(start)
            return file.read(size_bytes)

    def open(self, name: str, *, cold: bool = False) -> BinaryIO:
        """Open a file for reading; ``cold`` drops the system's cache of it first."""
        try:
            file = self.path(name).open("rb", buffering=0)
        except FileNotFoundError:
            raise DamagedVault(name, "is missing") from None
        except OSError as error:
            raise StorageProblem(name, error.strerror or str(error)) from None
        if cold and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return file

    def create(self, name: str) -> BinaryIO:
        """Open a new file for writing; the caller flushes it with `flush`. For partial folders."""
        with self._explained(name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            return os.fdopen(os.open(self.path(name), flags, FILE_MODE), "wb")

    def flush(self, file: BinaryIO, name: str) -> None:
        """Bring what was written to the disk itself."""
        with self._explained(name):
            file.flush()
            os.fsync(file.fileno())

    def write(self, name: str, content: bytes, *, replace: bool = False) -> None:
        """Write a whole file; refuses to touch an existing one unless told to."""
        final = self.path(name)
        temporary = final.with_name(f".{final.name}.{os.getpid()}")
        with self._explained(name):
            self.make_folder(str(final.parent.relative_to(self.root)))
            _remove_cut_off(final)
            try:
                _write_through(temporary, content)
                if not replace and final.exists():  # writers hold the vault's lock: no race here
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
                temporary.replace(final)
            finally:
                temporary.unlink(missing_ok=True)
            self.sync_folder(final.parent)

    def replace_all(self, contents: Mapping[str, bytes]) -> None:
        """Replace files that are there, each one whole, and all on the disk before this returns.

        As `write` does it, but several wait for the disk at once, so that one commit of the file
        system serves them together. Cut off, some are new and the others are old.
        """
        finals = [self.path(name) for name in contents]
        temporaries = [final.with_name(f".{final.name}.{os.getpid()}") for final in finals]
        folders = list({final.parent for final in finals})
        with self._explained(f"{len(finals)} files"), ThreadPoolExecutor(_WAITING) as pool:
            try:
                list(pool.map(_write_through, temporaries, contents.values()))
                for temporary, final in zip(temporaries, finals, strict=True):
                    temporary.replace(final)
            finally:
                for temporary in temporaries:
                    temporary.unlink(missing_ok=True)
            list(pool.map(self.sync_folder, folders))

    def append(self, name: str, content: bytes, at: int) -> None:
        """Write behind the first ``at`` bytes of a file; what lay there before is cut off."""
        with self._explained(name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(self.path(name), flags, FILE_MODE), "wb") as file:
                file.truncate(at)
                file.seek(at)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())

    def make_folder(self, name: str) -> None:
        """Make a folder and those above it, private from the start."""
        if name in ("", "."):
            return
        with self._explained(name):
            path = self.path(name)
            for folder in [*reversed(path.relative_to(self.root).parents), path]:
                whole = self.root / folder
                if not whole.is_dir():
                    whole.mkdir(mode=FOLDER_MODE)
                    self.sync_folder(whole.parent)

    def rename(self, old: str, new: str) -> None:
        """Give a finished folder or file its name, durably."""
        with self._explained(new):
            os.rename(self.path(old), self.path(new))  # noqa: PTH104 - refuses a non-empty folder
            self.sync_folder(self.path(new).parent)

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all it holds, durably; absent is fine."""
        path = self.path(name)
        with self._explained(name):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            if path.parent.is_dir():
                self.sync_folder(path.parent)

    def shred(self, name: str) -> None:
        """Overwrite a file once where it lies, then remove it, durably; absent is fine.

        The best that software can do, and on a magnetic disk enough. Flash writes the new bytes
        somewhere else and keeps the old block for a while; so do file systems that copy on write,
        snapshots and some journals. What holds there is the disk's encryption (`what-survives.md`).
        """
        path = self.path(name)
        flags = os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        # What cannot be overwritten, absent ones too, is removed all the same.
        with contextlib.suppress(OSError), os.fdopen(os.open(path, flags), "wb") as file:
            file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        self.remove(name)

    def sync_folder(self, folder: Path) -> None:
        """Bring the names in a folder to the disk (there is no such call on Windows)."""
        if os.name == "nt":
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise storage_error(error, name) from error


def begin_writing(file: BinaryIO, from_bytes: int) -> None:
    """Ask the system to bring what was written from a place on to the disk, without waiting for it.

    A hint and no more: what lasts is what `Storage.flush` has brought there. Linux takes "will not be
    needed" for pages that are not on the disk yet as a reason to begin with them.
    """
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(file.fileno(), from_bytes, 0, os.POSIX_FADV_DONTNEED)


def _remove_cut_off(final: Path) -> None:
    """Remove what those left who were killed while they wrote this file: who writes it is alone at it."""
    for left in final.parent.glob(f".{glob.escape(final.name)}.*"):
        if left.name.removeprefix(f".{final.name}.").isdigit():
            left.unlink(missing_ok=True)


def _write_through(path: Path, content: bytes) -> None:
    """Write a file, private from the first byte, and bring it to the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, FILE_MODE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
