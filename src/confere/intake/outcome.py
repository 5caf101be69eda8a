"""What became of each file on a recorder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from confere.errors import ConfereError
from confere.intake.note import OffloadNote
from confere.intake.recorder import Deletion
from confere.intake.source import SourceFile


class AudioFacts(Protocol):
    """What a decoder tells of a file without decoding all of it."""

    @property
    def duration_ms(self) -> int:
        """The length of the audio."""
        ...

    @property
    def channels(self) -> int:
        """The number of channels."""
        ...

    @property
    def sample_rate(self) -> int:
        """Samples a second, in Hz."""
        ...

    @property
    def codec(self) -> str:
        """The codec's short name."""
        ...

    @property
    def container(self) -> str:
        """The container's short name."""
        ...

    @property
    def truncated(self) -> bool:
        """Whether the file ends before its own header says."""
        ...


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What is known of a dictation that its recorder encrypted: nothing, and whose format it is."""

    container: str
    duration_ms: int = 0
    channels: int = 0
    sample_rate: int = 0
    codec: str = "encrypted"
    truncated: bool = False


#: Opens a seekable stream as audio, given the file's name for its messages; raises NotAudio, and
#: EncryptedAudio for what can be kept though nobody here can open it.
Probe = Callable[[BinaryIO, str], AudioFacts]


class Fate(StrEnum):
    """What became of a file; everything that is not `SAFE` is still on the recorder as it was."""

    TAKEN = "taken"
    KEPT_ALREADY = "already kept"
    NOT_AUDIO = "not audio"
    EMPTY = "empty"
    CHANGED = "changed while it was copied"
    UNSETTLED = "still being written"
    SIDE_FILE = "not a recording"
    SYSTEM_FOLDER = "in a wastebasket or system folder"
    ELSEWHERE = "not where this recorder keeps its recordings"
    UNSAFE = "not looked into"
    FAILED = "failed"
    NOT_REACHED = "not reached"


#: Fates of what is in the vault now, proved and noted.
SAFE = frozenset({Fate.TAKEN, Fate.KEPT_ALREADY})
#: Fates somebody has to act on before the recorder's work is done.
UNFINISHED = frozenset({Fate.CHANGED, Fate.UNSETTLED, Fate.FAILED, Fate.NOT_REACHED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file and its fate.

    ``note`` and ``deletion`` are there exactly when the file is safe in the vault; of one that was kept
    already the note tells the recording that it is. ``error`` says more about
    any other fate, and about a deletion that did not go as it should.
    """

    path: str
    size_bytes: int
    fate: Fate
    note: OffloadNote | None = None
    deletion: Deletion | None = None
    error: ConfereError | None = None

    @property
    def reason(self) -> str:
        """Why a file was left or not copied, in words; empty for one that was taken as it should."""
        if self.error is not None:
            return self.error.message
        if self.fate is Fate.KEPT_ALREADY and self.note is not None:
            return f"the vault has it as recording {self.note.recording_id}"
        return "" if self.fate is Fate.TAKEN else self.fate.value


@dataclass(frozen=True, slots=True)
class Findings:
    """What a first look found on a recorder: so many files that may be recordings, and others.

    ``device`` is what the system knows of the recorder, ``make`` the make it was taken for; both may
    be empty.
    """

    recorder: str
    device: str
    make: str
    files: int
    size_bytes: int
    others: int


class Progress(Protocol):
    """Is told how an offload goes on. All sizes are in bytes; nothing it raises is caught."""

    def found(self, findings: Findings) -> None:
        """A recorder was looked at, and nothing of it was opened yet."""
        ...

    def planned(self, files: int, size_bytes: int) -> None:
        """So many files of so many bytes together are going to be transferred."""
        ...

    def started(self, file: SourceFile, size_bytes: int) -> None:
        """The transfer of a file begins."""
        ...

    def advanced(self, bytes_done: int) -> None:
        """So much of the file in work is done, from 0 to its size.

        Each byte is read three times (copied, read back, read again); each reading counts a third.
        """
        ...

    def finished(self, outcome: Outcome) -> None:
        """The fate of a file is known."""
        ...


class Silent:
    """A progress that tells nobody."""

    def found(self, findings: Findings) -> None:
        """Nothing."""

    def planned(self, files: int, size_bytes: int) -> None:
        """Nothing."""

    def started(self, file: SourceFile, size_bytes: int) -> None:
        """Nothing."""

    def advanced(self, bytes_done: int) -> None:
        """Nothing."""

    def finished(self, outcome: Outcome) -> None:
        """Nothing."""
