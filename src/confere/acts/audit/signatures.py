"""Very many signatures: verified beside the other checks, by another process, when they take seconds."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from confere.crypto.signing import bad_signatures

#: A public key, what was signed, the signature.
Signed = tuple[str, bytes, bytes]
_STEP = 1_000  # signatures that are handed on together: about 0.1 s
_FEW = 5_000  # below, another process is not worth its start


class Signatures:
    """Signatures that are being verified; `bad` waits for all of them."""

    def __init__(self, signed: Sequence[Signed], pool: ProcessPoolExecutor | None) -> None:
        self._steps = [signed[at : at + _STEP] for at in range(0, len(signed), _STEP)]
        self._elsewhere: list[Future[list[int]]] = []
        if pool is not None:
            self._elsewhere = [pool.submit(bad_signatures, step) for step in self._steps]

    def bad(self, progress: Callable[[int, int], None]) -> set[int]:
        """Return the places of those that do not hold.

        The other processes began at the front; what they have not come to is done here, from the back.
        ``progress`` is told how many thousands are done, and of all.
        """
        found: set[int] = set()
        for number in reversed(range(len(self._steps))):
            progress(len(self._steps) - number - 1, len(self._steps))
            found |= {number * _STEP + place for place in self._one(number)}
        return found

    def _one(self, number: int) -> list[int]:
        if self._elsewhere and not self._elsewhere[number].cancel():
            with contextlib.suppress(BrokenProcessPool):
                return self._elsewhere[number].result()
        return bad_signatures(self._steps[number])


@contextlib.contextmanager
def verifying(signed: Sequence[Signed]) -> Iterator[Signatures]:
    """Verify signatures while other things are done.

    The other processes are given what is public and what was signed, never a key that opens anything.
    """
    if len(signed) < _FEW:
        yield Signatures(signed, None)
        return
    # Spawned, not forked: a fork would carry the keys that this process holds.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(max(1, (os.cpu_count() or 1) - 1), mp_context=context)
    try:
        yield Signatures(signed, pool)
    finally:
        pool.shutdown(cancel_futures=True)
