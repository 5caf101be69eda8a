"""What the examination tells of machines of many kinds: folders laid out as their /proc and /sys are."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from confere.acts.examine import examine
from confere.acts.examine.clock import WRITTEN, clock, hears_time_server
from confere.acts.examine.disks import Disks, OnDisk
from confere.acts.examine.permissions import folders_above, private
from confere.acts.examine.processes import core_dumps, decoder, memory_lock
from confere.acts.examine.storage import hibernation, swap, swap_areas, vault_disk
from confere.models.store import ModelStore
from confere.transcribe.sandbox import Confinement
from confere.vault.memory import MemoryGuard
from doubles.studies import Study

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such modes and tables")

VAULT = Path("/home/ana/.local/share/confere/vault")
LUKS = "CRYPT-LUKS2-6d0b2f7c1a2b4c3d8e9f00112233445566"
LVM = "LVM-qYkPz3VhZ0c1d2e3f4g5h6i7j8k9l0mnroot"


class Machine:
    """A machine's ``/proc`` and ``/sys``, as far as they are read, below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")
        self.write("sys/power/state", "freeze mem disk\n")
        self.write("sys/power/disk", "[platform] shutdown reboot suspend test_resume\n")

    def write(self, name: str, text: str) -> None:
        """Write a file, after what it holds already."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as opened:
            opened.write(text)

    def device(self, name: str, number: str, *, below: tuple[str, ...] = (), **files: str) -> None:
        """Add a block device; a dot in the name makes it a partition: ``sda.sda1``."""
        whole, _, part = name.partition(".")
        folder = f"sys/devices/block/{whole}" + (f"/{part}" if part else "")
        own = part or whole
        self.write(f"{folder}/dev", f"{number}\n")
        if part:
            self.write(f"{folder}/partition", "1\n")
        for file, text in files.items():
            self.write(f"{folder}/{file.replace('__', '/')}", f"{text}\n")
        (self.root / folder / "slaves").mkdir()
        for slave in below:
            (self.root / folder / "slaves" / slave).symlink_to(f"../../{slave}")
        (self.root / "sys/class/block").mkdir(parents=True, exist_ok=True)
        (self.root / "sys/class/block" / own).symlink_to(self.root / folder)

    def mapped(self, number: int, name: str, uuid: str, *below: str) -> None:
        """Add a device-mapper device ``dm-NUMBER``."""
        files = {"dm__name": name, "dm__uuid": uuid}
        self.device(f"dm-{number}", f"253:{number}", below=below, **files)

    def mount(self, device: str, point: str, kind: str, source: str) -> None:
        """Mount something."""
        line = f"36 25 {device} / {point} rw,relatime shared:1 - {kind} {source} rw\n"
        self.write("proc/self/mountinfo", line)

    def swap(self, path: str, kind: str = "partition") -> None:
        """Take something as swap."""
        self.write("proc/swaps", f"{path}   {kind}\t8388604\t\t0\t\t-2\n")

    @property
    def disks(self) -> Disks:
        """What is examined."""
        return Disks(self.root)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A laptop with one disk of three partitions, and nothing mounted yet."""
    made = Machine(tmp_path / "machine")
    made.device("sda", "8:0")
    for number in (1, 2, 3):
        made.device(f"sda.sda{number}", f"8:{number}")
    made.device("sdb", "8:16")
    return made


def plain(m: Machine) -> None:
    """Partitions as they come."""
    m.mount("8:2", "/", "ext4", "/dev/sda2")


def luks(m: Machine) -> None:
    """One encrypted partition with a file system on it."""
    m.mapped(0, "luks-6d0b", LUKS, "sda3")
    m.mount("8:2", "/", "ext4", "/dev/sda2")
    m.mount("253:0", "/home", "ext4", "/dev/mapper/luks-6d0b")


def lvm_on_luks(m: Machine) -> None:
    """What Ubuntu and Debian install when encryption is asked for."""
    m.mapped(0, "sda3_crypt", LUKS, "sda3")
    m.mapped(1, "vg-root", LVM, "dm-0")
    m.mapped(2, "vg-swap_1", LVM, "dm-0")
    m.mount("253:1", "/", "ext4", "/dev/mapper/vg-root")


