"""Opening: SealedStream from beginning to end, SealedReader at any place.

Both give out a chunk only after it verified, and everything that verified before they raise:
somebody who lost the end of a recording keeps its beginning.

A large read is opened in the caller's own buffer, which saves a copy. While the call lasts, a chunk
that does not verify may stand there; before it returns that chunk is wiped, and never counted.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from confere.crypto.chunks import (
    CHUNK_BYTES,
    RUN_CHUNKS,
    SEALED_CHUNK_BYTES,
    TRAILING,
    ChunkCipher,
)
from confere.crypto.envelope import enter
from confere.crypto.errors import PayloadDamaged
from confere.crypto.plumbing import read_some, read_up_to
from confere.crypto.stanza import Identity

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RUN_BYTES = RUN_CHUNKS * CHUNK_BYTES
CACHED_CHUNKS = 4  # 256 KiB: what a decoder jumps between


class _Opened(io.RawIOBase):
    """What both readers share: filling a caller's buffer from one chunk after the other.

    ``read(n)`` gives fewer than ``n`` bytes only at the end, or before a damage, which the next
    call then raises. ``read()`` without a number gives everything or raises.
    """

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill ``buffer`` as far as there are verified bytes; 0 at the end of a whole file."""
        self._check_open()
        target = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(target):
            try:
                count = self._fill(target[filled:])
            except Exception:
                if filled:
                    break
                raise
            if not count:
                break
            filled += count
        return filled

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("read of a closed file")

    def _fill(self, target: memoryview) -> int:
        """Put the next verified bytes at the beginning of ``target``; 0 at the end."""
        raise NotImplementedError


class SealedStream(_Opened):
    """Reads an age file once, from beginning to end, from a source that need not seek.

    The header is read, and an identity found, when this is made. The source stays the caller's to
    close.
    """

    def __init__(self, source: BinaryIO, identities: Sequence[Identity]) -> None:
        super().__init__()
        self._cipher = enter(source, identities)
        self._source = source
        self._index = 0  # of the next chunk
        # A small file needs one chunk's room; from the second on they come in runs.
        self._sealed = memoryview(bytearray(SEALED_CHUNK_BYTES))
        self._plain = memoryview(bytearray(CHUNK_BYTES))
        self._rest = self._plain[:0]
        self._last = False
        self._failure: Exception | None = None

    def _fill(self, target: memoryview) -> int:
        if not self._rest and len(target) >= RUN_BYTES:
            return len(self._advance(target[:RUN_BYTES]))
        if not self._rest:
            if self._index and not self._last and len(self._plain) < RUN_BYTES:
                self._plain = memoryview(bytearray(RUN_BYTES))
            self._rest = self._advance(self._plain)
        count = min(len(self._rest), len(target))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _advance(self, into: memoryview) -> memoryview:
        """Open as many chunks as ``into`` has room for; empty at the end.

        What failed once keeps failing: a gap must not be read over.
        """
        if self._failure is not None:
            raise self._failure
        try:
            plain = self._next_run(into)
        except Exception as failure:
            self._failure = failure
            raise
        if self._failure is not None and not plain:
            raise self._failure
        return plain

    def _next_run(self, into: memoryview) -> memoryview:
        """The verified part of the next run; why it is not all of it is kept as the failure."""
        room = len(into) // CHUNK_BYTES * SEALED_CHUNK_BYTES
        if len(self._sealed) < room:
            self._sealed = memoryview(bytearray(room))
        count, self._failure = read_chunks(self._source, self._sealed[:room])
        if self._last and count:
            self._failure = PayloadDamaged(TRAILING)
        if self._last or (self._failure is not None and not count):
            return into[:0]
        opened = self._cipher.open_run(self._index, self._sealed[:count], into)
        self._index += opened.chunks
        self._last = opened.last
        self._failure = opened.failure or self._failure
        return opened.plain


