"""How fast ``confere --help`` starts beside ``python -c "import click"``: in turns, whole processes.

    python benchmarks/help_start.py [--rounds N]

Prints the median of each and their ratio; to reach: under 3.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

HELP = [sys.executable, "-m", "confere", "--help"]
CLICK = [sys.executable, "-c", "import click"]


def seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="turns (default: 15)")
    rounds = parser.parse_args().rounds
    pairs = [(seconds(HELP), seconds(CLICK)) for _ in range(rounds + 1)][1:]
    ours, click = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"confere --help {ours * 1000:.0f} ms, import click {click * 1000:.0f} ms")
    print(f"ratio {ratio:.2f} (median of {rounds} pairs; to reach: under 3)")


if __name__ == "__main__":
    main()
