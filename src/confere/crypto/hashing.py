"""SHA-256 beside the work: hashing costs more than sealing, so it gets a thread of its own.

hashlib and ChaCha20-Poly1305 both let other threads run while they compute, so on two processors
the longer of the two is what a recording costs, not the sum.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from types import TracebackType
from typing import Self

QUEUED_BLOCKS = 8  # blocks of the caller's size that may wait; then ``update`` waits


class HashingThread:
    """Computes the SHA-256 of what ``update`` is given, in the order it is given.

    ``update`` and ``digest`` are called from one thread. Use it in a ``with`` block: leaving it
    ends the thread, also through an exception.
    """

    def __init__(self) -> None:
        self._blocks: queue.Queue[bytes | None] = queue.Queue(QUEUED_BLOCKS)
        self._hash = hashlib.sha256()
        self._failure: BaseException | None = None
        self._ended = False
        self.size_bytes = 0
        self._thread = threading.Thread(target=self._run, name="hashing", daemon=True)
        self._thread.start()

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Add a block. Anything but ``bytes`` is copied, so its owner may change it at once."""
        if self._ended:
            raise ValueError("the digest was already taken")
        self._raise_failure()
        self._blocks.put(bytes(data))  # bytes of bytes is the same object, not a copy
        self.size_bytes += len(data)

    def digest(self) -> bytes:
        """The SHA-256 (32 bytes) of everything so far; nothing can be added afterwards."""
        self.close()
        self._raise_failure()
        return self._hash.digest()

    def close(self) -> None:
        """End the thread, after what is queued."""
        if not self._ended:
            self._ended = True
            self._blocks.put(None)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._failure is None:
                try:
                    self._hash.update(block)
                except BaseException as failure:  # noqa: BLE001  told by update and digest
                    # Go on emptying the queue: a caller waiting for room must not wait for ever.
                    self._failure = failure
