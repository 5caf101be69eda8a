"""Watching folders and recorders: events only wake a scan; the scan decides.

An event says that something happened, and on some file systems nothing says so; so nothing is ever
concluded from an event, and a scan is made every now and then without one. While a file is not settled
the next scan comes one quiet period later, whatever the events; so a recording that is being written
for an hour costs one scan each quiet period and not one for every block.

The memory of what was reported lasts as long as the process. It is by path, size and time, and only
keeps the same file from being reported (or, where nothing is deleted, copied) again and again. It
never leads to a deletion.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

from confere.domain import new_id
from confere.errors import ConfereError, Interrupted
from confere.intake.listening import Bell
from confere.intake.offload import Errand, Haul, collect, take
from confere.intake.outcome import SAFE, Fate, Outcome, Progress, Silent
from confere.intake.parts import Part, group_parts
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion, Recorder
from confere.intake.settle import QuietPeriod, timestamp
from confere.intake.source import Identity, SourceFile
from confere.intake.transfer import Tools

RESCAN_S = 30.0  # how long an event that never came can delay a recording


class Watcher:
    """Scans one folder and remembers what it has told.

    ``tell`` is given a receipt whenever a scan did, or found, something new. ``open_recorder`` opens
    the folder for one scan.
    """

    def __init__(
        self,
        open_recorder: Callable[[], Recorder],
        tools: Tools,
        errand: Errand,
        tell: Callable[[Receipt], None],
        progress: Progress | None = None,
    ) -> None:
        self._open_recorder = open_recorder
        self._tools = tools
        self._errand = errand
        self._tell = tell
        self._progress = progress or Silent()
        self._quiet = QuietPeriod(errand.quiet_s, errand.old_s)
        self._told: dict[str, _Told] = {}  # by path
        self._found: set[str] = set()  # paths that were announced
        self._before: Recorder | None = None  # closed; only asked whether the next one is the same

    def scan(self) -> bool:
        """Look once and take what has settled; return whether something has yet to settle.

        Raises SourceVanished (or another ConfereError) when the folder itself cannot be read.
        """
        with self._open_recorder() as recorder:
            if recorder.is_other_than(self._before):
                self._told.clear()  # the same name on another card is another recording
                self._found.clear()
            self._before = recorder
            haul = collect(recorder, self._errand)
            self._forget_absent(haul)
            fresh = [file for file in haul.candidates if not self._is_done(file)]
            self._announce(recorder, fresh, len(haul.left))
            ready = self._ready(fresh)
            begun, receipt_id = timestamp(self._tools.clock), new_id()
            taken = take(ready, receipt_id, recorder, self._tools, self._errand, self._progress)
            files = {file.path: file for file in fresh}
            news = self._news([*taken, *haul.left], files)
            if news:
                ended = timestamp(self._tools.clock)
                self._tell(self._errand.receipt(receipt_id, recorder, begun, ended, news))
            if any(isinstance(outcome.error, Interrupted) for outcome in taken):
                raise KeyboardInterrupt  # told, and now it may end what it was meant to end
            return len(taken) < len(fresh)

    def _announce(self, recorder: Recorder, fresh: list[SourceFile], others: int) -> None:
        """Say what is there, once; a file that is being written for an hour is no news each time."""
        paths = {file.path for file in fresh}
        if paths - self._found:
            self._progress.found(self._errand.findings(recorder, fresh, others))
        self._found = paths

    def _forget_absent(self, haul: Haul) -> None:
        """Forget what was told of files that are not there any more."""
        present = {file.path for file in haul.candidates} | {left.path for left in haul.left}
        self._told = {path: told for path, told in self._told.items() if path in present}

    def _is_done(self, file: SourceFile) -> bool:
        """Whether a file was dealt with already and is still there for a reason that was told."""
        told = self._told.get(file.path)
        return told is not None and told.settles(file.identity)

    def _ready(self, fresh: list[SourceFile]) -> list[tuple[Part, ...]]:
        """Return the sessions all of whose parts have settled."""
        settled = set(self._quiet.look(fresh, self._tools.clock))
        sessions = group_parts(fresh, self._errand.profile)
        return [parts for parts in sessions if all(part.file in settled for part in parts)]

    def _news(self, outcomes: list[Outcome], files: dict[str, SourceFile]) -> list[Outcome]:
        """Return what has not been told yet, and remember it as long as its file is there."""
        news: list[Outcome] = []
        for outcome in outcomes:
            file = files.get(outcome.path)
            told = _Told(outcome, file.identity if file else None)
            before = self._told.get(outcome.path)
            if outcome.fate in SAFE or before is None or not told.repeats(before):
                news.append(outcome)
            self._told[outcome.path] = told
        return news


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told of a file, and which one it was."""

    outcome: Outcome
    identity: Identity | None

    def repeats(self, before: _Told) -> bool:
        """Whether this says nothing new."""
        return self._says() == before._says() and _same(self.identity, before.identity)

    def settles(self, identity: Identity) -> bool:
        """Whether a file with this identity need not be transferred (again).

        A deleted file's path may bear a new recording of the same size and time: that is taken. One
        whose deletion failed is not taken over and over, or its copies would fill the disk.
        """
        final = {Fate.NOT_AUDIO, Fate.EMPTY}
        still_there = {
            Deletion.KEPT,
            Deletion.REFUSED,
            Deletion.UNCERTAIN,
            Deletion.ENCRYPTED,
        }
        done = self.outcome.fate in final or self.outcome.deletion in still_there
        return done and _same(self.identity, identity)

    def _says(self) -> tuple[str, str, str]:
        return self.outcome.fate, self.outcome.reason, self.outcome.deletion or ""


