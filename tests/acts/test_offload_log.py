"""The offload and the custody log: what stops it, what is said, and that no recording is lost by it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from confere import wiring
from confere.acts.desk import Desk
from confere.acts.offload import Dock, offload_folder
from confere.acts.setup import certify_machine, remove_machine, remove_person
from confere.acts.take_in import take_in
from confere.acts.watching import Ears, watch_sources
from confere.cli.offload import command
from confere.crypto.checkpoint import Checkpoint, sign_checkpoint
from confere.errors import (
    BadProof,
    BadSignature,
    ConfereError,
    DamagedVault,
    DiskFull,
    ForgedStore,
    NotReady,
    RolledBack,
)
from confere.intake.listening import Bell
from confere.intake.outcome import Fate, Outcome, Silent
from confere.intake.receipt import Receipt, checkpoint_of
from confere.intake.source import SourceFile
from confere.vault import Machine, Pins, Storage, Vault, log
from confere.vault.events import events_of, list_events
from confere.vault.log import CHECKPOINT, LEAVES, CustodyLog
from doubles.clock import FakeClock
from doubles.sounds import write_tone
from doubles.studies import MACHINE, Study

STRANGER = Machine(b"\x09" * 32)


class Between(Silent):
    """A progress that lets something happen once a file is done."""

    def __init__(self, then: Callable[[], object]) -> None:
        self._then: Callable[[], object] | None = then

    def finished(self, outcome: Outcome) -> None:
        """Let it happen after the first file."""
        then, self._then = self._then, None
        if then is not None:
            then()


class Underway(Silent):
    """A progress that lets something happen while the first file is being copied."""

    def __init__(self, then: Callable[[], object]) -> None:
        self._then: Callable[[], object] | None = then

    def started(self, file: SourceFile, size_bytes: int) -> None:
        """Nothing yet: roster and log are looked at after this."""

    def advanced(self, bytes_done: int) -> None:
        """Let it happen at the first block."""
        then, self._then = self._then, None
        if then is not None:
            then()


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    """What this machine has seen."""
    (tmp_path / "seen").mkdir()
    return Pins(Storage(tmp_path / "seen"))


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card with two recordings."""
    write_tone(tmp_path / "card" / "a.wav", pitch_hz=300)
    write_tone(tmp_path / "card" / "b.wav", pitch_hz=500)
    return tmp_path / "card"


def dock_of(study: Study, pins: Pins, machine: Machine = MACHINE) -> Dock:
    """A dock at the study's vault, on a machine that remembers."""
    return Dock(Vault(study.root, pins), machine, wiring.probe, FakeClock())


def offloaded(dock: Dock, card: Path, progress: Silent | None = None) -> Receipt:
    """Offload the card."""
    return offload_folder(dock, card, progress or Silent(), keep=False)


def on(card: Path) -> list[str]:
    """The files on the card."""
    return sorted(p.name for p in card.iterdir())


def recordings(study: Study) -> list[str]:
    """The names in the vault's folder of recordings, partial ones too."""
    return sorted(p.name for p in (study.root / "recordings").iterdir())


def the_log(study: Study) -> CustodyLog:
    """The log as it is on the disk, checked."""
    return Vault(study.root).log()


def require_settled(study: Study) -> list[str]:
    """Take in; every event has its entry, no entry is there twice; return the recordings' ids."""
    desk: Desk = study.desk()
    take_in(desk)
    entries = [event.entry for event in list_events(desk.catalog)]
    offloads = [str(e.value()["of"]["recording"]) for e in events_of(desk.catalog, "offload")]
    desk.vault.close()
    assert sorted(entries) == sorted(the_log(study).entries)
    assert sorted(offloads) == recordings(study)
    return offloads


# --- in order ------------------------------------------------------------------------------------


def test_the_receipt_covers_what_it_lists(study: Study, card: Path, pins: Pins) -> None:
    """Its checkpoint is the log's after the last recording; a later log continues it."""
    before = the_log(study).size
    receipt = offloaded(dock_of(study, pins), card)
    seen = checkpoint_of(receipt.text())
    assert seen is not None
    assert seen.size == before + 2
    assert "has its entry in this log" in receipt.text()
    require_settled(study)
    later = the_log(study)
    assert later.size > seen.size
    later.require_continues(seen.size, seen.root, "the custody log")


