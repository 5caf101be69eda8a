"""What is particular to a copy in a folder."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import sys
from pathlib import Path

import pytest

from confere.backup.folder import PARTS, FolderStore
from confere.errors import BadValue, DamagedCopy, DiskFull, StorageProblem


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A folder that is not there yet."""
    return FolderStore(tmp_path / "copy")


def put(store: FolderStore, name: str, content: bytes) -> None:
    """Put bytes."""
    store.put(name, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())


def test_files_and_folders_are_private_whatever_the_umask(store: FolderStore) -> None:
    """0600 and 0700 from the moment they exist."""
    before = os.umask(0)
    try:
        with store.claim():
            put(store, "vault/a/b", b"x")
    finally:
        os.umask(before)
    root = Path(store.where)
    for path in [root, *root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_a_killed_writer_left_is_cleared_by_the_next(store: FolderStore) -> None:
    """Half-written files are never listed, and go."""
    with store.claim():
        put(store, "vault/a", b"x")
    left = Path(store.where) / PARTS / "4711-0123456789abcdef"
    left.write_bytes(b"half")
    assert list(store.names()) == ["vault/a"]
    with store.claim():
        assert not left.exists()


def test_a_folder_is_not_made_where_no_disk_is_mounted(tmp_path: Path) -> None:
    """The backup does not quietly land on the machine's own disk."""
    store = FolderStore(tmp_path / "DISK" / "copy")
    with pytest.raises(StorageProblem, match="mounted"), store.claim():
        pass
    assert not (tmp_path / "DISK").exists()


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    """An error of ours, and the file stays."""
    (tmp_path / "copy").write_bytes(b"mine")
    with pytest.raises(StorageProblem), FolderStore(tmp_path / "copy").claim():
        pass
    assert (tmp_path / "copy").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("number", "error"), [(errno.ENOSPC, DiskFull), (errno.EIO, StorageProblem)]
)
def test_a_full_or_failing_disk_leaves_no_part_behind(
    store: FolderStore,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[Exception],
) -> None:
    """The name keeps what it had, and the hidden folder is empty."""
    with store.claim():
        put(store, "vault/a", b"before")

        def failing(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", failing)
            with pytest.raises(error):
                put(store, "vault/a", b"after")
        with store.open("vault/a") as file:
            assert file.read() == b"before"
        assert [path.name for path in (Path(store.where) / PARTS).iterdir()] == ["lock"]


def test_nothing_is_written_or_read_through_a_linked_folder(
    store: FolderStore, tmp_path: Path
) -> None:
    """A link in the place does not lead out of it; it is listed, and can be removed."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a").write_bytes(b"theirs")
    with store.claim():
        put(store, "vault/x", b"x")
        (Path(store.where) / "vault" / "link").symlink_to(elsewhere)
        for act in (
            lambda: put(store, "vault/link/a", b"mine"),
            lambda: store.open("vault/link/a"),
        ):
            with pytest.raises(BadValue):
                act()
        with pytest.raises(BadValue):
            store.remove("vault/link/a")
        assert sorted(store.names()) == ["vault/link", "vault/x"]
        with pytest.raises(DamagedCopy, match="plain"):
            store.open("vault/link")
        store.remove("vault/link")
    assert (elsewhere / "a").read_bytes() == b"theirs"
    assert sorted(store.names()) == ["vault/x"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders on Windows")
def test_what_is_no_plain_file_is_never_waited_for(store: FolderStore) -> None:
    """A pipe or a folder under a file's name is damage."""
    with store.claim():
        put(store, "vault/x", b"x")
        os.mkfifo(Path(store.where) / "vault" / "pipe")
        for name in ("vault/pipe", "vault"):
            with pytest.raises(DamagedCopy, match="plain"):
                store.digest(name)


def test_removing_takes_the_folders_that_it_empties(store: FolderStore) -> None:
    """A destroyed recording's folder says nothing any more, not even its id."""
    with store.claim():
        put(store, "vault/recordings/one/key.age", b"k")
        put(store, "vault/recordings/two/key.age", b"k")
        store.remove("vault/recordings/one/key.age")
    assert sorted(os.listdir(Path(store.where) / "vault" / "recordings")) == ["two"]
