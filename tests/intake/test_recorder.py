"""The door to a recorder."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from confere.errors import BadInput, SourceChanged, SourceVanished, StorageProblem
from confere.intake import recorder as recorder_module
from confere.intake.identity import Places
from confere.intake.recorder import Deletion, Recorder
from confere.intake.source import BLOCK_BYTES, SourceFile
from confere.intake.walk import Limits, Unsafe
from doubles.card import files_of, record


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """An empty card."""
    folder = tmp_path / "card"
    folder.mkdir()
    return folder


def only_file(card: Path) -> SourceFile:
    """Return the one file a walk finds."""
    with Recorder(card) as recorder:
        (file,) = recorder.walk().files
    return file


def unsafe(card: Path, limits: Limits | None = None) -> dict[str, Unsafe]:
    """Return what a walk leaves alone."""
    with Recorder(card, limits=limits) as recorder:
        return dict(recorder.walk().unsafe)


# --- walking -------------------------------------------------------------------------------------


def test_a_walk_lists_files_by_path(card: Path) -> None:
    """Files of all folders are listed in the order of their paths, with their sizes."""
    record(card, "b/2.wav", b"22")
    record(card, "a.wav", b"1")
    record(card, "b/1.wav", b"")
    with Recorder(card) as recorder:
        listing = recorder.walk()
    found = [(file.path, file.size_bytes) for file in listing.files]
    assert found == [("a.wav", 1), ("b/1.wav", 0), ("b/2.wav", 2)]
    assert listing.unsafe == ()


def test_two_walks_find_the_same(card: Path) -> None:
    """A second walk of the same opened recorder begins anew."""
    record(card, "a.wav", b"1")
    with Recorder(card) as recorder:
        assert recorder.walk() == recorder.walk()


def test_links_are_not_followed(card: Path, tmp_path: Path) -> None:
    """Links to files and to folders are left alone, wherever they point."""
    record(tmp_path, "laptop/secret.wav", b"secret")
    (card / "file.wav").symlink_to(tmp_path / "laptop" / "secret.wav")
    (card / "folder").symlink_to(tmp_path / "laptop")
    (card / "nowhere.wav").symlink_to("nothing")
    with Recorder(card) as recorder:
        assert recorder.walk().files == ()
    assert unsafe(card) == dict.fromkeys(["file.wav", "folder", "nowhere.wav"], Unsafe.LINK)


def test_pipes_and_sockets_are_not_opened(card: Path) -> None:
    """A pipe or a socket that is named like a recording is left alone."""
    os.mkfifo(card / "pipe.wav")
    os.mknod(card / "socket.wav", stat.S_IFSOCK)
    assert unsafe(card) == {"pipe.wav": Unsafe.SPECIAL, "socket.wav": Unsafe.SPECIAL}


def test_a_folder_named_like_a_recording_is_a_folder(card: Path) -> None:
    """What counts is what a thing is, not how it is called."""
    record(card, "take.wav/inner.wav", b"x")
    assert only_file(card).path == "take.wav/inner.wav"


def test_limits_leave_the_rest_and_say_so(card: Path) -> None:
    """Too deep, too many, too large, too long a name: left alone with the reason."""
    record(card, "1/2/3/deep.wav", b"x")
    record(card, "large.wav", b"x" * 101)
    record(card, "n" * 51, b"x")
    left = unsafe(card, Limits(depth=2, name_bytes=50, file_bytes=100))
    assert left == {"1/2/3": Unsafe.DEPTH, "large.wav": Unsafe.SIZE, "n" * 51: Unsafe.NAME}
    assert unsafe(card, Limits(entries=2))["."] is Unsafe.ENTRIES


def test_the_budget_of_entries_is_for_all_folders_together(card: Path) -> None:
    """With room for three entries, a walk returns no more than three."""
    for folder in "ab":
        for number in range(5):
            record(card, f"{folder}/{number}.wav", b"x")
    with Recorder(card, limits=Limits(entries=3)) as recorder:
        listing = recorder.walk()
    assert len(listing.files) <= 3
    assert Unsafe.ENTRIES in dict(listing.unsafe).values()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_read_is_reported(card: Path) -> None:
    """One closed folder does not end the walk."""
    record(card, "closed/1.wav", b"x")
    (card / "closed").chmod(0)
    record(card, "open.wav", b"x")
    assert unsafe(card) == {"closed": Unsafe.UNREADABLE}
    (card / "closed").chmod(0o700)


def test_what_vanishes_during_a_walk_is_not_there(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that goes between its listing and the look at it costs no other file."""
    for name in ("a.wav", "b.wav"):
        record(card, name, b"x")
    scandir = os.scandir

    class Late:
        """A listing out of date: a.wav is gone when it is asked about."""

        def __init__(self, descriptor: int) -> None:
            self._entries = list(scandir(descriptor))

        def __enter__(self) -> list[os.DirEntry[str]]:
            (card / "a.wav").unlink(missing_ok=True)
            return self._entries

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Late)
    with Recorder(card) as recorder:
        listing = recorder.walk()
    assert ([file.path for file in listing.files], listing.unsafe) == (["b.wav"], ())


