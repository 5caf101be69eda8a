"""Volumes that come and go: the table of what is mounted where, and how its changes are heard.

On Linux the kernel says so itself: ``/proc/self/mountinfo`` can be waited for (`proc(5)`), by any user,
whoever mounts. Elsewhere the mounted volumes are listed every second. Nothing is ever concluded from a
change that was heard: it only wakes a scan, which reads the table.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import string
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from confere.intake.listening import Bell, Mode

LIST_EVERY_S = 1.0  # where nothing can be waited for

_NUMBER = re.compile(rb"(\d+) \d+ (\d+):(\d+)")
_OCTAL = re.compile(rb"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume in its place. ``id`` is the kernel's number for this mounting, 0 where there is none."""

    place: Path
    device: int  # as in st_dev
    kind: str = ""  # of its file system
    id: int = 0
    whole: bool = True  # not a folder of a file system that is mounted elsewhere, too

    @property
    def gives_events(self) -> bool:
        """Whether changes that others make are heard: not from a network, nor through FUSE."""
        return self.kind not in _SILENT and not self.kind.startswith("fuse.")


# Their files are changed by other computers (or by a program that is asked for them), and inotify hears
# only what goes through this kernel.
_SILENT = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "afpfs", "webdav", "davfs", "fuse"),
    *("9p", "virtiofs", "vboxsf", "drvfs", "ceph", "lustre", "gfs2", "ocfs2", "orangefs"),
}


class MountTable(Protocol):
    """What is mounted, and how to hear of changes."""

    def read(self) -> tuple[Mount, ...]:
        """Return what is mounted now, the newest last."""
        ...

    def listening(self, bell: Bell) -> AbstractContextManager[Mode]:
        """Call the bell at every change, as long as the context lasts; yields how it is heard."""
        ...


class NothingMounted:
    """A table of nothing, in which nothing ever changes."""

    def read(self) -> tuple[Mount, ...]:
        """Nothing."""
        return ()

    @contextmanager
    def listening(self, bell: Bell) -> Iterator[Mode]:
        """Never call."""
        yield Mode.EVENTS


def mount_table() -> MountTable:
    """Return this computer's table."""
    file = Path("/proc/self/mountinfo")
    if file.exists():
        return KernelTable(file)
    return ListedTable(windows_drives if sys.platform == "win32" else mac_volumes)


def mount_of(path: Path, mounts: Iterable[Mount]) -> Mount | None:
    """Return the mount that a path lies on; of several in one place, the one that is on top."""
    real = path.resolve()
    above = [mount for mount in mounts if real.is_relative_to(mount.place)]
    deepest = max((len(mount.place.parts) for mount in above), default=0)
    return next((m for m in reversed(above) if len(m.place.parts) == deepest), None)


# --- Linux ----------------------------------------------------------------------------------------


class KernelTable:
    """Linux's own table."""

    def __init__(self, file: Path = Path("/proc/self/mountinfo")) -> None:
        self._file = file

    def read(self) -> tuple[Mount, ...]:
        """Return what is mounted now; a line that cannot be read is left out."""
        try:
            text = self._file.read_bytes()
        except OSError:
            return ()
        return tuple(filter(None, map(_mount, text.splitlines())))

    @contextmanager
    def listening(self, bell: Bell) -> Iterator[Mode]:
        """Wait for the kernel in a thread of its own, which costs nothing until something changes."""
        with self._file.open("rb", buffering=0) as table, _pipe() as (reader, writer):
            # A table that was opened is told of every change since, so none is lost in between.
            thread = threading.Thread(
                target=_hear, args=(table.fileno(), reader, bell), name="mounts", daemon=True
            )
            thread.start()
            try:
                yield Mode.EVENTS
            finally:
                os.write(writer, b"x")
                thread.join()


def _hear(table: int, stop: int, bell: Bell) -> None:
    waiting = select.poll()
    waiting.register(table, select.POLLPRI | select.POLLERR)
    waiting.register(stop, select.POLLIN)
    while True:
        ready = dict(waiting.poll())
        if stop in ready:
            return
        bell.call()


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    try:
        yield reader, writer
    finally:
        os.close(reader)
        os.close(writer)


def _mount(line: bytes) -> Mount | None:
    """Read one line: ``36 35 98:0 /root /place options - kind source superoptions``."""
    fields = line.split(b" ")
    numbers = _NUMBER.match(line)
    if numbers is None or b"-" not in fields[6:]:
        return None
    after = fields[fields.index(b"-", 6) + 1 :]
    if not after:
        return None
    return Mount(
        place=Path(os.fsdecode(_unescaped(fields[4]))),
        device=os.makedev(int(numbers[2]), int(numbers[3])),
        kind=os.fsdecode(after[0]),
        id=int(numbers[1]),
        whole=fields[3] == b"/",
    )


def _unescaped(field: bytes) -> bytes:
    return _OCTAL.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), field)


# --- elsewhere ------------------------------------------------------------------------------------


class ListedTable:
    """A table that is made anew each time; its changes are found by making it again."""

    def __init__(
        self, listed: Callable[[], tuple[Mount, ...]], every_s: float = LIST_EVERY_S
    ) -> None:
        self._listed = listed
        self._every_s = every_s

    def read(self) -> tuple[Mount, ...]:
        """Return what is mounted now."""
        return self._listed()

    @contextmanager
    def listening(self, bell: Bell) -> Iterator[Mode]:
        """List again and again in a thread of its own."""
        stop = threading.Event()
        before = self._listed()  # now, and not when the thread gets its turn

        def look(known: tuple[Mount, ...]) -> None:
            while not stop.wait(self._every_s):
                now = self._listed()
                if now != known:
                    bell.call()
                known = now

        thread = threading.Thread(target=look, args=(before,), name="volumes", daemon=True)
        thread.start()
        try:
            yield Mode.POLLING
        finally:
            stop.set()
            thread.join()


def mac_volumes(folder: Path = Path("/Volumes")) -> tuple[Mount, ...]:
    """Return the volumes of macOS: folders of /Volumes that are another device than it is itself."""
    try:
        own = folder.stat().st_dev
        places = sorted(folder.iterdir())
    except OSError:
        return ()
    return _other_than(own, places)


def windows_drives() -> tuple[Mount, ...]:
    """Return the removable drives of Windows, by their letters.

    Only the list: `Recorder` goes by folder descriptors, which Windows does not have.
    """
    letters = [Path(f"{letter}:\\") for letter in string.ascii_uppercase]
    return _other_than(-1, [drive for drive in letters if _is_removable_drive(str(drive))])


def _other_than(own: int, places: Iterable[Path]) -> tuple[Mount, ...]:
    found = []
    for place in places:
        with contextlib.suppress(OSError):  # it went in between
            if not place.is_symlink() and (device := place.stat().st_dev) != own:
                found.append(Mount(place, device))
    return tuple(found)


def _is_removable_drive(drive: str) -> bool:
    import ctypes

    windows = getattr(ctypes, "windll", None)
    return windows is not None and windows.kernel32.GetDriveTypeW(drive) == 2  # DRIVE_REMOVABLE
