"""Which recorder it is, as far as the system tells an ordinary user: label, UUID, serial number.

A card has a label and the UUID of its file system; a serial number belongs to what is plugged in: the
recorder itself, or the reader that the card is in. Many devices have none, and many give all of their
make the same. So an identity proves nothing; two of them can only *contradict* each other.

All of it is read from ``/sys`` and ``/dev/disk`` without any right. ``diskseq`` is the kernel's own
number for one plugging-in: it also counts when a card is exchanged in a reader that stays, where the
device keeps its number and FAT gives every root folder the same inode.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from confere.intake.names import printable

_MAX_LENGTH = 128  # characters; what is longer is no name but an attack on the receipt


@dataclass(frozen=True, slots=True)
class RecorderIdentity:
    """What names a recorder; everything is printable, and what is unknown is empty."""

    label: str = ""
    uuid: str = ""
    serial: str = ""

    def contradicts(self, other: RecorderIdentity) -> bool:
        """Whether both cannot be of one recorder: something that both know is not the same."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return any(mine and theirs and mine != theirs for mine, theirs in pairs)

    def __str__(self) -> str:
        names = (("label", self.label), ("UUID", self.uuid), ("serial number", self.serial))
        return ", ".join(f"{name} {value}" for name, value in names if value)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the system tells of its devices; tests have places of their own."""

    sys: Path = Path("/sys")
    disk: Path = Path("/dev/disk")


@dataclass(frozen=True, slots=True)
class Attached:
    """A block device that is there. ``sequence`` is its ``diskseq``, empty before Linux 5.15."""

    folder: Path  # of the device (a partition, or a whole disk), in /sys
    sequence: str
    identity: RecorderIdentity

    @property
    def removable(self) -> bool:
        """Whether people plug it in and out: the kernel says so of it, or it hangs on USB."""
        disks = (self.folder, self.folder.parent)
        said = any(_read(disk / "removable") == "1" for disk in disks)
        return said or any(part.startswith("usb") for part in self.folder.parts)

    def is_other_than(self, before: Attached) -> bool:
        """Whether something else was plugged in since."""
        swapped = self.folder != before.folder or self.sequence != before.sequence
        return swapped or self.identity.contradicts(before.identity)


def attached(device: int, places: Places) -> Attached | None:
    """Return the block device with this number (``st_dev``), or None when there is none (any more).

    Network folders and FUSE have no block device.
    """
    link = places.sys / "dev" / "block" / f"{os.major(device)}:{os.minor(device)}"
    # One link leads to the place itself; ``resolve`` would ask the kernel for every folder above.
    try:
        folder = Path(os.path.normpath(link.parent / link.readlink()))
    except OSError:
        folder = link
    if not folder.is_dir():
        return None
    sequence = _read(folder / "diskseq") or _read(folder.parent / "diskseq")
    identity = RecorderIdentity(
        label=_named(places.disk / "by-label", folder.name),
        uuid=_named(places.disk / "by-uuid", folder.name),
        serial=_serial(folder, places.sys),
    )
    return Attached(folder, sequence, identity)


def _named(names: Path, device: str) -> str:
    """Return the name under which udev links to a device; nothing where there is no udev."""
    try:
        links = sorted(entry for entry in names.iterdir())
    except OSError:
        return ""
    for link in links:
        try:
            target = link.readlink().name
        except OSError:  # it was taken away in between
            continue
        if target == device:
            return _shown(_unescaped(link.name))
    return ""


def _unescaped(name: str) -> str:
    r"""Return a name without udev's escapes: ``ZOOM\x20H5``."""
    raw = re.sub(rb"\\x([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), os.fsencode(name))
    return os.fsdecode(raw)


def _serial(folder: Path, sys: Path) -> str:
    """Return the serial number of the device that a disk is in, going up the tree of devices.

    It ends at the first USB device, whether that has a number or not: above it are hubs, whose number
    is that of the laptop's own socket.
    """
    for place in _upwards(folder, sys):
        serial = _read(place / "serial")
        if serial or (place / "idVendor").exists():
            return _shown(serial)
    return ""


def _upwards(folder: Path, sys: Path) -> Iterator[Path]:
    top = sys / "devices"
    return (place for place in (folder, *folder.parents) if top in place.parents)


def _read(file: Path) -> str:
    try:
        return file.read_bytes()[:4096].decode("utf-8", "surrogateescape").strip("\0 \n\t")
    except OSError:
        return ""


def _shown(text: str) -> str:
    return printable(text)[:_MAX_LENGTH]
