"""Backing up: what is sent, what is believed, what goes, what is refused."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from confere.backup.bringing_back import bring_back
from confere.backup.checking import check
from confere.backup.copying import back_up
from confere.backup.folder import FolderStore
from confere.backup.manifest import Manifest
from confere.backup.port import BLOCK_BYTES, Readable
from confere.backup.state import read_manifest
from confere.backup.values import SourceFile
from confere.errors import (
    BadValue,
    ChangedUnderway,
    CopyDiffers,
    CopyUnderway,
    DamagedCopy,
    DamagedVault,
    FilesVanished,
    OtherContents,
)
from doubles.faults import Trip
from doubles.object_server import object_server, object_store
from doubles.small_vault import FILES, LATER, STUDY, TIME, TrippedStore, backed_up, sources


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A folder with nothing in it."""
    return FolderStore(tmp_path / "copy")


def brought_back(store: FolderStore, folder: Path) -> Mapping[str, bytes]:
    """Return what a backup gives back."""
    bring_back(store, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def put_names(trip: Trip) -> list[str]:
    """The names in the store that were put."""
    return [step.removeprefix("put ") for step in trip.steps if step.startswith("put ")]


def test_a_backup_holds_every_file_and_says_what_it_did(store: FolderStore, tmp_path: Path) -> None:
    """The first run sends everything; the manifest tells what there is; it comes back the same."""
    outcome = back_up(sources(FILES), store, study=STUDY, made_at=TIME, checkpoint="tree 7\n")
    size = sum(map(len, FILES.values()))
    assert (outcome.files, outcome.size_bytes, outcome.copied_bytes) == (len(FILES), size, size)
    assert sorted(outcome.copied) == sorted(FILES)
    assert (outcome.removed, outcome.damaged) == ((), ())
    manifest = read_manifest(store)
    assert manifest is not None
    assert (manifest.study, manifest.made_at, manifest.checkpoint) == (STUDY, TIME, "tree 7\n")
    assert sorted(manifest.by_name()) == sorted(FILES)
    assert check(store) == []
    assert brought_back(store, tmp_path / "back") == FILES


def test_what_never_changes_goes_first_and_under_its_own_name(store: FolderStore) -> None:
    """Most of the bytes are on their way before anything that may change is even read."""
    trip = Trip()
    backed_up(FILES, TrippedStore(store, trip))
    names = put_names(trip)
    assert set(names[:3]) == {
        "vault/roster/1.note",
        "vault/recordings/one/audio.age",
        "vault/recordings/two/audio.age",
    }
    assert names[3].startswith("vault/confere.toml.")
    assert names[-1].startswith("vault/log/checkpoint.")


def test_a_second_run_sends_nothing_when_nothing_changed(store: FolderStore) -> None:
    """The run is recorded, and not one file is put, read back or removed."""
    backed_up(FILES, store)
    trip = Trip()
    outcome = backed_up(FILES, TrippedStore(store, trip))
    assert outcome.copied == ()
    assert outcome.files == len(FILES)
    assert not [step for step in trip.steps if step.startswith(("put", "digest", "remove"))]


def test_a_second_run_sends_only_what_changed(store: FolderStore, tmp_path: Path) -> None:
    """New and changed files are put once each; what is gone or older is removed after that."""
    backed_up(FILES, store)
    trip = Trip()
    outcome = backed_up(LATER, TrippedStore(store, trip))
    changed = {name for name in LATER if FILES.get(name) != LATER[name]}
    assert set(outcome.copied) == changed
    assert len(put_names(trip)) == len(changed) == 4
    assert len(outcome.removed) == 4  # key and sound of one; the older catalog and checkpoint
    assert check(store) == []
    assert brought_back(store, tmp_path / "back") == LATER


def test_a_recording_that_never_changes_is_not_read_again(store: FolderStore) -> None:
    """A file with a known digest is opened only to be sent."""
    backed_up(FILES, store)

    def not_to_be_opened() -> BinaryIO:
        raise AssertionError("opened")

    files = [
        replace(source, open=not_to_be_opened) if source.sha256 else source
        for source in sources(FILES)
    ]
    assert back_up(files, store, study=STUDY, made_at=TIME).copied == ()


def test_a_destroyed_recording_s_key_is_gone_from_the_place(
    store: FolderStore, tmp_path: Path
) -> None:
    """No file below the folder holds the key any more: this ends retention in the backup."""
    backed_up(FILES, store)
    outcome = backed_up(LATER, store)
    assert any("recordings/one/key.age" in name for name in outcome.removed)
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"key 1" not in left
    assert b"key 2" in left


def test_a_bucket_with_versions_keeps_no_destroyed_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where deleting only hides, every version is deleted by its own name."""
    store = object_store(monkeypatch, versions=True)
    backed_up(FILES, store)
    backed_up(LATER, store)
    pages = object_server().client.list_object_versions(Bucket=store.bucket)
    keys = [item["Key"] for item in pages["Versions"] + pages.get("DeleteMarkers", [])]
    assert not [key for key in keys if "recordings/one/" in key]
    assert [key for key in keys if "recordings/two/key.age" in key]


def test_files_that_nobody_let_go_are_not_forgotten(store: FolderStore, tmp_path: Path) -> None:
    """A vault that lost a recording by accident does not take the last copy with it."""
    backed_up(FILES, store)
    with pytest.raises(FilesVanished, match=r"recordings/one/audio\.age and 1 more"):
        back_up(
            sources(LATER),
            store,
            study=STUDY,
            made_at=TIME,
            may_go=lambda name: not name.startswith("recordings/"),
        )
    assert brought_back(store, tmp_path / "back") == FILES


def test_a_rotten_copy_of_the_same_length_is_found_by_a_recheck_and_put_again(
    store: FolderStore, tmp_path: Path
) -> None:
    """An ordinary run believes the listing; check and recheck read. (Said in ``plan``.)"""
    backed_up(FILES, store)
    rotten = tmp_path / "copy/vault/recordings/one/audio.age"
    rotten.write_bytes(b"X" + FILES["recordings/one/audio.age"][1:])
    assert backed_up(FILES, store).copied == ()
    assert [problem.name for problem in check(store)] == ["recordings/one/audio.age"]
    assert backed_up(FILES, store, recheck=True).copied == ("recordings/one/audio.age",)
    assert check(store) == []


def test_a_lost_or_shortened_copy_is_put_again_by_any_run(
    store: FolderStore, tmp_path: Path
) -> None:
    """What a listing can tell is seen every time."""
    backed_up(FILES, store)
    (tmp_path / "copy/vault/recordings/one/audio.age").write_bytes(b"short")
    (tmp_path / "copy/vault/roster/1.note").unlink()
    assert set(backed_up(FILES, store).copied) == {"recordings/one/audio.age", "roster/1.note"}
    assert check(store) == []


class Rotting(TrippedStore):
    """A place that loses a bit of whatever it is given."""

    def __init__(self, inner: FolderStore, root: Path) -> None:
        super().__init__(inner, Trip())
        self._root = root

    def put(self, name: str, source: Readable, size_bytes: int, sha256: str) -> None:
        """Put, and lose."""
        super().put(name, source, size_bytes, sha256)
        content = (self._root / name).read_bytes()
        (self._root / name).write_bytes(bytes([content[0] ^ 1]) + content[1:])


def test_what_is_read_back_must_be_what_was_put(store: FolderStore, tmp_path: Path) -> None:
    """A place that keeps something else is found out at once, and makes no backup."""
    with pytest.raises(CopyDiffers, match=r"1\.note|audio\.age"):
        backed_up(FILES, Rotting(store, tmp_path / "copy"))
    manifest = read_manifest(store)
    assert manifest is not None
    assert not manifest.finished


class Growing:
    """A file that somebody writes to: each opening gives one byte more."""

    def __init__(self) -> None:
        self.openings = 0

    def open(self) -> BinaryIO:
        """Open."""
        self.openings += 1
        return io.BytesIO(b"x" * self.openings)


def test_a_file_that_changes_while_it_is_copied_is_noticed(
    store: FolderStore, tmp_path: Path
) -> None:
    """The run ends with the file's name; the backup before it is whole."""
    backed_up(FILES, store)
    growing = SourceFile("catalog.db", 1, Growing().open)
    others = [source for source in sources(LATER) if source.name != "catalog.db"]
    with pytest.raises(ChangedUnderway, match=r"catalog\.db"):
        back_up([*others, growing], store, study=STUDY, made_at=TIME)
    assert brought_back(store, tmp_path / "back") == FILES


def unreadable() -> BinaryIO:
    """A file on a dying disk."""
    raise DamagedVault("recordings/three/audio.age", "cannot be read")


@pytest.mark.parametrize("fault", ["altered", "unreadable"])
def test_one_damaged_recording_does_not_keep_the_others_from_being_copied(
    store: FolderStore, fault: str
) -> None:
    """It is left out and told; everything else is copied and the backup is finished."""
    backed_up(FILES, store)
    how = {"altered": lambda: io.BytesIO(b"sound X" * 1000), "unreadable": unreadable}[fault]
    files = [
        replace(source, open=how) if source.name == "recordings/three/audio.age" else source
        for source in sources(LATER)
    ]
    outcome = back_up(files, store, study=STUDY, made_at=TIME)
    assert outcome.damaged == ("recordings/three/audio.age",)
    assert outcome.files == len(LATER) - 1
    assert check(store) == []
    assert "recordings/three/audio.age" not in outcome.copied


def test_the_copy_of_a_recording_that_was_damaged_since_is_kept(
    store: FolderStore, tmp_path: Path
) -> None:
    """The vault's recording is broken and so is the copy: its entry stays, so that check names it."""
    backed_up(FILES, store)
    (tmp_path / "copy/vault/recordings/one/audio.age").unlink()
    files = [
        replace(source, open=unreadable) if source.name == "recordings/one/audio.age" else source
        for source in sources(FILES)
    ]
    outcome = back_up(files, store, study=STUDY, made_at=TIME)
    assert outcome.damaged == ("recordings/one/audio.age",)
    assert [problem.name for problem in check(store)] == ["recordings/one/audio.age"]


def test_another_recording_under_the_same_name_is_never_taken(
    store: FolderStore, tmp_path: Path
) -> None:
    """What never changes did: the run ends, and the copy stays as it was."""
    backed_up(FILES, store)
    with pytest.raises(DamagedCopy, match=r"recordings/one/audio\.age"):
        backed_up({**FILES, "recordings/one/audio.age": b"forged"}, store)
    assert brought_back(store, tmp_path / "back") == FILES


def test_the_place_of_another_study_is_refused(store: FolderStore, tmp_path: Path) -> None:
    """Nothing of either study is touched."""
    backed_up(FILES, store)
    with pytest.raises(OtherContents, match="another study"):
        back_up(sources(LATER), store, study="another", made_at=TIME)
    assert brought_back(store, tmp_path / "back") == FILES


def test_a_folder_that_holds_a_vault_is_not_taken_for_a_backup(
    store: FolderStore, tmp_path: Path
) -> None:
    """Somebody's 'vault' folder is never cleared as rubbish."""
    mine = tmp_path / "copy/vault/confere.toml"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(OtherContents):
        backed_up(FILES, store)
    assert mine.read_bytes() == b"mine"
    assert sorted(path.name for path in (tmp_path / "copy/vault").rglob("*")) == ["confere.toml"]


def test_files_beside_the_backup_are_left_alone(store: FolderStore, tmp_path: Path) -> None:
    """A disk may hold other things than a backup."""
    (tmp_path / "copy").mkdir()
    other = tmp_path / "copy/holidays.jpg"
    other.write_bytes(b"beach")
    backed_up(FILES, store)
    backed_up(LATER, store)
    assert other.read_bytes() == b"beach"
    assert check(store) == []


@pytest.mark.parametrize("names", [[], ["a", "a"], ["../a"], ["/a"], ["a/.b"]])
def test_files_that_make_no_backup_are_refused(store: FolderStore, names: list[str]) -> None:
    """No file, a file twice, a name that leads out: nothing is written anywhere."""
    files = [SourceFile(name, 1, lambda: io.BytesIO(b"x")) for name in names]
    with pytest.raises(BadValue):
        back_up(files, store, study=STUDY, made_at=TIME)
    assert not Path(store.where).exists()


def test_progress_ends_where_it_said_it_would(store: FolderStore) -> None:
    """Every byte is told twice, for the way out and the way back; totals only grow."""
    told: list[tuple[int, int]] = []
    back_up(
        sources(FILES),
        store,
        study=STUDY,
        made_at=TIME,
        progress=lambda done, total: told.append((done, total)),
    )
    size = 2 * sum(map(len, FILES.values()))
    assert told[-1] == (size, size)
    assert told == sorted(told)
    assert all(done <= total for done, total in told)


def test_a_folder_takes_one_run_at_a_time(store: FolderStore, tmp_path: Path) -> None:
    """While one is at work, the second is refused at once, and the first does not notice."""
    with store.claim(), pytest.raises(CopyUnderway):
        backed_up(LATER, FolderStore(tmp_path / "copy"))
    assert backed_up(FILES, store).files == len(FILES)


def test_a_large_file_is_copied_block_by_block(store: FolderStore) -> None:
    """No more than a block is asked of a source at a time."""
    asked: list[int] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(-1 if size is None else size)
            return super().read(size)

    file = SourceFile("catalog.db", 0, lambda: Watched(b"x" * (3 * BLOCK_BYTES + 5)))
    back_up([file], store, study=STUDY, made_at=TIME)
    assert min(asked) > 0
    assert max(asked) == BLOCK_BYTES


def test_a_manifest_tells_its_size(store: FolderStore) -> None:
    """The size of a manifest is that of its files."""
    backed_up(FILES, store)
    manifest = read_manifest(store)
    assert isinstance(manifest, Manifest)
    assert manifest.size_bytes == sum(map(len, FILES.values()))