def test_names_in_any_bytes_are_found_and_shown_safely(card: Path) -> None:
    """A name that is no UTF-8, or would break a line, can be opened and is shown escaped."""
    for raw in (b"caf\xe9.wav", b"a\nb.wav", b"\xe2\x80\xaevaw.cod"):
        Path(os.fsdecode(os.fsencode(card) + b"/" + raw)).write_bytes(raw)
    with Recorder(card) as recorder:
        files = recorder.walk().files
        assert [file.name for file in files] == ["a\\nb.wav".replace("\\n", "\\u000a"),
                                                 "caf\\xe9.wav", "\\u202evaw.cod"]  # fmt: skip
        for file in files:
            with recorder.open(file) as opened:
                assert opened.read() == os.fsencode(file.parts[-1])


# --- is it still there? --------------------------------------------------------------------------


def test_a_root_that_is_gone_is_noticed(card: Path) -> None:
    """Once the folder is removed, a walk raises instead of finding nothing."""
    with Recorder(card, "H5") as recorder:
        card.rmdir()
        with pytest.raises(SourceVanished, match="H5"):
            recorder.walk()


def test_another_folder_in_its_place_is_noticed(card: Path) -> None:
    """An empty mount point that shows when the card is gone is not the card."""
    with Recorder(card) as recorder:
        card.rename(card.with_name("gone"))
        card.mkdir()
        with pytest.raises(SourceVanished, match="something else"):
            recorder.check()


def test_a_device_that_is_gone_is_noticed(card: Path, tmp_path: Path) -> None:
    """After a yank the folder still answers; the missing block device tells the truth."""
    number = card.stat().st_dev
    device = tmp_path / "dev" / "block" / f"{os.major(number)}:{os.minor(number)}"
    device.mkdir(parents=True)
    with Recorder(card, places=Places(tmp_path)) as recorder:
        recorder.check()
        device.rmdir()
        with pytest.raises(SourceVanished, match="device"):
            recorder.walk()