def luks_on_lvm(m: Machine) -> None:
    """Encryption within a logical volume."""
    m.mapped(0, "vg-home", LVM, "sda3")
    m.mapped(1, "home", LUKS, "dm-0")
    m.mount("253:1", "/home", "xfs", "/dev/mapper/home")


def lvm_half_encrypted(m: Machine) -> None:
    """A logical volume grown onto a second, plain disk."""
    m.mapped(0, "sda3_crypt", LUKS, "sda3")
    m.mapped(1, "vg-root", LVM, "dm-0", "sdb")
    m.mount("253:1", "/", "ext4", "/dev/mapper/vg-root")


def verity(m: Machine) -> None:
    """Protected from change, not from reading."""
    m.mapped(0, "root", "CRYPT-VERITY-00112233445566778899aabbccddeeff-root", "sda2")
    m.mount("253:0", "/", "ext4", "/dev/mapper/root")


def raid_of_luks(m: Machine) -> None:
    """A partition of a RAID whose members are encrypted."""
    m.mapped(0, "one", LUKS, "sda3")
    m.mapped(1, "two", LUKS, "sdb")
    m.device("md0", "9:0", below=("dm-0", "dm-1"))
    m.device("md0.md0p1", "259:0")
    m.mount("259:0", "/home", "ext4", "/dev/md0p1")


def btrfs_on_luks(m: Machine) -> None:
    """What Fedora installs: a subvolume has no number of a device's."""
    m.mapped(0, "luks-6d0b", LUKS, "sda3")
    m.mount("0:34", "/home", "btrfs", "/dev/mapper/luks-6d0b")


def btrfs_half_encrypted(m: Machine) -> None:
    """btrfs names one of its devices; the other one is plain."""
    btrfs_on_luks(m)
    m.write("sys/fs/btrfs/1b2c/devices/dm-0", "")
    m.write("sys/fs/btrfs/1b2c/devices/sdb", "")


def image_on_luks(m: Machine) -> None:
    """A file mounted as a disk lies where the file lies."""
    luks(m)
    m.device("loop0", "7:0", loop__backing_file="/home/ana/study.img")
    m.mount("7:0", "/home/ana/.local", "ext4", "/dev/loop0")


def image_over_itself(m: Machine) -> None:
    """A file mounted over the folder that holds it."""
    m.device("loop0", "7:0", loop__backing_file="/home/study.img")
    m.mount("7:0", "/home", "ext4", "/dev/loop0")


def hidden(m: Machine) -> None:
    """The later of two mounts at one place is the one that is seen."""
    luks(m)
    m.mount("8:1", "/home", "ext4", "/dev/sda1")


def unknown_device(m: Machine) -> None:
    """A device that /sys does not show, as in some containers."""
    m.mount("252:7", "/", "ext4", "/dev/vdz")


def on(kind: str, source: str) -> Callable[[Machine], None]:
    """Return the scene of a file system without a block device."""
    return lambda m: m.mount("0:50", "/home", kind, source)


