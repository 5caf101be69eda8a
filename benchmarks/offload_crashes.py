#!/usr/bin/env python3
"""Power cuts at every operation of an offload, in every state they may leave; how many, and what was lost.

    python benchmarks/offload_crashes.py [SCENE ...]

Vault, state folder and card are three disks that forget what was not synced
(``tests/doubles/crash_disk.py``). For each scene: operations, legal states, those that differ, and in how
many a recording was lost or the next run did not end the work; both must be never.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from doubles.crash_disk import after_cuts, count_of
from doubles.crash_scenes import SCENES, check, make_ground, taped


def main() -> None:
    print(f"{'scene':<28}{'operations':>11}{'states':>9}{'differ':>8}{'wrong':>7}{'s':>7}")
    wrong = 0
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        ground = make_ground(folder)
        for scene in (s for s in SCENES if not sys.argv[1:] or s.name in sys.argv[1:]):
            begun = time.monotonic()
            tape = taped(ground, scene, folder / scene.name)
            told, number = [], 0
            for number, (at, states) in enumerate(after_cuts(tape), 1):
                try:
                    check(states, ground, scene, folder / f"{scene.name} {number}", go_on=True)
                except Exception as error:  # noqa: BLE001  whatever it is, this cut was not survived
                    told.append(f"    after {at}: {error!r}")
            counts = f"{len(tape.names):>11}{count_of(tape.moments):>9}{number:>8}{len(told):>7}"
            print(
                f"{scene.name:<28}{counts}{time.monotonic() - begun:>7.0f}",
                *told,
                sep="\n",
                flush=True,
            )
            wrong += len(told)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
