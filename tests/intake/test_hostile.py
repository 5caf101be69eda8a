"""Volumes made to do harm, and files that change at the worst moment: nothing is lost, nothing is fooled."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from confere.cli.offload_screen import OffloadScreen
from confere.cli.pace import Pace
from confere.intake.note import OffloadNote
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Fate, Probe
from confere.intake.port import Placement, SealedFacts
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion, Recorder
from confere.intake.transfer import Tools
from confere.intake.walk import Limits, Unsafe
from confere.vault.storage import Storage
from doubles.card import Facts, audio, probe, record
from doubles.clock import FakeClock
from doubles.shelf import MemoryPlacement, MemoryShelf

MIB = 1 << 20


def run(card: Path, shelf: MemoryShelf, look: Probe = probe) -> Receipt:
    """Offload the card."""
    with Recorder(card) as recorder:
        return offload(recorder, Tools(shelf, look, FakeClock()), Errand("study", "laptop"))


# --- too much of everything -----------------------------------------------------------------------


def test_a_hundred_thousand_files_are_not_all_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder without end is read as far as any recorder goes, and the rest is told to be there."""
    given = 0

    class Entry:
        def __init__(self, number: int) -> None:
            self.name = f"{number:06}.wav"

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            return facts

    class Endless:
        def __init__(self, _descriptor: int) -> None:
            pass

        def __enter__(self) -> Endless:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def __iter__(self) -> Endless:
            return self

        def __next__(self) -> Entry:
            nonlocal given
            given += 1
            if given > 100_000:
                raise StopIteration
            return Entry(given)

    record(tmp_path, "a.wav", b"x")
    facts = (tmp_path / "a.wav").stat()
    monkeypatch.setattr(os, "scandir", Endless)
    with Recorder(tmp_path) as recorder:
        listing = recorder.walk()
    assert len(listing.files) == Limits().entries
    assert given <= Limits().entries + 2
    assert listing.unsafe == ((".", Unsafe.ENTRIES),)


def test_a_thousand_folders_deep_is_not_gone_into(tmp_path: Path) -> None:
    """It is left at the limit, whatever lies at the bottom."""
    record(tmp_path, "a.wav", audio(10))
    inner = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1000):
        os.mkdir("d", dir_fd=inner)
        inner = moved(inner, "d")
    os.close(os.open("deep.wav", os.O_CREAT | os.O_WRONLY, dir_fd=inner))
    with Recorder(tmp_path) as recorder:
        listing = recorder.walk()
    assert [file.path for file in listing.files] == ["a.wav"]
    assert [why for _, why in listing.unsafe] == [Unsafe.DEPTH]
    os.unlink("deep.wav", dir_fd=inner)  # by hand: whoever clears up recursively cannot
    for _ in range(1000):
        inner = moved(inner, "..")
        os.rmdir("d", dir_fd=inner)
    os.close(inner)


def moved(folder: int, name: str) -> int:
    """Go on from an opened folder to the next."""
    following = os.open(name, os.O_RDONLY, dir_fd=folder)
    os.close(folder)
    return following


# --- names ----------------------------------------------------------------------------------------

NAMES = {
    b"caf\xe9\xff.wav": "caf\\xe9\\xff.wav",
    b"a\nTAKEN: 99.wav": "a\\u000aTAKEN: 99.wav",
    b"\x1b]0;owned\x07\x1b[2J.wav": "\\u001b]0;owned\\u0007\\u001b[2J.wav",
    b"\xe2\x80\xaevaw.wav": "\\u202evaw.wav",
    b"[black on black]x.wav": "[black on black]x.wav",
    b"back\\slash.wav": "back\\\\slash.wav",
    b" .wav": " .wav",
}


def hostile_card(card: Path) -> None:
    """Put recordings with names in any bytes on a card."""
    for number, raw in enumerate(NAMES):
        file = Path(os.fsdecode(os.fsencode(card) + b"/" + raw))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(audio(50 + number, number))


def test_names_in_any_bytes_are_taken_and_break_no_line(tmp_path: Path) -> None:
    """All are kept and deleted, and no receipt has a line or an escape that a name put there."""
    hostile_card(tmp_path)
    shelf = MemoryShelf()
    receipt = run(tmp_path, shelf)
    assert len(receipt.taken) == len(shelf.kept) == len(NAMES)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]
    text = receipt.text()
    assert all(shown in text for shown in NAMES.values())
    assert text.count("\nTAKEN:") == 1
    assert all(line.isprintable() for line in text.splitlines())
    for kept in shelf.kept.values():
        assert OffloadNote.from_json(kept.note.to_json()) == kept.note


def test_names_reach_the_screen_without_escapes(tmp_path: Path) -> None:
    """Each file has its line, and no command to the terminal in it."""
    hostile_card(tmp_path)
    said: list[str] = []
    pace = Pace(Storage(tmp_path.parent))
    with OffloadScreen(said.append, pace) as bars, Recorder(tmp_path) as recorder:
        tools = Tools(MemoryShelf(), probe, FakeClock())
        offload(recorder, tools, Errand("study", "laptop"), bars)
    assert len(said) == 1 + len(NAMES)
    assert all(line.isprintable() for line in said)
    assert any("\\u001b]0;owned" in line for line in said)


# --- a file that changes --------------------------------------------------------------------------


class Growing(MemoryShelf):
    """A shelf that lets something happen in one of its phases."""

    def __init__(self, phase: str, then: Callable[[], None]) -> None:
        super().__init__()
        self.phase = phase
        self.then = then

    def begin(self) -> Placement:
        shelf = self

        class Phases(MemoryPlacement):
            def write(self, data: bytes | memoryview, /) -> int:
                shelf.at("copied")
                return super().write(data)

            def seal(self) -> SealedFacts:
                shelf.at("sealed")
                return super().seal()

            def keep(self, note: OffloadNote) -> None:
                shelf.at("noted")
                super().keep(note)

        shelf.at("begun")
        return Phases(self, f"recording{len(self.kept):07}")

    def at(self, phase: str) -> None:
        """Let it happen, once."""
        if phase == self.phase:
            self.phase = ""
            self.then()


@pytest.mark.parametrize("phase", ["settled", "begun", "copied", "sealed", "noted"])
@pytest.mark.parametrize("how", ["grows", "shrinks", "is written anew"])
def test_a_file_that_changes_in_any_phase_is_never_deleted(
    tmp_path: Path, phase: str, how: str
) -> None:
    """Before it is noted nothing is kept of it; after that the copy stays, and so does the file."""
    content = record(tmp_path, "a.wav", audio(3 * MIB))
    file = tmp_path / "a.wav"

    def change() -> None:
        if how == "grows":
            with file.open("ab") as more:
                more.write(b"more")
        elif how == "shrinks":
            os.truncate(file, 2 * MIB)
        else:
            file.write_bytes(audio(3 * MIB, seed=1))

    shelf = Growing(phase, change)

    def look(stream: object, name: str) -> Facts:
        shelf.at("settled")
        return Facts()

    (outcome,) = run(tmp_path, shelf, look).outcomes
    assert file.exists()
    if phase == "noted":
        assert (outcome.fate, outcome.deletion) == (Fate.TAKEN, Deletion.CHANGED)
        assert [kept.plain for kept in shelf.kept.values()] == [content]
    else:
        assert outcome.fate is Fate.CHANGED
        assert not shelf.kept
    assert not shelf.underway
