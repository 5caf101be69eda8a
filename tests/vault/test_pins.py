"""What a machine has seen of a vault, and what it refuses for it."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from confere import wiring
from confere.acts import setup
from confere.acts.offload import Dock, offload_folder
from confere.cli import confere
from confere.domain import Role
from confere.errors import AnotherStudy, BadSignature, DamagedVault, RolledBack
from confere.intake.outcome import Fate, Silent
from confere.vault import Pins, Storage, Vault
from confere.vault.people import Secrets
from confere.vault.pins import Seen
from doubles.clock import FakeClock
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, Study, make_study

STUDY = "0123456789abcdef"
DIGEST = "ab" * 32


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    """A machine that has seen nothing."""
    (tmp_path / "machine").mkdir()
    return Pins(Storage(tmp_path / "machine"))


def test_a_memory_only_goes_forward(pins: Pins) -> None:
    """What is older is not remembered, and roster and log do not disturb each other."""
    assert pins.seen(STUDY) == Seen()
    pins.keep_roster(STUDY, 3, DIGEST)
    pins.keep_roster(STUDY, 2, "cd" * 32)
    pins.keep_log(STUDY, 9, DIGEST)
    pins.keep_log(STUDY, 8, "cd" * 32)
    assert pins.seen(STUDY) == Seen(3, DIGEST, 9, DIGEST)
    assert pins.seen("another000000000") == Seen()
    pins.begin_again(STUDY, Seen(1, DIGEST))
    assert pins.seen(STUDY) == Seen(1, DIGEST)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"roster": 1, "roster_sha256": "", "log_size": 0, "log_root": ""}',
        b'{"roster": "1", "roster_sha256": "x", "log_size": 0, "log_root": ""}',
        b'{"roster": true, "roster_sha256": "' + b"ab" * 32 + b'", "log_size": 0, "log_root": ""}',
        b'{"roster": 0, "roster_sha256": "", "log_size": 1, "log_root": "zz"}',
        b'{"roster": 0, "roster_sha256": "", "log_size": -1, "log_root": "' + b"ab" * 32 + b'"}',
    ],
)
def test_a_damaged_memory_is_told_and_not_taken_for_none(pins: Pins, content: bytes) -> None:
    """Otherwise spoiling it would make the machine believe anything."""
    pins.keep_roster(STUDY, 3, DIGEST)
    pins._state.write(f"seen/{STUDY}.json", content, replace=True)
    with pytest.raises(DamagedVault, match="seen"):
        pins.seen(STUDY)


def remember(folder: Path, first: int) -> None:
    """Another process sees every second version, and checkpoint."""
    pins = Pins(Storage(folder))
    for number in range(first, 60, 2):
        pins.keep_roster(STUDY, number, DIGEST)
        pins.keep_log(STUDY, number, DIGEST)


def test_two_processes_at_one_memory_forget_nothing(tmp_path: Path) -> None:
    """The newest of both is what is left."""
    (tmp_path / "machine").mkdir()
    fork = multiprocessing.get_context("fork")
    both = [fork.Process(target=remember, args=(tmp_path / "machine", n)) for n in (1, 2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert Pins(Storage(tmp_path / "machine")).seen(STUDY) == Seen(59, DIGEST, 59, DIGEST)


# --- a roster that is not the one this machine has seen --------------------------------------------


def swapped(study: Study) -> None:
    """A recipient in the newest version is another's."""
    file = study.root / "roster" / "4.note"
    mine = Vault(study.root).roster.periods[-1]
    theirs = str(Secrets.make("eve", "hybrid").identity.recipient)
    file.write_text(file.read_text("utf-8").replace(mine, theirs), "utf-8")


def unsigned(study: Study) -> None:
    """The newest version has no signature."""
    file = study.root / "roster" / "4.note"
    file.write_text(file.read_text("utf-8").partition("\n\n")[0] + "\n", "utf-8")


