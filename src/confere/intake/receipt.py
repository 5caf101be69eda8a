"""The receipt: the statement of an offload that a fieldworker keeps with the day's papers.

Plain text, the same for the same facts, signed as a C2SP note by the machine's key for receipts. It
says of every file what was done with it; and of those that were left, why. Behind the files stand the
three lines of the custody log's checkpoint, short enough to be typed from paper::

    custody log
    confere/STUDY-ID
    17
    Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=

On paper, kept elsewhere, they are what no insider can reach: a log that was cut off or rewritten does
not continue them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from confere.crypto.checkpoint import Checkpoint
from confere.crypto.notes import sign_note
from confere.crypto.signing import SigningKey
from confere.domain import clock
from confere.errors import BadProof, BadValue, ConfereError
from confere.intake.identity import RecorderIdentity
from confere.intake.note import OffloadNote
from confere.intake.outcome import SAFE, UNFINISHED, Fate, Outcome
from confere.intake.recorder import Deletion

_SHORT_DIGEST = 16  # hex characters: 64 bits are enough to recognise a file by
_LOG_TITLE = "custody log"  # a name of a file never stands alone on its line


@dataclass(frozen=True, slots=True)
class Custody:
    """What the custody log says when an offload has ended.

    ``checkpoint`` is its three lines, each with its newline, or empty for a log without entries.
    ``certified`` tells whether a lead has certified this machine, ``waiting`` the ids of recordings
    that have no entry yet, and ``problem`` why the log of a certified machine could not be written.
    """

    checkpoint: str
    certified: bool
    waiting: frozenset[str] = frozenset()
    problem: ConfereError | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an offload did. ``begun`` and ``ended`` are this machine's time, ISO 8601 in UTC.

    ``device`` is what the system knew of the recorder, ``kind`` the make it was taken for, or empty.
    """

    id: str
    study: str
    machine: str
    recorder: str
    begun: str
    ended: str
    outcomes: tuple[Outcome, ...]
    custody: Custody | None = None
    device: RecorderIdentity = field(default_factory=RecorderIdentity)
    kind: str = ""

    @property
    def taken(self) -> tuple[Outcome, ...]:
        """The files that were put into the vault."""
        return tuple(o for o in self.outcomes if o.fate is Fate.TAKEN)

    @property
    def kept_already(self) -> tuple[Outcome, ...]:
        """The files whose content was in the vault before."""
        return tuple(o for o in self.outcomes if o.fate is Fate.KEPT_ALREADY)

    @property
    def left(self) -> tuple[Outcome, ...]:
        """The files that were left on the recorder for good reason."""
        return tuple(o for o in self.outcomes if o.fate not in SAFE | UNFINISHED)

    @property
    def unfinished(self) -> tuple[Outcome, ...]:
        """The files for which the offload has to be run again."""
        return tuple(o for o in self.outcomes if o.fate in UNFINISHED)

    @property
    def safe(self) -> tuple[Outcome, ...]:
        """The files that are in the vault now, proved and noted: put there, or there before."""
        return (*self.taken, *self.kept_already)

    @property
    def problem(self) -> ConfereError | None:
        """The first thing that went wrong, if anything did; a file that is no audio is not wrong."""
        problems = (o.error for o in (*self.unfinished, *self.safe) if o.error)
        return next(problems, self.custody.problem if self.custody else None)

    def text(self) -> str:
        """Return the receipt as people read it."""
        return "".join(f"{_one_line(line)}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield "Receipt of an offload"
        yield ""
        yield f"study      {self.study}"
        yield f"machine    {self.machine}"
        yield f"recorder   {self.recorder}"
        if self.kind:
            yield f"make       {self.kind}"
        if str(self.device):
            yield f"device     {self.device}"
        yield f"begun      {self.begun}"
        yield f"ended      {self.ended}"
        yield f"receipt    {self.id}"
        yield ""
        yield from _taken(self.taken)
        yield from _kept_already(self.kept_already)
        yield from _others("LEFT ON THE RECORDER", self.left)
        yield from _others(
            "NOT FINISHED: still on the recorder, run the offload again", self.unfinished
        )
        if self.custody is not None:
            yield from _log(self.custody, self.safe)
        if any(o.deletion is Deletion.DELETED for o in self.safe):
            yield "Deleted is not erased: from flash memory, deleted files can often be restored."
        else:
            yield "Nothing was deleted."


def sign(receipt: Receipt, name: str, key: SigningKey) -> str:
    """Return the receipt's text as a signed note; ``name`` is the machine's, without spaces."""
    return sign_note(receipt.text(), name, key)


def checkpoint_of(receipt_text: str) -> Checkpoint | None:
    """Return the checkpoint that a receipt carries, or None when it carries none.

    Takes the text or the signed note, whole or typed from paper: spaces around lines do not matter.
    Of several receipts in one file the last one counts. The signature is not looked at: whoever has
    the log compares the checkpoint with it. Raises BadValue when the lines are no checkpoint.
    """
    lines = [line.strip() for line in receipt_text.splitlines()]
    if _LOG_TITLE not in lines:
        return None
    at = len(lines) - lines[::-1].index(_LOG_TITLE)
    try:
        return Checkpoint.parse("".join(f"{line}\n" for line in lines[at : at + 3]))
    except BadProof as error:
        raise BadValue(
            f"the lines under '{_LOG_TITLE}' are not a checkpoint: {error.detail}",
            "Compare these three lines with the receipt, letter by letter.",
        ) from None


def _log(custody: Custody, told: tuple[Outcome, ...]) -> Iterator[str]:
    """Say where the log stood, and whether it tells of the recordings above."""
    if custody.checkpoint:
        yield _LOG_TITLE
        yield from custody.checkpoint.splitlines()
    else:
        yield "The custody log has no entries yet."
    waiting = sum(o.note is not None and o.note.recording_id in custody.waiting for o in told)
    if not custody.certified:
        yield "THIS MACHINE IS NOT CERTIFIED YET: a lead has to certify it. Recordings that it took get"
        yield "their entries in the log after that, when a reader takes them in."
    elif waiting:
        yield f"NOT IN THE LOG YET: {waiting} of the recordings above, because it could not be written."
        yield "They get their entries when a reader takes them in."
    elif any(o.deletion is not Deletion.KEPT or o.fate is Fate.TAKEN for o in told):
        yield "Each of the recordings above has its entry in this log."
    if custody.checkpoint:
        yield "Keep this receipt apart from this laptop: with these lines anybody can check later that"
        yield "nothing of the log was changed or cut off (confere audit --since)."
    yield ""


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
    track = f", track {note.track}" if note.track else ""
    yield f"     recording {note.recording_id}, part {note.part} of session {note.group}{track}"
    if note.named_at:
        yield f"     by the recorder's clock: {note.named_at}"
    yield f"     SHA-256 {_short(note.sha256)}, sealed {_short(note.sealed_sha256)}"
    yield f"     on the recorder: {outcome.deletion or Deletion.KEPT}"
    if outcome.error is not None:
        yield f"     {outcome.error.message}"


def _kept_already(outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    if not outcomes:
        return
    yield f"ALREADY IN THE VAULT: {len(outcomes)}"
    yield "Each has, byte for byte, the content of a recording that was taken before. That one was"
    yield "read again from the vault's disk before anything was deleted."
    for number, outcome in enumerate(outcomes, 1):
        if outcome.note is not None:
            yield ""
            yield f"{number:3}. {outcome.path}"
            yield f"     {outcome.note.size_bytes} bytes; recording {outcome.note.recording_id}"
            yield f"     SHA-256 {_short(outcome.note.sha256)}"
            yield f"     on the recorder: {outcome.deletion or Deletion.KEPT}"
            if outcome.error is not None:
                yield f"     {outcome.error.message}"
    yield ""


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
