#!/usr/bin/env python3
"""What sharing the processors out in other ways would be worth: a table, and the choice beside the best.

    python benchmarks/choice.py MODEL ... [--languages pt en] [--seconds 300] [--rounds 2] [--batches 4 8 16]

``MODEL`` is a folder with a manifest (``benchmarks/small_model.py`` writes one). Each way is measured in
the process that the product measures in, on the recordings that ship with Confere, round after round, so
that what else the machine does falls on all of them. Told are, for each way, the least wall time and the
least processor time of the rounds, seconds of sound in a second of both, and the most memory; then what
`confere.transcribe.machine.choose` takes when it believes the machine to be idle, how long that choice took,
and how much slower it is than the best of the table. Times of the wall say little unless the load is small.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from confere.domain.settings import Drafting  # noqa: E402 - src stands in the path
from confere.models.manifest import read_manifest  # noqa: E402
from confere.transcribe.machine import Case, Choice, choose, describe  # noqa: E402
from confere.transcribe.measure import Meter, Model, Plan, Speed  # noqa: E402
from confere.transcribe.profile import profile_of  # noqa: E402
from confere.transcribe.this_machine import Machine  # noqa: E402
from confere.vault import Storage  # noqa: E402

RECORDINGS = ROOT / "src" / "confere" / "models" / "practice" / "recordings"
SOUND = sorted(path for path in RECORDINGS.iterdir() if path.suffix != ".txt")
PATIENCE_S = 1800.0

Table = dict[Plan, list[Speed]]


def shares(processors: int) -> list[tuple[int, int]]:
    """Every way to share so many processors out: threads of a batch, batches at once."""
    return [
        (threads, parallel)
        for threads, parallel in itertools.product(range(1, processors + 1), repeat=2)
        if threads * parallel <= processors or threads == parallel == 1
    ]


def measure(case: Case, batches: Sequence[int], seconds: int, rounds: int) -> Table:
    """Measure every way, round after round."""
    plans = [
        Plan("cpu", "int8", threads, parallel, batch)
        for threads, parallel in shares(case.machine.processors)
        for batch in batches
    ]
    table: Table = {plan: [] for plan in plans}
    for plan in plans * rounds:
        with Meter(case.model, case.languages, SOUND, PATIENCE_S) as meter:
            speed = meter.try_out(plan, seconds)
        if speed is not None:
            table[plan].append(speed)
            load = os.getloadavg()[0]
            print(
                f"  {plan.threads} x {plan.parallel}, {plan.batch}: {speed.wall_s:.1f} s (load {load:.1f})",
                file=sys.stderr,
            )
    return table


def told(table: Table) -> None:
    """Print the table."""
    print("threads  batches  batch    wall s   processor s   audio s/wall s   /processor s      MB")
    for plan, speeds in table.items():
        if not speeds:
            print(f"{plan.threads:7}{plan.parallel:9}{plan.batch:7}    failed")
            continue
        wall_s, processor_s = wall(speeds), min(speed.processor_s for speed in speeds)
        audio_s, memory = speeds[0].audio_s, max(speed.memory_bytes for speed in speeds)
        print(
            f"{plan.threads:7}{plan.parallel:9}{plan.batch:7}{wall_s:10.1f}{processor_s:14.1f}"
            f"{audio_s / wall_s:17.1f}{audio_s / processor_s:15.1f}{memory >> 20:8}"
        )


def wall(speeds: Sequence[Speed]) -> float:
    """The least seconds of some rounds."""
    return min(speed.wall_s for speed in speeds)


def chosen(case: Case) -> tuple[Choice, float]:
    """What the product chooses, and in how many seconds."""
    idle = replace(case, machine=replace(case.machine, load=0.0))
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        return choose(idle, Storage(Path(folder)), SOUND), time.monotonic() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    parser.add_argument("--languages", nargs="+", default=["pt", "en"])
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--batches", type=int, nargs="+", help="instead of the profile's and its double"
    )
    options = parser.parse_args()
    for folder in options.models:
        manifest = read_manifest(folder)
        model = Model(folder.resolve(), manifest.name, manifest.digest(), manifest.profile)
        case = Case(model, Drafting(), tuple(options.languages), Machine.look())
        batch = profile_of(model.profile, model.name).batch
        print(f"{model.name}, {case.machine.processor} x {case.machine.processors}", end=", ")
        print(f"{case.machine.instructions}, load {case.machine.load:.1f}")
        table = measure(
            case, options.batches or [batch, 2 * batch], options.seconds, options.rounds
        )
        told(table)
        choice, took_s = chosen(case)
        print(*describe(case, choice), sep="\n")
        plan = Plan("cpu", "int8", choice.threads, choice.parallel, choice.batch)
        best = min(wall(speeds) for speeds in table.values() if speeds)
        if table.get(plan):
            ratio = wall(table[plan]) / best
            print(
                f"chosen in {took_s:.0f} s: {ratio:.2f} of the best way's time; load {os.getloadavg()[0]:.1f}"
            )


if __name__ == "__main__":
    main()
