"""How long offloads take on this machine: as long as the last ones did, measured and kept."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable

from confere.errors import ConfereError
from confere.vault.storage import Storage

FILE = "offload-pace"
#: A run of less than this says more about the disk's caches than about the recorder.
WORTH_BYTES = 20_000_000


class Pace:
    """Bytes a second, from the last run that was long enough. Says nothing before the first one."""

    def __init__(self, state: Storage, clock: Callable[[], float] = time.monotonic) -> None:
        """``state`` is the account's state folder, ``clock`` tells seconds."""
        self._state = state
        self._clock = clock
        self._bytes_a_s = self._read()
        self._begun_s = 0.0
        self._done_bytes = 0

    def expect_s(self, size_bytes: int) -> float | None:
        """Return how many seconds so many bytes will take, or None when nothing is known."""
        return size_bytes / self._bytes_a_s if self._bytes_a_s else None

    def begin(self) -> None:
        """A run begins."""
        self._begun_s, self._done_bytes = self._clock(), 0

    def done(self, size_bytes: int) -> None:
        """So much more is across, proved and noted."""
        self._done_bytes += size_bytes
        taken_s = self._clock() - self._begun_s
        if self._done_bytes >= WORTH_BYTES and taken_s > 0:
            self._bytes_a_s = self._done_bytes / taken_s

    def keep(self) -> None:
        """Remember the run. A machine that cannot remember it only estimates worse."""
        if self._done_bytes >= WORTH_BYTES:
            with contextlib.suppress(ConfereError):
                told = json.dumps({"bytes_a_second": round(self._bytes_a_s)})
                self._state.write(FILE, told.encode(), replace=True)

    def _read(self) -> float:
        with contextlib.suppress(ConfereError, ValueError, KeyError, TypeError):
            if self._state.exists(FILE):
                return max(0.0, float(json.loads(self._state.read(FILE))["bytes_a_second"]))
        return 0.0