def test_the_log_is_read_once(
    study: Study, card: Path, pins: Pins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many files there are, the leaves are read at the beginning only."""
    read = Storage.read_span
    beginnings: list[str] = []

    def counted(self: Storage, name: str, start: int, size_bytes: int) -> bytes:
        if start == 0:
            beginnings.append(name)
        return read(self, name, start, size_bytes)

    monkeypatch.setattr(Storage, "read_span", counted)
    offloaded(dock_of(study, pins), card)
    assert beginnings.count(LEAVES) == 1


def test_what_a_reader_adds_meanwhile_is_continued(study: Study, card: Path, pins: Pins) -> None:
    """A reader who takes the first recording in while the second is copied disturbs nothing."""

    def read() -> None:
        desk = study.desk()
        take_in(desk)
        desk.vault.close()

    receipt = offloaded(dock_of(study, pins), card, Between(read))
    assert [o.fate for o in receipt.outcomes] == [Fate.TAKEN, Fate.TAKEN]
    assert len(require_settled(study)) == 2


# --- a machine that is not certified -------------------------------------------------------------


def test_an_uncertified_machine_adds_nothing_and_says_so(
    study: Study, card: Path, pins: Pins
) -> None:
    """Its recordings are safe, its receipt tells the log's state, and they get entries later."""
    before = the_log(study)
    receipt = offloaded(dock_of(study, pins, STRANGER), card)
    assert on(card) == []
    assert "THIS MACHINE IS NOT CERTIFIED YET" in receipt.text()
    seen = checkpoint_of(receipt.text())
    assert seen is not None
    assert (seen.size, seen.root) == (before.size, before.tree.root())
    assert receipt.problem is None
    desk = study.desk()
    certify_machine(desk, STRANGER.keys)
    desk.vault.close()
    assert len(require_settled(study)) == 2


def test_a_machine_certified_meanwhile_adds_what_it_took_before(
    study: Study, card: Path, pins: Pins
) -> None:
    """From the next file on, the log has both."""

    def certify() -> None:
        desk = study.desk()
        certify_machine(desk, STRANGER.keys)
        desk.vault.close()

    receipt = offloaded(dock_of(study, pins, STRANGER), card, Between(certify))
    assert "has its entry in this log" in receipt.text()
    assert len(require_settled(study)) == 2


def test_a_machine_removed_meanwhile_adds_nothing_more(
    study: Study, card: Path, pins: Pins
) -> None:
    """The second recording is safe, waits for a lead, and the log stays good."""

    def remove() -> None:
        desk = study.desk()
        remove_machine(desk, MACHINE.name)
        desk.vault.close()

    receipt = offloaded(dock_of(study, pins), card, Between(remove))
    assert "THIS MACHINE IS NOT CERTIFIED YET" in receipt.text()
    assert on(card) == []
    size = the_log(study).size
    desk = study.desk()
    take_in(desk)  # neither: the machine is in the roster no more
    desk.vault.close()
    assert the_log(study).size == size
    assert len(recordings(study)) == 2


# --- not in order: refused before anything is copied ---------------------------------------------


def rolled_back(study: Study) -> None:
    """Put the log back by one entry, with a checkpoint that was good then."""
    desk = study.desk()
    folder = study.root / "log"
    shutil.copytree(folder, study.root / ".before")
    with desk.catalog.transaction():
        desk.tell("read", {})
    desk.vault.close()
    Vault(study.root, Pins(Storage(study.root.parent / "seen"))).log()
    shutil.rmtree(folder)
    (study.root / ".before").rename(folder)


def cut_short(study: Study) -> None:
    """Lose the last entry's end."""
    leaves = study.root / LEAVES
    leaves.write_bytes(leaves.read_bytes()[:-1])


def altered(study: Study) -> None:
    """Change one byte of the first entry."""
    leaves = study.root / LEAVES
    content = bytearray(leaves.read_bytes())
    content[0] ^= 1
    leaves.write_bytes(content)


def forged(study: Study) -> None:
    """Put a checkpoint under the log that nobody of the study signed."""
    checkpoint = study.root / CHECKPOINT
    text = checkpoint.read_text().rpartition("\n\n")[0] + "\n"
    seen = Checkpoint.parse(text)
    checkpoint.write_text(sign_checkpoint(seen, STRANGER.name, STRANGER.signing_key("checkpoint")))


def older_roster(study: Study) -> None:
    """Take the newest version of the roster away."""
    max((study.root / "roster").glob("*.note"), key=lambda p: int(p.stem)).unlink()


WRONGS = [
    (rolled_back, RolledBack),
    (cut_short, DamagedVault),
    (altered, BadProof),
    (forged, BadSignature),
    (older_roster, RolledBack),
]
#: What is seen without reading all leaves again: an altered leaf is found by the next opening.
SEEN_AT_ONCE = [each for each in WRONGS if each[0] not in (cut_short, altered)]


@pytest.mark.parametrize(("wrong", "error"), WRONGS)
def test_a_vault_that_is_not_in_order_takes_nothing(
    study: Study, card: Path, pins: Pins, wrong: Callable[[Study], None], error: type[ConfereError]
) -> None:
    """The offload is refused by name; the card and the vault are as they were."""
    dock = dock_of(study, pins)
    dock.vault.log()
    wrong(study)
    files = {p: p.read_bytes() for p in study.root.rglob("*") if p.is_file()}
    with pytest.raises(error):
        offloaded(dock, card)
    assert on(card) == ["a.wav", "b.wav"]
    after = {p: p.read_bytes() for p in study.root.rglob("*") if p.is_file()}
    assert {p: c for p, c in after.items() if not p.name.endswith(".lock")} == {
        p: c for p, c in files.items() if not p.name.endswith(".lock")
    }


@pytest.mark.parametrize("options", [[], ["--watch"]])
@pytest.mark.parametrize("wrong", [altered, older_roster])
def test_the_fieldworker_is_told_that_the_recorder_is_as_it_was(
    study: Study, card: Path, wrong: Callable[[Study], None], options: list[str]
) -> None:
    """Beside what is wrong, the command says what became of the recordings: nothing."""
    Vault(study.root, wiring.pins()).log()
    wrong(study)
    arguments = ["--vault", str(study.root), str(card), *options]
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, ForgedStore)
    assert f"Nothing more is taken from {card}: what is on it stays on it" in done.output
    assert on(card) == ["a.wav", "b.wav"]


