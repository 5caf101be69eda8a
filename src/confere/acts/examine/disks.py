"""Whether what is written to a place is encrypted below it.

From a path to its file system (``/proc/self/mountinfo``), to the block device, and down through
``/sys/class/block/NAME/slaves`` until something encrypts (a device-mapper UUID says who made it) or there
is nothing left below. A logical volume on an encrypted disk is encrypted; one that also lies on
a plain disk is not. What the hardware or a host of this machine does cannot be seen from here.

Sources: proc_pid_mountinfo(5); cryptsetup's UUIDs, ``CRYPT-TYPE-...``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from confere.acts.examine.finding import read

# CRYPT-VERITY and CRYPT-INTEGRITY protect from change only; they are looked through.
_ENCRYPTING_DEVICES = tuple(
    f"CRYPT-{kind}" for kind in ("LUKS", "PLAIN", "LOOPAES", "TCRYPT", "BITLK", "FVAULT2")
)
_ENCRYPTING_SYSTEMS = {"ecryptfs", "fuse.gocryptfs", "fuse.cryfs", "fuse.encfs", "fuse.securefs"}
_IN_MEMORY = {"tmpfs", "ramfs"}
_ELSEWHERE = ("nfs", "cifs", "smb", "9p", "virtiofs", "ceph", "fuse.sshfs", "fuse.rclone", "afs")
_REMOTE_DEVICES = ("nbd", "rbd")


class OnDisk(StrEnum):
    """How what is written there lies on a disk."""

    ENCRYPTED = "encrypted"
    CLEAR = "in the clear"
    MEMORY = "in memory only"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies. ``ask`` says who knows, where it cannot be told here."""

    on_disk: OnDisk
    what: str
    ask: str = ""


@dataclass(frozen=True, slots=True)
class _Mount:
    device: str  # MAJOR:MINOR; MAJOR is 0 for what has no block device of its own
    point: str
    kind: str
    source: str


class Disks:
    """The mounts and block devices of a machine. ``root`` holds its ``proc`` and ``sys``."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root
        self._blocks = root / "sys/class/block"

    def below(self, path: Path, seen: frozenset[str] = frozenset()) -> Place:
        """Return where an absolute path without symlinks lies."""
        mount = self._mount(path)
        if mount is None:
            return Place(OnDisk.UNKNOWN, "no known file system", "look with 'df'.")
        what = f"{mount.kind} on {mount.source}"
        if mount.kind in _IN_MEMORY:
            return Place(OnDisk.MEMORY, mount.kind)
        if mount.kind in _ENCRYPTING_SYSTEMS:
            return Place(OnDisk.ENCRYPTED, what)
        if mount.kind == "zfs":
            return Place(OnDisk.UNKNOWN, what, f"ask 'zfs get encryption {mount.source}'.")
        if mount.kind == "overlay":
            return Place(OnDisk.UNKNOWN, what, "ask who runs this container.")
        if mount.kind.startswith(_ELSEWHERE):
            return Place(OnDisk.UNKNOWN, what, "it lies on another machine: ask who keeps that.")
        on_disk = _weakest(self.device(name, seen) for name in self._devices(mount))
        return Place(on_disk, what, "ask 'lsblk --output NAME,TYPE,MOUNTPOINTS' for a 'crypt'.")

    def device(self, name: str, seen: frozenset[str] = frozenset()) -> OnDisk:
        """Return how a block device (``sda2``, ``dm-0``) writes."""
        folder = self._blocks / name
        if not name or name in seen or name.startswith(_REMOTE_DEVICES) or not folder.is_dir():
            return OnDisk.UNKNOWN  # seen: an image mounted over the folder that holds it
        seen |= {name}
        if name.startswith("zram"):
            backing = read(folder / "backing_dev")
            kept = backing in ("", "none")
            return OnDisk.MEMORY if kept else self.device(self.name_of(backing), seen)
        if read(folder / "dm/uuid").startswith(_ENCRYPTING_DEVICES):
            return OnDisk.ENCRYPTED
        if image := read(folder / "loop/backing_file"):
            return self.below(Path(image.removesuffix(" (deleted)")), seen).on_disk
        if (folder / "partition").exists():
            return self.device(folder.resolve().parent.name, seen)
        slaves = [slave.name for slave in _entries(folder / "slaves")]
        return _weakest(self.device(slave, seen) for slave in slaves) if slaves else OnDisk.CLEAR

    def name_of(self, node: str) -> str:
        """Return the name of a device by its path in ``/dev``; empty when there is none."""
        name = Path(node).name
        if (self._blocks / name).is_dir():
            return name
        found = (d.name for d in _entries(self._blocks) if read(d / "dm/name") == name)
        return next(found, "")

    def _mount(self, path: Path) -> _Mount | None:
        """The mount that covers a path: the longest, and of equals the last, which hides the others."""
        best = None
        for mount in self._mounts():
            covers = path.is_relative_to(mount.point)
            if covers and (best is None or len(mount.point) >= len(best.point)):
                best = mount
        return best

    def _mounts(self) -> Iterable[_Mount]:
        for line in read(self.root / "proc/self/mountinfo").splitlines():
            first, _, last = line.partition(" - ")
            left, right = first.split(" "), last.split(" ")
            if len(left) >= 6 and len(right) >= 2:
                yield _Mount(left[2], unescaped(left[4]), right[0], unescaped(right[1]))

    def _devices(self, mount: _Mount) -> list[str]:
        """The block devices of a file system; btrfs may have several, and names but one."""
        if not mount.device.startswith("0:"):
            return [d.name for d in _entries(self._blocks) if read(d / "dev") == mount.device]
        name = self.name_of(mount.source)
        if mount.kind == "btrfs":
            for pool in _entries(self.root / "sys/fs/btrfs"):
                members = [device.name for device in _entries(pool / "devices")]
                if name in members:
                    return members
        return [name]


def unescaped(name: str) -> str:
    """Return a name as it is: the kernel writes blanks in its tables as ``\\040``."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), name)


def _weakest(answers: Iterable[OnDisk]) -> OnDisk:
    """Return what holds of all together: one plain disk among encrypted ones is in the clear."""
    found = set(answers)
    order = (OnDisk.CLEAR, OnDisk.UNKNOWN, OnDisk.ENCRYPTED, OnDisk.MEMORY)
    return next((answer for answer in order if answer in found), OnDisk.UNKNOWN)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
