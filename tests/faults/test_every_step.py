"""Every operation of an offload fails in its turn; nothing is lost and nothing is half-done.

The law, after any failure at any step: a file that is not on the shelf, whole and noted, is on the
recorder with the bytes it had; the shelf holds nothing that is not whole and noted.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from confere.errors import DiskFull, StorageProblem
from confere.intake import first_look, proof, source
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Fate
from confere.intake.receipt import Receipt
from confere.intake.transfer import Tools
from doubles.card import audio, files_of, probe, record
from doubles.clock import FakeClock
from doubles.faults import NEVER, FaultyRecorder, FaultyShelf, Trip
from doubles.shelf import Shelved, disk_shelf, memory_shelf

BLOCK = 1000  # bytes; in earnest it is a MiB, but what counts here is that there are several
FILES = {
    "STEREO/ZOOM0001_LR-0001.WAV": audio(2 * BLOCK + 1, 1),
    "STEREO/ZOOM0001_LR-0002.WAV": audio(100, 2),
    "NOTES.BIN": b"no sound in here",
}
RECORDINGS = {path: content for path, content in FILES.items() if path.endswith("WAV")}

FAILURES: dict[str, Callable[[], BaseException]] = {
    "input/output error": lambda: OSError(errno.EIO, "Input/output error"),
    "no space": lambda: OSError(errno.ENOSPC, "No space left on device"),
    "an error of ours": lambda: StorageProblem("something", "does not work"),
    "full": lambda: DiskFull("the vault"),
    "a mistake of the program": lambda: ValueError("oops"),
    "Ctrl+C": KeyboardInterrupt,
}


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in small blocks."""
    monkeypatch.setattr(source, "BLOCK_BYTES", BLOCK)
    monkeypatch.setattr(proof, "BLOCK_BYTES", BLOCK)
    monkeypatch.setattr(first_look, "BLOCK_BYTES", BLOCK)


class Scene:
    """A card, a shelf, and a trip over the operations on both."""

    def __init__(self, folder: Path, shelved: Shelved, trip: Trip) -> None:
        self.card = folder / "card"
        for path, content in FILES.items():
            record(self.card, path, content)
        self.shelved = shelved
        self.trip = trip

    def run(self, *, keep_source: bool = False) -> Receipt | None:
        """Offload; return the receipt, or nothing when the failure came through."""
        tools = Tools(FaultyShelf(self.shelved.shelf, self.trip), probe, FakeClock())
        errand = Errand("study", "laptop", keep_source=keep_source)
        try:
            with FaultyRecorder(self.card, "H5") as recorder:
                recorder.trip = self.trip
                return offload(recorder, tools, errand)
        except BaseException as error:  # noqa: BLE001  whatever was injected may come through
            assert self.trip.at != NEVER, error
            return None

    def check(self) -> None:
        """Assert the law."""
        assert not self.shelved.traces()
        left = files_of(self.card)
        kept = {item.note.path: item.plain for item in self.shelved.kept().values()}
        for path, content in FILES.items():
            assert left.get(path, content) == content
            assert kept.get(path, content) == content
            assert path in left or path in kept
        assert "NOTES.BIN" in left


def steps_of(folder: Path) -> list[str]:
    """Return the operations of a run in which nothing fails."""
    scene = Scene(folder, memory_shelf(folder), Trip())
    scene.run()
    return scene.trip.steps


def test_without_a_failure_everything_is_taken_and_deleted(tmp_path: Path) -> None:
    """The run whose steps are enumerated takes both recordings and leaves the other file."""
    scene = Scene(tmp_path, memory_shelf(tmp_path), Trip())
    receipt = scene.run()
    assert receipt is not None
    assert [o.path for o in receipt.taken] == list(RECORDINGS)
    assert list(files_of(scene.card)) == ["NOTES.BIN"]
    assert receipt.problem is None
    scene.check()


def test_the_steps_are_in_the_order_of_the_design(tmp_path: Path) -> None:
    """Copied, sealed, read back, read again, noted, deleted: in this order for every file."""
    steps = steps_of(tmp_path)
    acts = ("begin", "write", "seal", "read back", "keep", "delete", "deletion done")
    seen = [step for step in steps if step in acts]
    first = ["begin", "write", "write", "write", "seal", "read back", "keep", "delete"]
    second = ["begin", "write", "seal", "read back", "keep", "delete"]
    assert seen == [*first, "deletion done", *second, "deletion done"]
    between = steps[steps.index("read back") : steps.index("keep")]
    # Two blocks, a short one that is asked for the rest of it, and the end of the file.
    assert between.count("read of the source") == 5


@pytest.mark.parametrize("shelf", [memory_shelf, disk_shelf], ids=lambda f: f.__name__)
@pytest.mark.parametrize("failure", FAILURES)
def test_whatever_fails_nothing_is_lost(
    tmp_path: Path, failure: str, shelf: Callable[[Path], Shelved]
) -> None:
    """Each operation fails in its turn; the law holds, and what the receipt says is true."""
    steps = steps_of(tmp_path / "whole")
    for at, step in enumerate(steps):
        folder = tmp_path / str(at)
        folder.mkdir()
        scene = Scene(folder, shelf(folder), Trip(at, FAILURES[failure]))
        receipt = scene.run()
        scene.check()
        if receipt is not None:
            left = files_of(scene.card)
            for outcome in receipt.outcomes:
                deleted = outcome.deletion is not None and outcome.deletion.value == "deleted"
                assert deleted <= (outcome.path not in left), (at, step)
                assert (outcome.fate is Fate.TAKEN) <= any(
                    item.note.path == outcome.path for item in scene.shelved.kept().values()
                ), (at, step)
                assert (outcome.fate is Fate.TAKEN) or outcome.path in left, (at, step)


@pytest.mark.parametrize("failure", FAILURES)
def test_the_next_run_finishes_the_work(tmp_path: Path, failure: str) -> None:
    """After a failure at any step, a second run leaves the recorder empty of recordings.

    A recording that was noted but not deleted is known by its content, and kept once.
    """
    steps = steps_of(tmp_path / "whole")
    for at in range(len(steps)):
        folder = tmp_path / str(at)
        folder.mkdir()
        scene = Scene(folder, memory_shelf(folder), Trip(at, FAILURES[failure]))
        scene.run()
        scene.trip = Trip()
        assert scene.run() is not None
        scene.check()
        assert list(files_of(scene.card)) == ["NOTES.BIN"]
        kept = [item.note.path for item in scene.shelved.kept().values()]
        assert sorted(kept) == sorted(RECORDINGS)


@pytest.mark.parametrize("failure", ["input/output error", "a mistake of the program"])
def test_with_keep_nothing_is_ever_deleted(tmp_path: Path, failure: str) -> None:
    """When the sources are to be kept they are all there, whatever fails."""
    for at in range(len(steps_of(tmp_path / "whole"))):
        folder = tmp_path / str(at)
        folder.mkdir()
        scene = Scene(folder, memory_shelf(folder), Trip(at, FAILURES[failure]))
        scene.run(keep_source=True)
        scene.check()
        assert files_of(scene.card) == FILES