@pytest.mark.parametrize(
    ("scene", "on_disk"),
    [
        (plain, OnDisk.CLEAR),
        (luks, OnDisk.ENCRYPTED),
        (lvm_on_luks, OnDisk.ENCRYPTED),
        (luks_on_lvm, OnDisk.ENCRYPTED),
        (lvm_half_encrypted, OnDisk.CLEAR),
        (verity, OnDisk.CLEAR),
        (raid_of_luks, OnDisk.ENCRYPTED),
        (btrfs_on_luks, OnDisk.ENCRYPTED),
        (btrfs_half_encrypted, OnDisk.CLEAR),
        (image_on_luks, OnDisk.ENCRYPTED),
        (image_over_itself, OnDisk.UNKNOWN),
        (hidden, OnDisk.CLEAR),
        (unknown_device, OnDisk.UNKNOWN),
        (on("tmpfs", "tmpfs"), OnDisk.MEMORY),
        (on("zfs", "rpool/home"), OnDisk.UNKNOWN),
        (on("overlay", "overlay"), OnDisk.UNKNOWN),
        (on("nfs4", "server:/home"), OnDisk.UNKNOWN),
        (on("fuse.gocryptfs", "/data/cipher"), OnDisk.ENCRYPTED),
    ],
)
def test_the_vaults_disk(
    machine: Machine, scene: Callable[[Machine], None], on_disk: OnDisk
) -> None:
    """Encryption is found wherever below the file system it is; anything else is a warning."""
    scene(machine)
    assert machine.disks.below(VAULT).on_disk is on_disk
    finding = vault_disk(VAULT, machine.disks, "linux")
    assert finding.level == ("ok" if on_disk is OnDisk.ENCRYPTED else "warning")


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        (plain, "ext4 on /dev/sda2"),
        (on("zfs", "rpool/my\\040home"), "zfs get encryption rpool/my home"),
        (on("overlay", "overlay"), "who runs this container"),
        (on("cifs", "//server/share"), "another machine"),
        (on("tmpfs", "tmpfs"), "gone with the next start"),
        (unknown_device, "lsblk"),
        (on("strange", "a\\033[2Jb"), "a?[2Jb"),
    ],
)
def test_what_is_said_of_the_disk(
    machine: Machine, scene: Callable[[Machine], None], says: str
) -> None:
    """Where it is not encrypted or cannot be told, the sentence says what to look at."""
    scene(machine)
    assert says in vault_disk(VAULT, machine.disks, "linux").text


def test_other_systems_are_not_guessed_at(machine: Machine) -> None:
    """On macOS and Windows the command that tells is named."""
    assert "fdesetup" in vault_disk(VAULT, machine.disks, "darwin").text
    assert "manage-bde" in vault_disk(VAULT, machine.disks, "win32").text
    assert vault_disk(VAULT, machine.disks, "darwin").level == "warning"
    assert swap([], "win32").level == "warning"
    assert swap([], "darwin").level == "ok"


def partition_swap(m: Machine) -> None:
    """A plain partition."""
    plain(m)
    m.swap("/dev/sda3")


def logical_swap(m: Machine) -> None:
    """A logical volume on an encrypted disk."""
    lvm_on_luks(m)
    m.swap("/dev/dm-2")


def random_key_swap(m: Machine) -> None:
    """A partition encrypted anew with a random key at each start, under its mapped name."""
    plain(m)
    m.mapped(0, "cryptswap1", "CRYPT-PLAIN-cryptswap1", "sda3")
    m.swap("/dev/mapper/cryptswap1")


def file_on_luks(m: Machine) -> None:
    """A swap file on an encrypted file system, with a blank in its name."""
    luks(m)
    m.swap("/home/my\\040swap", "file")


def file_on_plain(m: Machine) -> None:
    """A swap file on a plain file system, deleted while in use."""
    plain(m)
    m.swap("/swapfile\\040(deleted)", "file")


def compressed(m: Machine) -> None:
    """zram: swap within memory."""
    plain(m)
    m.device("zram0", "251:0")
    m.swap("/dev/zram0")


def compressed_with_backing(m: Machine) -> None:
    """zram that writes what is idle to a disk."""
    plain(m)
    m.device("zram0", "251:0", backing_dev="/dev/sda3")
    m.swap("/dev/zram0")


def both(m: Machine) -> None:
    """One encrypted and one plain area."""
    logical_swap(m)
    m.swap("/dev/sdb")


def over_the_network(m: Machine) -> None:
    """A network block device."""
    m.device("nbd0", "43:0")
    m.swap("/dev/nbd0")


