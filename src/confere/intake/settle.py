"""When a file is settled: its size and time stayed the same across a quiet period.

Half a recording uploaded and its source deleted is how others have lost interviews: a "new file" event
says that somebody began to write, not that they are done. Only this machine's monotonic clock counts:
a recorder's clock may be years off, and a laptop's is set while it runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from confere.intake.source import SourceFile


class Clock(Protocol):
    """Time as an offload needs it; tests have one of their own and never sleep."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some moment; never goes back."""
        ...

    def wait(self, seconds: float) -> None:
        """Let the time pass."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since some moment; never goes back."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Let the time pass."""
        time.sleep(seconds)


def timestamp(clock: Clock) -> str:
    """Return the clock's time as ISO 8601 in UTC, to the second."""
    return clock.now().astimezone(UTC).isoformat(timespec="seconds")


class QuietPeriod:
    """Remembers since when each file has looked the same. Lengths are in seconds."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._since: dict[_Look, float] = {}

    def look(self, files: Iterable[SourceFile], at_s: float) -> list[SourceFile]:
        """Take what is there at a moment and return what has settled, in the same order.

        A file is known by its path, size and time: a changed one begins anew, and so does one that
        was away in between.
        """
        present = {_look(file): file for file in files}
        self._since = {look: self._since.get(look, at_s) for look in present}
        return [
            present[look] for look, since in self._since.items() if at_s - since >= self._quiet_s
        ]


#: Raw path, size, time. Not the inode number, which FAT may invent anew between two looks.
_Look = tuple[tuple[str, ...], int, int]


def _look(file: SourceFile) -> _Look:
    return file.parts, file.identity.size_bytes, file.identity.mtime_ns
