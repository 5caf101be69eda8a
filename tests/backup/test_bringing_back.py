"""Bringing a backup back: into what, how far, and what is refused."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from confere.backup.bringing_back import bring_back
from confere.backup.checking import check
from confere.backup.folder import FolderStore
from confere.backup.manifest import MANIFEST_NAME, Entry, Manifest
from confere.crypto.canonical import canonical_json
from confere.errors import CopyPlaceProblem, CopyUnderway, DamagedCopy, NoSuchThing, OtherContents
from doubles.faults import Trip
from doubles.object_server import object_store
from doubles.small_vault import FILES, LATER, STUDY, TIME, TrippedStore, backed_up

SOUND = "recordings/one/audio.age"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a backup in it."""
    backed_up(FILES, FolderStore(tmp_path / "copy"))
    return tmp_path / "copy"


@pytest.fixture
def store(place: Path) -> FolderStore:
    """The store of that folder."""
    return FolderStore(place)


def contents(folder: Path) -> Mapping[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("there", ["absent", "empty"])
def test_it_comes_back_private_and_with_nothing_besides(
    store: FolderStore, tmp_path: Path, there: str
) -> None:
    """Every file as it was, 0600 in 0700, and no work in progress is left."""
    back = tmp_path / "back"
    if there == "empty":
        back.mkdir(mode=0o755)
    outcome = bring_back(store, back)
    assert contents(back) == FILES
    assert (outcome.files, len(outcome.copied), outcome.damaged) == (len(FILES), len(FILES), ())
    assert outcome.where == str(back)
    for path in [back, *back.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert not [path for path in back.rglob("*") if path.name.startswith(".")]


def test_it_comes_back_from_an_object_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same over the S3 protocol."""
    store = object_store(monkeypatch)
    backed_up(FILES, store)
    assert check(store) == []
    bring_back(store, tmp_path / "back")
    assert contents(tmp_path / "back") == FILES


def lost_line() -> CopyPlaceProblem:
    """What breaks it off."""
    return CopyPlaceProblem("the place", "the line went dead", "")


def test_what_breaks_off_is_no_vault_and_is_taken_up(store: FolderStore, tmp_path: Path) -> None:
    """``confere.toml`` comes last; the second time only the rest is fetched."""
    trip = Trip()
    bring_back(TrippedStore(store, trip), tmp_path / "x")
    assert trip.steps[-1].startswith("open vault/confere.toml")
    for at in range(1, len(trip.steps)):  # 0 reads the manifest
        back = tmp_path / f"back{at}"
        with pytest.raises(CopyPlaceProblem):
            bring_back(TrippedStore(store, Trip(at, lost_line)), back)
        assert len(contents(back)) == at - 1
        assert not (back / "confere.toml").exists()
        assert len(bring_back(store, back).copied) == len(FILES) - (at - 1)
        assert contents(back) == FILES


def test_a_second_time_finds_everything_there(store: FolderStore, tmp_path: Path) -> None:
    """Nothing is fetched, nothing is changed."""
    bring_back(store, tmp_path / "back")
    assert bring_back(store, tmp_path / "back").copied == ()
    assert contents(tmp_path / "back") == FILES


def test_a_folder_with_something_else_is_refused(store: FolderStore, tmp_path: Path) -> None:
    """It is named, and stays as it was, mode and all."""
    back = tmp_path / "back"
    back.mkdir(mode=0o755)
    (back / "thesis.odt").write_bytes(b"years")
    with pytest.raises(OtherContents, match=r"thesis\.odt"):
        bring_back(store, back)
    assert contents(back) == {"thesis.odt": b"years"}
    assert [path.name for path in back.iterdir()] == ["thesis.odt"]
    assert stat.S_IMODE(back.stat().st_mode) == 0o755


@pytest.mark.parametrize("moved_on", [b"catalog, but later", b"catalog, FIRST"])
def test_a_vault_that_is_in_use_is_refused(
    store: FolderStore, tmp_path: Path, moved_on: bytes
) -> None:
    """A vault that went on since is never put back to an older state, not in one file."""
    back = tmp_path / "back"
    bring_back(store, back)
    (back / "catalog.db").write_bytes(moved_on)
    with pytest.raises(OtherContents, match=r"catalog\.db"):
        bring_back(store, back)
    assert (back / "catalog.db").read_bytes() == moved_on


def test_half_of_another_state_is_refused(store: FolderStore, tmp_path: Path) -> None:
    """Two states of a vault are never mixed."""
    with pytest.raises(CopyPlaceProblem):
        bring_back(TrippedStore(store, Trip(8, lost_line)), tmp_path / "back")
    backed_up(LATER, store)
    before = contents(tmp_path / "back")
    with pytest.raises(OtherContents):
        bring_back(store, tmp_path / "back")
    assert contents(tmp_path / "back") == before


def test_a_link_in_the_folder_is_refused(store: FolderStore, tmp_path: Path) -> None:
    """Nothing is written through a link to somewhere else."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    back = tmp_path / "back"
    back.mkdir()
    (back / "recordings").symlink_to(elsewhere)
    with pytest.raises(OtherContents, match="recordings"):
        bring_back(store, back)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("damage", ["altered", "shorter", "longer", "missing", "folder", "link"])
def test_a_damaged_copy_is_refused_by_name(
    store: FolderStore, place: Path, tmp_path: Path, damage: str
) -> None:
    """Its file is not there afterwards, nor is ``confere.toml``; what is whole can be had without it."""
    stored = place / "vault" / SOUND
    content = stored.read_bytes()
    stored.unlink()
    if damage == "folder":
        stored.mkdir()
    elif damage == "link":
        stored.symlink_to(shutil.copy(place / MANIFEST_NAME, tmp_path / "other"))
    elif damage != "missing":
        stored.write_bytes(
            {"altered": b"X" + content[1:], "shorter": content[:-1], "longer": content + b"X"}[
                damage
            ]
        )
    back = tmp_path / "back"
    with pytest.raises(DamagedCopy, match=r"recordings/one/audio\.age"):
        bring_back(store, back)
    assert not (back / SOUND).exists()
    assert not (back / "confere.toml").exists()
    outcome = bring_back(store, back, leave_out_damaged=True)
    assert outcome.damaged == (SOUND,)
    assert outcome.files == len(FILES) - 1
    assert outcome.size_bytes == sum(map(len, FILES.values())) - len(FILES[SOUND])
    assert contents(back) == {name: FILES[name] for name in FILES if name != SOUND}


def test_two_at_once_into_one_folder_are_refused(store: FolderStore, tmp_path: Path) -> None:
    """The second sees that somebody is at work."""
    with FolderStore(tmp_path / "back").claim(), pytest.raises(CopyUnderway):
        bring_back(store, tmp_path / "back")


def test_a_place_without_a_finished_backup_gives_nothing(tmp_path: Path) -> None:
    """No manifest, or one without files: said so, and no folder is made."""
    store = FolderStore(tmp_path / "copy")
    with pytest.raises(NoSuchThing, match="no backup in"):
        bring_back(store, tmp_path / "back")
    with store.claim():
        store.swap(MANIFEST_NAME, Manifest(STUDY, TIME).content(), None)
    with pytest.raises(DamagedCopy, match="ever finished"):
        bring_back(store, tmp_path / "back")
    with pytest.raises(DamagedCopy, match="ever finished"):
        check(store)
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize(
    "name", ["../x", "/tmp/x", "a//b", "a\\b", "..\\x", ".x", "a/../../x", "C:\\x", "a/./b", ""]
)
def test_a_forged_name_leads_nowhere(
    store: FolderStore, place: Path, tmp_path: Path, name: str
) -> None:
    """A manifest with a name that leads out is no manifest; nothing is written anywhere."""
    entry = Entry(name, "vault/confere.toml", 1, "0" * 64)
    (place / MANIFEST_NAME).write_bytes(Manifest(STUDY, TIME, "", (entry,)).content())
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DamagedCopy, match=r"backup\.json"):
        bring_back(store, tmp_path / "back")
    with pytest.raises(DamagedCopy, match=r"backup\.json"):
        check(store)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_manifest_that_is_no_canonical_json_is_refused(store: FolderStore, place: Path) -> None:
    """One spelling only: two files that say the same thing differently are one too many."""
    content = (place / MANIFEST_NAME).read_bytes()
    for wrong in (b"", b"{}", content + b"\n", content[:-1], b"[]", canonical_json([1])):
        (place / MANIFEST_NAME).write_bytes(wrong)
        with pytest.raises(DamagedCopy, match=r"backup\.json"):
            check(store)


def test_everything_wrong_is_told_by_name(store: FolderStore, place: Path) -> None:
    """Missing, altered, cut short, extra: check names each and changes nothing."""
    (place / "vault" / SOUND).write_bytes(b"Y" * len(FILES[SOUND]))
    (place / "vault/recordings/two/audio.age").write_bytes(b"short")
    (place / "vault/roster/1.note").unlink()
    (place / "vault/recordings/stray.age").write_bytes(b"?")
    os.mkfifo(place / "vault/recordings/pipe")
    before = sorted(place.rglob("*"))
    told = {problem.name: problem.detail for problem in check(store)}
    assert list(told) == [
        SOUND,
        "recordings/two/audio.age",
        "roster/1.note",
        "vault/recordings/pipe",
        "vault/recordings/stray.age",
    ]
    assert "digest" in told[SOUND]
    assert "5 bytes instead of 7000" in told["recordings/two/audio.age"]
    assert "missing" in told["roster/1.note"]
    assert "extra" in told["vault/recordings/stray.age"]
    assert sorted(place.rglob("*")) == before
