"""What the person sees of an offload: what was found, bars, a line for each file, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from confere.cli import notify
from confere.cli.pace import Pace
from confere.domain import clock
from confere.intake.outcome import SAFE, Encrypted, Findings, Outcome
from confere.intake.receipt import Receipt
from confere.intake.source import SourceFile
from confere.intake.survey import Seen, Survey

#: With plain lines: how often the file in work is told of.
PLAIN_EVERY_S = 10.0
_NAME_WIDTH = 34

Say = Callable[[str], None]


def local_time() -> str:
    """The time of day, as a clock on the wall shows it."""
    return datetime.now().astimezone().strftime("%H:%M:%S")


class OffloadScreen:
    """Is told how an offload goes on (`confere.intake.outcome.Progress`).

    Bars where there is a terminal, one for the file in work and one for all; with ``plain``, lines with
    the time instead, made for a log. Names of files are shown as they were made printable.
    """

    def __init__(
        self,
        say: Say,
        pace: Pace,
        *,
        plain: bool = False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], str] = local_time,
    ) -> None:
        self._line = say
        self._pace = pace
        self._plain = plain
        self._clock = clock
        self._now = now
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=28),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=plain or not console.is_terminal,
        )
        self._file = self._bars.add_task("", visible=False)
        self._all = self._bars.add_task("", visible=False)
        self._name, self._size_bytes = "", 0
        self._before_bytes = 0  # of the files that are finished
        self._number, self._ended, self._files = 0, 0, 0
        self._told_s = 0.0

    def __enter__(self) -> OffloadScreen:
        if not self._bars.disable:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def say(self, line: str) -> None:
        """Show a line; in a plain log with the time before it."""
        if self._bars.live.is_started:  # above the bars, which move down
            self._bars.console.print(Text(line), soft_wrap=True)
        else:
            self._line(f"{self._now()} {line}" if self._plain else line)

    def found(self, findings: Findings) -> None:
        """Say what is on it, and how long it will take."""
        self.say(found_line(findings, self._pace.expect_s(findings.size_bytes)))

    def planned(self, files: int, size_bytes: int) -> None:
        """So many files of so many bytes are going to be transferred."""
        self._number, self._ended, self._files, self._before_bytes = 0, 0, files, 0
        self._pace.begin()
        self._bars.reset(
            self._all, total=size_bytes, visible=files > 0, description=f"{files} file(s)"
        )

    def started(self, file: SourceFile, size_bytes: int) -> None:
        """A file begins."""
        self._number += 1
        self._name, self._size_bytes = file.name, size_bytes
        self._told_s = self._clock()
        self._bars.reset(self._file, total=size_bytes, visible=True, description=_short(file.name))

    def advanced(self, bytes_done: int) -> None:
        """So much of the file is done."""
        self._bars.update(self._file, completed=bytes_done)
        self._bars.update(self._all, completed=self._before_bytes + bytes_done)
        if self._plain and self._clock() - self._told_s >= PLAIN_EVERY_S:
            self._told_s = self._clock()
            percent = 100 * bytes_done // max(1, self._size_bytes)
            self.say(f"{self._number} of {self._files}: {self._name}, {percent} %")

    def finished(self, outcome: Outcome) -> None:
        """A file's fate is known; when a recorder is pulled, also of those that never began."""
        self._ended += 1
        self._before_bytes += outcome.size_bytes
        if outcome.fate in SAFE:
            self._pace.done(outcome.size_bytes)
        self.say(fate_line(outcome))
        if self._ended == self._files:
            self._pace.keep()
            self._bars.update(self._file, visible=False)
            self._bars.update(self._all, visible=False)


def fate_line(outcome: Outcome) -> str:
    """Return what became of one file."""
    deletion = f", {outcome.deletion}" if outcome.deletion else ""
    reason = f": {outcome.reason}" if outcome.reason else ""
    return f"{outcome.fate}{deletion}  {outcome.path}{reason}"


