"""What the person sees of an offload, and how long it says that it will take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from confere.cli.offload_screen import (
    OffloadScreen,
    closing_line,
    duration,
    fate_line,
    found_line,
    notification,
    size,
)
from confere.cli.pace import FILE, WORTH_BYTES, Pace
from confere.errors import SourceVanished, StorageProblem
from confere.intake.identity import RecorderIdentity
from confere.intake.outcome import Fate, Findings, Outcome
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion
from confere.intake.source import Identity, SourceFile
from confere.vault.storage import Storage
from doubles.notes import a_note

MB = 1_000_000
CARD = Findings("H5_SD", "UUID 1A2B-3C4D", "Zoom H5", 32, 4_100 * MB, 5)
TAKEN = Outcome("STEREO/A.WAV", 30 * MB, Fate.TAKEN, a_note(), Deletion.DELETED)


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def a_file(name: str, size_bytes: int) -> SourceFile:
    """A file on a recorder."""
    return SourceFile((name,), Identity(1, 2, size_bytes, 3))


def test_what_is_found_is_said_with_what_it_takes() -> None:
    """Which recorder, how much, how long; and without a measure, nothing of the time."""
    assert found_line(CARD, 170.0) == (
        "H5_SD (Zoom H5, UUID 1A2B-3C4D): 32 file(s) to take, 4.1 GB, about 3 min;"
        " 5 other(s) stay as they are."
    )
    bare = replace(CARD, device="", make="", others=0)
    assert found_line(bare, None) == "H5_SD: 32 file(s) to take, 4.1 GB."
    assert found_line(replace(bare, files=0, size_bytes=0), None) == "H5_SD: nothing to take."


def test_the_pace_is_that_of_the_last_run_that_was_long_enough(tmp_path: Path) -> None:
    """Measured, kept for the next time, and never guessed."""
    clock, state = Hand(), Storage(tmp_path)
    pace = Pace(state, clock)
    assert pace.expect_s(MB) is None
    pace.begin()
    clock.s += 1
    pace.done(WORTH_BYTES - 1)
    pace.keep()
    assert pace.expect_s(MB) is None
    assert not (tmp_path / FILE).exists()
    pace.begin()
    clock.s += 4
    pace.done(2 * WORTH_BYTES)
    pace.keep()
    assert Pace(state, clock).expect_s(100 * WORTH_BYTES) == pytest.approx(200)
    (tmp_path / FILE).write_text('{"bytes_a_second": "much"')
    assert Pace(state, clock).expect_s(MB) is None


def play(screen: OffloadScreen, clock: Hand) -> None:
    """One file of 30 MB that takes 25 s, and one that is lost."""
    with screen:
        screen.found(CARD)
        screen.planned(2, 60 * MB)
        screen.started(a_file("A [bold] WAV", 30 * MB), 30 * MB)
        for third in range(1, 6):
            clock.s += 5
            screen.advanced(third * 6 * MB)
        screen.finished(TAKEN)
        screen.started(a_file("B.WAV", 30 * MB), 30 * MB)
        lost = SourceVanished("B.WAV")
        screen.finished(Outcome("B.WAV", 30 * MB, Fate.FAILED, error=lost))


def test_without_a_terminal_each_file_has_its_line(tmp_path: Path) -> None:
    """Nothing else, and no bar."""
    said: list[str] = []
    clock = Hand()
    play(OffloadScreen(said.append, Pace(Storage(tmp_path), clock), clock=clock), clock)
    assert said[0].startswith("H5_SD (Zoom H5")
    assert said[1:] == [
        "taken, deleted  STEREO/A.WAV",
        "failed  B.WAV: B.WAV could not be read to the end",
    ]
    assert Pace(Storage(tmp_path), clock).expect_s(60 * MB) == pytest.approx(50)


def test_a_plain_log_has_the_time_and_is_told_now_and_then(tmp_path: Path) -> None:
    """Every ten seconds of a long file, not at every block."""
    said: list[str] = []
    clock = Hand()
    pace = Pace(Storage(tmp_path), clock)
    screen = OffloadScreen(said.append, pace, plain=True, clock=clock, now=lambda: "18:03:11")
    play(screen, clock)
    assert all(line.startswith("18:03:11 ") for line in said)
    steps = [line.removeprefix("18:03:11 ") for line in said if "%" in line]
    assert steps == ["1 of 2: A [bold] WAV, 40 %", "1 of 2: A [bold] WAV, 80 %"]


def test_a_recorder_that_is_pulled_ends_the_run(tmp_path: Path) -> None:
    """What never began has its fate, too; what got across is remembered as the pace."""
    said: list[str] = []
    clock = Hand()
    screen = OffloadScreen(said.append, Pace(Storage(tmp_path), clock), clock=clock)
    with screen:
        screen.planned(2, 60 * MB)
        screen.started(a_file("A.WAV", 30 * MB), 30 * MB)
        clock.s += 3
        screen.finished(TAKEN)
        gone = SourceVanished("the card")
        screen.finished(Outcome("B.WAV", 30 * MB, Fate.NOT_REACHED, error=gone))
    assert len(said) == 2
    assert Pace(Storage(tmp_path), clock).expect_s(10 * MB) == pytest.approx(1)


def a_receipt(*outcomes: Outcome, device: str = "1A2B") -> Receipt:
    """A receipt of these."""
    return Receipt(
        "e" * 16, "S", "m", "H5_SD", "b", "e", outcomes, device=RecorderIdentity(uuid=device)
    )


def test_it_says_whether_it_can_be_unplugged() -> None:
    """Not while anything is unfinished; and where something stayed, it sends to the receipt."""
    assert closing_line(a_receipt(TAKEN)) == (
        "H5_SD can be unplugged: 1 recording(s) are safe in the vault."
    )
    folder = a_receipt(TAKEN, device="")
    assert "unplugged" not in closing_line(folder)
    assert "unplugged" in closing_line(replace(folder, kind="Zoom H5"))
    lost = Outcome("B.WAV", 9, Fate.FAILED, error=SourceVanished("B.WAV"))
    assert "NOT FINISHED, 1 file(s)" in closing_line(a_receipt(TAKEN, lost))
    uncertain = replace(TAKEN, deletion=Deletion.UNCERTAIN, error=StorageProblem("A.WAV", "?"))
    assert "Look at the receipt" in closing_line(a_receipt(uncertain))


def test_the_desktop_is_told_no_names() -> None:
    """In both languages: how many, and whether to unplug."""
    lost = Outcome("Maria.WAV", 9, Fate.FAILED, error=SourceVanished("Maria.WAV"))
    both = a_receipt(TAKEN, lost)
    assert notification(a_receipt(TAKEN), "en") == (
        "The recorder can be unplugged",
        "1 recording(s) are safe in the vault.",
    )
    assert notification(both, "pt")[0] == "O descarregamento não terminou"
    assert notification(a_receipt(TAKEN, device=""), "en")[0] == "Recordings were taken in"
    for language in ("en", "pt"):
        assert "Maria" not in " ".join(notification(both, language))


@pytest.mark.parametrize(
    ("seconds", "said"), [(3, "some seconds"), (44, "about 40 s"), (170, "about 3 min")]
)
def test_no_more_exactly_than_can_be_known(seconds: float, said: str) -> None:
    """Rounded."""
    assert duration(seconds) == said


def test_sizes_as_people_say_them() -> None:
    """Three units."""
    assert [size(n) for n in (14, 30 * MB, 4_100 * MB)] == ["0.0 kB", "30.0 MB", "4.1 GB"]


def test_a_fate_has_its_reason() -> None:
    """One line."""
    lost = Outcome("B.WAV", 9, Fate.FAILED, error=SourceVanished("B.WAV"))
    assert fate_line(lost) == "failed  B.WAV: B.WAV could not be read to the end"
