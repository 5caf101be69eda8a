"""What could reach a disk in the clear: the vault's disk, swap, hibernation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from confere.acts.examine.disks import Disks, OnDisk, unescaped
from confere.acts.examine.finding import Finding, read, shown

_NO_HIBERNATION = (
    "sudo systemctl mask hibernate.target hybrid-sleep.target suspend-then-hibernate.target"
)


@dataclass(frozen=True, slots=True)
class SwapArea:
    """A device or file that memory is written to."""

    path: str
    on_disk: OnDisk


def vault_disk(path: Path, disks: Disks, platform: str = sys.platform) -> Finding:
    """Look below the file system of the vault. Not encrypted is a warning: the vault itself is sealed."""
    if platform == "darwin":
        text = "cannot be told here: 'fdesetup status' should say that FileVault is on"
        return Finding("warning", "disk", text)
    if platform != "linux":
        text = "cannot be told here: 'manage-bde -status' should say that protection is on"
        return Finding("warning", "disk", text)
    place = disks.below(path)
    what = shown(place.what)
    match place.on_disk:
        case OnDisk.ENCRYPTED:
            return Finding("ok", "disk", f"encrypted ({what})")
        case OnDisk.MEMORY:
            text = f"the vault lies in memory ({what}) and is gone with the next start: move it"
        case OnDisk.UNKNOWN:
            text = f"whether it is encrypted cannot be told here ({what}): {shown(place.ask)}"
        case OnDisk.CLEAR:
            text = (
                f"no encryption found below the vault ({what}). Sealed files stay sealed, but names "
                "and sizes, swap and what other programs write are open to whoever has the disk: "
                "set the laptop up with full-disk encryption"
            )
    return Finding("warning", "disk", text)


def swap_areas(disks: Disks) -> list[SwapArea] | None:
    """Return what is in use as swap (proc_swaps(5)); None where the system does not tell."""
    table = read(disks.root / "proc/swaps")
    if not table:  # it has a heading even when there is no swap
        return None
    areas = []
    for line in table.splitlines()[1:]:
        name, kind, *_ = [*line.split(), "", ""]
        path = unescaped(name).removesuffix(" (deleted)")
        if kind == "file":
            areas.append(SwapArea(path, disks.below(Path(path)).on_disk))
        elif path:
            areas.append(SwapArea(path, disks.device(disks.name_of(path))))
    return areas


def swap(areas: Sequence[SwapArea] | None, platform: str = sys.platform) -> Finding:
    """Swap in the clear keeps what was in memory: keys and words."""
    if platform == "darwin":
        return Finding("ok", "swap", "macOS encrypts its own")
    if platform != "linux":
        text = "cannot be told here: 'fsutil behavior query encryptpagingfile' should say 1"
        return Finding("warning", "swap", text)
    if areas is None:
        text = "cannot be told here: where there is any, it should be encrypted or off"
        return Finding("warning", "swap", text)
    if clear := _named(areas, OnDisk.CLEAR):
        text = f"{clear} may keep keys and words in the clear: encrypt it, or 'sudo swapoff --all'"
        return Finding("warning", "swap", text)
    if unknown := _named(areas, OnDisk.UNKNOWN):
        text = f"whether {unknown} is encrypted cannot be told here: find out, or turn it off"
        return Finding("warning", "swap", text)
    kinds = " and ".join(sorted({area.on_disk for area in areas}))
    return Finding("ok", "swap", kinds or "off")


def hibernation(areas: Sequence[SwapArea] | None, root: Path) -> Finding:
    """Hibernating writes all of memory to a swap area (the kernel's ``power/interface`` document)."""
    possible = "disk" in read(root / "sys/power/state").split()
    if not possible or "[disabled]" in read(root / "sys/power/disk"):
        return Finding("ok", "hibernation", "this system does not hibernate")
    on_disk = [area for area in areas or () if area.on_disk is not OnDisk.MEMORY]
    if not on_disk:
        return Finding("ok", "hibernation", "there is no swap on a disk to hibernate to")
    open_areas = [area for area in on_disk if area.on_disk is not OnDisk.ENCRYPTED]
    if not open_areas:
        return Finding("ok", "hibernation", "goes to encrypted swap")
    names = ", ".join(shown(area.path) for area in open_areas)
    text = f"would write all of memory, keys too, to {names}: encrypt it, or '{_NO_HIBERNATION}'"
    return Finding("warning", "hibernation", text)


def _named(areas: Sequence[SwapArea], on_disk: OnDisk) -> str:
    return ", ".join(shown(area.path) for area in areas if area.on_disk is on_disk)