@pytest.mark.parametrize("moment", ["scandir", "unlink"])
def test_a_device_that_goes_in_the_middle_is_noticed(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Neither "nothing there" nor "deleted" is believed when the device went meanwhile."""
    record(card, "a.wav", b"x")
    file = only_file(card)
    number = card.stat().st_dev
    device = tmp_path / "dev" / "block" / f"{os.major(number)}:{os.minor(number)}"
    device.mkdir(parents=True)
    real = getattr(os, moment)

    def yank(*args: Any, **kwargs: Any) -> Any:
        device.rmdir()
        return real(*args, **kwargs)

    with Recorder(card, places=Places(tmp_path)) as recorder:
        monkeypatch.setattr(os, moment, yank)
        with pytest.raises(SourceVanished, match="device"):
            if moment == "scandir":
                recorder.walk()
            else:
                recorder.delete_if_same(file, file.identity)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_another_file_system_on_the_card_is_left(card: Path) -> None:
    """What is mounted somewhere below the root is not the card."""
    inner = card / "inner"
    inner.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(inner)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        record(inner, "a.wav", b"x")
        with Recorder(card) as recorder:
            listing = recorder.walk()
    finally:
        subprocess.run(["umount", inner], check=True)
    assert (listing.files, listing.unsafe) == ((), (("inner", Unsafe.MOUNT),))


def test_what_is_no_folder_is_no_recorder(card: Path) -> None:
    """A file, and a path where nothing is, are refused with a clear error."""
    record(card, "a.wav", b"x")
    with pytest.raises(BadInput, match="not a folder"):
        Recorder(card / "a.wav")
    with pytest.raises(SourceVanished):
        Recorder(card / "nothing")


# --- reading -------------------------------------------------------------------------------------


def test_blocks_give_the_file_whole_each_time(card: Path) -> None:
    """Reading twice through one opened file gives the same bytes twice."""
    content = record(card, "a.wav", os.urandom((2 << 20) + 17))
    with Recorder(card) as recorder, recorder.open(only_file(card)) as opened:
        assert b"".join(opened.blocks()) == content
        opened.drop_caches()
        assert b"".join(opened.blocks()) == content


@pytest.mark.parametrize("change", ["grow", "shrink", "touch"])
def test_a_file_that_changes_while_it_is_read_is_noticed(card: Path, change: str) -> None:
    """Longer, shorter or younger at the end than at the beginning: SourceChanged."""
    record(card, "a.wav", b"x" * 3_000_000)
    path = card / "a.wav"
    with Recorder(card) as recorder, recorder.open(only_file(card)) as opened:
        blocks = opened.blocks()
        next(blocks)
        if change == "grow":
            with path.open("ab") as more:
                more.write(b"y" * 1000)
        elif change == "shrink":
            os.truncate(path, 2_000_000)
        else:
            os.utime(path, ns=(0, 0))
        with pytest.raises(SourceChanged):
            list(blocks)


def test_a_file_that_grows_without_end_is_read_no_further(card: Path) -> None:
    """No more than the size at the opening is ever handed on."""
    record(card, "a.wav", b"x" * BLOCK_BYTES)
    given: list[bytes] = []
    with Recorder(card) as recorder, recorder.open(only_file(card)) as opened:
        record(card, "a.wav", b"x" * (5 * BLOCK_BYTES))
        with pytest.raises(SourceChanged):
            given.extend(opened.blocks())
    assert len(given) == 1


def test_a_file_that_ends_before_its_size_is_noticed(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that stops short without an error, as after a yank, is no whole file."""
    record(card, "a.wav", b"x" * (2 * BLOCK_BYTES))
    with Recorder(card) as recorder, recorder.open(only_file(card)) as opened:
        blocks = opened.blocks()
        next(blocks)
        monkeypatch.setattr(os, "read", lambda _descriptor, _size: b"")
        with pytest.raises(SourceChanged):
            next(blocks)


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "socket"])
def test_what_took_a_files_place_is_not_opened(card: Path, tmp_path: Path, what: str) -> None:
    """Between the walk and the opening, a file is exchanged for something else: refused."""
    record(card, "a.wav", b"x")
    file = only_file(card)
    place = card / "a.wav"
    place.unlink()
    if what == "link":
        place.symlink_to(tmp_path / "secret")
    elif what == "pipe":
        os.mkfifo(place)
    elif what == "folder":
        place.mkdir()
    else:
        os.mknod(place, stat.S_IFSOCK)
    with Recorder(card) as recorder, pytest.raises(BadInput, match="regular"):
        recorder.open(file)


def test_a_folder_exchanged_for_a_link_is_not_entered(card: Path, tmp_path: Path) -> None:
    """A link in the middle of a path is refused, for reading and for deleting."""
    record(card, "folder/a.wav", b"x")
    file = only_file(card)
    shutil.move(card / "folder", tmp_path / "elsewhere")
    (card / "folder").symlink_to(tmp_path / "elsewhere")
    with Recorder(card) as recorder:
        with pytest.raises(BadInput):
            recorder.open(file)
        with pytest.raises(StorageProblem):
            recorder.delete_if_same(file, file.identity)
    assert (tmp_path / "elsewhere" / "a.wav").exists()


