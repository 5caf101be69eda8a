"""A prepared vault, the commands that write to it, and what must hold after a kill of any of them.

What must hold is checked after the *next start*: somebody who reads sits down, and what was cut off is
made good. Then the vault is whole for everybody, and the killed command is either done or not begun.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from confere import wiring
from confere.acts import setup
from confere.acts.audit import Order, audit
from confere.acts.back_up import back_up, restore
from confere.acts.correct import Correction, correct
from confere.acts.desk import ROSTER_EVENTS, Desk, sit_down
from confere.acts.destroy import destroy
from confere.acts.offload import Dock, offload_folder
from confere.acts.queue import Stage, queue
from confere.acts.reading import open_transcript
from confere.acts.sign import sign
from confere.acts.take_in import take_in
from confere.acts.verify import play, verify
from confere.backup.checking import check
from confere.backup.place import open_store
from confere.cli.player import SilentPlayer
from confere.crypto import KeyIdentity, decrypt
from confere.domain import Role, State
from confere.errors import (
    BadInput,
    BadValue,
    ConfereError,
    DamagedCatalog,
    Destroyed,
    NoSuchThing,
    NotAllowed,
    Signed,
    WrongKey,
    WrongPassphrase,
)
from confere.intake.outcome import Silent
from confere.vault import Machine, Pins, Storage, Vault, register
from confere.vault.catalog import Catalog
from confere.vault.destruction import get_destruction, list_destructions
from confere.vault.events import latest_event, list_events
from confere.vault.membership import is_finished
from confere.vault.recovery import RecoveryKey
from confere.vault.roster import roster_digest
from confere.vault.study_keys import catalog_key, resealed_to
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.kills import Call, calls_of, killed
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, SETTINGS, SteppingClock, make_study

NEW_PASSPHRASE = "another four words of hers"
STRANGER = Machine(b"\x09" * 32)
READERS = {"lena", "ivo", "vera"}


@dataclass(frozen=True)
class Facts:
    """What is known of the prepared vault, beside what lies in it."""

    recovery_key: str = ""
    #: Recordings: verified and to be signed; signed; from a machine that no lead has certified.
    ready: str = ""
    signed: str = ""
    waiting: str = ""
    #: Digest of the plain audio by recording.
    sounds: Mapping[str, str] = field(default_factory=dict)
    #: What vera holds who may be removed: her own identity, and the study's of her time.
    veras: tuple[KeyIdentity, ...] = ()
    #: The backup that was made before the recording of the strange machine came.
    backup_log_size: int = 0


@dataclass
class Place:
    """One copy of it: a vault, and the state folder of the machine that has seen it."""

    folder: Path
    facts: Facts = Facts()
    #: Which passphrases somebody may have by now: one of them must do.
    passphrases: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The vault's folder."""
        return self.folder / "vault"

    @property
    def state(self) -> Path:
        """The account's state folder."""
        return self.folder / "state"

    def vault(self) -> Vault:
        """The vault, locked, as this machine finds it."""
        return Vault(self.root, Pins(Storage(self.state)))

    @contextlib.contextmanager
    def desk(self, name: str) -> Iterator[Desk]:
        """Sit down as somebody, with whichever of their passphrases opens, as a command does."""
        *others, last = self.passphrases.get(name, (PASSPHRASE,))
        desk: Desk | None = None
        for passphrase in others:
            with contextlib.suppress(WrongPassphrase, WrongKey):
                desk = sit_down(self.vault(), name, passphrase, SteppingClock())
                break
        desk = desk or sit_down(self.vault(), name, last, SteppingClock())
        try:
            take_in(desk)
            yield desk
        finally:
            desk.vault.close()

    def copy(self, folder: Path) -> Place:
        """Return a copy of it."""
        shutil.copytree(self.folder, folder)
        return dataclasses.replace(self, folder=folder, passphrases=dict(self.passphrases))

    def open(self, name: str, passphrase: str) -> bool:
        """Whether somebody's passphrase opens the vault; raises as `unlock` for any other reason."""
        try:
            self.vault().unlock(name, passphrase).close()
        except (WrongPassphrase, WrongKey):  # the latter: it opens secrets that no longer count
            return False
        return True


