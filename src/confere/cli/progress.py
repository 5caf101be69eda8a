"""Bars with an estimate for long work; plain lines where there is no terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from confere.intake.outcome import Outcome
from confere.intake.source import SourceFile


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),  # a file may be named "[red]"
        BarColumn(bar_width=32),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


@contextlib.contextmanager
def bar(text: str) -> Iterator[Callable[[int, int], None]]:
    """Show one bar; yields what is told ``(done, total)``."""
    with _bars() as bars:
        task = bars.add_task(text, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


class OffloadBars:
    """The progress of an offload: one bar over all bytes, and a line for each file's fate."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._bars = _bars()
        self._task: TaskID | None = None
        self._before = 0  # bytes of the files that are finished
        self._current = 0

    def __enter__(self) -> OffloadBars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def planned(self, files: int, size_bytes: int) -> None:
        """So many files of so many bytes are going to be transferred."""
        if files:
            self._before = 0
            self._task = self._bars.add_task(f"{files} file(s)", total=size_bytes)

    def started(self, file: SourceFile, size_bytes: int) -> None:
        """A file begins."""
        self._current = size_bytes
        if self._task is not None:
            self._bars.update(self._task, description=file.name)

    def advanced(self, bytes_done: int) -> None:
        """So much of the file is done."""
        if self._task is not None:
            self._bars.update(self._task, completed=self._before + bytes_done)

    def finished(self, outcome: Outcome) -> None:
        """A file's fate is known."""
        self._before += self._current
        deletion = f", {outcome.deletion}" if outcome.deletion else ""
        reason = f": {outcome.reason}" if outcome.reason else ""
        self._say(f"{outcome.fate}{deletion}  {outcome.path}{reason}")
