"""When a file is settled."""

from __future__ import annotations

from datetime import UTC

from confere.intake.settle import QuietPeriod, SystemClock, timestamp
from confere.intake.source import Identity, SourceFile


def file(size: int = 1, time: int = 0, inode: int = 1, name: str = "a.wav") -> SourceFile:
    """Return a file as a walk would."""
    return SourceFile((name,), Identity(1, inode, size, time))


def test_a_file_settles_after_the_quiet_period() -> None:
    """Not at the first look, not before the time is over, then."""
    quiet = QuietPeriod(2)
    assert quiet.look([file()], 10.0) == []
    assert quiet.look([file()], 11.9) == []
    assert quiet.look([file()], 12.0) == [file()]


def test_a_change_of_size_or_time_begins_anew() -> None:
    """Whatever changes, the full period has to pass again."""
    quiet = QuietPeriod(2)
    quiet.look([file()], 0)
    assert quiet.look([file(size=2)], 2) == []
    assert quiet.look([file(size=2, time=5)], 4) == []
    assert quiet.look([file(size=2, time=5)], 6) == [file(size=2, time=5)]


def test_a_file_that_was_away_begins_anew() -> None:
    """A file that was not there at one look has not been quiet."""
    quiet = QuietPeriod(2)
    quiet.look([file()], 0)
    quiet.look([], 1)
    assert quiet.look([file()], 2) == []


def test_another_inode_number_is_no_change() -> None:
    """FAT invents the numbers; the path, size and time count."""
    quiet = QuietPeriod(2)
    quiet.look([file(inode=1)], 0)
    assert quiet.look([file(inode=2)], 2) == [file(inode=2)]


def test_files_settle_one_by_one() -> None:
    """One that is being written does not hold up another."""
    quiet = QuietPeriod(2)
    old, growing = file(name="old.wav"), file(name="growing.wav")
    quiet.look([old, growing], 0)
    assert quiet.look([file(size=9, name="growing.wav"), old], 2) == [old]


def test_the_system_clock_is_in_utc() -> None:
    """The clock of the machine never goes back, and its time of day is in UTC."""
    clock = SystemClock()
    before = clock.monotonic()
    clock.wait(0)
    assert clock.monotonic() >= before
    assert clock.now().tzinfo is UTC
    assert timestamp(clock).endswith("+00:00")
