"""Hands on this machine: processes of their own, which die with the one that holds the vault."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from confere.transcribe.machine import Choice

P = ParamSpec("P")
T = TypeVar("T")

_NICE = 10  # who works at the laptop meanwhile comes first


class Worker(Executor):
    """One process that drafts; when it dies, the next order starts another."""

    def __init__(self, objects: Path, choice: Choice | None) -> None:
        self._begin = (objects, choice)
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have the process do it."""
        if self._pool is not None:
            with contextlib.suppress(BrokenExecutor):
                return self._pool.submit(fn, *args, **kwargs)
            self._pool.shutdown(wait=False)
        # Never a fork: this process holds the vault's keys, and a copy of it would hold them, too.
        self._pool = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), _begin_work, self._begin
        )
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the process at once: what it has not answered is not kept, and it holds a key."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # Python 3.14 has `kill_workers` for this.
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.kill()
        pool.shutdown(wait=wait, cancel_futures=True)


@contextlib.contextmanager
def local_hands(count: int, objects: Path, choice: Choice | None) -> Iterator[list[Executor]]:
    """Give so many hands on this machine; none is left afterwards."""
    hands = [Worker(objects, choice) for _ in range(count)]
    try:
        yield list(hands)
    finally:
        for hand in hands:
            hand.shutdown()


def _begin_work(objects: Path, choice: Choice | None) -> None:
    """What the process does first."""
    from confere.wiring import bench, keep_memory_private
    from confere.wiring.heap import share_one_heap

    keep_memory_private()
    share_one_heap()
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides when it ends
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICE)
    bench.set_up(objects, choice)


def _die_with_parent() -> None:
    """End when the process that holds the vault ends, however it does: locking is ending."""
    from confere.transcribe.sandbox import die_with

    parent: Any = multiprocessing.parent_process()
    if parent is None:
        return
    die_with(parent.pid)

    def wait_for_end() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait_for_end, daemon=True).start()
