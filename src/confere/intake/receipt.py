"""The receipt: the statement of an offload that a fieldworker keeps with the day's papers.

Plain text, the same for the same facts, signed as a C2SP note by the machine's key for receipts. It
says of every file what was done with it; and of those that were left, why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from confere.crypto.notes import sign_note
from confere.crypto.signing import SigningKey
from confere.domain import clock
from confere.errors import ConfereError
from confere.intake.note import OffloadNote
from confere.intake.outcome import UNFINISHED, Fate, Outcome
from confere.intake.recorder import Deletion

_SHORT_DIGEST = 16  # hex characters: 64 bits are enough to recognise a file by


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an offload did. ``begun`` and ``ended`` are this machine's time, ISO 8601 in UTC."""

    id: str
    study: str
    machine: str
    recorder: str
    begun: str
    ended: str
    outcomes: tuple[Outcome, ...]

    @property
    def taken(self) -> tuple[Outcome, ...]:
        """The files that are safe in the vault now."""
        return tuple(o for o in self.outcomes if o.fate is Fate.TAKEN)

    @property
    def left(self) -> tuple[Outcome, ...]:
        """The files that were left on the recorder for good reason."""
        return tuple(o for o in self.outcomes if o.fate not in {Fate.TAKEN, *UNFINISHED})

    @property
    def unfinished(self) -> tuple[Outcome, ...]:
        """The files for which the offload has to be run again."""
        return tuple(o for o in self.outcomes if o.fate in UNFINISHED)

    @property
    def problem(self) -> ConfereError | None:
        """The first thing that went wrong, if anything did; a file that is no audio is not wrong."""
        return next((o.error for o in (*self.unfinished, *self.taken) if o.error), None)

    def text(self) -> str:
        """Return the receipt as people read it."""
        return "".join(f"{_one_line(line)}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield "Receipt of an offload"
        yield ""
        yield f"study      {self.study}"
        yield f"machine    {self.machine}"
        yield f"recorder   {self.recorder}"
        yield f"begun      {self.begun}"
        yield f"ended      {self.ended}"
        yield f"receipt    {self.id}"
        yield ""
        yield from _taken(self.taken)
        yield from _others("LEFT ON THE RECORDER", self.left)
        yield from _others(
            "NOT FINISHED: still on the recorder, run the offload again", self.unfinished
        )
        if any(o.deletion is Deletion.DELETED for o in self.taken):
            yield "Deleted is not erased: from flash memory, deleted files can often be restored."
        else:
            yield "Nothing was deleted."


def sign(receipt: Receipt, name: str, key: SigningKey) -> str:
    """Return the receipt's text as a signed note; ``name`` is the machine's, without spaces."""
    return sign_note(receipt.text(), name, key)


def _taken(outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    yield f"TAKEN: {len(outcomes)}"
    if outcomes:
        yield "Each was sealed, read back from the vault's disk, and read a second time from the"
        yield "recorder; the SHA-256 of all three readings agree."
    for number, outcome in enumerate(outcomes, 1):
        if outcome.note is not None:
            yield ""
            yield from _taken_file(number, outcome, outcome.note)
    yield ""


def _taken_file(number: int, outcome: Outcome, note: OffloadNote) -> Iterator[str]:
    cut = "; the file is cut short" if note.truncated else ""
    yield f"{number:3}. {outcome.path}"
    yield f"     {clock(note.duration_ms)} long, {note.size_bytes} bytes{cut}"
    yield f"     recording {note.recording_id}, part {note.part} of session {note.group}"
    yield f"     SHA-256 {_short(note.sha256)}, sealed {_short(note.sealed_sha256)}"
    yield f"     on the recorder: {outcome.deletion or Deletion.KEPT}"
    if outcome.error is not None:
        yield f"     {outcome.error.message}"


def _others(title: str, outcomes: Iterable[Outcome]) -> Iterator[str]:
    listed = tuple(outcomes)
    if not listed:
        return
    yield f"{title}: {len(listed)}"
    yield ""
    for number, outcome in enumerate(listed, 1):
        size = "" if outcome.fate is Fate.UNSAFE else f", {outcome.size_bytes} bytes"
        yield f"{number:3}. {outcome.path}{size}"
        yield f"     {outcome.reason}"
    yield ""


def _short(digest: str) -> str:
    return f"{digest[:_SHORT_DIGEST]}…"


def _one_line(text: str) -> str:
    """Return the text as one line, whatever a decoder or an operating system put into its message."""
    return "".join(c if c.isprintable() else "�" for c in text)
