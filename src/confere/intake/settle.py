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

#: How old a file on a plugged-in volume has to be to need no quiet period: far more than the two seconds
#: that FAT rounds to, and more than any program pauses between two writes of a copy.
OLD_S = 60.0


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
    """Remembers since when each file has looked the same. Lengths are in seconds.

    With ``old_s``, a file whose last change lies longer ago than that has settled at the first look.
    That is only for a volume that is plugged into this computer, which nobody else can write to then:
    a recorder hands its card over as long as it is plugged in. Whoever writes here stamps the file with
    this computer's clock, so an old time says that for so long nobody has. A recorder's wrong clock
    does not matter: its own stamps were made before it was plugged in. A time that lies ahead is not
    old, and waits. Of a network folder or a phone none of this is true. What is left (this computer's
    clock being set forward just while somebody copies something onto the card) the transfer notices:
    the file is larger, younger, or other at the second reading, and is not deleted.
    """

    def __init__(self, quiet_s: float, old_s: float | None = None) -> None:
        self._quiet_s = quiet_s
        self._old_s = old_s
        self._since: dict[_Look, float] = {}

    def look(self, files: Iterable[SourceFile], clock: Clock) -> list[SourceFile]:
        """Take what is there at this moment and return what has settled, in the same order.

        A file is known by its path, size and time: a changed one begins anew, and so does one that
        was away in between.
        """
        at_s, old = clock.monotonic(), self._old(clock)
        present = {_look(file): file for file in files}
        self._since = {look: self._since.get(look, at_s) for look in present}
        return [
            file
            for look, file in present.items()
            if at_s - self._since[look] >= self._quiet_s
            or (old is not None and file.identity.mtime_ns <= old)
        ]

    def _old(self, clock: Clock) -> int | None:
        """Return the time, in nanoseconds since 1970, before which a file's last change is old."""
        if self._old_s is None:
            return None
        return int((clock.now().timestamp() - self._old_s) * 1e9)


#: Raw path, size, time. Not the inode number, which FAT may invent anew between two looks.
_Look = tuple[tuple[str, ...], int, int]


def _look(file: SourceFile) -> _Look:
    return file.parts, file.identity.size_bytes, file.identity.mtime_ns
