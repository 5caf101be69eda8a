"""The table of what is mounted, and hearing that it changes."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from confere.intake import mounts as mounts_module
from confere.intake.listening import Bell, Mode
from confere.intake.mounts import (
    KernelTable,
    ListedTable,
    Mount,
    NothingMounted,
    mac_volumes,
    mount_of,
    mount_table,
    windows_drives,
)

PATIENT_S = 30  # seconds after which a test that waits for a call gives up

TABLE = rb"""27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 27 8:17 / /media/ana/ZOOM\040H5 rw,nosuid,nodev shared:5 master:1 - vfat /dev/sdb1 rw,utf8
41 27 0:50 / /mnt/share rw - nfs4 server:/export rw
42 27 8:17 /STEREO /home/ana/stereo rw - vfat /dev/sdb1 rw
43 27 0:51 / /media/ana/odd\012\134\377 rw - fuse.sshfs me@there rw
broken line
44 27 8:x / /y rw - vfat /dev/sdc1 rw
45 27 8:33 / /z rw shared:1
"""


def test_the_kernels_table_is_read(tmp_path: Path) -> None:
    """Places in any bytes, optional fields or none; a line that cannot be read is left out."""
    (tmp_path / "mountinfo").write_bytes(TABLE)
    table = KernelTable(tmp_path / "mountinfo").read()
    assert table == (
        Mount(Path("/"), os.makedev(254, 0), "ext4", 27),
        Mount(Path("/media/ana/ZOOM H5"), os.makedev(8, 17), "vfat", 40),
        Mount(Path("/mnt/share"), os.makedev(0, 50), "nfs4", 41),
        Mount(Path("/home/ana/stereo"), os.makedev(8, 17), "vfat", 42, whole=False),
        Mount(Path(os.fsdecode(b"/media/ana/odd\n\\\xff")), os.makedev(0, 51), "fuse.sshfs", 43),
    )
    assert [mount.gives_events for mount in table] == [True, True, False, True, False]
    assert KernelTable(tmp_path / "nothing").read() == ()


def test_a_path_lies_on_the_deepest_mount(tmp_path: Path) -> None:
    """And of two in one place, on the later one, which hides the other."""
    deep, hidden, above = (
        Mount(tmp_path / "a", 1, id=1),
        Mount(tmp_path, 2, id=2),
        Mount(tmp_path, 3, id=3),
    )
    assert mount_of(tmp_path / "a" / "b", [deep, hidden, above]) is deep
    assert mount_of(tmp_path / "b", [deep, hidden, above]) is above
    assert mount_of(tmp_path / "b", [deep]) is None
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert mount_of(tmp_path / "link", [deep, hidden]) is deep


class Called(Bell):
    """A bell that remembers that it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = threading.Event()

    def call(self) -> None:
        super().call()
        self.heard.set()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_volume_that_comes_and_goes_is_heard(tmp_path: Path) -> None:
    """The kernel calls at once, and the table has it and has it no more."""
    place = tmp_path / "card"
    place.mkdir()
    table = mount_table()

    def do(*command: str) -> None:
        bell.heard.clear()
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("no file system can be mounted here")
        assert bell.heard.wait(PATIENT_S)

    bell = Called()
    with table.listening(bell) as mode:
        assert mode is Mode.EVENTS
        do("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place))
        try:
            assert place in [mount.place for mount in table.read()]
        finally:
            do("umount", str(place))
        assert place not in [mount.place for mount in table.read()]


def test_listening_ends() -> None:
    """Neither a thread nor a descriptor is left."""
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with mount_table().listening(Bell()):
            assert threading.active_count() > threads
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == descriptors


# --- where nothing can be waited for --------------------------------------------------------------


def test_a_listed_table_calls_when_the_list_is_another() -> None:
    """It is listed again and again; nothing is heard as long as it is the same."""
    one = (Mount(Path("/Volumes/H5"), 1),)
    listed = [one, one, one, ()]
    looked = threading.Event()

    def make() -> tuple[Mount, ...]:
        if len(listed) == 1:
            looked.set()
            return listed[0]
        return listed.pop(0)

    bell = Called()
    table = ListedTable(make, every_s=0)
    with table.listening(bell) as mode:
        assert mode is Mode.POLLING
        assert looked.wait(PATIENT_S)
        assert bell.heard.wait(PATIENT_S)
    assert table.read() == ()


def test_the_volumes_of_macos_are_those_on_other_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/Volumes has a link to the disk that the computer runs from, and folders of nothing."""
    for name in ("H5", "Untitled", "leftover"):
        (tmp_path / name).mkdir()
    (tmp_path / "Macintosh HD").symlink_to("/")
    own = tmp_path.stat().st_dev
    others = {tmp_path / "H5": own + 1, tmp_path / "Untitled": own + 2}
    stat: Callable[..., os.stat_result] = Path.stat

    def elsewhere(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        facts = list(stat(path, follow_symlinks=follow_symlinks))
        facts[2] = others.get(path, facts[2])
        return os.stat_result(facts)

    monkeypatch.setattr(Path, "stat", elsewhere)
    assert mac_volumes(tmp_path) == tuple(Mount(p, d) for p, d in others.items())
    assert mac_volumes(tmp_path / "nothing") == ()


def test_the_drives_of_windows_are_its_removable_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere there are none."""
    listed: list[str] = []

    def listing(_own: int, places: Iterable[Path]) -> tuple[Mount, ...]:
        listed.extend(map(str, places))
        return ()

    assert windows_drives() == ()
    monkeypatch.setattr(mounts_module, "_is_removable_drive", lambda drive: drive == "E:\\")
    monkeypatch.setattr(mounts_module, "_other_than", listing)
    windows_drives()
    assert listed == ["E:\\"]


def test_an_empty_table_never_calls() -> None:
    """What tests, and places without a table, are given."""
    with NothingMounted().listening(Bell()):
        assert NothingMounted().read() == ()
