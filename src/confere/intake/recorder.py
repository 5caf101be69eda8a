"""The one door to a recorder: walking it, reading from it, and deleting from it.

A recorder is a folder, usually the root of a mounted card. It is not trusted, and it can be pulled
out at any moment:

* No symbolic link is followed, in no component of a path; only regular files are opened; pipes and
  devices are never opened at all. Everything goes by folder descriptors, so that a folder exchanged
  for a link between two steps is noticed.
* After a cable is pulled, listing a folder answers "empty" without an error, and the mount may stay
  in place. Another card in the same reader may even have the same device and inode numbers. So
  ``check`` looks for the root, its block device *and* who it is, before and after every conclusion
  ("nothing here", "not audio", "deleted").
* ``delete_if_same`` is the only place of Confere that unlinks on a recorder.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from confere.errors import BadInput, SourceVanished, StorageProblem
from confere.intake.identity import Places, RecorderIdentity, attached
from confere.intake.names import printable
from confere.intake.source import Identity, OpenedSource, SourceFile, translated
from confere.intake.walk import Limits, Listing, walk

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: should a pipe be slipped in after the walk, opening it must not hang for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_NAMES = 4096  # enough to recognise any recorder by

_NO_LONGER_A_FILE = frozenset({errno.ELOOP, errno.ENOTDIR, errno.ENXIO})  # link, folder, socket
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})


class Deletion(StrEnum):
    """What became of the source once its copy was proved and noted."""

    DELETED = "deleted"
    KEPT = "kept, as asked"
    CHANGED = "not deleted: it is no longer the same file"
    REFUSED = "not deleted: the recorder is write-protected"
    ENCRYPTED = "not deleted: the recorder encrypted it, so nobody could look at the copy"
    GONE = "already gone"
    UNCERTAIN = "perhaps not deleted"


class Recorder:
    """An opened recorder. Use it in a ``with`` block; it holds the root open meanwhile.

    ``label`` is what people call it, ``identity`` what the system knows of it; ``places`` is where the
    system tells of its devices. Raises SourceVanished when the folder is not there, BadInput when it
    is no folder.
    """

    def __init__(
        self,
        root: Path,
        label: str = "",
        limits: Limits | None = None,
        places: Places | None = None,
    ) -> None:
        self._path = root.absolute()
        self._limits = limits or Limits()
        self._places = places or Places()
        self._root = _open_root(self._path)
        facts = os.fstat(self._root)
        self._numbers = (facts.st_dev, facts.st_ino)
        # Network folders and FUSE have no block device; for them only the root can be asked.
        self._attached = attached(facts.st_dev, self._places)
        above = os.stat("..", dir_fd=self._root)
        of_its_own = (above.st_dev, above.st_ino) == self._numbers or above.st_dev != facts.st_dev
        self._is_volume = of_its_own or (self._attached is not None and self._attached.removable)
        self.label = printable(label or self._path.name or "recorder")

    @property
    def identity(self) -> RecorderIdentity:
        """What the system knew of the recorder when it was opened.

        A folder of this computer's own disk is no recorder, and the disk's number is not its name.
        """
        return self._attached.identity if self._attached and self._is_volume else RecorderIdentity()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._root)

    def is_other_than(self, before: Recorder | None) -> bool:
        """Whether this is certainly not the recorder that was in the same place before."""
        if before is None or self._numbers != before._numbers:
            return True
        now, then = self._attached, before._attached
        return now is not None and then is not None and now.is_other_than(then)

    def check(self) -> None:
        """Raise SourceVanished unless the recorder that was opened is still there."""
        with translated(self.label):
            facts = self._path.stat()
        if (facts.st_dev, facts.st_ino) != self._numbers:
            raise SourceVanished(self.label, "something else is in its place")
        if self._attached is None:
            return
        now = attached(facts.st_dev, self._places)
        if now is None:
            raise SourceVanished(self.label, "its device is gone")
        if now.is_other_than(self._attached):
            raise SourceVanished(self.label, "another recorder is in its place")

    def walk(self) -> Listing:
        """List every regular file, by path; raises SourceVanished when the recorder goes."""
        self.check()
        listing = walk(self._folder, self._numbers[0], self._limits)
        self.check()  # an empty answer may only mean that the cable was pulled
        return listing

    def names(self, folder: tuple[str, ...]) -> dict[str, bool]:
        """Return the names in a folder and which are folders; of a folder without end, some.

        Nothing for what is no folder, or is behind a link.
        """
        try:
            with self._folder(folder) as opened, os.scandir(opened) as entries:
                few = itertools.islice(entries, _NAMES)
                return {entry.name: entry.is_dir(follow_symlinks=False) for entry in few}
        except OSError:
            return {}

    def open(self, source: SourceFile) -> OpenedSource:
        """Open a file for reading.

        Raises SourceVanished when it is not there, StorageProblem when it may not be read, and
        BadInput when something that is no regular file has taken its place.
        """
        try:
            with self._folder(source.parts[:-1]) as folder:
                descriptor = os.open(source.parts[-1], _FILE, dir_fd=folder)
        except OSError as error:
            raise _cannot_open(source.path, error) from error
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            os.close(descriptor)
            raise _no_regular_file(source.path)
        return OpenedSource(descriptor, Identity.of(facts), source.path)

    def delete_if_same(self, source: SourceFile, identity: Identity) -> Deletion:
        """Delete the file if its identity is still the one given, and make that last.

        Between the comparison and the unlink lies an instant in which another program could put a
        different file under the same name; no system call closes it. A recorder has one writer, and
        it is not recording while it is plugged in: accepted.

        Raises SourceVanished or StorageProblem when the deletion is uncertain: it may not have
        happened, or a power cut may bring the file back.
        """
        self.check()
        try:
            with self._folder(source.parts[:-1]) as folder:
                deletion = _unlink(folder, source.parts[-1], identity)
        except FileNotFoundError:
            deletion = Deletion.GONE
        except OSError as error:
            raise StorageProblem(source.path, error.strerror or "it cannot be deleted") from error
        self.check()
        return deletion

    @contextmanager
    def _folder(self, parts: tuple[str, ...]) -> Iterator[int]:
        """Open a folder below the root, one component at a time, following no link."""
        # Not dup: a duplicate shares its reading position with the original, and so would listings.
        descriptor = os.open(".", _FOLDER, dir_fd=self._root)
        try:
            for part in parts:
                deeper = os.open(part, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = deeper
            yield descriptor
        finally:
            os.close(descriptor)


def _unlink(folder: int, name: str, identity: Identity) -> Deletion:
    """Unlink one name if it is still the file it was, and sync the folder."""
    if Identity.of(os.stat(name, dir_fd=folder, follow_symlinks=False)) != identity:
        return Deletion.CHANGED
    try:
        os.unlink(name, dir_fd=folder)
    except OSError as error:
        if error.errno in _FORBIDDEN:  # the lock switch of an SD card
            return Deletion.REFUSED
        raise
    _sync(folder)
    return Deletion.DELETED


def _sync(folder: int) -> None:
    """Make a deletion last: an unlink that is only in memory is undone by a power cut."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
        os.sync()  # some FUSE and network file systems cannot sync a folder alone


def _open_root(root: Path) -> int:
    """Open the root; the way to it is the user's own, so links in it are followed."""
    shown = printable(str(root))
    try:
        return os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except NotADirectoryError:
        raise BadInput(f"{shown} is not a folder", "Name the recorder's folder.") from None
    except PermissionError as error:
        raise StorageProblem(shown, error.strerror or "not permitted") from error
    except OSError as error:
        raise SourceVanished(shown, error.strerror or "") from error


def _cannot_open(path: str, error: OSError) -> BadInput | SourceVanished | StorageProblem:
    if error.errno in _NO_LONGER_A_FILE:
        return _no_regular_file(path)
    if error.errno in _FORBIDDEN:
        return StorageProblem(path, error.strerror or "not permitted")
    return SourceVanished(path, error.strerror or "")


def _no_regular_file(path: str) -> BadInput:
    return BadInput(f"{path} is not a regular file", "It was left where it is.")
