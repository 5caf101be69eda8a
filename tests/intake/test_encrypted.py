"""Dictations that their recorder encrypted: kept, and left where they are."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from confere.errors import EncryptedAudio
from confere.intake.offload import Errand, offload
from confere.intake.outcome import AudioFacts, Fate
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion, Recorder
from confere.intake.transfer import Tools
from doubles.card import files_of, probe, record
from doubles.clock import FakeClock
from doubles.shelf import MemoryShelf

MEMO = b"\x03enc" + bytes(range(256)) * 40


def knowing(audio: BinaryIO, name: str) -> AudioFacts:
    """A probe that knows an encrypted dictation."""
    if audio.read(4) == b"\x03enc":
        raise EncryptedAudio(name, "DS2")
    audio.seek(0)
    return probe(audio, name)


def run(card: Path, shelf: MemoryShelf, *, keep: bool = False) -> Receipt:
    """Offload the card."""
    with Recorder(card) as recorder:
        tools = Tools(shelf, knowing, FakeClock())
        return offload(recorder, tools, Errand("study", "laptop", keep_source=keep))


def test_an_encrypted_dictation_is_sealed_and_stays_on_the_recorder(tmp_path: Path) -> None:
    """Its copy is proved like any other, and marked; nobody could look at it, so nothing is deleted."""
    record(tmp_path, "RECORDER/FOLDER_A/DS0001.DS2", MEMO)
    shelf = MemoryShelf()
    receipt = run(tmp_path, shelf)
    (outcome,) = receipt.taken
    assert (outcome.deletion, outcome.fate) == (Deletion.ENCRYPTED, Fate.TAKEN)
    (kept,) = shelf.kept.values()
    assert kept.plain == MEMO
    assert kept.note.sha256 == hashlib.sha256(MEMO).hexdigest()
    assert kept.note.encrypted
    assert (kept.note.container, kept.note.codec, kept.note.duration_ms) == ("DS2", "encrypted", 0)
    assert files_of(tmp_path) == {"RECORDER/FOLDER_A/DS0001.DS2": MEMO}


def test_it_is_reported(tmp_path: Path) -> None:
    """Whoever runs the offload is told, and so is whoever reads the receipt."""
    record(tmp_path, "a.ds2", MEMO)
    receipt = run(tmp_path, MemoryShelf())
    assert isinstance(receipt.problem, EncryptedAudio)
    assert "on the recorder: not deleted: the recorder encrypted it" in receipt.text()
    assert "a.ds2 is a dictation (DS2) that the recorder encrypted" in receipt.text()
    assert "Nothing was deleted." in receipt.text()


def test_asked_to_keep_it_is_kept(tmp_path: Path) -> None:
    """The reason that is told is the one that counts."""
    record(tmp_path, "a.ds2", MEMO)
    assert run(tmp_path, MemoryShelf(), keep=True).taken[0].deletion is Deletion.ENCRYPTED
