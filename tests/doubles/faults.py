"""A shelf and a recorder on which any single operation can be made to fail.

A ``Trip`` counts the operations of both. One run with a trip that never falls tells how many there are
and what they are; then every one of them can be made to fail in its turn.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from confere.intake.note import OffloadNote
from confere.intake.port import Placement, SealedFacts, Shelf, Twin
from confere.intake.recorder import Deletion, Recorder
from confere.intake.source import Identity, OpenedSource, SourceFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

NEVER = -1


@dataclass
class Trip:
    """Raises ``failure()`` at the operation with the number ``at``, counted from 0."""

    at: int = NEVER
    failure: Callable[[], BaseException] = RuntimeError
    steps: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, name: str) -> None:
        """Count an operation that is about to be done; fail if its turn has come."""
        with self._lock:  # the two readings of a proof count side by side
            self.steps.append(name)
            its_turn = len(self.steps) - 1 == self.at
        if its_turn:
            raise self.failure()


class FaultyShelf:
    """A shelf whose operations are counted by a trip."""

    def __init__(self, inner: Shelf, trip: Trip) -> None:
        self._inner = inner
        self._trip = trip

    def begin(self) -> Placement:
        """Start a new recording."""
        self._trip.step("begin")
        return FaultyPlacement(self._inner.begin(), self._trip)

    def may_hold(self, size_bytes: int, beginning: bytes) -> bool:
        """Whether it may be there."""
        self._trip.step("may hold")
        return self._inner.may_hold(size_bytes, beginning)

    def find(self, sha256: str, size_bytes: int) -> Twin | None:
        """Find it."""
        self._trip.step("find")
        return self._inner.find(sha256, size_bytes)

    def keep_again(self, note: OffloadNote) -> None:
        """Note it again."""
        self._trip.step("keep again")
        self._inner.keep_again(note)


class FaultyPlacement:
    """A placement whose operations are counted by a trip."""

    def __init__(self, inner: Placement, trip: Trip) -> None:
        self._inner = inner
        self._trip = trip

    @property
    def recording_id(self) -> str:
        """The id of the recording."""
        return self._inner.recording_id

    def write(self, data: bytes | memoryview, /) -> int:
        """Take plaintext."""
        self._trip.step("write")
        return self._inner.write(data)

    def seal(self) -> SealedFacts:
        """End the writing."""
        self._trip.step("seal")
        return self._inner.seal()

    def read_back(self) -> BinaryIO:
        """Open the plaintext."""
        self._trip.step("read back")
        return io.BufferedReader(_FaultyStream(self._inner.read_back(), self._trip))

    def keep(self, note: OffloadNote) -> None:
        """Make the recording visible."""
        self._trip.step("keep")
        self._inner.keep(note)

    def abandon(self) -> None:
        """Remove every trace, and then perhaps fail."""
        self._inner.abandon()
        self._trip.step("abandon")


class _FaultyStream(io.RawIOBase):
    def __init__(self, inner: BinaryIO, trip: Trip) -> None:
        super().__init__()
        self._inner = inner
        self._trip = trip

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        self._trip.step("read of the shelf")
        view = memoryview(buffer)
        data = self._inner.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


class FaultyRecorder(Recorder):
    """A recorder whose operations are counted by a trip; it must be set before the first one."""

    trip = Trip()

    def check(self) -> None:
        """See whether the recorder is there."""
        self.trip.step("check")
        super().check()

    def open(self, source: SourceFile) -> OpenedSource:
        """Open a file."""
        self.trip.step("open")
        with super().open(source) as opened:
            descriptor = os.dup(opened.fileno())
            return _FaultySource(descriptor, opened.identity, source.path, self.trip)

    def delete_if_same(self, source: SourceFile, identity: Identity) -> Deletion:
        """Delete a file."""
        self.trip.step("delete")
        deletion = super().delete_if_same(source, identity)
        self.trip.step("deletion done")
        return deletion


class _FaultySource(OpenedSource):
    def __init__(self, descriptor: int, identity: Identity, name: str, trip: Trip) -> None:
        super().__init__(descriptor, identity, name)
        self._trip = trip

    def _read(self, size_bytes: int) -> bytes:
        try:
            self._trip.step("read of the source")
        except OSError as error:
            self.failure = error
            raise
        return super()._read(size_bytes)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._trip.step("seek")
        return super().seek(offset, whence)
