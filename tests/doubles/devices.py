"""The system's own account of its devices, as folders: what ``/sys`` and ``/dev/disk`` would say."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from confere.intake.identity import Places

USB = "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block/sdb/sdb1"
BUILT_IN = "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda/sda1"
CARD_SLOT = "pci0000:00/mmc_host/mmc0/mmc0:0001/block/mmcblk0/mmcblk0p1"


@dataclass(frozen=True)
class Devices:
    """A tree of devices in a folder of a test's own."""

    root: Path

    @property
    def places(self) -> Places:
        """Where it is."""
        return Places(self.root / "sys", self.root / "disk")

    def plug_in(
        self,
        device: int,
        where: str = USB,
        *,
        sequence: int = 1,
        label: str = "",
        uuid: str = "",
        serial: str = "",
        removable: bool = False,
    ) -> Path:
        """Let a partition with this ``st_dev`` appear; names are as udev writes them."""
        partition = self.root / "sys" / "devices" / where
        disk = partition.parent
        partition.mkdir(parents=True, exist_ok=True)
        (disk / "diskseq").write_text(f"{sequence}\n")
        (disk / "removable").write_text(f"{int(removable)}\n")
        link = self.root / "sys" / "dev" / "block" / f"{os.major(device)}:{os.minor(device)}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(partition)
        self._number("1-2", where, serial, "idVendor")
        self._number("mmc0:0001", where, serial, "cid")
        for kind, name in (("by-label", label), ("by-uuid", uuid)):
            self._name(kind, partition.name, name)
        return partition

    def pull_out(self, device: int) -> None:
        """Let it disappear."""
        (self.root / "sys/dev/block" / f"{os.major(device)}:{os.minor(device)}").unlink()
        shutil.rmtree(self.root / "disk", ignore_errors=True)

    def _number(self, folder: str, where: str, serial: str, mark: str) -> None:
        if f"/{folder}/" not in where:
            return
        place = self.root / "sys/devices" / where.split(f"/{folder}/")[0] / folder
        (place / mark).write_text("x\n")
        (place.parent / "serial").write_text("the hub's own\n")
        (place / "serial").write_text(f"{serial}\n")

    def _name(self, kind: str, device: str, name: str) -> None:
        folder = self.root / "disk" / kind
        folder.mkdir(parents=True, exist_ok=True)
        for link in folder.iterdir():
            if link.readlink().name == device:
                link.unlink()
        if name:
            (folder / name).symlink_to(f"../../{device}")
