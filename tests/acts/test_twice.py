"""The same content once more: kept once, and deleted only after the kept one was read again."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from confere import wiring
from confere.acts.audit import Order, audit
from confere.acts.destroy import destroy
from confere.acts.offload import Dock, offload_folder
from confere.acts.setup import certify_machine, remove_person
from confere.acts.take_in import take_in
from confere.errors import DiskFull
from confere.intake.outcome import Fate, Silent
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion
from confere.vault import Machine, Pins, Storage, Vault, register
from confere.vault.events import list_events
from doubles.clock import FakeClock
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, SteppingClock, Study

OTHER = Machine(b"\x09" * 32)


class Laptop:
    """A machine with its memory, at the study's vault."""

    def __init__(self, study: Study, state: Path, machine: Machine = MACHINE) -> None:
        state.mkdir(exist_ok=True)
        self.study, self.state, self.machine = study, state, machine

    def offload(self, card: Path, *, keep: bool = False) -> Receipt:
        """Offload a card."""
        vault = Vault(self.study.root, Pins(Storage(self.state)))
        dock = Dock(vault, self.machine, wiring.probe, FakeClock())
        return offload_folder(dock, card, Silent(), keep=keep)


@pytest.fixture
def laptop(study: Study, tmp_path: Path) -> Laptop:
    """The study's own laptop."""
    return Laptop(study, tmp_path / "memory")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card with one recording."""
    write_tone(tmp_path / "card" / "a.wav", seconds=2)
    return tmp_path / "card"


@pytest.fixture
def copied(card: Path, tmp_path: Path) -> Path:
    """Another card with the same recording under another name, in a folder."""
    (tmp_path / "copied" / "FOLDER01").mkdir(parents=True)
    shutil.copyfile(card / "a.wav", tmp_path / "copied" / "FOLDER01" / "b.wav")
    return tmp_path / "copied"


def fates(receipt: Receipt) -> list[Fate]:
    """What became of each file."""
    return [outcome.fate for outcome in receipt.outcomes]


def folders(study: Study) -> list[Path]:
    """The folders of the recordings."""
    return sorted((study.root / "recordings").iterdir())


def found(study: Study) -> tuple[list[str], list[str]]:
    """What an audit by a lead finds: what is wrong, and what needs attention."""
    desk = study.desk()
    take_in(desk)
    desk.vault.close()
    return looked_over(study)


def looked_over(study: Study) -> tuple[list[str], list[str]]:
    """The same with nothing taken in before."""
    report = audit(study.root, None, "lena", PASSPHRASE, Order(), SteppingClock()).report
    told = [(f.level, f"{f.about}: {f.text}") for f in report.findings]
    wrong = [text for level, text in told if level == "wrong"]
    return wrong, [text for level, text in told if level == "attention"]


def test_the_same_content_is_kept_once(laptop: Laptop, card: Path, copied: Path) -> None:
    """Another card, name and folder: the file is deleted, the vault has one recording, and it is told."""
    first = laptop.offload(card)
    again = laptop.offload(copied)
    assert fates(first) == [Fate.TAKEN]
    assert fates(again) == [Fate.KEPT_ALREADY]
    (outcome,) = again.kept_already
    assert outcome.deletion is Deletion.DELETED
    assert not (copied / "FOLDER01" / "b.wav").exists()
    (folder,) = folders(laptop.study)
    assert outcome.note is not None
    assert outcome.note.recording_id == folder.name
    assert "ALREADY IN THE VAULT: 1" in again.text()
    assert f"recording {folder.name}" in again.text()
    assert "Deleted is not erased" in again.text()
    assert again.problem is None


def test_it_is_an_event_of_the_recording(laptop: Laptop, card: Path, copied: Path) -> None:
    """A reader takes it in beside the first: one recording, both events in the log, nothing wrong."""
    laptop.offload(card)
    laptop.offload(copied)
    desk = laptop.study.desk()
    assert len(take_in(desk)) == 1
    assert not take_in(desk)
    (recording,) = register.list_recordings(desk.catalog)
    told = [event.value()["what"] for event in list_events(desk.catalog, recording.id)]
    assert told == ["offload", "take in", "offload again"]
    assert len(desk.vault.locked.storage.list("intake")) == 0
    desk.vault.close()
    assert found(laptop.study) == ([], [])


def test_notes_that_wait_are_in_order(laptop: Laptop, card: Path, copied: Path) -> None:
    """An audit before anybody takes them in finds nothing wrong with the two notes."""
    laptop.offload(card)
    laptop.offload(copied)
    assert looked_over(laptop.study) == ([], [])


def test_with_keep_nothing_is_deleted_and_nothing_is_told_to_the_log(
    laptop: Laptop, card: Path
) -> None:
    """A second offload that keeps finds what the first one took: no copy, no note, no event."""
    laptop.offload(card, keep=True)
    size = Vault(laptop.study.root).log().size
    again = laptop.offload(card, keep=True)
    assert fates(again) == [Fate.KEPT_ALREADY]
    assert (card / "a.wav").exists()
    assert "Nothing was deleted." in again.text()
    assert Vault(laptop.study.root).log().size == size
    assert len(folders(laptop.study)) == 1
    assert fates(laptop.offload(card)) == [Fate.KEPT_ALREADY]
    assert not (card / "a.wav").exists()


def test_twice_on_one_card_is_kept_once(laptop: Laptop, card: Path) -> None:
    """The second file of one run is known already, too."""
    shutil.copyfile(card / "a.wav", card / "b.wav")
    assert fates(laptop.offload(card)) == [Fate.TAKEN, Fate.KEPT_ALREADY]
    assert len(folders(laptop.study)) == 1
    assert found(laptop.study) == ([], [])


def test_the_same_name_with_other_content_is_another_recording(laptop: Laptop, card: Path) -> None:
    """Every card counts from 1: same name, size and time, and one sample that differs at the end."""
    file = card / "a.wav"
    content, facts = file.read_bytes(), file.stat()
    laptop.offload(card)
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert fates(laptop.offload(card)) == [Fate.TAKEN]
    assert len(folders(laptop.study)) == 2


def flip(file: Path) -> None:
    """Change one bit in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "the folder is gone": shutil.rmtree,
    "a byte of the audio": lambda folder: flip(folder / "audio.age"),
    "the audio is gone": lambda folder: (folder / "audio.age").unlink(),
    "cut short": lambda folder: (folder / "audio.age").write_bytes(
        (folder / "audio.age").read_bytes()[:-1]
    ),
    "a byte more": lambda folder: (folder / "audio.age").write_bytes(
        (folder / "audio.age").read_bytes() + b"x"
    ),
    "a byte of the key": lambda folder: flip(folder / "key.age"),
    "the key is gone": lambda folder: (folder / "key.age").unlink(),
    "a folder in its place": lambda folder: shutil.copytree(
        folder, (folder / "audio.age").rename(folder / "was.age").with_name("audio.age")
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_cannot_vouch_for_itself_costs_no_recording(
    laptop: Laptop, card: Path, copied: Path, damage: str
) -> None:
    """The kept one is destroyed or damaged: the copy is taken as new, and opens."""
    content = (copied / "FOLDER01" / "b.wav").read_bytes()
    laptop.offload(card)
    (first,) = folders(laptop.study)
    DAMAGE[damage](first)
    again = laptop.offload(copied)
    assert fates(again) == [Fate.TAKEN]
    (new,) = [folder.name for folder in folders(laptop.study) if folder != first]
    vault = Vault(laptop.study.root).unlock("lena", PASSPHRASE)
    with vault.open_audio(new) as audio:
        assert hashlib.sha256(audio.read()).digest() == hashlib.sha256(content).digest()
    vault.close()


def damage_index(state: Path, change: Callable[[bytes], bytes]) -> None:
    """Change what the machine remembers."""
    (file,) = (state / "kept").iterdir()
    file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b'"content":"', b'"content":"0'),
        lambda text: b"\xff" * 500,
        lambda text: b" \n\n" + b"0" * 64 + b" {}\n",
    ],
    ids=["empty", "torn", "edited", "rubbish", "a line of nobody"],
)
def test_an_index_that_was_lost_or_edited_deletes_nothing(
    laptop: Laptop, card: Path, copied: Path, change: Callable[[bytes], bytes]
) -> None:
    """Then the file is taken as new; and what is written behind it counts again."""
    laptop.offload(card)
    damage_index(laptop.state, change)
    shutil.copytree(copied, card, dirs_exist_ok=True)
    assert fates(laptop.offload(copied)) == [Fate.TAKEN]
    assert fates(laptop.offload(card)) == [Fate.KEPT_ALREADY]