def older(study: Study) -> None:
    """The newest version is not there any more."""
    (study.root / "roster" / "4.note").unlink()


def added(study: Study) -> None:
    """There is one more version, signed by nobody who may."""
    text = (study.root / "roster" / "4.note").read_text("utf-8")
    (study.root / "roster" / "5.note").write_text(text, "utf-8")


def replaced(study: Study) -> None:
    """Another's whole roster, theirs from the first version on, that bears the id of this study."""
    mine = Vault(study.root).roster.study_id
    other = make_study(study.root.parent / "other")
    theirs = Vault(other.root).roster.study_id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("confere.vault.vault.new_id", lambda: mine)
        shutil.rmtree(other.root)
        other = make_study(study.root.parent / "other")
    assert Vault(other.root).roster.study_id == mine != theirs
    shutil.rmtree(study.root / "roster")
    shutil.copytree(other.root / "roster", study.root / "roster")


ATTACKS: list[tuple[Callable[[Study], None], tuple[type[Exception], ...]]] = [
    (swapped, (BadSignature,)),
    (unsigned, (BadSignature, DamagedVault)),
    (older, (RolledBack,)),
    (added, (BadSignature,)),
    (replaced, (RolledBack,)),
]

WHO = ["--as", "lena", "--passphrase-file", "pw"]
REC = "0123456789abcdef"
#: Every command that works on a vault, as it is typed.
TYPED = [
    ["person", "add", "eve", "--role", "lead", "--new-passphrase-file", "pw", *WHO],
    ["person", "list"],
    ["person", "remove", "vera", "--yes", *WHO],
    ["passphrase", "--new-passphrase-file", "pw", *WHO],
    ["recover", "lena", "--identity", "pw", "--new-passphrase-file", "pw"],
    ["machine", "list"],
    ["machine", "certify", *WHO],
    ["machine", "replace", *WHO],
    ["machine", "remove", MACHINE.name, *WHO],
    ["settings", "show"],
    ["settings", "approve", *WHO],
    ["offload", "card"],
    ["offload", "card", "--watch"],
    ["draft", *WHO],
    ["queue", *WHO],
    ["find", "rio", *WHO],
    ["memory", "list", *WHO],
    ["check", REC, *WHO],
    ["dismiss", REC, "1", "ab", "--reason", "x", *WHO],
    ["interview", "list", *WHO],
    ["interview", "add", "--site", "x", *WHO],
    ["interview", "edit", REC, "--site", "x", *WHO],
    ["names", "list", *WHO],
    ["names", "add", "Ana", "P01", *WHO],
    ["plan", "set", "--share", "20", "--bound", "5", *WHO],
    ["plan", "draw", REC, *WHO],
    ["words", "list", *WHO],
    ["words", "import", "pw", *WHO],
    ["take", REC, *WHO],
    ["give-back", REC, *WHO],
    ["assign", REC, "--to", "ivo", *WHO],
    ["comment", "list", *WHO],
    ["comment", "resolve", REC, *WHO],
    ["show", REC, *WHO],
    ["correct", REC, *WHO],
    ["split", REC, "1", "--at", "1", "--words", "1", *WHO],
    ["merge", REC, "1", *WHO],
    ["undo", REC, "1", *WHO],
    ["speaker", REC, "P01", "--segments", "1", *WHO],
    ["verify", REC, *WHO],
    ["return", REC, "1", "--reason", "x", "--kind", "mark", "--severity", "minor", *WHO],
    ["sign", REC, "--yes", *WHO],
    ["reopen", REC, "--reason", "x", *WHO],
    ["serve", "--port", "0"],
    ["export", "--all", "--to", "out", *WHO],
    ["worth", *WHO],
    ["destroy", REC, "--reason", "x", "--yes", *WHO],
    ["backup", "copy", *WHO],
]
#: These need no vault, or say themselves what is wrong with one.
OTHERS = {
    *("init", "rescue", "models", "demo", "restore", "audit", "doctor"),
    *("cluster", "worker"),
}