def prepare(folder: Path) -> Place:
    """Make a study with a recording to be signed, a signed one, and one of a strange machine."""
    folder.mkdir()
    place = Place(folder)
    Storage(folder).make_folder("state")
    study = make_study(place.root)
    signed, ready = (_verified(place, pitch_hz, MACHINE) for pitch_hz in (300, 400))
    with place.desk("vera") as desk:
        sign(desk, signed, PASSPHRASE)
    _back_up(place)
    with place.desk("vera") as desk:
        backup_log_size = desk.vault.log.size
    _offload(place, 500, STRANGER)
    (note,) = (place.root / "intake").iterdir()
    with place.desk("lena") as desk:
        sounds = {id_: _sound(desk, id_) for id_ in (signed, ready, note.stem)}
    with place.desk("vera") as desk:
        veras = (desk.vault.secrets.identity, *desk.vault.study_identities)
    facts = Facts(study.recovery_key, ready, signed, note.stem, sounds, veras, backup_log_size)
    return Place(folder, facts)


def _offload(place: Place, pitch_hz: float, machine: Machine) -> None:
    card = place.folder / "card"
    write_tone(card / "ZOOM0001.WAV", seconds=1, pitch_hz=pitch_hz)
    offload_folder(
        Dock(Vault(place.root), machine, wiring.probe, FakeClock()), card, Silent(), keep=False
    )
    shutil.rmtree(card)


def _verified(place: Place, pitch_hz: float, machine: Machine) -> str:
    """Offload a recording, and bring it to where only the signature is missing."""
    _offload(place, pitch_hz, machine)
    with place.desk("ivo") as desk:
        recording = next(w.recording_id for w in queue(desk) if w.stage is Stage.DRAFTING)
        engines = FakeSpeechEngine([("pt", "Bom dia.")]), FakeTranslationEngine()
        draft(desk, recording, *engines)
        correct(desk, recording, "1", Correction(target="Good day."))
    with place.desk("vera") as desk:
        assert play(desk, recording, "1", SilentPlayer())
        verify(desk, recording, "1")
    return recording


def _sound(desk: Desk, recording: str) -> str:
    with desk.vault.open_audio(recording) as audio:
        return hashlib.sha256(audio.read()).hexdigest()


# --- what must hold ------------------------------------------------------------------------------


def next_start(place: Place, name: str) -> bool:
    """Let somebody sit down after a kill; returns whether there was anything to be made good."""
    before = contents(place.root)
    with place.desk(name):
        pass
    return contents(place.root) != before


def require_whole(place: Place) -> None:
    """Raise AssertionError unless the vault is whole, for each of its people and in every file."""
    vault = place.vault()
    people, period = vault.roster.people, vault.roster.period
    for name, person in people.items():
        opens = [p for p in place.passphrases.get(name, (PASSPHRASE,)) if _lets_in(place, name, p)]
        assert len(opens) == 1, (name, len(opens))
        assert person.reads == (name != "fabio")
    # Beside them only what is nobody's: secrets that no roster tells, a key nothing is sealed to.
    waiting = {f"{name}.age.next" for name in place.passphrases}
    coming = {f"study-{period + 1}.age"}
    assert set(vault.storage.list("people")) - waiting == {f"{name}.age" for name in people}
    assert set(vault.storage.list("keys")) - coming == {f"study-{period}.age", "resealed"}
    assert resealed_to(vault.storage) == period
    with place.desk("lena") as desk:
        assert is_finished(desk.vault)
        _require_catalog(desk)
        _require_recordings(desk, place.facts)
    for folder in ("people", "keys"):  # the others hold what is public or sealed to a recording
        assert list((place.root / folder).glob(".*")) == []
    assert list(place.root.glob("*.partial")) == []
    assert _readable_by_others(place.folder) == []
    _require_audited(place)


