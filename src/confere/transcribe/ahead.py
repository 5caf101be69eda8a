"""Work done ahead: the next window is read and prepared while the model hears this one."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Final, TypeVar

T = TypeVar("T")


class _End:
    """What comes after the last item."""


_END: Final = _End()


def ahead(items: Generator[T]) -> Generator[T]:
    """Yield what a generator yields; the next item is made in another thread while one is used.

    No more than that one is made in advance. What the generator raises is raised here, in its place. When
    this one is closed or at its end, the thread has ended and the generator is closed; the thread cannot end
    while the generator waits for something.
    """
    with closing(items), ThreadPoolExecutor(1, "ahead") as thread:
        made = thread.submit(next, items, _END)
        while not isinstance(item := made.result(), _End):
            made = thread.submit(next, items, _END)
            yield item