def test_a_file_that_is_gone_cannot_be_opened(card: Path) -> None:
    """The error names the file."""
    record(card, "a.wav", b"x")
    file = only_file(card)
    (card / "a.wav").unlink()
    with Recorder(card) as recorder, pytest.raises(SourceVanished, match=r"a\.wav"):
        recorder.open(file)


# --- deleting ------------------------------------------------------------------------------------


def test_the_same_file_is_deleted_and_nothing_else(card: Path) -> None:
    """Exactly one name goes."""
    record(card, "d/b.wav", b"other")
    record(card, "a.wav", b"x")
    with Recorder(card) as recorder:
        file = recorder.walk().files[0]
        assert recorder.delete_if_same(file, file.identity) is Deletion.DELETED
    assert list(files_of(card)) == ["d/b.wav"]


@pytest.mark.parametrize("change", ["size", "time", "other file", "link"])
def test_another_file_is_not_deleted(card: Path, tmp_path: Path, change: str) -> None:
    """A file with another size, time or inode, or a link, is left where it is."""
    record(card, "a.wav", b"x")
    file = only_file(card)
    path = card / "a.wav"
    if change == "size":
        path.write_bytes(b"xy")
    elif change == "time":
        os.utime(path, ns=(0, 0))
    elif change == "other file":
        times = path.stat()
        record(card, "new", b"y")
        os.utime(card / "new", ns=(times.st_atime_ns, times.st_mtime_ns))
        (card / "new").replace(path)
    else:
        path.rename(tmp_path / "moved")
        path.symlink_to(tmp_path / "moved")
    with Recorder(card) as recorder:
        assert recorder.delete_if_same(file, file.identity) is Deletion.CHANGED
    assert path.exists()


def test_a_file_that_is_gone_already_is_said_to_be(card: Path) -> None:
    """Somebody else deleted it: not an error, and not our deletion either."""
    record(card, "a.wav", b"x")
    file = only_file(card)
    (card / "a.wav").unlink()
    with Recorder(card) as recorder:
        assert recorder.delete_if_same(file, file.identity) is Deletion.GONE


def test_a_deletion_is_synced(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the folder cannot be synced the deletion is not said to be done."""

    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    record(card, "a.wav", b"x")
    file = only_file(card)
    monkeypatch.setattr(os, "fsync", broken)
    with Recorder(card) as recorder, pytest.raises(StorageProblem):
        recorder.delete_if_same(file, file.identity)


def test_where_folders_cannot_be_synced_everything_is(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File systems without fsync for folders get a sync of the whole system."""
    synced: list[str] = []

    def unsupported(_descriptor: int) -> None:
        raise OSError(22, "Invalid argument")

    record(card, "a.wav", b"x")
    file = only_file(card)
    monkeypatch.setattr(os, "fsync", unsupported)
    monkeypatch.setattr(os, "sync", lambda: synced.append("all"))
    with Recorder(card) as recorder:
        assert recorder.delete_if_same(file, file.identity) is Deletion.DELETED
    assert synced == ["all"]


def test_a_write_protected_card_is_said_to_be(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock switch of an SD card: the file stays, and the receipt can say why."""

    def locked(_name: str, *, dir_fd: int) -> None:
        raise OSError(30, "Read-only file system")

    record(card, "a.wav", b"x")
    file = only_file(card)
    monkeypatch.setattr(os, "unlink", locked)
    with Recorder(card) as recorder:
        assert recorder.delete_if_same(file, file.identity) is Deletion.REFUSED
    assert (card / "a.wav").exists()


def test_only_the_recorder_module_unlinks() -> None:
    """No other module of intake calls anything that deletes, renames or writes a file."""
    folder = Path(recorder_module.__file__).parent
    forbidden = (
        "unlink(",
        "os.remove",
        "rmtree",
        "rename(",
        "write_bytes",
        "write_text",
        '.open("w',
    )
    for module in folder.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        found = [word for word in forbidden if word in text]
        assert found == (["unlink("] if module.name == "recorder.py" else []), module.name
