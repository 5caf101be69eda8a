#!/usr/bin/env python3
"""What the checks on a translated segment find, and what they find in vain.

    python benchmarks/checks.py [--set dev|held-out|second] [--each N] [--seed N] [--show]

Spoils clean pairs (``checks_data``) by code, each kind of error at least N times, and prints how many of
them are flagged by the right check at its level, how many clean pairs are flagged at error or warning
level, and the time for 1,000 segments. A flag that the clean pair has as well does not count.
``--show`` lists what was missed. To reach: 90 % and 5 %.

The checks were tuned on ``dev``. Of ``held-out`` nobody has read what was flagged or missed; its totals were
looked at between changes, and decided against one rule. ``second`` was written later, longer and looser.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from checks_seeds import KINDS, Seed

from confere.review.checks import Context, Level, SegmentTexts, check_segment, check_transcript

DATA = Path(__file__).resolve().parent / "checks_data"
SETS = ("dev", "held-out", "second")
MOST_TRIES = 200_000


def read(name: str) -> list[tuple[str, str]]:
    """The pairs of one set: two lines each, parted by empty lines."""
    text = (DATA / f"{name}.txt").read_text(encoding="utf-8")
    blocks = [b for b in text.split("\n\n") if b.strip() and not b.startswith("#")]
    return [(source, target) for source, target in (b.strip().split("\n") for b in blocks)]


def flags(seed: Seed) -> set[tuple[str, str, str]]:
    """Return (check, level, message) of what counts: errors and warnings."""
    found = check_segment(SegmentTexts("s", seed.source, seed.target), Context(names=seed.names))
    return {(f.check, str(f.level), f.message) for f in found if f.level is not Level.INFO}


def spoilt(kind: str, pairs: Sequence[tuple[str, str]], each: int, chance: random.Random) -> list:
    """Return ``each`` different seeds of a kind, with the pair that was spoilt."""
    seeds: dict[tuple[str, str], tuple[Seed, tuple[str, str]]] = {}
    for _ in range(MOST_TRIES):
        pair = chance.choice(pairs)
        seed = KINDS[kind][0](*pair, chance, pairs)
        if seed and (seed.source, seed.target) != pair:
            seeds.setdefault((seed.source, seed.target), (seed, pair))
        if len(seeds) == each:
            return list(seeds.values())
    return list(seeds.values())


def seeded(name: str, pairs: Sequence[tuple[str, str]], each: int, number: int, show: bool) -> None:
    print(f"{name}: {len(pairs)} clean pairs, errors put in by code (seed {number})")
    print(f"  {'kind':20} {'seeded':>7} {'flagged':>8} {'share':>7}")
    totals: Counter[str] = Counter()
    for kind, (_, checks, levels) in KINDS.items():
        chance = random.Random(f"{number} {name} {kind}")
        seeds = spoilt(kind, pairs, each, chance)
        missed = []
        for seed, pair in seeds:
            before = flags(Seed(*pair, "clean", seed.names))
            new = flags(seed) - before
            if not any(check in checks and level in levels for check, level, _ in new):
                missed.append(seed)
        found = len(seeds) - len(missed)
        totals.update(seeded=len(seeds), flagged=found)
        print(f"  {kind:20} {len(seeds):7} {found:8} {found / len(seeds):7.1%}")
        if show:
            for seed in missed:
                print(f"      {seed.done}\n        {seed.source}\n        {seed.target}")
    share = totals["flagged"] / totals["seeded"]
    print(
        f"  {'all':20} {totals['seeded']:7} {totals['flagged']:8} {share:7.1%}   (to reach: 90 %)"
    )


def clean(pairs: Sequence[tuple[str, str]], show: bool) -> None:
    by_check: Counter[str] = Counter()
    flagged = 0
    for source, target in pairs:
        found = flags(Seed(source, target, "clean"))
        flagged += bool(found)
        by_check.update({check for check, _, _ in found})
        if show and found:
            print(f"      {source}\n      {target}\n        {sorted(found)}")
    told = ", ".join(f"{check} {count}" for check, count in by_check.most_common())
    print(
        f"  clean pairs flagged  {flagged} of {len(pairs)}: {flagged / len(pairs):.1%}   (to reach: 5 %)"
    )
    print(f"    {told}")


def speed(pairs: Sequence[tuple[str, str]]) -> None:
    texts = [pairs[i % len(pairs)] for i in range(1000)]
    segments = [SegmentTexts(str(i), *pair) for i, pair in enumerate(texts)]
    begun, busy = time.perf_counter(), time.process_time()
    check_transcript(segments, Context())
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    print(f"  1,000 segments in {seconds:.2f} s, {busy:.2f} s of one core   (to reach: under 1 s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", choices=SETS, help="one set (default: all)")
    parser.add_argument("--each", type=int, default=40, help="errors of each kind (default: 40)")
    parser.add_argument("--seed", type=int, default=1, help="of the random source (default: 1)")
    parser.add_argument("--show", action="store_true", help="list what was missed or found in vain")
    options = parser.parse_args()
    for name in [options.set] if options.set else SETS:
        pairs = read(name)
        seeded(name, pairs, options.each, options.seed, options.show)
        clean(pairs, options.show)
        speed(pairs)


if __name__ == "__main__":
    main()