def _lets_in(place: Place, name: str, passphrase: str) -> bool:
    try:
        return place.open(name, passphrase)
    except NotAllowed:
        return name == "fabio"  # the passphrase is right, and opens nothing


def _require_catalog(desk: Desk) -> None:
    """Every page authenticates, every event is signed by one of the study and has its leaf."""
    desk.catalog.check()
    assert desk.catalog.value("SELECT count(*) FROM events WHERE leaf IS NULL") == 0
    events, log = list_events(desk.catalog), desk.vault.locked.log()
    assert log.size == len(events)
    for event in events:
        event.check()
        by = event.value()["by"]
        machines = [
            r.machines[by].verify_keys for r in desk.vault.locked.rosters() if by in r.machines
        ]
        known = desk.vault.locked.keys_of(by, "event") | {keys["event"] for keys in machines}
        assert event.key in known, by
        assert log.find(event.entry) is not None
    told = latest_event(desk.catalog, *ROSTER_EVENTS)
    assert told is not None
    facts = told.value()["of"]
    version = desk.roster.version
    digest = roster_digest(desk.vault.locked.storage, version)
    assert (facts["roster"], facts["roster_sha256"]) == (version, digest)


def _require_audited(place: Place) -> None:
    """The program's own audit finds nothing wrong."""
    pins = Pins(Storage(place.state))
    found = audit(place.root, pins, "lena", PASSPHRASE, Order(), SteppingClock())
    assert found.whole, found.report.wrong
    assert found.told


def _require_recordings(desk: Desk, facts: Facts) -> None:
    """What is not destroyed is there with its sound; what is destroyed has left no file."""
    destroyed = {gone.recording_id for gone in list_destructions(desk.catalog)}
    assert destroyed <= {facts.signed}
    kept = {recording: facts.sounds[recording] for recording in set(facts.sounds) - destroyed}
    assert {e.name for e in desk.vault.locked.storage.path("recordings").iterdir()} == set(kept)
    for recording, digest in kept.items():
        assert _sound(desk, recording) == digest
    if facts.signed in kept:
        assert open_transcript(desk, facts.signed).signed is not None
    if facts.ready in kept:
        open_transcript(desk, facts.ready)
    taken = {recording.id for recording in register.list_recordings(desk.catalog)}
    waits = desk.vault.locked.storage.list("intake")
    certified = STRANGER.name in desk.roster.machines
    assert waits == ([f"{facts.waiting}.age"] if facts.waiting and not certified else [])
    assert taken | {name.removesuffix(".age") for name in waits} >= set(kept)


def contents(root: Path) -> dict[str, str]:
    """Return the digest of every file, but for locks and SQLite's shared memory, which hold nothing."""
    return {
        str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(root.rglob("*"))
        if file.is_file() and not file.name.endswith((".lock", "-shm"))
    }


def _rubbish(root: Path) -> list[str]:
    """Name what work in progress left behind."""
    return [
        str(file.relative_to(root))
        for file in sorted(root.rglob("*"))
        if (file.name.startswith(".") and not file.name.endswith(".lock"))
        or file.name.endswith((".partial", ".next", "-wal", "-shm", "-journal"))
    ]


def _readable_by_others(folder: Path) -> list[str]:
    files = sorted((folder / "vault").rglob("*"))
    return [
        f"{f.relative_to(folder)} {f.stat().st_mode:o}" for f in files if f.stat().st_mode & 0o077
    ]


# --- the commands --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """A command that writes: what it does, and what of it may be there after the next start."""

    name: str
    act: Callable[[Place], object]
    #: Whether it was done, after the next start; raises AssertionError when it is half-done.
    done: Callable[[Place], bool]
    #: What it says when it is given again although it was done; None: it does it again.
    again: type[ConfereError] | None = None
    #: Passphrases that it may have changed.
    passphrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Whether it begins with no vault at all.
    from_nothing: bool = False