@pytest.mark.parametrize(
    ("scene", "swap_says", "hibernation_says"),
    [
        (plain, ("ok", "off"), ("ok", "no swap on a disk")),
        (partition_swap, ("warning", "/dev/sda3"), ("warning", "/dev/sda3")),
        (logical_swap, ("ok", "encrypted"), ("ok", "encrypted")),
        (random_key_swap, ("ok", "encrypted"), ("ok", "encrypted")),
        (file_on_luks, ("ok", "encrypted"), ("ok", "encrypted")),
        (file_on_plain, ("warning", "/swapfile may keep"), ("warning", "/swapfile:")),
        (compressed, ("ok", "in memory only"), ("ok", "no swap on a disk")),
        (compressed_with_backing, ("warning", "/dev/zram0"), ("warning", "/dev/zram0")),
        (both, ("warning", "/dev/sdb may"), ("warning", "keys too, to /dev/sdb:")),
        (over_the_network, ("warning", "cannot be told"), ("warning", "/dev/nbd0")),
    ],
)
def test_swap_and_hibernation(
    machine: Machine,
    scene: Callable[[Machine], None],
    swap_says: tuple[str, str],
    hibernation_says: tuple[str, str],
) -> None:
    """What is in memory may reach a disk by both ways; encrypted or in memory, it gives nothing away."""
    scene(machine)
    areas = swap_areas(machine.disks)
    assert areas is not None
    for finding, (level, text) in (
        (swap(areas, "linux"), swap_says),
        (hibernation(areas, machine.root), hibernation_says),
    ):
        assert finding.level == level
        assert text in finding.text


def test_a_system_that_cannot_hibernate(machine: Machine) -> None:
    """Where the kernel forbids hibernating, plain swap is no danger in that way."""
    partition_swap(machine)
    (machine.root / "sys/power/disk").write_text("[disabled]\n")
    assert hibernation(swap_areas(machine.disks), machine.root).level == "ok"
    (machine.root / "sys/power/state").write_text("freeze mem\n")
    assert hibernation(swap_areas(machine.disks), machine.root).level == "ok"


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("core\n", "leaves none"),
        ("|/usr/share/apport/apport -p%p -s%s\n", "handed to /usr/share/apport/apport:"),
        ("|\n", "leaves none"),
    ],
)
def test_core_dumps(machine: Machine, pattern: str, says: str) -> None:
    """A crash collector is named; it gets nothing of ours."""
    machine.write("proc/sys/kernel/core_pattern", pattern)
    finding = core_dumps(machine.root)
    assert finding.level == "ok"
    assert says in finding.text


