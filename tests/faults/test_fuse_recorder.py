"""A recorder behind the kernel that vanishes, errs, reads short, changes, or will not let go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from confere.errors import SourceVanished
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Fate
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion, Recorder
from confere.intake.transfer import Tools
from doubles.card import probe
from doubles.clock import FakeClock
from doubles.fuse_card import Plan, content, fuse_card
from doubles.shelf import DiskShelf

MIB = 1 << 20
PLAN = Plan({"A.WAV": (1, 2 * MIB + 7), "B.WAV": (2, MIB)})


def empty(card: Path, shelf: DiskShelf) -> Receipt:
    """Offload what is there."""
    with Recorder(card, "card") as recorder:
        return offload(recorder, Tools(shelf, probe, FakeClock()), Errand("study", "laptop"))


def fates(receipt: Receipt) -> dict[str, Fate]:
    """What became of each."""
    return {outcome.path: outcome.fate for outcome in receipt.outcomes}


def kept(shelf: DiskShelf) -> set[bytes]:
    """What is safe, and nothing half-done beside it."""
    assert not shelf.traces()
    return {item.plain for item in shelf.contents().values()}


def test_a_recorder_in_good_order_is_emptied(tmp_path: Path) -> None:
    """The control: through FUSE, too, everything is taken and deleted."""
    shelf = DiskShelf(tmp_path / "shelf")
    with fuse_card(tmp_path / "card", PLAN) as card:
        receipt = empty(card, shelf)
        assert [o.deletion for o in receipt.taken] == [Deletion.DELETED] * 2
        assert not list(card.iterdir())
    assert kept(shelf) == {content(*what) for what in PLAN.files.values()}


@pytest.mark.parametrize("after", [1, MIB, 3 * MIB, 5 * MIB, 7 * MIB, 8 * MIB])
def test_pulled_at_any_moment(tmp_path: Path, after: int) -> None:
    """Listing answers nothing, without an error: never taken for an empty card, nothing is lost."""
    shelf = DiskShelf(tmp_path / "shelf")
    with fuse_card(tmp_path / "card", replace(PLAN, pulled_after=after)) as card:
        receipt = empty(card, shelf)
        assert receipt.problem is not None
        left = {path for path, fate in fates(receipt).items() if fate is not Fate.TAKEN}
        safe = kept(shelf)
        for name, what in PLAN.files.items():
            assert name in left or content(*what) in safe
    # Plugged in again, what it still has is finished; what was kept is not copied twice.
    again = Plan({name: PLAN.files[name] for name in PLAN.files})
    with fuse_card(tmp_path / "again", again) as card:
        second = empty(card, shelf)
        assert second.problem is None
        assert not list(card.iterdir())
    assert kept(shelf) == {content(*what) for what in PLAN.files.values()}
    assert len(shelf.contents()) == 2


def test_a_bad_block_leaves_that_file_and_takes_the_other(tmp_path: Path) -> None:
    """What cannot be read stays on the card, and is told."""
    shelf = DiskShelf(tmp_path / "shelf")
    with fuse_card(tmp_path / "card", replace(PLAN, error_after=MIB + 4096)) as card:
        receipt = empty(card, shelf)
        assert fates(receipt) == {"A.WAV": Fate.FAILED, "B.WAV": Fate.TAKEN}
        assert [file.name for file in card.iterdir()] == ["A.WAV"]
        assert (card / "A.WAV").stat().st_size == 2 * MIB + 7
    assert kept(shelf) == {content(2, MIB)}


def test_short_readings_are_read_on(tmp_path: Path) -> None:
    """A reader that gives little at a time gives everything in the end."""
    shelf = DiskShelf(tmp_path / "shelf")
    plan = replace(PLAN, files={"A.WAV": (1, 70_001)}, short=1009)
    with fuse_card(tmp_path / "card", plan) as card:
        receipt = empty(card, shelf)
        assert fates(receipt) == {"A.WAV": Fate.TAKEN}
    assert kept(shelf) == {content(1, 70_001)}


@pytest.mark.parametrize("opening", [2, 3])
def test_a_card_that_reads_otherwise_the_second_time_is_not_emptied(
    tmp_path: Path, opening: int
) -> None:
    """Same name, size and time, other bytes: whatever was copied is not what is there now."""
    shelf = DiskShelf(tmp_path / "shelf")
    with fuse_card(tmp_path / "card", replace(PLAN, other_when_opened=opening)) as card:
        receipt = empty(card, shelf)
        names = {file.name for file in card.iterdir()}
        for path, fate in fates(receipt).items():
            assert (fate is Fate.TAKEN) == (path not in names)
    wrong = {content(seed + 1000, size) for seed, size in PLAN.files.values()}
    right = {content(*what) for what in PLAN.files.values()}
    # Read as another from the beginning on, that is what the card has, twice the same.
    assert kept(shelf) <= (wrong if opening == 2 else right)


def test_the_lock_of_the_card_is_told(tmp_path: Path) -> None:
    """Taken, and not deleted; and the next time not copied again."""
    shelf = DiskShelf(tmp_path / "shelf")
    with fuse_card(tmp_path / "card", replace(PLAN, locked=True)) as card:
        receipt = empty(card, shelf)
        assert [o.deletion for o in receipt.taken] == [Deletion.REFUSED] * 2
        assert set(fates(empty(card, shelf)).values()) == {Fate.KEPT_ALREADY}
        assert len(list(card.iterdir())) == 2
    assert len(shelf.contents()) == 2


def test_nothing_is_concluded_of_a_card_that_is_gone_from_the_beginning(tmp_path: Path) -> None:
    """Not even that there is nothing to take."""
    shelf = DiskShelf(tmp_path / "shelf")
    with fuse_card(tmp_path / "card", PLAN) as card:
        recorder = Recorder(card, "card")
    with recorder, pytest.raises(SourceVanished):
        offload(recorder, Tools(shelf, probe, FakeClock()), Errand("study", "laptop"))
    assert not kept(shelf)
