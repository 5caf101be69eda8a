"""The port between an offload and wherever sealed recordings are put.

The vault has the real shelf; ``tests/doubles/shelf.py`` has one in memory and one on a plain disk.
All of them pass ``tests/contracts/test_shelf.py``. A shelf needs no secret: a recording's key is
made in memory, sealed, used for the read-back and forgotten.

The order is fixed: ``begin``, ``write`` …, ``seal``, ``read_back``, ``keep``; or ``abandon`` at any
point. A call out of order is a mistake of the program and raises RuntimeError. What may be there
already is asked before: ``may_hold``, ``find``, and instead of ``keep`` then ``keep_again``.

A method that fails raises ``DiskFull`` when no room is left, another ``ConfereError`` where it can
explain itself, or the bare ``OSError``; transfer treats them alike: abandon, leave the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from confere.intake.note import OffloadNote


#: Of the plaintext, by which a shelf says whether it may hold a recording already.
BEGINNING_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class SealedFacts:
    """Digest (lower-case hex) and length of a sealed object's bytes, as they are on disk."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Twin:
    """A recording that is kept and holds the same content: its id, and its sealed object as it is."""

    recording_id: str
    sealed: SealedFacts


class Placement(Protocol):
    """One recording on its way. Nothing of it is visible in the vault before ``keep`` returns."""

    @property
    def recording_id(self) -> str:
        """The opaque id the recording will have."""
        ...

    def write(self, data: bytes | memoryview, /) -> int:
        """Take plaintext in any portion; sealed bytes go to disk. Return the bytes taken: all."""
        ...

    def seal(self) -> SealedFacts:
        """Write the last chunk and fsync the object; nothing can be written after it."""
        ...

    def read_back(self) -> BinaryIO:
        """Open the plaintext as it is **on disk**: caches dropped, key still in memory, seekable.

        ``read(n)`` gives fewer than ``n`` bytes only at the end. May be called more than once between
        ``seal`` and ``keep``. The caller closes the stream.
        """
        ...

    def keep(self, note: OffloadNote) -> None:
        """Make the recording the vault's: key, note and custody event on disk, renamed, synced.

        When it raises, nothing of the recording is in the vault; ``abandon`` is called after it.
        """
        ...

    def abandon(self) -> None:
        """Remove every trace. Safe twice and after any failure; does nothing after ``keep``."""
        ...


class Shelf(Protocol):
    """Where sealed recordings are put, and found again by their content."""

    def begin(self) -> Placement:
        """Start a new recording under a new id."""
        ...

    def may_hold(self, size_bytes: int, beginning: bytes) -> bool:
        """Whether a recording of this length may be here already: whether reading it is worth while.

        ``beginning`` is its first `BEGINNING_BYTES`, or all of it. A no is never wrong to act upon (it
        is taken as new), and a yes means nothing yet.
        """
        ...

    def find(self, sha256: str, size_bytes: int) -> Twin | None:
        """Return the recording that holds these very bytes, **checked again just now**; or None.

        Checked: its sealed object was read whole from the disk, caches dropped, and is what was proved
        when it was kept; its key is as it was placed. Whatever hinders that is a None.
        """
        ...

    def keep_again(self, note: OffloadNote) -> None:
        """Bring a note on the disk that a recording was found once more, with its event.

        Complete, as the first note was: with it the recording is noted, whatever became of the first.
        When it raises, the source must not be deleted.
        """
        ...