def _init(place: Place) -> None:
    setup.create_study(
        place.root,
        study="Prova",
        lead="lena",
        passphrase=PASSPHRASE,
        settings=SETTINGS,
        practice=True,
        machine=Machine.load(Storage(place.state)),
        pins=Pins(Storage(place.state)),
    )


def _was_made(place: Place) -> bool:
    """Whether there is a vault; then work can begin in it, after a look at its settings."""
    if not (place.root / "confere.toml").exists():
        with pytest.raises(BadInput):
            place.vault()
        return False
    with place.desk("lena") as desk:
        setup.approve_settings(desk)
        if "nina" not in desk.roster.people:
            setup.add_person(desk, "nina", frozenset({Role.VERIFIER}), PASSPHRASE)
    assert place.open("nina", PASSPHRASE)
    return True


def _add(place: Place) -> None:
    with place.desk("lena") as desk:
        setup.add_person(desk, "nina", frozenset({Role.VERIFIER}), PASSPHRASE)


def _was_added(place: Place) -> bool:
    if "nina" in place.vault().roster.people:
        assert place.open("nina", PASSPHRASE)
        return True
    with pytest.raises(NoSuchThing):
        place.vault().unlock("nina", PASSPHRASE)
    return False


def _remove(place: Place) -> None:
    with place.desk("lena") as desk:
        setup.remove_person(desk, "vera")


def _was_removed(place: Place) -> bool:
    if "vera" in place.vault().roster.people:
        assert place.open("vera", PASSPHRASE)
        return False
    with pytest.raises(NoSuchThing):
        place.vault().unlock("vera", PASSPHRASE)
    # A copy of her secrets, and of the study's key that she could open, are worth nothing here.
    for file in place.root.rglob("*.age"):
        if file.parent.name != "people":
            with pytest.raises(WrongKey):
                decrypt(file.read_bytes(), list(place.facts.veras))
    with pytest.raises(DamagedCatalog):
        Catalog(place.root / "catalog.db", catalog_key(place.facts.veras[-1]))
    return True


def _change_passphrase(place: Place) -> None:
    with place.desk("ivo") as desk:
        setup.change_passphrase(desk, NEW_PASSPHRASE)


def _recover(place: Place) -> None:
    vault = place.vault()
    recovery = RecoveryKey.read([place.facts.recovery_key], vault.roster.recovery)
    setup.recover(vault, "vera", recovery, NEW_PASSPHRASE)


def _certify(place: Place) -> None:
    with place.desk("lena") as desk:
        setup.certify_machine(desk, STRANGER.keys)


def _sign(place: Place) -> None:
    with place.desk("vera") as desk:
        sign(desk, place.facts.ready, PASSPHRASE)


def _was_signed(place: Place) -> bool:
    with place.desk("vera") as desk:
        opened = open_transcript(desk, place.facts.ready)
        states = {segment.state for segment in opened.transcript.segments}
        assert states == {State.LOCKED if opened.signed else State.VERIFIED}
        return opened.signed is not None


def _destroy(place: Place) -> None:
    with place.desk("lena") as desk:
        ended = destroy(desk, place.facts.signed, "the retention is over")
        assert ended.left == ()


def _was_destroyed(place: Place) -> bool:
    recording = place.facts.signed
    with place.desk("lena") as desk:
        if get_destruction(desk.catalog, recording) is None:
            assert open_transcript(desk, recording).signed is not None
            return False
        with pytest.raises(Destroyed):
            open_transcript(desk, recording)
        for table in ("drafts", "segments", "played", "sign_offs"):
            rows = f"SELECT count(*) FROM {table} WHERE recording_id = ?"
            assert desk.catalog.value(rows, (recording,)) == 0, table
        assert desk.catalog.value("SELECT count(*) FROM unwiped") == 0
    assert not (place.root / "recordings" / recording).exists()
    return True


def _back_up(place: Place) -> None:
    with place.desk("lena") as desk, contextlib.closing(open_store(_copy(place))) as store:
        back_up(desk, store, lambda done, of: None)


def _copy(place: Place) -> str:
    return str(place.folder / "backup")


