"""An offload that stops itself dead after a given operation of the disk.

python -m doubles.loop_cut VAULT STATE CARD NUMBER       (NUMBER 0: goes through, and prints how many)
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from doubles.crash_scenes import offload

OPERATIONS = ("fsync", "rename", "replace", "unlink")


class Counter:
    """Counts what reaches the disk, and stops the process after one of them."""

    def __init__(self, stop_after: int) -> None:
        self.stop_after = stop_after
        self.count = 0

    def counted(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        """Return an operation that counts."""

        def run(*arguments: Any, **more: Any) -> Any:
            done = operation(*arguments, **more)
            self.count += 1
            if self.count == self.stop_after:
                os.kill(os.getpid(), signal.SIGSTOP)
            return done

        return run


def main() -> None:
    """Offload."""
    vault, state, card = map(Path, sys.argv[1:4])
    counter = Counter(int(sys.argv[4]))
    for name in OPERATIONS:
        setattr(os, name, counter.counted(getattr(os, name)))
    offload(vault, state, card)
    print(counter.count)


if __name__ == "__main__":
    main()
