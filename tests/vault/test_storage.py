"""The one door to the vault's files."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from confere.errors import BadValue, DamagedVault, DiskFull, StorageProblem
from confere.vault import Storage


def modes(root: Path) -> dict[str, int]:
    """Return the permission bits of everything below a folder."""
    return {
        str(p.relative_to(root)): stat.S_IMODE(p.lstat().st_mode) for p in sorted(root.rglob("*"))
    }


def test_files_and_folders_are_private_from_the_start(tmp_path: Path) -> None:
    """Files are 0600 and folders 0700 whatever the umask says."""
    old = os.umask(0)
    try:
        Storage(tmp_path).write("a/b/c", b"x")
    finally:
        os.umask(old)
    assert modes(tmp_path) == {"a": 0o700, "a/b": 0o700, "a/b/c": 0o600}


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    """Writing over a file needs to be said."""
    storage = Storage(tmp_path)
    storage.write("a", b"first")
    with pytest.raises(StorageProblem):
        storage.write("a", b"second")
    assert storage.read("a") == b"first"
    storage.write("a", b"second", replace=True)
    assert storage.read("a") == b"second"


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "", ".", "a/../../out"])
def test_no_name_leads_out(tmp_path: Path, name: str) -> None:
    """A path that leaves the vault, or is the vault, is refused."""
    with pytest.raises(BadValue):
        Storage(tmp_path / "vault").path(name)


def test_a_link_does_not_lead_out(tmp_path: Path) -> None:
    """A symbolic link inside the vault that points outside is refused too."""
    root = tmp_path / "vault"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(BadValue):
        Storage(root).write("link/x", b"x")


def test_a_neighbour_with_the_same_beginning_is_outside(tmp_path: Path) -> None:
    """`vault2` is not inside `vault`, though its name begins with it."""
    with pytest.raises(BadValue):
        Storage(tmp_path / "vault").path("../vault2/x")


def test_unfinished_work_is_not_listed(tmp_path: Path) -> None:
    """Names with a leading dot and partial folders are invisible."""
    storage = Storage(tmp_path)
    for name in ("done", ".half", "x.partial"):
        storage.write(f"in/{name}", b"")
    assert storage.list("in") == ["done"]
    assert storage.list("nowhere") == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EIO, StorageProblem)],
)
@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_failed_write_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[Exception],
    call: str,
) -> None:
    """Whatever the system refuses, no file and no temporary name stays behind."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    storage = Storage(tmp_path)
    storage.make_folder("a")
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(kind):
        storage.write("a/b", b"content")
    monkeypatch.undo()
    assert os.listdir(tmp_path / "a") == []


def test_a_failed_replacement_keeps_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk in the middle of a replacement changes nothing."""
    storage = Storage(tmp_path)
    storage.write("a", b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        storage.write("a", b"new", replace=True)
    monkeypatch.undo()
    assert storage.read("a") == b"old"


def test_a_missing_file_says_which(tmp_path: Path) -> None:
    """Reading what is not there names it."""
    with pytest.raises(DamagedVault, match="keys/study-1.age"):
        Storage(tmp_path).read("keys/study-1.age")
    with pytest.raises(DamagedVault, match="keys/study-1.age"):
        Storage(tmp_path).open("keys/study-1.age")


def test_many_files_are_replaced_each_whole(tmp_path: Path) -> None:
    """All are new, none is left under another name, and they are private."""
    storage = Storage(tmp_path)
    names = [f"{folder}/key" for folder in "abc"]
    for name in names:
        storage.write(name, b"old")
    storage.replace_all({name: name.encode() for name in names})
    assert [storage.read(name) for name in names] == [name.encode() for name in names]
    assert modes(tmp_path) == {**dict.fromkeys("abc", 0o700), **dict.fromkeys(names, 0o600)}
    storage.replace_all({})


def test_many_files_replaced_on_a_full_disk_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name is given before all are on the disk."""
    storage = Storage(tmp_path)
    names = [f"{folder}/key" for folder in "abc"]
    for name in names:
        storage.write(name, b"old")
    calls = 0

    def full(_: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        storage.replace_all(dict.fromkeys(names, b"new"))
    monkeypatch.undo()
    assert [storage.read(name) for name in names] == [b"old"] * 3
    assert [len(os.listdir(tmp_path / folder)) for folder in "abc"] == [1, 1, 1]
