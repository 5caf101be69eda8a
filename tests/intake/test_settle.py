"""When a file is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from confere.intake.settle import QuietPeriod, SystemClock, timestamp
from confere.intake.source import Identity, SourceFile


def file(size: int = 1, time: int = 0, inode: int = 1, name: str = "a.wav") -> SourceFile:
    """Return a file as a walk would."""
    return SourceFile((name,), Identity(1, inode, size, time))


@dataclass
class Moment:
    """A clock that stands still."""

    monotonic_s: float
    time: datetime = datetime(2026, 3, 1, 18, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.monotonic_s

    def wait(self, seconds: float) -> None:
        raise AssertionError("nothing waits here")


at = Moment


def test_a_file_settles_after_the_quiet_period() -> None:
    """Not at the first look, not before the time is over, then."""
    quiet = QuietPeriod(2)
    assert quiet.look([file()], at(10.0)) == []
    assert quiet.look([file()], at(11.9)) == []
    assert quiet.look([file()], at(12.0)) == [file()]


def test_a_change_of_size_or_time_begins_anew() -> None:
    """Whatever changes, the full period has to pass again."""
    quiet = QuietPeriod(2)
    quiet.look([file()], at(0))
    assert quiet.look([file(size=2)], at(2)) == []
    assert quiet.look([file(size=2, time=5)], at(4)) == []
    assert quiet.look([file(size=2, time=5)], at(6)) == [file(size=2, time=5)]


def test_a_file_that_was_away_begins_anew() -> None:
    """A file that was not there at one look has not been quiet."""
    quiet = QuietPeriod(2)
    quiet.look([file()], at(0))
    quiet.look([], at(1))
    assert quiet.look([file()], at(2)) == []


def test_another_inode_number_is_no_change() -> None:
    """FAT invents the numbers; the path, size and time count."""
    quiet = QuietPeriod(2)
    quiet.look([file(inode=1)], at(0))
    assert quiet.look([file(inode=2)], at(2)) == [file(inode=2)]


def test_files_settle_one_by_one() -> None:
    """One that is being written does not hold up another."""
    quiet = QuietPeriod(2)
    old, growing = file(name="old.wav"), file(name="growing.wav")
    quiet.look([old, growing], at(0))
    assert quiet.look([file(size=9, name="growing.wav"), old], at(2)) == [old]


# --- a volume that nobody else can write to --------------------------------------------------------


def written(ago_s: float) -> SourceFile:
    """Return a file whose last change was so long ago by this machine's clock."""
    return file(time=int((Moment(0).time.timestamp() - ago_s) * 1e9))


@pytest.mark.parametrize("ago_s", [60, 3600, 40 * 365 * 86_400])
def test_an_old_file_of_a_plugged_in_volume_has_settled_at_once(ago_s: float) -> None:
    """Nobody has written to it for long; a recorder's clock may stand in 1986."""
    old = written(ago_s)
    assert QuietPeriod(2, old_s=60).look([old], at(0)) == [old]
    assert QuietPeriod(2).look([old], at(0)) == []


@pytest.mark.parametrize("ago_s", [59, 2, 0, -2, -86_400, -40 * 365 * 86_400])
def test_what_is_young_or_lies_ahead_waits(ago_s: float) -> None:
    """It may be written just now; a clock that goes ahead says nothing."""
    young = written(ago_s)
    quiet = QuietPeriod(2, old_s=60)
    assert quiet.look([young], at(0)) == []
    assert quiet.look([young], at(2)) == [young]


def test_the_old_do_not_wait_for_the_young() -> None:
    """Each settles by itself."""
    old, young = written(3600), file(name="b.wav", time=written(1).identity.mtime_ns)
    assert QuietPeriod(2, old_s=60).look([young, old], at(0)) == [old]


def test_the_system_clock_is_in_utc() -> None:
    """The clock of the machine never goes back, and its time of day is in UTC."""
    clock = SystemClock()
    before = clock.monotonic()
    clock.wait(0)
    assert clock.monotonic() >= before
    assert clock.now().tzinfo is UTC
    assert timestamp(clock).endswith("+00:00")