def test_memory_that_cannot_be_locked_matters_with_swap_in_the_clear(machine: Machine) -> None:
    """Not locked is a warning only where what is swapped out can be read; the reason is told."""
    partition_swap(machine)
    clear = swap(swap_areas(machine.disks), "linux")
    off = swap([], "linux")
    unlocked = MemoryGuard(True, True, False, "this account may lock 8192 KiB only")
    locked = MemoryGuard(True, True, True, "")
    assert memory_lock(locked, clear).level == "ok"
    assert memory_lock(unlocked, off).level == "ok"
    assert memory_lock(unlocked, clear).level == "warning"
    assert "8192 KiB" in memory_lock(unlocked, clear).text
    assert "8192 KiB" in memory_lock(unlocked, off).text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A private folder of three files."""
    made = tmp_path / "my vault"
    for name in ("confere.toml", "roster/1.note", "log/leaves"):
        file = made / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
        file.chmod(0o600)
        file.parent.chmod(0o700)
    made.chmod(0o700)
    return made


def test_a_private_folder(folder: Path) -> None:
    """All 0600 and 0700, all of this account, no symlinks: nothing to mend."""
    assert private("permissions", folder, os.getuid()).level == "ok"


def test_open_files_are_named_with_what_mends_them(folder: Path) -> None:
    """The first few are named and the rest counted; the command mends them all."""
    for name in ("confere.toml", "roster/1.note", "log/leaves"):
        (folder / name).chmod(0o640)
    folder.chmod(0o701)
    finding = private("permissions", folder, os.getuid())
    assert finding.level == "problem"
    assert f"{folder}, {folder}/confere.toml" in finding.text
    assert "and 1 more are open" in finding.text
    mend = finding.text.split(": '", 1)[1].removesuffix("'")
    assert mend == f"chmod -R go= '{folder}'"
    assert os.system(mend) == 0
    assert private("permissions", folder, os.getuid()).level == "ok"


def test_symlinks_and_files_of_others(folder: Path) -> None:
    """A symlink leads out, and its target's mode is not looked at; another's file is not ours."""
    (folder / "log" / "out").symlink_to("/etc/passwd")
    finding = private("permissions", folder, os.getuid())
    assert finding.level == "problem"
    assert f"{folder}/log/out are symlinks" in finding.text
    foreign = private("permissions", folder, os.getuid() + 1)
    assert foreign.level == "problem"
    assert f"sudo chown -R {os.getuid() + 1} '{folder}'" in foreign.text


def test_a_planted_name_cannot_steer_the_terminal(folder: Path) -> None:
    """Control characters in the names of files are not printed."""
    (folder / "a\x1b[2Jb").write_text("x")
    (folder / "a\x1b[2Jb").chmod(0o604)
    assert "a?[2Jb" in private("permissions", folder, os.getuid()).text


@pytest.mark.parametrize(
    ("mode", "level"), [(0o700, "ok"), (0o755, "ok"), (0o777, "problem"), (0o1777, "ok")]
)
def test_the_folders_above(tmp_path: Path, mode: int, level: str) -> None:
    """A folder in which others write lets them put another vault in place; /tmp's sticky bit does not."""
    above = tmp_path / "above"
    (above / "vault").mkdir(parents=True)
    above.chmod(mode)
    finding = folders_above(above / "vault", os.getuid())
    assert finding.level == level
    assert (f"chmod go-w {above}" in finding.text) is (level == "problem")


def test_a_folder_above_of_another_account(tmp_path: Path) -> None:
    """Whoever owns a folder above may rename what is in it, whatever its mode."""
    if os.getuid() != 0:
        pytest.skip("only root can give a folder to another account")
    (tmp_path / "theirs" / "vault").mkdir(parents=True)
    os.chown(tmp_path / "theirs", 65534, 0)
    assert folders_above(tmp_path / "theirs" / "vault", 0).level == "problem"
    assert folders_above(tmp_path / "theirs" / "vault", 65534).level == "ok"


def test_a_group_of_ones_own_is_nobody_else(tmp_path: Path) -> None:
    """The account's private group may write; a group of several may not."""
    import grp
    import pwd

    (tmp_path / "above" / "vault").mkdir(parents=True)
    (tmp_path / "above").chmod(0o775)
    status = (tmp_path / "above").stat()
    group = grp.getgrgid(status.st_gid)
    own = pwd.getpwuid(os.getuid()).pw_name
    alone = group.gr_name == own and set(group.gr_mem) <= {own}
    assert folders_above(tmp_path / "above" / "vault", os.getuid()).level == (
        "ok" if alone else "problem"
    )
    if os.getuid() == 0:
        os.chown(tmp_path / "above", 0, grp.getgrnam("daemon").gr_gid)
        assert folders_above(tmp_path / "above" / "vault", 0).level == "problem"


NOW = WRITTEN + timedelta(days=100)


def test_a_clock_kept_by_a_server(folder: Path) -> None:
    """A clock after everything it could be compared with, kept by a server, is believed."""
    for file in folder.rglob("*"):
        os.utime(file, (NOW.timestamp() - 1, NOW.timestamp() - 1))
    assert clock(folder, NOW, True).level == "ok"
    assert clock(folder, NOW, False).level == "warning"
    assert "telephone" in clock(folder, NOW, False).text
    assert clock(folder, NOW, None).level == "ok"
    assert "cannot be told" in clock(folder, NOW, None).text


