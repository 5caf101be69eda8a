#!/usr/bin/env python3
"""Write made recordings of the practice language, with what is said in them beside.

    python benchmarks/interviews.py FILE [--kind KIND] [--minutes N] [--seed N] [--held-out] [--rate HZ]

The file's name ends in .wav, .mp3 or .m4a. The other benchmarks import from here: ``make`` and ``write``.
Needs libespeak-ng.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from practice.interviews import KINDS, Kind, Sentence, make, read_truth, write

__all__ = ["KINDS", "Kind", "Sentence", "make", "read_truth", "write"]


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="interpreted")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--rate", type=int, default=16_000, help="Hz (default: 16000)")
    given = parser.parse_args()
    said = write(
        given.file, given.seed, given.minutes, given.kind, held_out=given.held_out, rate=given.rate
    )
    print(f"{given.file}: {given.minutes:g} minutes, {len(said)} sentences")


if __name__ == "__main__":
    main()
