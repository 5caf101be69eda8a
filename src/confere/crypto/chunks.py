"""The payload: a nonce, then chunks of 64 KiB, each sealed alone.

===========  ==========  =========================================================================
bytes        what        made of
===========  ==========  =========================================================================
16           nonce       random; together with the file key it gives the payload key
65552        chunk       ChaCha20-Poly1305 of 65536 bytes; the last 16 are the tag
...
16 to 65552  last chunk  the same, of 1 to 65536 bytes (of none only when the payload is empty)
===========  ==========  =========================================================================

A chunk's own nonce is its number (11 bytes, big-endian) and one byte that says whether it is the
last. So chunks cannot change places, and a file that was cut off lacks a last chunk. Source: C2SP
age.md, "Payload" (the STREAM construction).
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from confere.crypto.errors import PayloadDamaged
from confere.crypto.kdf import hkdf

PAYLOAD_NONCE_BYTES = 16
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
RUN_CHUNKS = 16  # opened from one read of the source: 1 MiB

TRAILING = "something follows its last chunk"


class Opened(NamedTuple):
    """What may be given out of a run of chunks: up to the first that did not verify, or the last."""

    plain: memoryview
    chunks: int
    last: bool  # whether it ends with the file's last chunk
    failure: PayloadDamaged | None  # why it is not all of the run


class ChunkCipher:
    """Seals and opens the chunks of one file."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._aead = ChaCha20Poly1305(hkdf(file_key, salt=nonce, info=b"payload"))

    def seal(self, index: int, chunk: memoryview, last: bool, into: memoryview) -> None:
        """Seal a chunk into a buffer of its length and 16 bytes more."""
        self._aead.encrypt_into(_nonce(index, last), chunk, None, into)

    def open(self, index: int, sealed: memoryview, into: memoryview) -> tuple[memoryview, bool]:
        """Open a chunk into a buffer of 64 KiB: the part of it that was filled, and was it the last?

        Only a full chunk can be other than the last, and a full chunk may be either: whether more
        bytes follow says nothing, since whoever damaged the file chose that.
        """
        length = len(sealed) - TAG_BYTES
        if length < 0:
            raise PayloadDamaged("it ends before its last chunk")
        if length == 0 and index > 0:
            raise PayloadDamaged("its last chunk is empty")
        chunk = into[:length]
        if length == CHUNK_BYTES and self._open(index, sealed, False, chunk):
            return chunk, False
        if self._open(index, sealed, True, chunk):
            return chunk, True
        raise PayloadDamaged(f"chunk {index} was changed, or the file was cut off there")

    def open_run(self, index: int, sealed: memoryview, into: memoryview) -> Opened:
        """Open chunks that follow each other into a buffer of 64 KiB for each."""
        size_bytes, last = 0, False
        count = max(1, -(-len(sealed) // SEALED_CHUNK_BYTES))
        for number in range(count):
            start = number * SEALED_CHUNK_BYTES
            part = sealed[start : start + SEALED_CHUNK_BYTES]
            try:
                if last:
                    raise PayloadDamaged(TRAILING)
                chunk, last = self.open(index + number, part, into[size_bytes:])
            except PayloadDamaged as failure:
                return Opened(into[:size_bytes], number, last, failure)
            size_bytes += len(chunk)
        return Opened(into[:size_bytes], count, last, None)

    def _open(self, index: int, sealed: memoryview, last: bool, into: memoryview) -> bool:
        try:
            self._aead.decrypt_into(_nonce(index, last), sealed, None, into)
        except InvalidTag:
            into[:] = bytes(len(into))  # decrypt_into leaves what nobody vouches for
            return False
        return True


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
