"""Opening: SealedStream from beginning to end, SealedReader at any place.

Both give out a chunk only after it verified, and everything that verified before they raise:
somebody who lost the end of a recording keeps its beginning.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from confere.crypto.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES
from confere.crypto.envelope import enter
from confere.crypto.errors import PayloadDamaged
from confere.crypto.plumbing import read_up_to
from confere.crypto.stanza import Identity

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CACHED_CHUNKS = 4  # 256 KiB: what a decoder jumps between

TRAILING = "something follows its last chunk"


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
                piece = self._piece(len(target) - filled)
            except Exception:
                if filled:
                    break
                raise
            if not piece:
                break
            target[filled : filled + len(piece)] = piece
            filled += len(piece)
        return filled

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("read of a closed file")

    def _piece(self, limit: int) -> memoryview:
        """The next verified bytes, at most ``limit`` and of one chunk; empty at the end."""
        raise NotImplementedError


class SealedStream(_Opened):
    """Reads an age file once, from beginning to end, from a source that need not seek.

    The header is read, and an identity found, when this is made. The source stays the caller's to
    close.
    """

    def __init__(self, source: BinaryIO, identities: Sequence[Identity]) -> None:
        super().__init__()
        self._source = source
        self._cipher = enter(source, identities)
        self._index = 0  # of the next chunk
        self._sealed = memoryview(bytearray(SEALED_CHUNK_BYTES))
        self._plain = memoryview(bytearray(CHUNK_BYTES))
        self._rest = self._plain[:0]
        self._last = False
        self._failure: Exception | None = None

    def _piece(self, limit: int) -> memoryview:
        if not self._rest:
            self._advance()
        piece, self._rest = self._rest[:limit], self._rest[limit:]
        return piece

    def _advance(self) -> None:
        """Open the next chunk. What failed once keeps failing: a gap must not be read over."""
        if self._failure is not None:
            raise self._failure
        try:
            self._rest = self._next_chunk()
        except Exception as failure:
            self._failure = failure
            raise

    def _next_chunk(self) -> memoryview:
        count = read_up_to(self._source, self._sealed)
        if self._last:
            if count:
                raise PayloadDamaged(TRAILING)
            return self._plain[:0]
        chunk, self._last = self._cipher.open(self._index, self._sealed[:count], self._plain)
        self._index += 1
        return chunk


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
        self._cipher = enter(source, identities)
        self._start = source.tell()  # of the first chunk
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

    def _piece(self, limit: int) -> memoryview:
        index, offset = divmod(self._position, CHUNK_BYTES)
        if index >= self._chunk_count and self._position >= self.size:  # raises if cut off
            return self._sealed[:0]
        chunk, _ = self._chunk(index)
        piece = chunk[offset : offset + limit]
        self._position += len(piece)
        return piece

    def _chunk(self, index: int) -> tuple[memoryview, bool]:
        """A chunk's plaintext, and whether it says that it is the last."""
        if index > self._last_index:
            raise PayloadDamaged(TRAILING)
        if index not in self._cache:
            if len(self._cache) == CACHED_CHUNKS:
                self._cache.popitem(last=False)
            self._cache[index] = self._open_chunk(index)
        self._cache.move_to_end(index)
        return self._cache[index]

    def _open_chunk(self, index: int) -> tuple[memoryview, bool]:
        start = index * SEALED_CHUNK_BYTES
        sealed = self._sealed[: self._payload_bytes - start]
        self._source.seek(self._start + start)
        count = read_up_to(self._source, sealed)
        plain = memoryview(bytearray(CHUNK_BYTES))
        chunk, last = self._cipher.open(index, sealed[:count], plain)
        if last:
            self._last_index = index
        return chunk, last
