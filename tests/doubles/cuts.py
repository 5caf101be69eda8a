"""A process that ends in the middle: an exception at one call of the vault's storage, before or after it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from confere.vault.storage import Storage

CALLS = ("write", "replace_all", "append", "rename", "remove", "make_folder", "create")


class Cut(BaseException):
    """The process ended here; nothing of ours catches it."""


@contextmanager
def cut_at(number: int, *, after: bool) -> Iterator[list[str]]:
    """End at the call of this number, from 1, before it is made or right after.

    Yields the names of the calls made so far; 0 never ends.
    """
    made: list[str] = []
    originals = {name: getattr(Storage, name) for name in CALLS}

    def counting(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*values: Any, **named: Any) -> Any:
            made.append(f"{name} {values[1] if name != 'replace_all' else ''}")
            here = len(made) == number
            if here and not after:
                raise Cut
            result = original(*values, **named)
            if here:
                raise Cut
            return result

        return call

    for name, original in originals.items():
        setattr(Storage, name, counting(name, original))
    try:
        yield made
    finally:
        for name, original in originals.items():
            setattr(Storage, name, original)