@pytest.mark.parametrize(("wrong", "error"), SEEN_AT_ONCE)
def test_what_goes_wrong_after_a_file_stops_the_next(
    study: Study, card: Path, pins: Pins, wrong: Callable[[Study], None], error: type[ConfereError]
) -> None:
    """The first is in the vault and told as taken; the second stays on the card."""
    receipt = offloaded(dock_of(study, pins), card, Between(lambda: wrong(study)))
    assert [o.fate for o in receipt.outcomes] == [Fate.TAKEN, Fate.FAILED]
    assert isinstance(receipt.problem, error)
    assert on(card) == ["b.wav"]
    assert len(recordings(study)) == 1
    assert checkpoint_of(receipt.text()) is not None


def test_what_goes_wrong_while_a_file_is_copied_stops_it(
    study: Study, card: Path, pins: Pins
) -> None:
    """Copied for nothing: it has no place in the vault, and stays on the card."""
    size = the_log(study).size
    receipt = offloaded(dock_of(study, pins), card, Underway(lambda: older_roster(study)))
    assert [o.fate for o in receipt.outcomes] == [Fate.FAILED, Fate.FAILED]
    assert isinstance(receipt.problem, ForgedStore)
    assert on(card) == ["a.wav", "b.wav"]
    assert recordings(study) == []
    assert list((study.root / "intake").iterdir()) == []
    assert len((study.root / LEAVES).read_bytes()) == size * 32


# --- the log cannot be written ---------------------------------------------------------------------