def test_every_command_is_tried() -> None:
    """A new command belongs into one of the two lists."""
    assert {words[0] for words in TYPED} | OTHERS == set(confere.list_commands(None))  # type: ignore[arg-type]


@pytest.mark.parametrize(("attack", "errors"), ATTACKS, ids=[a.__name__ for a, _ in ATTACKS])
def test_a_roster_that_was_tampered_with_is_refused_by_every_command(
    study: Study,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    attack: Callable[[Study], None],
    errors: tuple[type[Exception], ...],
) -> None:
    """Whatever is typed, nothing happens but the error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pw").write_text(PASSPHRASE)
    write_tone(tmp_path / "card" / "a.wav", 0.3)
    wiring.find_vault(study.root)  # this machine has seen the right one
    attack(study)
    before = sorted(p for p in study.root.rglob("*"))
    for words in TYPED:
        result = CliRunner().invoke(confere, [*words, "--vault", str(study.root)])
        assert isinstance(result.exception, errors), (words, result.exception, result.output)
    assert sorted(p for p in study.root.rglob("*")) == before
    assert (tmp_path / "card" / "a.wav").exists()
    result = CliRunner().invoke(confere, ["doctor", "--vault", str(study.root)])
    assert result.exit_code != 0
    assert "!!" in result.output


def test_a_watcher_refuses_a_roster_that_goes_back_while_it_runs(
    study: Study, tmp_path: Path
) -> None:
    """The recording stays on the recorder, and nothing of it in the vault."""
    pins = wiring.pins()
    vault = Vault(study.root, pins)
    dock = Dock(vault, MACHINE, wiring.probe, FakeClock())
    newest = (study.root / "roster" / "4.note").read_bytes()
    older(study)
    write_tone(tmp_path / "card" / "a.wav", 0.3)
    with pytest.raises(RolledBack):
        offload_folder(dock, tmp_path / "card", Silent(), keep=False)
    assert (tmp_path / "card" / "a.wav").exists()
    assert not list((study.root / "recordings").iterdir())
    (study.root / "roster" / "4.note").write_bytes(newest)
    receipt = offload_folder(dock, tmp_path / "card", Silent(), keep=False)
    assert [outcome.fate for outcome in receipt.taken] == [Fate.TAKEN]


def test_a_version_that_another_process_just_wrote_is_no_rollback(study: Study) -> None:
    """Read before it was there, compared after it was seen: looked at once more."""
    pins = wiring.pins()
    early = Vault(study.root, pins)
    rosters = early.rosters()
    desk = study.desk()
    setup.add_person(desk, "nina", frozenset({Role.VERIFIER}), PASSPHRASE)
    Vault(study.root, pins)  # another process sees it
    assert early._compared(list(rosters), pins)[-1].version == 5
    desk.vault.close()


def test_a_machine_that_cannot_remember_goes_on(study: Study, tmp_path: Path) -> None:
    """It has lost a watchman; a full disk stops nobody from reading."""
    state = wiring.state()
    Vault(study.root, Pins(state))
    (state.root / "seen").chmod(0o700)
    (file,) = (state.root / "seen").glob("*.json")
    value = json.loads(file.read_bytes())
    assert value["roster"] == 4
    assert set(value) == {"roster", "roster_sha256", "log_size", "log_root"}


def test_another_study_in_a_known_place_is_refused(
    study: Study, tmp_path: Path, pins: Pins
) -> None:
    """Whoever may write to the disk cannot have later recordings sealed to a study of their own."""
    Vault(study.root, pins)
    stranger = make_study(tmp_path / "stranger")
    shutil.rmtree(study.root)
    shutil.copytree(stranger.root, study.root)
    with pytest.raises(AnotherStudy, match=Vault(stranger.root).roster.study_id):
        Vault(study.root, pins)
    Vault(stranger.root, pins)  # in a place of its own it is a first meeting
