"""Backing a vault up and bringing it back, with everything that may happen meanwhile."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from confere import wiring
from confere.acts import back_up as acts
from confere.acts.audit import Order, audit
from confere.acts.audit.accept import accept_older
from confere.acts.back_up import BackedUp, Restored, back_up, restore
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.destroy import destroy
from confere.acts.offload import Dock, offload_folder
from confere.acts.setup import add_person, create_study, remove_person
from confere.acts.sign import sign
from confere.acts.take_in import take_in
from confere.acts.verify import play, verify
from confere.backup.checking import check
from confere.backup.folder import FolderStore
from confere.backup.port import CopyStore
from confere.backup.s3 import S3Store
from confere.backup.values import SourceFile
from confere.cli.player import SilentPlayer
from confere.crypto import KeyIdentity, decrypt
from confere.domain import Role
from confere.errors import (
    BadValue,
    ChangedUnderway,
    ConfereError,
    CopyUnderway,
    DamagedCatalog,
    DiskFull,
    FilesVanished,
    NotReady,
    OtherContents,
    RolledBack,
    StorageProblem,
)
from confere.intake.outcome import Silent
from confere.vault import Pins, Storage, Vault
from confere.vault.catalog import COPY, Catalog
from confere.vault.events import list_events
from confere.vault.study_keys import catalog_key
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.object_server import object_server, object_store
from doubles.pages import all_bytes
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, SETTINGS, Study

CANARY = "xqzcanario"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A folder for copies, not there yet."""
    return FolderStore(tmp_path / "copy")


@contextlib.contextmanager
def opened(study: Study, name: str = "lena") -> Iterator[Desk]:
    """Sit down at the vault as somebody, and close it afterwards."""
    desk = study.desk(name)
    try:
        yield desk
    finally:
        desk.vault.close()


def offloaded(study: Study, card: Path, pitch_hz: float) -> None:
    """Offload one recording; nobody takes it in."""
    write_tone(card / f"{pitch_hz:.0f}.WAV", seconds=2, pitch_hz=pitch_hz)
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)


def recorded(study: Study, card: Path, pitch_hz: float) -> str:
    """Offload and take in one recording; return its id."""
    offloaded(study, card, pitch_hz)
    with opened(study) as desk:
        return take_in(desk)[0].id


def signed(study: Study, recording_id: str) -> None:
    """Bring a recording to its signature, with the canary in its words."""
    engines = FakeSpeechEngine([("pt", f"O {CANARY} disse.")]), FakeTranslationEngine()
    with opened(study, "ivo") as desk:
        draft(desk, recording_id, *engines)
        correct(desk, recording_id, "1", Correction(target=f"The {CANARY} said."))
    with opened(study, "vera") as desk:
        assert play(desk, recording_id, "1", SilentPlayer())
        verify(desk, recording_id, "1")
        sign(desk, recording_id, PASSPHRASE)


@pytest.fixture
def worked(study: Study, tmp_path: Path) -> tuple[str, str]:
    """A signed recording, and one that was only taken in."""
    first = recorded(study, tmp_path / "card", 300)
    signed(study, first)
    return first, recorded(study, tmp_path / "card", 400)


def backed_up(study: Study, store: CopyStore, **options: bool) -> BackedUp:
    """Back the study up as its lead."""
    with opened(study) as desk:
        return back_up(desk, store, lambda done, of: None, **options)


def brought_back(store: CopyStore, folder: Path, machine: str = "fresh") -> Restored:
    """Restore on some machine."""
    return restore(store, folder, pins(folder.parent / machine), lambda done, of: None)


def pins(state: Path) -> Pins:
    """What a machine has seen."""
    state.mkdir(exist_ok=True)
    return Pins(Storage(state))


def require_whole(root: Path, machine: Path) -> None:
    """Assert that a vault audits clean for its lead, every byte read, on some machine."""
    audited = audit(root, pins(machine), "lena", PASSPHRASE, Order((), True, lambda *_: None))
    assert audited.report.findings == ()
    assert audited.report.not_checked == []
    assert audited.whole


def stored(store: FolderStore) -> dict[str, bytes]:
    """The bytes of everything in a folder of copies."""
    return {name: (Path(store.where) / name).read_bytes() for name in store.names()}


def opens(content: bytes, identities: list[KeyIdentity]) -> bytes | None:
    """What some keys open of a file; None if they do not."""
    try:
        return decrypt(content, identities)
    except ConfereError:
        return None


# --- there and back -----------------------------------------------------------------------------


