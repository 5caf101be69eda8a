"""A folder in memory: for tests that wait for the disk thousands of times, and not for its sake."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")


@contextmanager
def fast_folder() -> Iterator[Path]:
    """Give an empty folder, in memory where there is such a place; it is removed afterwards."""
    there = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="confere-", dir=there) as folder:
        yield Path(folder)
