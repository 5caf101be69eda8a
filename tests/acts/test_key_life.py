"""People and machines come and go: what opens afterwards, and what a cut anywhere leaves."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from confere import wiring
from confere.acts import setup
from confere.acts.desk import ROSTER_EVENTS, SECRETS_EVENTS, Desk, sit_down
from confere.acts.offload import Dock, offload_folder
from confere.acts.take_in import take_in
from confere.crypto import Identity, decrypt
from confere.domain import Role
from confere.errors import (
    BadValue,
    ConfereError,
    DamagedCatalog,
    NoSuchThing,
    NotAllowed,
    NotReady,
    WrongPassphrase,
)
from confere.intake.outcome import Silent
from confere.vault import Machine, Vault
from confere.vault.catalog import Catalog
from confere.vault.events import events_of, list_events
from confere.vault.membership import is_finished
from confere.vault.objects import NewRecording, SealedObject
from confere.vault.people import open_secrets
from confere.vault.recovery import RecoveryKey
from confere.vault.storage import Storage
from confere.vault.study_keys import catalog_key, resealed_to
from doubles.clock import FakeClock
from doubles.cuts import Cut, cut_at
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, SteppingClock, Study

OTHER = "another four words entirely"
READER = frozenset({Role.VERIFIER})


def bring(study: Study, name: str = "a.wav", pitch_hz: float = 300, *, keep: bool = False) -> None:
    """Offload a recording; nobody takes it in."""
    card = study.root.parent / "card"
    write_tone(card / name, 0.3, pitch_hz)
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=keep)


@contextlib.contextmanager
def at_desk(study: Study, name: str = "lena") -> Iterator[Desk]:
    """Sit down, and close the catalog afterwards."""
    desk = study.desk(name)
    try:
        yield desk
    finally:
        desk.vault.close()


def recovery_of(study: Study) -> RecoveryKey:
    """The study's recovery key, as typed from paper."""
    return RecoveryKey.read([study.recovery_key], Vault(study.root).roster.recovery)


def opened_by(study: Study, identity: Identity) -> list[str]:
    """Every sealed file of the vault that an identity opens."""
    files = []
    for file in sorted(study.root.rglob("*.age*")):
        with contextlib.suppress(ConfereError):
            decrypt(file.read_bytes(), [identity])
            files.append(str(file.relative_to(study.root)))
    return files