def test_a_line_pointed_at_another_recording_deletes_nothing(
    laptop: Laptop, card: Path, copied: Path, tmp_path: Path
) -> None:
    """Two lines with their contents exchanged: the HMAC over each line finds it."""
    laptop.offload(card)
    write_tone(tmp_path / "more" / "c.wav", seconds=2, pitch_hz=900)
    laptop.offload(tmp_path / "more")

    def exchange(text: bytes) -> bytes:
        one, two = (line for line in text.splitlines() if line)
        marks = [line.split(b'"content":"')[1][:64] for line in (one, two)]
        return one.replace(marks[0], marks[1]) + b"\n" + two.replace(marks[1], marks[0]) + b"\n"

    damage_index(laptop.state, exchange)
    assert fates(laptop.offload(copied)) == [Fate.TAKEN]


def test_a_destroyed_recording_does_not_eat_a_new_copy(
    laptop: Laptop, card: Path, copied: Path
) -> None:
    """Retention ended, then the same content again: it is sealed as new, and the audit says of what."""
    laptop.offload(card)
    desk = laptop.study.desk()
    (recording,) = take_in(desk)
    destroy(desk, recording.id, "the participant withdrew")
    desk.vault.close()
    assert fates(laptop.offload(copied)) == [Fate.TAKEN]
    wrong, attention = found(laptop.study)
    assert wrong == []
    (told,) = attention
    assert f"has the content of recording {recording.id}, which lena destroyed" in told


