"""Disks that forget: what may be left after a power cut at any moment, enumerated.

A ``Tape`` runs beside a real run in real folders, each of which counts as a disk of its own. It notes every
operation that changes a folder, and what was synced when. The legal states after a power cut at any of
them: of each disk, what was synced is there; of what was not, the names as any of the first operations
left them, or all but one; and the data of a file as it was synced, half of what was written since, or all of
it. So a rename may last without its data, and one disk may have written what another has not.

What it takes for granted: a rename is one step, and a synced folder has every name that was made in it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: A name in a folder (by its number) is given to a node, or taken away (None).
_Change = tuple[int, str, int | None]
#: What lasts or does not as one: a rename takes one name away and gives another.
_Step = tuple[_Change, ...]
_Folders = dict[int, dict[str, int]]

ENDINGS = ("synced", "half", "all")


@dataclass
class Disk:
    """One disk: what is durable, and what is on its way there."""

    root: Path
    count: Iterator[int] = field(default_factory=itertools.count)
    folders: _Folders = field(default_factory=dict)  # as synced: number to names
    pending: list[_Step] = field(default_factory=list)
    synced: dict[int, bytes] = field(default_factory=dict)  # files by number
    numbers: dict[int, int] = field(default_factory=dict)  # inode to number, while it exists
    paths: dict[int, Path] = field(default_factory=dict)  # files by number, where they are now

    def number_of(self, path: Path) -> int:
        """Return the number of what bears a name now."""
        return self.numbers[path.lstat().st_ino]


@dataclass(frozen=True)
class Moment:
    """A disk at one moment: synced names, steps that are not, and each file's data, synced and all."""

    folders: _Folders
    pending: tuple[_Step, ...]
    synced: dict[int, bytes]
    written: dict[int, bytes]

    def states(self) -> Iterator[dict[str, bytes | None]]:
        """Yield every legal state: paths to contents, None for a folder."""
        count = len(self.pending)
        choices = [self.pending[:n] for n in range(count + 1)]
        choices += [self.pending[:n] + self.pending[n + 1 :] for n in range(count)]
        for steps, ending in itertools.product(choices, ENDINGS):
            folders = {number: dict(names) for number, names in self.folders.items()}
            if all(_apply(folders, step) for step in steps):
                yield dict(self._tree(folders, 0, "", ending))

    def _tree(
        self, folders: _Folders, number: int, at: str, ending: str
    ) -> Iterator[tuple[str, bytes | None]]:
        for name, node in folders[number].items():
            if node in folders:
                yield f"{at}{name}/", None
                yield from self._tree(folders, node, f"{at}{name}/", ending)
            else:
                yield f"{at}{name}", self._data(node, ending)

    def _data(self, node: int, ending: str) -> bytes:
        synced = self.synced.get(node, b"")
        written = self.written.get(node, synced)  # of one that was taken away: as it last was
        if ending == "synced":
            return synced
        if ending == "half" and written.startswith(synced):
            return written[: (len(synced) + len(written)) // 2]
        return written


def _apply(folders: _Folders, step: _Step) -> bool:
    """Let a step be done; False where it cannot have been, because one before it was not."""
    for folder, name, node in step:
        if folder not in folders or (node is None and name not in folders[folder]):
            return False
        if node is None:
            del folders[folder][name]
        else:
            folders[folder][name] = node
    return True


class Tape:
    """Notes what happens on some disks while it runs."""

    def __init__(self, *roots: Path) -> None:
        self.disks = [self._read(root.resolve()) for root in roots]
        self.names: list[str] = []
        self.moments: list[tuple[Moment, ...]] = []

    def _read(self, root: Path) -> Disk:
        """Take what is there for synced."""
        disk = Disk(root)
        self._adopt(disk, root)
        for folder, _, files in os.walk(root):
            number = disk.number_of(Path(folder))
            names = disk.folders.setdefault(number, {})
            for entry in sorted(Path(folder).iterdir()):
                names[entry.name] = self._adopt(disk, entry)
            for name in files:
                file = Path(folder) / name
                disk.synced[disk.number_of(file)] = file.read_bytes()
        return disk

    def _adopt(self, disk: Disk, path: Path) -> int:
        number = next(disk.count)
        facts = path.lstat()
        disk.numbers[facts.st_ino] = number
        if stat.S_ISDIR(facts.st_mode):
            disk.folders.setdefault(number, {})
        else:
            disk.paths[number] = path
        return number

    def disk_of(self, path: Path) -> Disk | None:
        """Return the disk on which a path lies; nothing for locks, which say nothing after a cut."""
        if path.name.endswith(".lock"):
            return None
        return next((disk for disk in self.disks if path.is_relative_to(disk.root)), None)

    def point(self, name: str) -> None:
        """Note the moment after an operation."""
        self.names.append(name)
        self.moments.append(tuple(map(_moment, self.disks)))

    # --- what is noted --------------------------------------------------------------------------

    def made(self, path: Path) -> None:
        """A name was given to a new file or folder."""
        if (disk := self.disk_of(path)) is not None:
            parent = disk.number_of(path.parent)
            number = self._adopt(disk, path)
            if number in disk.folders:
                disk.synced.pop(number, None)
            disk.pending.append(((parent, path.name, number),))
            self.point(f"make {path.name}")

    def taken(self, path: Path, do: Callable[[], None]) -> None:
        """A name is going to be taken away."""
        disk = self.disk_of(path)
        if disk is None or not path.exists():
            return do()
        parent, facts = disk.number_of(path.parent), path.lstat()
        number = disk.numbers[facts.st_ino]
        do()
        disk.numbers.pop(facts.st_ino)
        disk.paths.pop(number, None)
        disk.pending.append(((parent, path.name, None),))
        return self.point(f"remove {path.name}")

    def moved(self, old: Path, new: Path, do: Callable[[], None]) -> None:
        """A name is going to be given instead of another."""
        disk = self.disk_of(old)
        if disk is None:
            return do()
        replaced = new.lstat().st_ino if new.exists() else None
        before, after = disk.number_of(old.parent), disk.number_of(new.parent)
        number = disk.number_of(old)
        do()
        if replaced is not None:
            disk.paths.pop(disk.numbers.pop(replaced), None)
        for node, path in disk.paths.items():
            if path == old or path.is_relative_to(old):
                disk.paths[node] = new / path.relative_to(old) if path != old else new
        disk.pending.append(((before, old.name, None), (after, new.name, number)))
        return self.point(f"rename {new.name}")

    def synced(self, descriptor: int) -> None:
        """A file or a folder was brought to the disk."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        disk = self.disk_of(path)
        number = disk.numbers.get(os.fstat(descriptor).st_ino) if disk else None
        if disk is None or number is None:
            return
        if path.is_dir():
            waiting = []
            for step in disk.pending:
                if step[-1][0] == number and _apply(disk.folders, step):
                    continue
                waiting.append(step)
            disk.pending = waiting
        else:
            disk.synced[number] = path.read_bytes()
        self.point(f"sync {path.name}")


def _moment(disk: Disk) -> Moment:
    folders = {number: dict(names) for number, names in disk.folders.items()}
    written = {number: path.read_bytes() for number, path in disk.paths.items() if path.is_file()}
    return Moment(folders, tuple(disk.pending), dict(disk.synced), written)


@contextmanager
def recording(tape: Tape) -> Iterator[None]:
    """Note everything that this process does to the tape's disks."""
    real: dict[str, Callable[..., Any]] = {
        name: getattr(os, name)
        for name in ("open", "mkdir", "unlink", "rmdir", "rename", "replace", "fsync")
    }
    real_rmtree = shutil.rmtree

    def where(path: Any, dir_fd: int | None) -> Path:
        if dir_fd is not None:
            return Path(f"/proc/self/fd/{dir_fd}").readlink() / str(path)
        return Path(os.path.abspath(path))  # noqa: PTH100  resolve would follow links

    def open_(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        new = bool(flags & os.O_CREAT) and not where(path, dir_fd).exists()
        descriptor: int = real["open"](path, flags, mode, dir_fd=dir_fd)
        if new:
            tape.made(where(path, dir_fd))
        return descriptor

    def mkdir(path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        real["mkdir"](path, mode, dir_fd=dir_fd)
        tape.made(where(path, dir_fd))

    def unlink(path: Any, *, dir_fd: int | None = None) -> None:
        tape.taken(where(path, dir_fd), lambda: real["unlink"](path, dir_fd=dir_fd))

    def rmdir(path: Any, *, dir_fd: int | None = None) -> None:
        tape.taken(where(path, dir_fd), lambda: real["rmdir"](path, dir_fd=dir_fd))

    def rename(old: Any, new: Any) -> None:
        tape.moved(where(old, None), where(new, None), lambda: real["rename"](old, new))

    def replace(old: Any, new: Any) -> None:
        tape.moved(where(old, None), where(new, None), lambda: real["replace"](old, new))

    def fsync(descriptor: int) -> None:
        real["fsync"](descriptor)
        tape.synced(descriptor)

    def rmtree(path: Any) -> None:
        for entry in sorted(Path(path).iterdir()):
            rmtree(entry) if entry.is_dir() else unlink(entry)
        rmdir(path)

    fakes = (open_, mkdir, unlink, rmdir, rename, replace, fsync)
    for name, fake in zip(real, fakes, strict=True):
        setattr(os, name, fake)
    shutil.rmtree = rmtree  # type: ignore[assignment]
    try:
        tape.point("the beginning")
        yield
    finally:
        for name, original in real.items():
            setattr(os, name, original)
        shutil.rmtree = real_rmtree


State = dict[str, bytes | None]


def after_cuts(tape: Tape) -> Iterator[tuple[str, tuple[State, ...]]]:
    """Yield, for every moment, every legal state of all disks together; each state once in all."""
    seen: set[tuple[int, ...]] = set()
    for name, moments in zip(tape.names, tape.moments, strict=True):
        disks = [{hash(frozenset(s.items())): s for s in moment.states()} for moment in moments]
        for marks in itertools.product(*disks):
            if marks not in seen:
                seen.add(marks)
                yield name, tuple(disk[mark] for disk, mark in zip(disks, marks, strict=True))


def lay_out(root: Path, state: State) -> None:
    """Write a state into an empty folder."""
    root.mkdir(parents=True)
    for path, content in sorted(state.items()):
        if content is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(content)


def count_of(moments: Sequence[tuple[Moment, ...]]) -> int:
    """Return how many states there are before those that are the same are counted once."""
    total = 0
    for each in moments:
        product = 1
        for moment in each:
            product *= sum(1 for _ in moment.states())
        total += product
    return total