class SealedReader(_Opened):
    """Reads an age file at any place, from a source that seeks.

    Opens the chunks that are asked for and no others; before anything rests on the length
    (``size``, a seek from the end, a read at or after the end) the last chunk is opened and must
    say that it is the last. Not for several threads at once. The source stays the caller's to
    close.
    """

    def __init__(self, source: BinaryIO, identities: Sequence[Identity]) -> None:
        super().__init__()
        self._cache: OrderedDict[int, tuple[memoryview, bool]] = OrderedDict()
        self._source = source
        self._cipher, self._start = _enter(source, identities)
        self._payload_bytes = source.seek(0, io.SEEK_END) - self._start
        self._chunk_count = max(1, -(-self._payload_bytes // SEALED_CHUNK_BYTES))
        self._last_index = self._chunk_count - 1  # less when an earlier chunk says it is the last
        self._sealed = memoryview(bytearray(SEALED_CHUNK_BYTES))
        self._position = 0
        self._size: int | None = None

    @property
    def size(self) -> int:
        """Length of the plaintext in bytes, vouched for by the last chunk."""
        if self._size is None:
            self._check_open()
            index = self._chunk_count - 1
            chunk, last = self._chunk(index)
            if not last:
                raise PayloadDamaged("it ends before its last chunk")
            self._size = index * CHUNK_BYTES + len(chunk)
        return self._size

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The position in the plaintext."""
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place in the plaintext, possibly beyond its end; returns the new position."""
        self._check_open()
        if whence == io.SEEK_SET:
            target = offset
        elif whence == io.SEEK_CUR:
            target = self._position + offset
        elif whence == io.SEEK_END:
            target = self.size + offset
        else:
            raise ValueError(f"whence {whence} is not one of 0, 1, 2")
        if target < 0:
            raise ValueError(f"position {target} is before the beginning")
        self._position = target
        return target

    def close(self) -> None:
        """Forget the opened chunks."""
        self._cache.clear()
        super().close()

    def _fill(self, target: memoryview) -> int:
        index, offset = divmod(self._position, CHUNK_BYTES)
        if index >= self._chunk_count and self._position >= self.size:  # raises if cut off
            return 0
        if offset == 0 and len(target) >= 2 * CHUNK_BYTES and index not in self._cache:
            count = self._open_run(index, target[:RUN_BYTES])
        else:
            chunk, _ = self._chunk(index)
            piece = chunk[offset : offset + len(target)]
            count = len(piece)
            target[:count] = piece
        self._position += count
        return count

    def _open_run(self, index: int, into: memoryview) -> int:
        """Open the chunks that ``into`` has room for, past the cache; how many bytes that gave."""
        self._check_not_behind_last(index)
        start = index * SEALED_CHUNK_BYTES
        room = min(len(into) // CHUNK_BYTES * SEALED_CHUNK_BYTES, self._payload_bytes - start)
        if len(self._sealed) < room:
            self._sealed = memoryview(bytearray(room))
        self._source.seek(self._start + start)
        count, failure = read_chunks(self._source, self._sealed[:room])
        if failure is not None and not count:
            raise failure
        opened = self._cipher.open_run(index, self._sealed[:count], into)
        if opened.failure is not None and not opened.plain:
            raise opened.failure
        if opened.last:
            self._last_index = index + opened.chunks - 1
        return len(opened.plain)

    def _chunk(self, index: int) -> tuple[memoryview, bool]:
        """A chunk's plaintext, and whether it says that it is the last."""
        self._check_not_behind_last(index)
        if index not in self._cache:
            if len(self._cache) == CACHED_CHUNKS:
                self._cache.popitem(last=False)
            self._cache[index] = self._open_chunk(index)
        self._cache.move_to_end(index)
        return self._cache[index]

    def _check_not_behind_last(self, index: int) -> None:
        if index > self._last_index:
            raise PayloadDamaged(TRAILING)

    def _open_chunk(self, index: int) -> tuple[memoryview, bool]:
        start = index * SEALED_CHUNK_BYTES
        sealed = self._sealed[: min(SEALED_CHUNK_BYTES, self._payload_bytes - start)]
        self._source.seek(self._start + start)
        count = read_up_to(self._source, sealed)
        plain = memoryview(bytearray(CHUNK_BYTES))
        chunk, last = self._cipher.open(index, sealed[:count], plain)
        if last:
            self._last_index = index
        return chunk, last


def _enter(source: BinaryIO, identities: Sequence[Identity]) -> tuple[ChunkCipher, int]:
    """The cipher of the chunks, and where the first one begins; ``source`` is left anywhere."""
    if not isinstance(source, io.RawIOBase):
        return enter(source, identities), source.tell()
    # Without a buffer, each byte of the header would be a call to the system of its own.
    buffered = io.BufferedReader(source)
    try:
        return enter(buffered, identities), buffered.tell()
    finally:
        buffered.detach()


def read_chunks(source: BinaryIO, into: memoryview) -> tuple[int, Exception | None]:
    """Fill ``into`` as far as there is something; the bytes, and the error that came after them.

    With an error the bytes are those of whole chunks: of a torn one nothing can be told.
    """
    filled = 0
    try:
        while filled < len(into) and (count := read_some(source, into[filled:])):
            filled += count
    except Exception as error:  # noqa: BLE001  it is raised when its place is reached
        return filled - filled % SEALED_CHUNK_BYTES, error
    return filled, None
