"""The hashing thread gives SHA-256, waits when it must, and never leaves anybody waiting."""

from __future__ import annotations

import hashlib
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confere.crypto import HashingThread
from confere.crypto.hashing import QUEUED_BLOCKS


class SlowHash:
    """A hash that waits to be let on."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.seen = bytearray()

    def update(self, block: bytes) -> None:
        """Wait, then remember."""
        assert self.may_go_on.wait(10)
        self.seen += block

    def digest(self) -> bytes:
        """What was seen."""
        return bytes(self.seen)


class BrokenHash(SlowHash):
    """A hash that fails at every block."""

    def update(self, block: bytes) -> None:
        """Fail."""
        raise MemoryError("no memory for hashing")


def hashing_with(double: SlowHash) -> HashingThread:
    """A hashing thread with a double in the place of SHA-256."""
    hashing = HashingThread()
    hashing._hash = double  # type: ignore[assignment]
    return hashing


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=5000), max_size=40))
def test_it_is_sha_256_of_the_blocks_in_order(blocks: list[bytes]) -> None:
    """Blocks of any size give the digest and the length of them all together."""
    with HashingThread() as hashing:
        for block in blocks:
            hashing.update(block)
        assert hashing.digest() == hashlib.sha256(b"".join(blocks)).digest()
        assert hashing.size_bytes == len(b"".join(blocks))


def test_a_buffer_may_be_used_again_at_once() -> None:
    """What was handed over is hashed as it was, whatever becomes of the buffer."""
    double = SlowHash()
    with hashing_with(double) as hashing:
        buffer = bytearray(b"first")
        hashing.update(memoryview(buffer))
        buffer[:] = b"other"
        hashing.update(buffer)
        double.may_go_on.set()
        assert hashing.digest() == b"firstother"


def test_who_is_faster_waits() -> None:
    """No more than the queue's length waits in memory: the next update waits for the hashing."""
    double = SlowHash()
    with hashing_with(double) as hashing:
        for _ in range(QUEUED_BLOCKS):
            hashing.update(b"x")
        more = [threading.Thread(target=hashing.update, args=(b"x",)) for _ in range(3)]
        for thread in more:
            thread.start()
        assert any(thread.is_alive() for thread in more)
        double.may_go_on.set()
        for thread in more:
            thread.join(10)
        assert hashing.digest() == b"x" * (QUEUED_BLOCKS + 3)


def test_a_failure_reaches_the_caller_and_blocks_nobody() -> None:
    """When hashing fails, update never waits for ever, and no digest is given."""
    with hashing_with(BrokenHash()) as hashing:
        with pytest.raises(MemoryError):
            for _ in range(10 * QUEUED_BLOCKS):
                hashing.update(b"x")
            hashing.digest()
        with pytest.raises(MemoryError):
            hashing.digest()


def test_the_thread_ends_with_the_block() -> None:
    """Leaving the block, through an exception too, ends the thread."""
    with pytest.raises(KeyError), HashingThread() as hashing:
        hashing.update(b"x")
        raise KeyError
    assert not hashing._thread.is_alive()
    with pytest.raises(ValueError, match="already taken"):
        hashing.update(b"more")


def test_a_digest_may_be_asked_for_twice() -> None:
    """The digest stays what it was, and nothing can be added to it."""
    with HashingThread() as hashing:
        assert hashing.digest() == hashing.digest() == hashlib.sha256().digest()
        with pytest.raises(ValueError, match="already taken"):
            hashing.update(b"more")