def found_line(findings: Findings, seconds: float | None) -> str:
    """Return which recorder it is, what is on it, and how long it will take."""
    known = ", ".join(filter(None, (findings.make, findings.device)))
    who = f"{findings.recorder} ({known})" if known else findings.recorder
    if not findings.files:
        what = "nothing to take"
    else:
        what = f"{findings.files} file(s) to take, {size(findings.size_bytes)}"
        what += f", {duration(seconds)}" if seconds is not None else ""
    stay = f"; {findings.others} other(s) stay as they are" if findings.others else ""
    return f"{who}: {what}{stay}."


def survey_lines(seen: Survey) -> Iterator[str]:
    """Yield what would be taken, session by session, and what would stay, and why."""
    for number, parts in enumerate(seen.sessions, 1):
        for one in parts:
            yield f"{number:4}. {_would_be(one, alone=len(parts) == 1)}"
    for outcome in seen.left:
        yield f"   -  {outcome.path}: stays, {outcome.reason}"


def _would_be(one: Seen, *, alone: bool) -> str:
    part, facts = one.part, one.facts
    if facts is None:
        return f"{part.file.path}: stays, {one.error.message if one.error else ''}"
    place = "" if alone else f", part {part.number}"
    place += f", track {part.track}" if part.track else ""
    said = clock(facts.duration_ms).partition(".")[0]
    if isinstance(facts, Encrypted):
        said = f"encrypted ({facts.container}): sealed as it is, and stays on the recorder"
    cut = ", cut short" if facts.truncated else ""
    return f"{part.file.path}{place}, {size(part.file.size_bytes)}, {said}{cut}"


def closing_line(receipt: Receipt) -> str:
    """Return whether it may be unplugged: what a fieldworker waits for."""
    name, safe = receipt.recorder, f"{len(receipt.safe)} recording(s) are safe in the vault"
    if receipt.unfinished:
        count = len(receipt.unfinished)
        return f"{name}: NOT FINISHED, {count} file(s) are still to be taken. Plug it in again."
    if any(outcome.error for outcome in receipt.safe):
        return f"{name}: {safe}. Look at the receipt: something stayed on the recorder."
    return f"{name} can be unplugged: {safe}." if _is_plugged_in(receipt) else f"{name}: {safe}."


def _is_plugged_in(receipt: Receipt) -> bool:
    """Whether it came from a recorder, and not from just any folder."""
    return bool(receipt.kind or str(receipt.device))


_NOTICES = {
    "en": (
        "The recorder can be unplugged",
        "Recordings were taken in",
        "The offload is not finished",
        "{safe} recording(s) are safe in the vault.",
        "{left} file(s) are still to be taken: plug in again.",
    ),
    "pt": (
        "O gravador pode ser desconectado",
        "Gravações recebidas",
        "O descarregamento não terminou",
        "{safe} gravação(ões) em segurança no cofre.",
        "{left} arquivo(s) ainda por receber: conecte de novo.",
    ),
}


def notification(receipt: Receipt, language: str = "") -> tuple[str, str]:
    """Return title and text for the desktop, in its language. No file is named: screens are seen."""
    unplug, taken, unfinished, safe, left = _NOTICES[language or notify.language()]
    counts = {"safe": len(receipt.safe), "left": len(receipt.unfinished)}
    if receipt.unfinished:
        return unfinished, f"{safe} {left}".format(**counts)
    return unplug if _is_plugged_in(receipt) else taken, safe.format(**counts)


def size(size_bytes: int) -> str:
    """Return a size as people say it."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes / 1e3:.1f} kB"


def duration(seconds: float) -> str:
    """Return how long something will take, no more exactly than it can be known."""
    if seconds < 10:
        return "some seconds"
    if seconds < 90:
        return f"about {round(seconds, -1):.0f} s"
    return f"about {round(seconds / 60)} min"


def _short(name: str) -> str:
    return name if len(name) <= _NAME_WIDTH else f"…{name[1 - _NAME_WIDTH :]}"
