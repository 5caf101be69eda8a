#!/usr/bin/env python3
"""Kill each command that writes before every one of the system calls by which it changes the disk.

    python benchmarks/kill_sweep.py [COMMAND ...]

Prints a line for each command: how many such calls it makes, at how many it was killed, how often the
next start found nothing to be made good (whole), how often it made it good (repaired), and how often
something was half-done, which is told in full and must be never. Needs strace. All of it takes
about half an hour on two processors.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from doubles.fast_folder import fast_folder
from doubles.kill_scenes import COMMANDS, Command, Place, calls, first_to_come, prepare, survives
from doubles.kills import can_kill


def main() -> None:
    if not can_kill():
        sys.exit("strace is not here, or may not attach to a child")
    wanted = sys.argv[1:] or [command.name for command in COMMANDS]
    print(f"{'command':<12}{'calls':>7}{'kills':>7}{'whole':>7}{'repaired':>10}{'half':>6}{'s':>7}")
    with fast_folder() as folder:
        prepared = prepare(folder / "prepared")
        halves = [sweep(prepared, c, folder) for c in COMMANDS if c.name in wanted]
    sys.exit(1 if any(halves) else 0)


def sweep(prepared: Place, command: Command, folder: Path) -> int:
    """Kill one command at all its calls; print its line, and return how often it was half-done."""
    begun = time.monotonic()
    found = calls(prepared, command, folder / "undisturbed")
    verdicts: Counter[str] = Counter()
    told = []
    for at, call in enumerate(found):
        place = folder / str(at)
        try:
            repaired, _ = survives(prepared, command, call, place, first_to_come(command, at))
            verdicts["repaired" if repaired else "whole"] += 1
        except Exception as error:  # noqa: BLE001  whatever it is, this kill was not survived
            verdicts["half"] += 1
            told.append(f"    {call} {call.arguments}\n        {error!r}")
        shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(folder / "undisturbed")
    counts = [len(found), sum(verdicts.values()), verdicts["whole"], verdicts["repaired"]]
    print(
        f"{command.name:<12}{counts[0]:>7}{counts[1]:>7}{counts[2]:>7}{counts[3]:>10}"
        f"{verdicts['half']:>6}{time.monotonic() - begun:>7.0f}",
        *told,
        sep="\n",
        flush=True,
    )
    return verdicts["half"]


if __name__ == "__main__":
    main()