def test_what_comes_back_is_whole(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """Every byte, every event, every signature: the audit of a restored vault finds nothing."""
    done = backed_up(study, store)
    assert (done.destroyed, done.keys_changed, done.outcome.damaged) == ((), False, ())
    restored = brought_back(store, tmp_path / "back")
    assert restored.problem is None
    assert restored.first_sight
    assert restored.roster is not None
    assert restored.roster.sha256 == Vault(study.root).roster.sha256
    require_whole(tmp_path / "back", tmp_path / "fresh")


def test_the_copy_tells_of_itself(study: Study, store: FolderStore, tmp_path: Path) -> None:
    """The event comes first: the restored vault continues what this machine saw last."""
    here = pins(tmp_path / "here")
    desk = Desk(Vault(study.root, here).unlock("lena", PASSPHRASE))
    back_up(desk, store, lambda done, of: None)
    last = list_events(desk.catalog)[-1].value()
    assert (last["what"], last["of"]) == ("backup", {"to": "folder"})
    desk.vault.close()
    restored = restore(store, tmp_path / "back", here, lambda done, of: None)
    assert restored.problem is None
    assert not restored.first_sight
    manifest = json.loads((tmp_path / "copy" / "backup.json").read_text())
    assert manifest["checkpoint"] == (study.root / "log" / "checkpoint").read_text()


def test_a_second_run_sends_what_changed(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """Catalog and log, which the event changed; and a new recording. Nothing else."""
    backed_up(study, store)
    again = backed_up(study, store)
    assert set(again.outcome.copied) == {"catalog.db", "log/leaves", "log/checkpoint"}
    third = recorded(study, tmp_path / "card", 500)
    new = backed_up(study, store).outcome.copied
    assert {name for name in new if name.startswith("recordings/")} == {
        f"recordings/{third}/key.age",
        f"recordings/{third}/audio.age",
    }


def test_a_recording_that_waits_comes_back_with_its_note(
    study: Study, store: FolderStore, tmp_path: Path
) -> None:
    """Offloaded and not taken in by anybody: the restored vault takes it in."""
    offloaded(study, tmp_path / "card", 300)
    backed_up(study, store)
    brought_back(store, tmp_path / "back")
    with opened(Study(tmp_path / "back", "", study.clock)) as desk:
        assert len(take_in(desk)) == 1
    require_whole(tmp_path / "back", tmp_path / "fresh")


# --- meanwhile ----------------------------------------------------------------------------------


def test_offloading_goes_on_while_the_catalog_is_copied(
    study: Study,
    worked: tuple[str, str],
    store: FolderStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A recording that is placed just then is in the next backup, and this one is whole."""
    original = Catalog._write_copy

    def write_copy(self: Catalog) -> None:
        recorded(study, tmp_path / "card", 600)
        original(self)

    monkeypatch.setattr(Catalog, "_write_copy", write_copy)
    monkeypatch.setattr("confere.vault.vault._SEALING_WAIT_S", 0)
    monkeypatch.setattr("confere.vault.log._WAIT_S", 0)
    backed_up(study, store)
    monkeypatch.undo()
    brought_back(store, tmp_path / "back")
    require_whole(tmp_path / "back", tmp_path / "fresh")
    recordings = {
        name.split("/")[1] for name in backed_up(study, store).outcome.copied if "audio" in name
    }
    assert len(recordings) == 1


def test_a_note_that_is_taken_in_meanwhile_is_not_lost(
    study: Study, store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the notes and the catalog somebody takes it in: it is in both, never in neither."""
    offloaded(study, tmp_path / "card", 300)
    original = acts._notes

    def notes(storage: Storage) -> list[SourceFile]:
        found = original(storage)
        reader = study.desk("ivo")
        with pytest.raises(NotReady):  # committed; its leaf waits for the log, which is held
            take_in(reader)
        reader.vault.close()
        storage.remove(f"intake/{storage.list('intake')[0]}")
        return found

    monkeypatch.setattr(acts, "_notes", notes)
    monkeypatch.setattr("confere.vault.log._WAIT_S", 0)
    backed_up(study, store)
    monkeypatch.undo()
    brought_back(store, tmp_path / "back")
    with opened(Study(tmp_path / "back", "", study.clock)) as desk:
        assert take_in(desk) == []  # it is in the catalog; the note only goes
    require_whole(tmp_path / "back", tmp_path / "fresh")


def while_sending(act: Callable[[], object]) -> Callable[[int, int], None]:
    """A progress that does something, once, when the first byte has gone."""
    waiting = [act]

    def progress(done: int, total: int) -> None:
        if done and waiting:
            waiting.pop()()

    return progress


def ending(study: Study, recording_id: str) -> Callable[[], None]:
    """Somebody else ends the retention of a recording, and nothing of it has to wait."""

    def end() -> None:
        with opened(study) as other:
            assert destroy(other, recording_id, "withdrawn").left == ()

    return end


def test_a_recording_destroyed_while_it_sends_is_told(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """Destroying does not wait for a backup; what the copy has of it, the next run ends."""
    doomed = worked[1]
    backed_up(study, store)  # so that there is an older copy, which is kept until then
    recorded(study, tmp_path / "card", 500)
    with opened(study) as desk:
        done = back_up(desk, store, while_sending(ending(study, doomed)))
    assert done.destroyed == (doomed,)
    assert done.outcome.damaged == ()
    assert any(doomed in name for name in store.names())
    again = backed_up(study, store)
    assert again.destroyed == ()
    assert not any(doomed in name for name in store.names())


def test_a_signed_recording_destroyed_while_it_sends_ends_the_run(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """Its document cannot be read any more. The backup before stays whole, and the next run ends it."""
    doomed = worked[0]
    backed_up(study, store)
    recorded(study, tmp_path / "card", 500)
    with opened(study) as desk, pytest.raises(ChangedUnderway, match=doomed):
        back_up(desk, store, while_sending(ending(study, doomed)))
    assert all(problem.detail.startswith("is extra") for problem in check(store))
    backed_up(study, store)
    assert not any(doomed in name for name in store.names())
    assert check(store) == []


def test_somebody_removed_while_it_sends_is_told(
    study: Study, worked: tuple[str, str], store: FolderStore
) -> None:
    """The copy is of the moment before, whole, and opens with the old key until the next run."""

    def leave() -> None:
        with opened(study) as other:
            remove_person(other, "vera")

    with opened(study) as desk:
        done = back_up(desk, store, while_sending(leave))
    assert done.keys_changed
    assert not backed_up(study, store).keys_changed


def test_two_at_once_to_one_place(study: Study, store: FolderStore) -> None:
    """The second is refused before it tells anything."""
    with opened(study) as desk:
        before = desk.vault.log.size
        with store.claim(), pytest.raises(CopyUnderway):
            back_up(desk, FolderStore(Path(store.where)), lambda done, of: None)
        assert desk.vault.log.size == before


# --- what ends here ends there ------------------------------------------------------------------


def test_after_a_removal_one_run_ends_it_in_the_copy(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """No file of the copy opens with what the removed person had; those who stayed open all."""
    with opened(study, "vera") as desk:
        had = [desk.vault.secrets.identity, *desk.vault.study_identities]
    backed_up(study, store)
    sealed = {name: content for name, content in stored(store).items() if ".age" in name}
    assert sum(opens(content, had) is not None for content in sealed.values()) >= 3
    with opened(study) as desk:
        assert remove_person(desk, "vera")
    backed_up(study, store)
    for name, content in stored(store).items():
        assert ".age" not in name or opens(content, had) is None, name
        if "catalog.db" in name:
            with pytest.raises(DamagedCatalog):
                Catalog(Path(store.where) / name, catalog_key(had[-1]))
    assert not any("people/vera" in name for name in store.names())
    brought_back(store, tmp_path / "back")
    require_whole(tmp_path / "back", tmp_path / "fresh")


def test_after_destroying_one_run_ends_it_in_the_copy(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """Whoever has every key of the study finds neither the recording's key in it nor its words."""
    doomed = worked[0]
    with opened(study) as desk:
        keys = desk.vault.study_identities
        gone = str(desk.vault.recording_key(doomed)).encode()
    backed_up(study, store)
    assert any(gone in (opens(content, keys) or b"") for content in stored(store).values())
    assert CANARY.encode() in pages(store, keys[0])
    with opened(study) as desk:
        destroy(desk, doomed, "withdrawn")
    backed_up(study, store)
    assert not any(doomed in name for name in store.names())
    assert not any(gone in (opens(content, keys) or b"") for content in stored(store).values())
    assert CANARY.encode() not in pages(store, keys[0])
    brought_back(store, tmp_path / "back")
    require_whole(tmp_path / "back", tmp_path / "fresh")


def pages(store: FolderStore, key: KeyIdentity) -> bytes:
    """Every page of the copied catalog in the clear."""
    (name,) = (name for name in store.names() if "catalog.db" in name)
    return all_bytes(Path(store.where) / name, catalog_key(key))


def test_files_of_a_destroyed_recording_that_are_still_there_are_not_copied(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """Put back by hand meanwhile, or not removed yet: the catalog decides."""
    folder = study.root / "recordings" / worked[0]
    shutil.copytree(folder, tmp_path / "kept")
    with opened(study) as desk:
        destroy(desk, worked[0], "withdrawn")
        shutil.copytree(tmp_path / "kept", folder)
        back_up(desk, store, lambda done, of: None)
    assert not any(worked[0] in name for name in store.names())


def test_an_unfinished_removal_is_finished_first_or_told(
    study: Study, worked: tuple[str, str], store: FolderStore
) -> None:
    """While another has the catalog open it cannot be; a backup is made all the same, and says so."""
    with opened(study) as desk:
        with opened(study, "ivo") as other:
            other.catalog.run("BEGIN")
            other.catalog.rows("SELECT id FROM recordings")
            assert not remove_person(desk, "vera")
            assert back_up(desk, store, lambda done, of: None).keys_changed
            other.catalog.run("COMMIT")
        assert not back_up(desk, store, lambda done, of: None).keys_changed
    assert not any("study-1" in name for name in store.names())


# --- older, newer, forged -----------------------------------------------------------------------


def test_an_older_backup_is_noticed_and_a_lead_accepts_it(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """Put over the newer vault, it is refused by everything, until a lead says that it was on purpose."""
    here = pins(tmp_path / "here")
    backed_up(study, store)
    with opened(study) as desk:
        add_person(desk, "nina", frozenset({Role.VERIFIER}), PASSPHRASE)
    Vault(study.root, here).log()
    shutil.rmtree(study.root)
    restored = restore(store, study.root, here, lambda done, of: None)
    assert isinstance(restored.problem, RolledBack)
    with pytest.raises(RolledBack):
        Vault(study.root, here)
    lost = accept_older(study.root, here, "lena", PASSPHRASE, "the disk broke")
    assert lost
    require_whole(study.root, tmp_path / "here")


def test_an_older_vault_does_not_go_over_a_newer_backup(
    study: Study, store: FolderStore, tmp_path: Path
) -> None:
    """Neither one that it does not continue, nor one whose signer it does not know."""
    shutil.copytree(study.root, tmp_path / "older")
    older = Study(tmp_path / "older", "", study.clock)
    backed_up(study, store)
    before = stored(store)
    with pytest.raises(OtherContents, match="does not continue"):
        backed_up(older, store)
    with opened(study) as desk:
        add_person(desk, "nina", frozenset({Role.LEAD}), PASSPHRASE)
    with opened(study, "nina") as desk:
        back_up(desk, store, lambda done, of: None)
    assert stored(store) != before
    before = stored(store)
    with pytest.raises(OtherContents, match="nobody whom this vault knows"):
        backed_up(older, store)
    assert stored(store) == before


def test_a_forged_backup_is_refused_where_the_real_one_was_seen(
    study: Study, store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same study id, people of the attacker's own making: a fresh machine believes it, and says so."""
    id_ = Vault(study.root).roster.study_id
    here = pins(tmp_path / "here")
    Vault(study.root, here).log()
    monkeypatch.setattr("confere.vault.vault.new_id", lambda: id_)
    create_study(
        tmp_path / "forged",
        study="Prova",
        lead="lena",
        passphrase=PASSPHRASE,
        settings=SETTINGS,
        practice=True,
    )
    monkeypatch.undo()
    forged = Study(tmp_path / "forged", "", study.clock)
    backed_up(forged, store)
    refused = restore(store, tmp_path / "back", here, lambda done, of: None)
    assert isinstance(refused.problem, RolledBack)
    with pytest.raises(RolledBack):
        Vault(tmp_path / "back", here)
    believed = brought_back(store, tmp_path / "fooled")
    assert believed.first_sight
    with pytest.raises(OtherContents, match="nobody whom this vault knows"):
        backed_up(study, store)


def test_another_study_has_its_own_place(study: Study, store: FolderStore, tmp_path: Path) -> None:
    """Its files would be taken for rubbish."""
    create_study(
        tmp_path / "other",
        study="Outro",
        lead="lena",
        passphrase=PASSPHRASE,
        settings=SETTINGS,
        practice=True,
    )
    backed_up(study, store)
    with pytest.raises(OtherContents, match="another study"):
        backed_up(Study(tmp_path / "other", "", study.clock), store)


# --- what goes wrong ----------------------------------------------------------------------------


def test_damaged_audio_is_told_and_the_older_copy_kept(
    study: Study, worked: tuple[str, str], store: FolderStore, tmp_path: Path
) -> None:
    """One bad block keeps nothing else from being copied; the good copy brings it back."""
    backed_up(study, store)
    name = f"recordings/{worked[0]}/audio.age"
    audio = study.root / name
    content = audio.read_bytes()
    audio.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = backed_up(study, store)
    assert done.outcome.damaged == ()  # it is there, as it was: nothing had to be sent
    shutil.rmtree(store.where)
    new = FolderStore(Path(store.where))
    assert backed_up(study, new).outcome.damaged == (name,)
    audio.write_bytes(content)
    assert backed_up(study, new).outcome.copied[0] == name


def test_a_lost_recording_does_not_take_its_copy_with_it(
    study: Study, worked: tuple[str, str], store: FolderStore
) -> None:
    """Not destroyed, only gone: the backup stays as it was, and says what is missing."""
    backed_up(study, store)
    shutil.rmtree(study.root / "recordings" / worked[1])
    with pytest.raises(FilesVanished, match=worked[1]):
        backed_up(study, store)
    assert any(worked[1] in name for name in store.names())


def test_no_room_for_the_second_catalog(
    study: Study, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, as SQLite finds it: said so, nothing is left, and the vault works on."""
    original = Catalog._write_copy

    def write_copy(self: Catalog) -> None:
        self.run("PRAGMA fresh.max_page_count = 3")
        original(self)

    monkeypatch.setattr(Catalog, "_write_copy", write_copy)
    with opened(study) as desk:
        with pytest.raises(DiskFull, match="second copy of the catalog"):
            back_up(desk, store, lambda done, of: None)
        assert not list(study.root.glob(f"{COPY}*"))
        monkeypatch.undo()
        back_up(desk, store, lambda done, of: None)


def test_what_a_killed_backup_left_goes_with_the_next_who_unlocks(study: Study) -> None:
    """It may hold words that are destroyed later."""
    (study.root / COPY).write_bytes(b"pages")
    with opened(study, "ivo"):
        pass
    assert not (study.root / COPY).exists()


@pytest.mark.skipif("os.name == 'nt'")
def test_while_it_sends_nothing_lies_in_the_vault(study: Study, store: FolderStore) -> None:
    """Killed then, it leaves nothing behind."""
    found: list[bool] = []
    with opened(study) as desk:
        back_up(desk, store, lambda done, of: found.append((study.root / COPY).exists()))
    assert found
    assert not any(found)


@pytest.mark.parametrize("where", ["", "recordings/copy", "..", "."])
def test_a_copy_does_not_lie_in_the_vault_or_around_it(study: Study, where: str) -> None:
    """It would be copied into itself."""
    with opened(study) as desk, pytest.raises(BadValue, match="in the vault or around it"):
        back_up(desk, FolderStore(study.root / where), lambda done, of: None)


def test_a_disk_that_is_not_mounted_is_found_first(study: Study, tmp_path: Path) -> None:
    """Nothing is told of a backup that could not even begin."""
    with opened(study) as desk:
        before = desk.vault.log.size
        with pytest.raises(StorageProblem, match="mounted"):
            back_up(desk, FolderStore(tmp_path / "no" / "disk"), lambda done, of: None)
        assert desk.vault.log.size == before


def test_nothing_is_brought_back_over_something_else(
    study: Study, store: FolderStore, tmp_path: Path
) -> None:
    """A vault that is there stays as it is, byte for byte."""
    backed_up(study, store)
    before = digests(study.root)
    with opened(study) as desk, desk.catalog.transaction():
        desk.tell("read", {"recording": "0" * 16})
    before = digests(study.root)
    with pytest.raises(OtherContents, match="which is not of this backup"):
        brought_back(store, study.root)
    assert digests(study.root) == before


def digests(root: Path) -> dict[str, str]:
    """The digest of every file below a folder."""
    files = (file for file in root.rglob("*") if file.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


# --- an object store ----------------------------------------------------------------------------


def test_a_bucket_with_versions_keeps_no_version_of_a_destroyed_key(
    study: Study,
    worked: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not under another version, not under a delete marker; and it all comes back."""
    store: S3Store = object_store(monkeypatch, versions=True)
    backed_up(study, store)
    with opened(study) as desk:
        destroy(desk, worked[0], "withdrawn")
    backed_up(study, store)
    listed = object_server().client.list_object_versions(Bucket=store.bucket)
    keys = [each["Key"] for each in [*listed["Versions"], *listed.get("DeleteMarkers", [])]]
    assert any(worked[1] in key for key in keys)
    assert not any(worked[0] in key for key in keys)
    assert brought_back(store, tmp_path / "back").problem is None
    require_whole(tmp_path / "back", tmp_path / "fresh")