def test_a_log_that_is_locked_for_long_loses_nothing(
    study: Study, card: Path, pins: Pins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recordings are taken, the receipt says that they have no entry yet, and they get it."""
    monkeypatch.setattr(log, "_WAIT_S", 0)
    with the_log(study).alone():
        receipt = offloaded(dock_of(study, pins), card)
    assert [o.fate for o in receipt.outcomes] == [Fate.TAKEN, Fate.TAKEN]
    assert on(card) == []
    assert "NOT IN THE LOG YET: 2 of the recordings above" in receipt.text()
    assert receipt.problem is not None
    assert "safe in the vault" in receipt.problem.hint
    assert len(require_settled(study)) == 2


@pytest.mark.parametrize("file", [LEAVES, CHECKPOINT])
@pytest.mark.parametrize("error", [DiskFull("here"), KeyboardInterrupt()])
def test_a_write_of_the_log_that_fails_leaves_no_entry_without_its_recording(
    study: Study,
    card: Path,
    pins: Pins,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    error: BaseException,
) -> None:
    """Before or after the checkpoint is in its place: the recording stays, with one entry at most."""
    failed: list[str] = []

    def fail(name: str) -> None:
        if name == file and not failed:
            failed.append(name)
            raise error

    append, write = Storage.append, Storage.write

    def failing_append(self: Storage, name: str, content: bytes, at: int) -> None:
        append(self, name, content, at)
        fail(name)

    def failing_write(self: Storage, name: str, content: bytes, *, replace: bool = False) -> None:
        write(self, name, content, replace=replace)
        fail(name)

    monkeypatch.setattr(Storage, "append", failing_append)
    monkeypatch.setattr(Storage, "write", failing_write)
    receipt = offloaded(dock_of(study, pins), card)
    assert failed
    if isinstance(error, KeyboardInterrupt):  # ends the run; the next one knows what is kept
        assert [o.fate for o in receipt.outcomes] == [Fate.FAILED, Fate.NOT_REACHED]
        assert on(card) == ["a.wav", "b.wav"]
        assert len(require_settled(study)) == 1
        again = offloaded(dock_of(study, pins), card)
        assert [o.fate for o in again.outcomes] == [Fate.KEPT_ALREADY, Fate.TAKEN]
        assert len(require_settled(study)) == 2
    else:  # the second file brings the first one's entry with it
        assert [o.fate for o in receipt.outcomes] == [Fate.TAKEN, Fate.TAKEN]
        assert receipt.problem is None
        assert "has its entry in this log" in receipt.text()
        assert len(require_settled(study)) == 2
    assert on(card) == []


# --- watching --------------------------------------------------------------------------------------


class Watched:
    """A watch over a folder that ends after some rounds; ``rounds`` happen between the scans."""

    def __init__(self, *rounds: Callable[[], object]) -> None:
        self._rounds = list(rounds)
        self.told: list[Receipt] = []
        self.troubles: list[ConfereError] = []

    def run(self, dock: Dock, folder: Path) -> None:
        """Watch until the rounds are over."""
        watched = self

        class Turns(Bell):
            """A bell that never waits: each time it would, the next round happens."""

            def pause(self, seconds: float) -> None:
                dock.clock.wait(seconds)

            def wait(self, seconds: float) -> None:
                dock.clock.wait(seconds)
                if watched._rounds:
                    watched._rounds.pop(0)()
                else:
                    self.stop()

        ears = Ears(self.told.append, self.troubles.append, lambda _line: None)
        watch_sources(dock, [folder], Turns(), Silent(), ears, keep=False)


def test_a_watcher_refuses_an_older_roster_and_goes_on_when_it_is_back(
    study: Study, card: Path, pins: Pins
) -> None:
    """While the newest version is away nothing is taken, and the trouble is told once."""
    newest = max((study.root / "roster").glob("*.note"), key=lambda p: int(p.stem))
    away = newest.with_name("away")

    def take_away() -> None:
        newest.rename(away)
        write_tone(card / "c.wav", pitch_hz=700)

    def put_back() -> None:
        assert on(card) == ["c.wav"]
        away.rename(newest)

    watched = Watched(take_away, lambda: None, put_back, lambda: None)
    watched.run(dock_of(study, pins), card)
    assert [len(receipt.taken) for receipt in watched.told] == [2, 1]
    assert [type(trouble) for trouble in watched.troubles] == [RolledBack]
    assert on(card) == []
    assert len(require_settled(study)) == 3


def test_a_watcher_looks_at_what_others_on_the_machine_have_seen(
    study: Study, card: Path, pins: Pins
) -> None:
    """Another process saw a newer log, and this one does not show it: nothing is taken."""

    def seen_newer() -> None:
        rolled_back(study)
        write_tone(card / "c.wav", pitch_hz=700)

    watched = Watched(seen_newer, lambda: None)
    watched.run(dock_of(study, pins), card)
    assert [type(trouble) for trouble in watched.troubles] == [RolledBack]
    assert on(card) == ["c.wav"]


def test_a_watcher_seals_to_the_newest_key(study: Study, card: Path, pins: Pins) -> None:
    """Somebody removed while it runs cannot open what it takes afterwards; those who stay can."""

    def remove() -> None:
        desk = study.desk()
        remove_person(desk, "ivo")
        desk.vault.close()
        write_tone(card / "c.wav", pitch_hz=700)

    watched = Watched(remove, lambda: None)
    watched.run(dock_of(study, pins), card)
    assert watched.troubles == []
    assert len(require_settled(study)) == 3
    vault = Vault(study.root)
    assert vault.roster.period == 2
    desk = study.desk("vera")
    for recording in recordings(study):
        with desk.vault.open_audio(recording) as audio:
            assert audio.read(4) == b"RIFF"
    assert list(desk.vault.identities) == [2]
    desk.vault.close()


def test_each_receipt_of_a_watcher_covers_what_it_lists(
    study: Study, card: Path, pins: Pins
) -> None:
    """The log grows from receipt to receipt."""
    watched = Watched(lambda: write_tone(card / "c.wav", pitch_hz=700), lambda: None)
    watched.run(dock_of(study, pins), card)
    seen = [checkpoint_of(receipt.text()) for receipt in watched.told]
    first, second = (s.size for s in seen if s is not None)
    assert second == first + 1


def test_an_offload_waits_for_no_other(study: Study, card: Path, pins: Pins) -> None:
    """A second one is told at once."""
    dock = dock_of(study, pins)
    with Vault(study.root).alone("offload"), pytest.raises(NotReady):
        offloaded(dock, card)
