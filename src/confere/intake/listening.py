"""Hearing that something changes in a folder: the only module that knows watchdog."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

# Reading raises events too ("opened"); were they heard, every scan would call for the next one.
_HEARD = frozenset({"created", "modified", "moved", "closed"})


class Mode(StrEnum):
    """How a folder is watched."""

    EVENTS = "events"
    POLLING = "polling"


class Bell:
    """Wakes the watcher before its time, or ends it. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._called = threading.Event()
        self._stopped = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether the watching is to end."""
        return self._stopped.is_set()

    def ring(self) -> None:
        """Wake whoever waits, or the next who does."""
        self._rung.set()

    def call(self) -> None:
        """Wake whoever waits, or pauses: a recorder has come, and does not wait for another's file."""
        self._called.set()
        self._rung.set()

    def stop(self) -> None:
        """End the watching, once the file in work is done."""
        self._stopped.set()
        self.call()

    def wait(self, seconds: float) -> None:
        """Wait for the bell, but no longer than this; afterwards it is silent again."""
        self._rung.wait(seconds)
        self._rung.clear()

    def pause(self, seconds: float) -> None:
        """Let the time pass, whatever rings; only a call or the stop ends it early."""
        self._called.wait(seconds)
        if not self._stopped.is_set():
            self._called.clear()


@contextmanager
def listening(root: Path, bell: Bell, *, events: bool = True) -> Iterator[Mode]:
    """Ring the bell at every change below a folder; yields whether events come at all.

    Where the system gives none (``events`` is false for what others change, too; too many watches; no
    such folder yet), the rescans go on alone.
    """
    if not events:
        yield Mode.POLLING
        return
    observer = Observer()
    try:
        observer.schedule(Ringer(bell), str(root), recursive=True)
        observer.start()
    except OSError:
        yield Mode.POLLING
        return
    try:
        yield Mode.EVENTS
    finally:
        observer.stop()
        observer.join()


class Ringer(FileSystemEventHandler):
    """Hands watchdog's events on, as far as they mean that something was written."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Ring for what may be the end, or the beginning, of a recording."""
        if event.event_type in _HEARD:
            self._bell.ring()
