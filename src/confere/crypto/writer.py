"""Sealing: what is written to a SealedWriter stands in an age file behind it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import BinaryIO, Self

from confere.crypto.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES
from confere.crypto.envelope import begin
from confere.crypto.plumbing import write_all
from confere.crypto.stanza import Recipient

BATCH_CHUNKS = 4  # chunks a write to the sink: 256 KiB, which stays in the processor's cache


class SealedWriter:
    """Writes an age file to ``sink``, which stays open and belongs to the caller.

    Nothing is a whole file until ``close()`` has written the last chunk. Leaving a ``with`` block
    through an exception, and forgetting the writer, leave a file that every reader refuses as cut
    off.

    The sink's ``write`` is given a buffer that is used again afterwards, so it must not keep it.
    """

    def __init__(self, sink: BinaryIO, recipients: Sequence[Recipient]) -> None:
        self._sink = sink
        self._cipher = begin(sink, recipients)
        self._index = 0  # of the next chunk
        # A chunk is sealed only when it is known whether it is the last: up to one waits here.
        self._waiting = memoryview(bytearray(CHUNK_BYTES))
        self._waiting_bytes = 0
        self._batch = memoryview(bytearray(BATCH_CHUNKS * SEALED_CHUNK_BYTES))
        self._batch_bytes = 0
        self._closed = False
        self._broken = False

    @property
    def closed(self) -> bool:
        """Whether the writer takes no more: closed, or broken off."""
        return self._closed

    def writable(self) -> bool:
        """True, as io's classes say it."""
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Seal all of ``data``; returns its length in bytes."""
        self._check_usable()
        rest = memoryview(data).cast("B")
        length = len(rest)
        self._broken = True  # until this call has come to its end
        while len(rest) > (room := CHUNK_BYTES - self._waiting_bytes):
            if self._waiting_bytes:
                self._waiting[self._waiting_bytes :] = rest[:room]
                self._seal(self._waiting, last=False)
                self._waiting_bytes = 0
            else:
                self._seal(rest[:CHUNK_BYTES], last=False)
            rest = rest[room:]
        self._waiting[self._waiting_bytes : self._waiting_bytes + len(rest)] = rest
        self._waiting_bytes += len(rest)
        self._broken = False
        return length

    def close(self) -> None:
        """Write the last chunk, if not done yet. After a failed write it is a ValueError."""
        if self._closed:
            return
        self._check_usable()
        self._broken = True
        self._seal(self._waiting[: self._waiting_bytes], last=True)
        self._write_batch()
        self.abandon()
        self._broken = False

    def abandon(self) -> None:
        """Take no more and write no last chunk: the file stays refused by every reader."""
        self._closed = True
        self._waiting[:] = bytes(CHUNK_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def _check_usable(self) -> None:
        if self._broken:
            raise ValueError("a write failed: the sealed file is not complete and cannot be")
        if self._closed:
            raise ValueError("write to a closed SealedWriter")

    def _seal(self, chunk: memoryview, last: bool) -> None:
        end = self._batch_bytes + len(chunk) + TAG_BYTES
        self._cipher.seal(self._index, chunk, last, self._batch[self._batch_bytes : end])
        self._index += 1
        self._batch_bytes = end
        if end == len(self._batch):
            self._write_batch()

    def _write_batch(self) -> None:
        write_all(self._sink, self._batch[: self._batch_bytes])
        self._batch_bytes = 0
