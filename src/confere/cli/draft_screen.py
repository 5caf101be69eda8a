"""What the person sees of a night: a bar for each recording in work, a line for each that ended."""

from __future__ import annotations

import time

import click
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

from confere.acts.night import Outcome
from confere.cli.options import banner
from confere.domain import Recording, clock

#: The estimate goes by so much of the past: a window comes every few minutes.
_LOOKS_BACK_S = 3600.0


class DraftScreen:
    """Is told how a night goes (`confere.acts.night.Listener`); ``of`` is how many, 0 for unknown."""

    def __init__(self, practice: bool, of: int = 0) -> None:
        self._practice, self._of = practice, of
        self._number = 0
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            speed_estimate_period=_LOOKS_BACK_S,
        )
        self._bars.disable = not self._bars.console.is_terminal
        self._tasks: dict[str, TaskID] = {}
        self._begun: dict[str, tuple[str, float]] = {}

    def __enter__(self) -> DraftScreen:
        if not self._bars.disable:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def begun(self, recording: Recording) -> None:
        """A hand has taken it."""
        self._label(recording)
        self._tasks[recording.id] = self._bars.add_task(f"recording {recording.id}", total=None)

    def went(self, recording: Recording, done_ms: int, of_ms: int) -> None:
        """So much of it is done."""
        total = max(done_ms, of_ms) or None
        self._bars.update(self._tasks[recording.id], completed=done_ms, total=total)

    def ended(self, outcome: Outcome) -> None:
        """It is drafted, or failed."""
        recording = outcome.recording
        label, begun = self._label(recording)
        if recording.id in self._tasks:
            self._bars.remove_task(self._tasks.pop(recording.id))
        if outcome.draft is None:
            error = outcome.error
            assert error is not None
            hint = f"\n  {error.hint}" if error.hint else ""
            click.echo(f"{label}: {error.message}{hint}", err=True)
            return
        heard = outcome.draft.transcription
        click.echo(
            f"{label}: {len(heard.segments)} segments,"
            f" {clock(heard.duration_ms)} of audio in {time.monotonic() - begun:.1f} s"
        )
        banner(outcome.draft.practice)

    def _label(self, recording: Recording) -> tuple[str, float]:
        """Return what a recording is called here, and when it began; it gets a number the first time."""
        if recording.id not in self._begun:
            self._number += 1
            of = f" of {self._of}" if self._of else ""
            self._begun[recording.id] = (
                f"{self._number}{of}: recording {recording.id}",
                time.monotonic(),
            )
        return self._begun[recording.id]