def _was_backed_up(place: Place) -> bool:
    """Bring the copy back on a machine that has seen nothing: it is the old one or the new one."""
    there = place.folder / "brought back"
    with contextlib.closing(open_store(_copy(place))) as store:
        back = restore(store, there, Pins(Storage(place.state)), lambda done, of: None)
    assert not back.outcome.damaged
    new = (there / "recordings" / place.facts.waiting).exists()
    # This machine has seen what the killed backup told of itself, and says so of the older copy.
    assert new or back.problem is not None or Vault(there).log().size == place.facts.backup_log_size
    opened = Vault(there).unlock("vera", PASSPHRASE)
    opened.catalog.check()
    for recording in Storage(there).list("recordings"):
        with opened.open_audio(recording) as audio:
            digest = hashlib.sha256(audio.read()).hexdigest()
        assert digest == place.facts.sounds[recording]
    opened.close()
    shutil.rmtree(there)
    with contextlib.closing(open_store(_copy(place))) as store:
        return new and check(store) == []  # cut off late, it has not removed what it replaced


COMMANDS = (
    Command("init", _init, _was_made, again=BadValue, from_nothing=True),
    Command("add", _add, _was_added, again=BadValue),
    Command("remove", _remove, _was_removed, again=NoSuchThing),
    Command(
        "passphrase",
        _change_passphrase,
        lambda place: place.open("ivo", NEW_PASSPHRASE),
        passphrases={"ivo": (PASSPHRASE, NEW_PASSPHRASE)},
    ),
    Command(
        "recover",
        _recover,
        lambda place: place.open("vera", NEW_PASSPHRASE),
        passphrases={"vera": (PASSPHRASE, NEW_PASSPHRASE)},
    ),
    Command("certify", _certify, lambda place: STRANGER.name in place.vault().roster.machines),
    Command("sign", _sign, _was_signed, again=Signed),
    Command("destroy", _destroy, _was_destroyed, again=Destroyed),
    Command("backup", _back_up, _was_backed_up),
)


# --- the sweep -----------------------------------------------------------------------------------


def begin(prepared: Place, command: Command, folder: Path) -> Place:
    """Return the place in which a command is going to be given."""
    if command.from_nothing:
        Storage(folder.parent).make_folder(folder.name)
        Storage(folder).make_folder("state")
        return Place(folder)
    place = prepared.copy(folder)
    place.passphrases |= command.passphrases
    return place


def calls(prepared: Place, command: Command, folder: Path) -> list[Call]:
    """Return the calls by which a command changes the vault or the state folder."""
    place = begin(prepared, command, folder)
    found = calls_of(lambda: command.act(place), place.folder)
    assert command.done(place)
    return found


def first_to_come(command: Command, at: int) -> str:
    """Who comes first after the kill: the lead or, every other time, a reader who is none."""
    return "lena" if command.from_nothing or at % 2 == 0 else "ivo"


def survives(
    prepared: Place, command: Command, call: Call, folder: Path, first: str
) -> tuple[bool, bool]:
    """Kill a command before a call, start again, and give the command again.

    Returns whether there was something to be made good, and whether the command was done. Raises
    AssertionError where something is half-done, or an error of the vault where it does not open.
    """
    place = begin(prepared, command, folder)
    assert killed(lambda: command.act(place), call), f"{command.name} never came to {call}"
    if not (place.root / "confere.toml").exists():
        assert not command.done(place)
        left = bool(contents(place.root))
        command.act(place)
        require_whole(place)
        return left, False
    repaired = next_start(place, first)
    for name in sorted(READERS & place.vault().roster.people.keys() - {first}):
        next_start(place, name)
    require_whole(place)
    done = command.done(place)
    if done and command.again is not None:
        with pytest.raises(command.again):
            command.act(place)
    else:
        command.act(place)
        assert command.done(place)
    _require_audited(place)
    if not done:  # everything was written once more, so all that was cut off is gone
        assert _rubbish(place.root) == []
    return repaired, done
