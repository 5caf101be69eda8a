"""Work done ahead: the next window is read and prepared while the model hears this one."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from queue import Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK_S = 0.05  # so soon a thread that waits sees that nobody wants more


@dataclass(frozen=True, slots=True)
class _End:
    """What comes after the last item."""

    error: BaseException | None


class _Ahead(Generic[T]):
    def __init__(self, make: Callable[[], Generator[T]], depth: int) -> None:
        self._make = make
        self._ready: Queue[T | _End] = Queue(depth)
        self._unwanted = Event()
        self._thread = Thread(target=self._fill, name="ahead", daemon=True)

    def items(self) -> Generator[T]:
        self._thread.start()
        try:
            while not isinstance(item := self._ready.get(), _End):
                yield item
            if item.error is not None:
                raise item.error
        finally:
            self._unwanted.set()
            self._thread.join()

    def _fill(self) -> None:
        try:
            with closing(self._make()) as items:
                for item in items:
                    if not self._put(item):
                        return
            self._put(_End(None))
        except BaseException as error:  # noqa: BLE001  # it belongs to who asked, whatever it is
            self._put(_End(error))

    def _put(self, item: T | _End) -> bool:
        while not self._unwanted.is_set():
            try:
                self._ready.put(item, timeout=_LOOK_S)
            except Full:
                continue
            return True
        return False


def ahead(make: Callable[[], Generator[T]], depth: int = 1) -> Generator[T]:
    """Yield what the generator of ``make`` yields, made in another thread and ``depth`` in advance.

    What the generator raises is raised here, in its place. When this iterator is closed or at its end, the
    thread has ended and the generator is closed; it cannot end while the generator waits for something.
    """
    return _Ahead(make, depth).items()