def test_what_was_destroyed_is_forgotten(laptop: Laptop, card: Path, copied: Path) -> None:
    """At the next start, the machine's memory does not even have its keyed digest any more."""
    laptop.offload(card)
    desk = laptop.study.desk()
    (recording,) = take_in(desk)
    destroy(desk, recording.id, "the participant withdrew")
    desk.vault.close()
    (memory,) = (laptop.state / "kept").iterdir()
    assert recording.id in memory.read_text()
    (copied / "FOLDER01" / "b.wav").unlink()
    laptop.offload(copied)
    assert memory.read_bytes() == b""


def test_a_key_resealed_since_then_vouches_for_nothing(
    laptop: Laptop, card: Path, copied: Path
) -> None:
    """After somebody was removed the machine cannot know what key.age holds: taken once more, and told."""
    laptop.offload(card)
    desk = laptop.study.desk()
    take_in(desk)
    remove_person(desk, "vera")
    desk.vault.close()
    assert fates(laptop.offload(copied)) == [Fate.TAKEN]
    wrong, attention = found(laptop.study)
    assert wrong == []
    (told,) = [text for text in attention if "byte for byte" in text]
    assert "offloaded twice" in told


def test_two_laptops_take_one_recorder_twice_and_the_register_says_so(
    laptop: Laptop, card: Path, copied: Path, tmp_path: Path
) -> None:
    """Neither reads the other's memory: both copies are kept, one stands for both, nothing is deleted."""
    laptop.offload(card)
    other = Laptop(laptop.study, tmp_path / "other", OTHER)
    assert fates(other.offload(copied)) == [Fate.TAKEN]
    desk = laptop.study.desk()
    certify_machine(desk, OTHER.keys)
    take_in(desk)
    assert len(register.list_recordings(desk.catalog)) == 1
    assert len(register.duplicates(desk.catalog)) == 1
    desk.vault.close()
    wrong, attention = found(laptop.study)
    assert wrong == []
    assert any("byte for byte" in text for text in attention)
    assert len(folders(laptop.study)) == 2


def test_a_second_note_brings_back_what_the_catalog_has_lost(
    laptop: Laptop, card: Path, copied: Path, tmp_path: Path
) -> None:
    """An older catalog was put back: the recording is entered by the note of its second finding."""
    shutil.copyfile(laptop.study.root / "catalog.db", tmp_path / "older.db")
    laptop.offload(card)
    desk = laptop.study.desk()
    take_in(desk)
    desk.vault.close()
    shutil.copyfile(tmp_path / "older.db", laptop.study.root / "catalog.db")
    assert fates(laptop.offload(copied)) == [Fate.KEPT_ALREADY]
    desk = laptop.study.desk()
    (recording,) = take_in(desk)
    assert recording.name == "b.wav"
    assert [r.id for r in register.list_recordings(desk.catalog)] == [recording.id]
    desk.vault.close()


def test_without_a_place_to_remember_in_nothing_is_found(study: Study, card: Path) -> None:
    """A machine that has no memory takes what comes, and deletes nothing without a copy."""
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    content = (card / "a.wav").read_bytes()
    for _ in range(2):
        (card / "a.wav").write_bytes(content)
        assert fates(offload_folder(dock, card, Silent(), keep=False)) == [Fate.TAKEN]
    assert len(folders(study)) == 2


def test_a_memory_that_cannot_be_written_costs_no_recording(
    laptop: Laptop, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recording is taken as ever; only a second copy would not be recognised."""
    append = Storage.append

    def full(self: Storage, name: str, content: bytes, at: int) -> None:
        if name.startswith("kept/"):
            raise DiskFull(name)
        append(self, name, content, at)

    monkeypatch.setattr(Storage, "append", full)
    receipt = laptop.offload(card)
    assert fates(receipt) == [Fate.TAKEN]
    assert receipt.problem is None
    assert not (card / "a.wav").exists()


def test_notes_of_different_findings_differ(laptop: Laptop, card: Path, copied: Path) -> None:
    """What the second note tells is of the second card: path, name and receipt, and the kept object."""
    first = laptop.offload(card).taken[0].note
    second = laptop.offload(copied).kept_already[0].note
    assert first is not None
    assert second is not None
    assert second.path == "FOLDER01/b.wav"
    assert second.receipt_id != first.receipt_id
    for field in ("recording_id", "sha256", "size_bytes", "sealed_sha256", "sealed_size_bytes"):
        assert getattr(second, field) == getattr(first, field)
    assert replace(second, path=first.path) != first