def _same(one: Identity | None, other: Identity | None) -> bool:
    """Whether size and time agree; FAT invents inode numbers anew."""
    if one is None or other is None:
        return one is other
    return (one.size_bytes, one.mtime_ns) == (other.size_bytes, other.mtime_ns)


class Scanned(Protocol):
    """Something to look at now and then."""

    def scan(self) -> bool:
        """Look once and take what has settled; return whether something has yet to settle."""
        ...


class Stations:
    """Several watchers in turn; what is wrong with one keeps no other from its work."""

    def __init__(self, trouble: Callable[[ConfereError], None]) -> None:
        self._trouble = trouble
        self._stations: dict[Hashable, Scanned] = {}
        self._wrong: dict[Hashable, str] = {}

    def add(self, key: Hashable, station: Scanned) -> None:
        """Look at this, too."""
        self._stations[key] = station

    def drop(self, key: Hashable) -> None:
        """Look at it no more, if it was."""
        self._stations.pop(key, None)
        self._wrong.pop(key, None)

    def scan(self) -> bool:
        """Look at each once. A trouble that several have is told once, until it is over."""
        unsettled, seen = False, set[Hashable]()
        # A station may add others, and drop some: what has just come is looked at in the same round.
        while waiting := [key for key in self._stations if key not in seen]:
            key = waiting[0]
            seen.add(key)
            try:
                unsettled |= self._stations[key].scan()
            except ConfereError as error:
                if error.message not in self._wrong.values():
                    self._trouble(error)
                self._wrong[key] = error.message
            else:
                self._wrong.pop(key, None)
        return unsettled


def watch(
    watcher: Scanned,
    bell: Bell,
    trouble: Callable[[ConfereError], None],
    quiet_s: float,
    rescan_s: float = RESCAN_S,
) -> None:
    """Scan until the bell says stop. ``trouble`` is told once why a folder cannot be scanned."""
    last = ""
    while not bell.stopped:
        unsettled = False
        try:
            unsettled, last = watcher.scan(), ""
        except ConfereError as error:
            if error.message != last:
                trouble(error)
            last = error.message
        if unsettled:
            bell.pause(quiet_s)
        else:
            bell.wait(rescan_s)
