"""What a keeper hands to everything it is asked: the desk, and what is kept from question to question."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from confere.acts.desk import Desk

T = TypeVar("T")


class Sitting:
    """One person at the open vault, for as long as they are signed in.

    ``answers`` run in the keeper's main thread and may use all of ``desk``. ``sound`` runs in a second
    thread, where the catalog must not be touched: it belongs to the main thread.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._parts: dict[Callable[[Desk], Any], Any] = {}
        self._making = threading.RLock()

    def close(self) -> None:
        """End what has an end: what was played is kept. The desk stays open."""
        for made in self._parts.values():
            close = getattr(made, "close", None)
            if close is not None:
                close()

    def part(self, kind: Callable[[Desk], T]) -> T:
        """Return the one of its kind that this sitting has, made of the desk when it is first asked for.

        So a module of ``answers`` or ``sound`` keeps what it needs (the translation memory, what was
        played) without anybody else knowing of it.
        """
        with self._making:
            if kind not in self._parts:
                self._parts[kind] = kind(self.desk)
            made: T = self._parts[kind]
            return made
