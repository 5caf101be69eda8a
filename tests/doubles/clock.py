"""A clock that passes only when somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Begins at a fixed time. ``meanwhile`` is called in every waiting, to let things happen."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.meanwhile = meanwhile
        self.waited: list[float] = []
        self._begin = datetime(2026, 3, 1, 18, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time of day."""
        return self._begin + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the seconds that were waited."""
        return sum(self.waited)

    def wait(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.waited.append(seconds)
        self.meanwhile()

    def jump(self, days: float) -> None:
        """Set the time of day, as people and batteries do; what was waited stays."""
        self._begin += timedelta(days=days)
