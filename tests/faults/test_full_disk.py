"""A disk that is really full, and a size limit of the operating system."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from confere.errors import DiskFull, StorageProblem
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Fate
from confere.intake.port import Shelf
from confere.intake.receipt import Receipt
from confere.intake.recorder import Recorder
from confere.intake.transfer import Tools
from doubles.card import audio, files_of, probe, record
from doubles.clock import FakeClock
from doubles.shelf import DiskShelf
from doubles.vault_shelf import vault_shelf

KIB = 1 << 10


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """Mount a small file system in memory; skips the test where that cannot be done."""
    place.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None or sys.platform != "linux":
        pytest.skip("only root on Linux can mount a small file system")
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB."""
    with disk(tmp_path / "small", "1m") as place:
        yield place


def run(card: Path, shelf: Shelf) -> Receipt:
    """Offload the card to the shelf."""
    with Recorder(card) as recorder:
        return offload(recorder, Tools(shelf, probe, FakeClock()), Errand("study", "laptop"))


def test_a_full_disk_costs_nothing(tmp_path: Path, small_disk: Path) -> None:
    """What fits is taken; what does not stays on the card and leaves nothing on the disk."""
    card = tmp_path / "card"
    sizes = {"a.wav": 600 * KIB, "b.wav": 600 * KIB, "c.wav": 10 * KIB}
    content = {name: record(card, name, audio(size, ord(name[0]))) for name, size in sizes.items()}
    shelf = DiskShelf(small_disk)

    receipt = run(card, shelf)
    fates = [outcome.fate for outcome in receipt.outcomes]
    assert fates == [Fate.TAKEN, Fate.FAILED, Fate.NOT_REACHED]
    assert isinstance(receipt.problem, DiskFull)
    assert files_of(card) == {"b.wav": content["b.wav"], "c.wav": content["c.wav"]}
    assert shelf.traces() == []
    assert [kept.plain for kept in shelf.contents().values()] == [content["a.wav"]]

    shutil.rmtree(shelf.kept)  # somebody makes room
    shelf.kept.mkdir()
    assert run(card, shelf).problem is None
    assert files_of(card) == {}


def test_a_disk_without_room_for_a_folder_costs_nothing(tmp_path: Path, small_disk: Path) -> None:
    """Even beginning fails when nothing at all is left."""
    card = tmp_path / "card"
    content = record(card, "a.wav", audio(KIB))
    shelf = DiskShelf(small_disk)
    with (small_disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError):
        while True:
            filler.write(bytes(4 * KIB))
    assert isinstance(run(card, shelf).problem, DiskFull)
    assert files_of(card) == {"a.wav": content}
    assert shelf.traces() == []


def test_a_full_disk_under_a_vault_costs_nothing(tmp_path: Path) -> None:
    """The same with the vault's own shelf: nothing half-done, no sealed rubbish, nothing lost."""
    card = tmp_path / "card"
    content = {name: record(card, name, audio(1024 * KIB, ord(name[0]))) for name in ("a", "b")}
    with disk(tmp_path / "small", "2m") as place:
        shelved = vault_shelf(place)
        receipt = run(card, shelved.shelf)
        assert isinstance(receipt.problem, DiskFull)
        taken = {outcome.path for outcome in receipt.taken}
        assert files_of(card) == {path: content[path] for path in content if path not in taken}
        assert shelved.traces() == []
        kept = {item.note.path: item.plain for item in shelved.kept().values()}
        assert kept == {path: content[path] for path in taken}


@contextmanager
def small_files() -> Iterator[None]:
    """Let no file grow beyond 100 KiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then the write fails instead
    resource.setrlimit(resource.RLIMIT_FSIZE, (100 * KIB, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_file_too_large_for_the_vaults_disk_stops_no_other(tmp_path: Path) -> None:
    """A FAT disk takes no 4 GiB: that file is told as failed, the others are taken."""
    card = tmp_path / "card"
    large = record(card, "a.wav", audio(200 * KIB))
    record(card, "b.wav", audio(KIB))
    shelf = DiskShelf(tmp_path)
    with small_files():
        receipt = run(card, shelf)
    assert [outcome.fate for outcome in receipt.outcomes] == [Fate.FAILED, Fate.TAKEN]
    assert isinstance(receipt.problem, StorageProblem)
    assert files_of(card) == {"a.wav": large}
    assert shelf.traces() == []