def test_a_clock_before_what_the_vault_holds(folder: Path) -> None:
    """A file written later than now says that a clock is wrong: a problem, whatever a server says."""
    later = NOW.timestamp() + 3600
    for file in folder.rglob("*"):
        os.utime(file, (0, 0))
    os.utime(folder / "log/leaves", (later, later))
    for synchronised in (True, False, None):
        finding = clock(folder, NOW, synchronised)
        assert finding.level == "problem"
        assert "log/leaves" in finding.text
        assert "custody log will be wrong" in finding.text
    assert (
        clock(folder, NOW + timedelta(seconds=3590), True).level == "ok"
    )  # clocks of two machines


def test_a_clock_before_this_software(tmp_path: Path) -> None:
    """A laptop whose battery died shows 1970; there need be no vault to see that."""
    finding = clock(tmp_path / "none", datetime(1970, 1, 1, tzinfo=UTC), None)
    assert finding.level == "problem"
    assert "before this version" in finding.text


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_the_kernel_is_asked_about_its_clock() -> None:
    """The answer is yes or no, the same as systemd's where that can be asked."""
    assert hears_time_server() in (True, False)


SUBJECTS = {
    "clock",
    "core dumps",
    "disk",
    "folders above",
    "hibernation",
    "intake",
    "memory",
    "permissions",
    "room",
    "speech model",
    "state folder",
    "swap",
    "translation model",
    "vault",
}


def test_this_machine(study: Study, tmp_path: Path) -> None:
    """The real machine is examined without an error, and each subject is told once."""
    findings = examine(study.root, ModelStore(tmp_path / "models"), tmp_path / "state")
    assert Counter(f.about for f in findings) == Counter(SUBJECTS)
    assert all(f.text for f in findings)


def test_the_decoder_is_confined_or_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By starting one here; and as a system without Landlock would say it."""
    finding = decoder()
    assert finding.about == "decoder"
    if sys.platform == "linux":
        assert finding.level == "ok"
    lacking = Confinement(landlock=0, seccomp=True, limits=True)
    monkeypatch.setattr("confere.transcribe.child.confinement_here", lambda: lacking)
    assert decoder().level == "warning" and "Landlock missing" in decoder().text


def test_languages_that_nothing_translates_are_told(study: Study, tmp_path: Path) -> None:
    """Those of the study that the named models do not lead from; the target needs none."""
    file, store = study.root / "confere.toml", ModelStore(tmp_path / "models")

    def told(languages: str) -> list[str]:
        text = file.read_text("utf-8").replace('"practice-translation"', '"practice-pt_en"')
        file.write_text(re.sub(r"(?m)^languages = .*$", f"languages = {languages}", text))
        findings = examine(study.root, store, tmp_path / "state")
        return [f.text for f in findings if f.about == "languages"]

    assert told('["pt", "en"]') == []
    assert told('["pt", "hi", "en", "bn"]') == [
        "nothing translates hi, bn into en: it stays untranslated"
    ]


def test_without_a_vault(tmp_path: Path) -> None:
    """Where there is no vault yet, that is told, and the machine is examined all the same."""
    found = examine(tmp_path / "a" / "vault", ModelStore(tmp_path), tmp_path / "state")
    levels = {f.about: f.level for f in found}
    assert levels["vault"] == "problem"
    assert {"disk", "swap", "clock", "room"} <= levels.keys()


def test_a_machine_that_shows_nothing(study: Study, tmp_path: Path) -> None:
    """An empty /proc and /sys (a container, a sandbox) raise nothing, and nothing is called encrypted."""
    empty = tmp_path / "empty"
    found = examine(study.root, ModelStore(tmp_path), tmp_path / "state", empty)
    told = {f.about: f for f in found}
    assert told.keys() == SUBJECTS
    assert told["disk"].level == "warning"
    assert told["swap"].level == "warning"


def test_the_machines_key_must_be_private(study: Study, tmp_path: Path) -> None:
    """A key that others read lets them sign receipts in this machine's name."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "machine.key").write_text("00")
    (state / "machine.key").chmod(0o644)
    found = examine(study.root, ModelStore(tmp_path), state)
    (finding,) = (f for f in found if f.about == "state folder")
    assert finding.level == "problem"
    assert "machine.key" in finding.text
