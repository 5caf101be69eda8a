"""Reading ahead: one thread reads and opens, while whoever asked for it works on what came before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

AHEAD_BLOCKS = 4  # read and not yet taken; then the reading waits

#: A block, the error that came instead of one, or None at the end.
_Item = bytes | BaseException | None


@contextmanager
def ahead(read: Callable[[], Iterable[bytes]]) -> Iterator[Iterator[bytes]]:
    """Yield what ``read()`` gives, read in a thread of its own; its errors are raised in their place.

    All of the reading happens there, the beginning and the end of it too. Leaving the block ends the
    thread, also through an exception.
    """
    items: queue.Queue[_Item] = queue.Queue(AHEAD_BLOCKS)
    left = threading.Event()

    def run() -> None:
        end: BaseException | None = None
        try:
            for block in read():
                items.put(block)
                if left.is_set():
                    return
        except BaseException as error:  # noqa: BLE001  it is raised where the block was asked for
            end = error
        finally:
            items.put(end)

    thread = threading.Thread(target=run, name="reading ahead", daemon=True)
    thread.start()
    try:
        yield _blocks(items)
    finally:
        left.set()
        while thread.is_alive():  # it may wait for room, once for a block and once for the end
            _drain(items)
            thread.join(0.01)


def _blocks(items: queue.Queue[_Item]) -> Iterator[bytes]:
    while isinstance(item := items.get(), bytes):
        yield item
    if item is not None:
        raise item


def _drain(items: queue.Queue[_Item]) -> None:
    while not items.empty():
        items.get_nowait()