def payloads(study: Study) -> dict[str, str]:
    """The digest of every payload."""
    return {
        str(f.relative_to(study.root)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(study.root.glob("recordings/*/audio.age"))
    }


def require_whole(desk: Desk) -> None:
    """Nothing is left half-done, everything is told, and every recording opens."""
    vault, storage = desk.vault.locked, desk.vault.locked.storage
    assert is_finished(desk.vault)
    assert resealed_to(storage) == vault.roster.period
    # A removal cut off before its roster leaves a key that nothing is sealed to.
    period = vault.roster.period
    keys = {"resealed", f"study-{period}.age"}
    assert keys <= set(storage.list("keys")) <= keys | {f"study-{period + 1}.age"}
    people = {name.removesuffix(".next") for name in storage.list("people")}
    assert people == {f"{name}.age" for name in vault.roster.people}
    told = {e.value()["of"]["roster"] for e in events_of(desk.catalog, *ROSTER_EVENTS)}
    assert told == set(range(1, vault.roster.version + 1))
    found = [vault.log().find(event.entry) for event in list_events(desk.catalog)]
    told_leaves = [
        row["leaf"] for row in desk.catalog.rows("SELECT leaf FROM events ORDER BY number")
    ]
    assert found == told_leaves
    assert desk.catalog.value("SELECT count(*) FROM events WHERE leaf IS NULL") == 0
    sealed = [e.value()["of"] for e in events_of(desk.catalog, *SECRETS_EVENTS)]
    mine = [of["secrets_sha256"] for of in sealed if of["name"] == desk.person.name]
    assert mine[-1] == desk.secrets_sha256(desk.person.name)
    for name in storage.list("recordings"):
        with desk.vault.open_audio(name) as audio:
            assert audio.read(4) == b"RIFF"


# --- removing ------------------------------------------------------------------------------------


def test_who_was_removed_opens_nothing_any_more(study: Study) -> None:
    """Neither their identity nor the old study key opens a file; recordings are not touched."""
    bring(study)
    with at_desk(study) as desk:
        take_in(desk)
    bring(study, "b.wav", 500)  # waits in intake
    vera = open_secrets(Storage(study.root), "vera", PASSPHRASE)
    before = payloads(study)
    with at_desk(study) as desk:
        old_key = desk.vault.study_identities[0]
        assert opened_by(study, vera.identity) == ["keys/study-1.age"]
        assert opened_by(study, old_key)
        assert setup.remove_person(desk, "vera")
        new_key = desk.vault.study_identities[0]
        require_whole(desk)
    assert opened_by(study, vera.identity) == []
    assert opened_by(study, old_key) == []
    assert len(opened_by(study, new_key)) == 3  # two keys of recordings and a waiting note
    assert payloads(study) == before
    assert not (study.root / "keys" / "study-1.age").exists()
    assert not (study.root / "people" / "vera.age").exists()
    with pytest.raises(DamagedCatalog):
        Catalog(study.root / "catalog.db", catalog_key(old_key))
    with pytest.raises(NoSuchThing, match="vera"):
        study.desk("vera")
    with at_desk(study, "ivo") as desk:
        assert len(take_in(desk)) == 1
        require_whole(desk)


def test_files_that_a_kill_left_are_no_way_round_the_new_key(study: Study) -> None:
    """A temporary file sealed to the old key goes with it."""
    bring(study)
    (folder,) = (study.root / "recordings").iterdir()
    with at_desk(study) as desk:
        old_key = desk.vault.study_identities[0]
        for there, left in (
            (folder / "key.age", folder / ".key.age.4321"),
            (study.root / "intake" / f"{folder.name}.age", study.root / "intake" / ".x.age.4321"),
            (study.root / "keys" / "study-1.age", study.root / "keys" / ".study-1.age.4321"),
        ):
            shutil.copy(there, left)
        setup.remove_person(desk, "vera")
    sealed = [f for f in study.root.rglob("*") if ".age" in f.name]
    for file in sealed:
        with contextlib.suppress(ConfereError):
            decrypt(file.read_bytes(), [old_key])
            pytest.fail(f"{file} still opens")


def test_removing_a_fieldworker_starts_no_period(study: Study) -> None:
    """They could open nothing."""
    with at_desk(study) as desk:
        assert setup.remove_person(desk, "fabio")
        assert desk.roster.period == 1
        require_whole(desk)
    assert not (study.root / "people" / "fabio.age").exists()


def test_nobody_removes_themselves_so_a_lead_is_always_left(study: Study) -> None:
    """The last lead is the one who would have to do it."""
    with at_desk(study) as desk:
        with pytest.raises(BadValue, match="themselves"):
            setup.remove_person(desk, "lena")
        with pytest.raises(NoSuchThing, match="nobody"):
            setup.remove_person(desk, "nobody")
        assert desk.roster.version == 4
    with at_desk(study, "ivo") as desk, pytest.raises(NotAllowed):
        setup.remove_person(desk, "vera")


def test_two_leads_cannot_remove_each_other(study: Study) -> None:
    """Whoever comes second is not in the study any more, and changes nothing."""
    with at_desk(study) as lena:
        setup.add_person(lena, "luis", frozenset({Role.LEAD}), PASSPHRASE)
        with at_desk(study, "luis") as luis:
            setup.remove_person(lena, "luis")
            with pytest.raises(NotReady, match="luis was taken out"):
                setup.remove_person(luis, "lena")
            with pytest.raises(NotReady, match="luis was taken out"):
                setup.change_passphrase(luis, OTHER)
    assert Vault(study.root).roster.leads == ["lena"]


def test_a_lead_whose_key_is_old_shuts_nobody_out(study: Study) -> None:
    """Unlocked before another lead's removal, they cannot add anybody to the old key."""
    with at_desk(study) as lena:
        setup.add_person(lena, "luis", frozenset({Role.LEAD}), PASSPHRASE)
        late = study.desk("luis")
        with contextlib.suppress(NotReady):
            setup.remove_person(lena, "vera")
        with pytest.raises(NotReady):
            setup.add_person(late, "nina", READER, PASSPHRASE)
        late.vault.close()
    with at_desk(study, "luis") as desk:
        setup.add_person(desk, "nina", READER, PASSPHRASE)
        require_whole(desk)
    with at_desk(study, "nina") as desk:
        require_whole(desk)


def test_putting_right_by_an_old_roster_removes_no_new_key(study: Study) -> None:
    """Somebody who unlocked before a removal does not take the new key for rubbish."""
    from confere.acts.desk import put_right

    with at_desk(study) as early:
        other = sit_down(Vault(study.root), "lena", PASSPHRASE, study.clock)
        setup.remove_person(other, "vera")  # cannot finish: `early` has the catalog open
        other.vault.close()
        setup_files = sorted(f.name for f in (study.root / "keys").iterdir())
        assert "study-2.age" in setup_files
        with contextlib.suppress(NotReady):
            put_right(early)
        assert sorted(f.name for f in (study.root / "keys").iterdir()) == setup_files
    with at_desk(study) as desk:
        require_whole(desk)


def test_a_removal_that_another_process_holds_up_is_finished_by_the_next(study: Study) -> None:
    """With the catalog open elsewhere the roster is new, and the rest waits; no work is lost."""
    bring(study)
    with at_desk(study, "ivo") as ivo, at_desk(study) as lena:
        assert not setup.remove_person(lena, "vera")
        assert not is_finished(lena.vault)
        with pytest.raises(NotReady, match="keys were changed"), ivo.catalog.transaction():
            ivo.tell("read", {})
        # Who removed goes on working meanwhile, and lets others write.
        with lena.catalog.transaction():
            lena.tell("read", {})
        with ivo.catalog.transaction():
            pass
    with at_desk(study, "ivo") as desk:
        require_whole(desk)
        assert len(take_in(desk)) == 1


def test_an_open_desk_of_somebody_removed_writes_nothing_more(study: Study) -> None:
    """Not while it holds the removal up, and not afterwards."""
    with at_desk(study, "vera") as vera:
        with at_desk(study) as lena:
            assert not setup.remove_person(lena, "vera")
        with pytest.raises(NotReady, match="vera was taken out"), vera.catalog.transaction():
            vera.tell("read", {})
        assert vera.catalog.value("SELECT count(*) FROM events WHERE what = 'read'") == 0
    with at_desk(study) as lena:
        require_whole(lena)


def test_a_recording_placed_during_a_removal_is_sealed_to_the_new_key(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An offload that copied before the removal, and is placed after it, seals to the newest period."""
    seal = NewRecording.seal
    desk = study.desk()
    old_key = desk.vault.study_identities[0]

    def seal_and_remove(self: NewRecording) -> SealedObject:
        assert setup.remove_person(desk, "vera")
        return seal(self)

    monkeypatch.setattr(NewRecording, "seal", seal_and_remove)
    bring(study)
    monkeypatch.undo()
    desk.vault.close()
    assert opened_by(study, old_key) == []
    with at_desk(study, "ivo") as reader:
        assert len(take_in(reader)) == 1
        require_whole(reader)


# --- recovering ----------------------------------------------------------------------------------


def test_the_only_lead_gets_back_in(study: Study) -> None:
    """With the recovery key and nobody's passphrase; the old one opens nothing any more."""
    bring(study)
    setup.recover(Vault(study.root), "lena", recovery_of(study), OTHER)
    with pytest.raises(WrongPassphrase):
        study.desk()
    desk = sit_down(Vault(study.root), "lena", OTHER, SteppingClock())
    assert desk.person.roles == frozenset({Role.LEAD})
    assert len(take_in(desk)) == 1
    require_whole(desk)
    setup.add_person(desk, "nina", READER, PASSPHRASE)
    desk.vault.close()
    assert len(Vault(study.root).keys_of("lena", "sign-off")) == 2


def test_an_open_desk_of_somebody_recovered_writes_nothing_more(study: Study) -> None:
    """Its keys are not theirs any more; above all it signs no roster."""
    with at_desk(study) as old:
        setup.recover(Vault(study.root), "lena", recovery_of(study), OTHER)
        with pytest.raises(NotReady, match="new keys"):
            setup.add_person(old, "nina", READER, PASSPHRASE)
        with pytest.raises(NotReady, match="new keys"):
            setup.change_passphrase(old, PASSPHRASE)
    assert Vault(study.root).roster.version == 5
    sit_down(Vault(study.root), "lena", OTHER, SteppingClock()).vault.close()


def test_recovering_again_after_a_cut_works(study: Study) -> None:
    """Cut off right after the roster, twice: whoever signed the log's checkpoint has no key by now."""
    for version in (5, 6):
        with pytest.raises(Cut), cut_after_roster(version):
            setup.recover(Vault(study.root), "lena", recovery_of(study), OTHER)
        assert Vault(study.root).roster.version == version
    setup.recover(Vault(study.root), "lena", recovery_of(study), OTHER)
    desk = sit_down(Vault(study.root), "lena", OTHER, SteppingClock())
    require_whole(desk)
    desk.vault.close()


@contextlib.contextmanager
def cut_after_roster(version: int) -> Iterator[None]:
    """End right after a version of the roster was written."""
    write = Storage.write

    def cutting(self: Storage, name: str, content: bytes, *, replace: bool = False) -> None:
        write(self, name, content, replace=replace)
        if name == f"roster/{version}.note":
            raise Cut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Storage, "write", cutting)
        yield


def test_a_fieldworker_and_a_stranger_have_nothing_to_recover(study: Study) -> None:
    """Refused with what to do, before anything is changed."""
    with pytest.raises(BadValue, match="nothing to recover"):
        setup.recover(Vault(study.root), "fabio", recovery_of(study), OTHER)
    with pytest.raises(NoSuchThing):
        setup.recover(Vault(study.root), "nobody", recovery_of(study), OTHER)
    with at_desk(study) as desk:
        setup.remove_person(desk, "vera")
    with pytest.raises(NoSuchThing):
        setup.recover(Vault(study.root), "vera", recovery_of(study), OTHER)
    with at_desk(study) as desk:
        require_whole(desk)


# --- machines ------------------------------------------------------------------------------------


def test_what_an_uncertified_machine_brings_waits_for_its_certificate(study: Study) -> None:
    """And is taken in then."""
    other = Machine(b"\x08" * 32)
    card = study.root.parent / "card"
    write_tone(card / "a.wav", 0.3)
    dock = Dock(Vault(study.root), other, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)
    with at_desk(study) as desk:
        assert take_in(desk) == []
        keys = setup.find_machine(
            desk.vault.locked, other.name.removeprefix("machine:"), MACHINE.keys
        )
        setup.certify_machine(desk, keys)
        assert not list((study.root / "machines").iterdir())
        assert len(take_in(desk)) == 1
        require_whole(desk)


def test_replacing_a_machine_loses_nothing_that_the_old_key_brought(study: Study) -> None:
    """What waits is taken in before the old key counts no longer."""
    state = Storage(study.root.parent / "state-of-machine")
    state.root.mkdir()
    state.write("machine.key", (b"\x07" * 32).hex().encode() + b"\n")
    with at_desk(study) as desk:
        bring(study)
        new = setup.replace_machine(desk, MACHINE, lambda: Machine.renew(state))
        assert list(desk.roster.machines) == [new.name] == [Machine.load(state).name]
        assert not list((study.root / "intake").iterdir())
        require_whole(desk)


def test_a_machine_is_not_replaced_while_it_offloads(study: Study) -> None:
    """And keeps its key."""
    with at_desk(study) as desk, desk.vault.locked.alone("offload"), pytest.raises(NotReady):
        setup.replace_machine(desk, MACHINE, lambda: pytest.fail("a new key was made"))


def test_a_removed_machine_counts_no_longer_but_its_work_stays(study: Study) -> None:
    """Also when it was the last to sign the log."""
    with at_desk(study) as desk:
        bring(study)
        take_in(desk)
        bring(study, "b.wav", 700)
        assert desk.vault.locked.log().signer == MACHINE.name
        setup.remove_machine(desk, MACHINE.name)
        require_whole(desk)
        assert take_in(desk) == []
        with pytest.raises(NoSuchThing):
            setup.remove_machine(desk, MACHINE.name)
        setup.certify_machine(
            desk, setup.find_machine(desk.vault.locked, MACHINE.name, MACHINE.keys)
        )
        assert len(take_in(desk)) == 1


# --- settings and passphrases ----------------------------------------------------------------------


def test_settings_are_approved_anew_after_a_change(study: Study) -> None:
    """Who adds people by changed settings is refused until a lead approved them."""
    file = study.root / "confere.toml"
    with at_desk(study) as desk:
        assert setup.settings_approval(desk).by == "lena"
    file.write_text(file.read_text("utf-8").replace("settle_seconds = 2.0", "settle_seconds = 1.0"))
    with at_desk(study) as desk:
        assert setup.settings_approval(desk).by is None
        with pytest.raises(ConfereError, match="confere.toml was changed"):
            setup.add_person(desk, "nina", READER, PASSPHRASE)
        setup.approve_settings(desk)
        assert setup.settings_approval(desk).by == "lena"
        setup.add_person(desk, "nina", READER, PASSPHRASE)


def test_another_passphrase_takes_the_place_of_the_old_one(study: Study) -> None:
    """The old one opens nothing, and the log tells the new file."""
    with at_desk(study, "ivo") as desk:
        setup.change_passphrase(desk, OTHER)
    with pytest.raises(WrongPassphrase):
        study.desk("ivo")
    desk = sit_down(Vault(study.root), "ivo", OTHER, SteppingClock())
    require_whole(desk)
    desk.vault.close()


# --- cut off anywhere ------------------------------------------------------------------------------


def cut_removal(study: Study) -> None:
    """Removing a reader."""
    with at_desk(study) as desk:
        setup.remove_person(desk, "vera")


def cut_adding(study: Study) -> None:
    """Adding a reader."""
    with at_desk(study) as desk:
        setup.add_person(desk, "nina", READER, PASSPHRASE)


def cut_recovery(study: Study) -> None:
    """Recovering the only lead."""
    setup.recover(Vault(study.root), "lena", recovery_of(study), OTHER)


def cut_passphrase(study: Study) -> None:
    """Another passphrase."""
    with at_desk(study) as desk:
        setup.change_passphrase(desk, OTHER)


def cut_certifying(study: Study) -> None:
    """Certifying a machine."""
    with at_desk(study) as desk:
        setup.certify_machine(desk, Machine(b"\x09" * 32).keys)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "act", [cut_removal, cut_adding, cut_recovery, cut_passphrase, cut_certifying]
)
def test_cut_off_anywhere_the_next_unlocking_makes_it_whole(
    study: Study, tmp_path: Path, act: Callable[[Study], None], after: bool
) -> None:
    """At every call of the storage: a lead gets in, everything opens, and the log tells it all."""
    bring(study)
    bring(study, "b.wav", 500)
    original = tmp_path / "original"
    shutil.copytree(study.root, original)
    number = 0
    while True:
        number += 1
        shutil.rmtree(study.root)
        shutil.copytree(original, study.root)
        try:
            with cut_at(number, after=after) as calls:
                act(study)
        except Cut:
            pass
        else:
            break
        desk = back_in(study)
        try:
            require_whole(desk)
            assert len(take_in(desk)) in (0, 2), calls
            require_whole(desk)
            added = "nina" in desk.roster.people
        finally:
            desk.vault.close()
        if added:
            with at_desk(study, "nina") as nina:
                require_whole(nina)
    assert number > 5


def back_in(study: Study) -> Desk:
    """Lena with the passphrase she has by now; the recovery is repeated if it shut her out."""
    for passphrase in (PASSPHRASE, OTHER):
        with contextlib.suppress(ConfereError):
            return sit_down(Vault(study.root), "lena", passphrase, study.clock)
    setup.recover(Vault(study.root), "lena", recovery_of(study), OTHER)
    return sit_down(Vault(study.root), "lena", OTHER, study.clock)
