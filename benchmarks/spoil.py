"""Decodes recordings spoilt by chance, one after the other, each in a process of its own.

::

    python benchmarks/spoil.py [--seconds 600] [--from 0]

It tells how many decoded, how many were refused, and the number of each whose decoder was stopped:
``spoilt(NUMBER)`` of tests/doubles makes that one again.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from confere.errors import DecoderStopped, NotAudio
from confere.transcribe.decoder import DecoderProcess
from doubles.sealed import IDENTITY, sealed
from doubles.spoilt import spoilt


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=600)
    asked.add_argument("--from", type=int, default=0, dest="first")
    given = asked.parse_args()
    fates: collections.Counter[str] = collections.Counter()
    longest_s, number = 0.0, given.first
    until = time.monotonic() + given.seconds
    while time.monotonic() < until:
        began = time.monotonic()
        fate = decode(number)
        longest_s = max(longest_s, time.monotonic() - began)
        if fate not in ("decoded", "refused"):
            print(number, fate, flush=True)
            fate = "stopped"
        fates[fate] += 1
        number += 1
    print(f"{given.first} to {number - 1}: {dict(fates)}; the longest took {longest_s:.1f} s")


def decode(number: int) -> str:
    try:
        with sealed(spoilt(number)) as file:
            process = DecoderProcess(file, str(IDENTITY), "it")
        for _ in process.blocks():
            pass
    except DecoderStopped as error:
        return error.message
    except NotAudio:
        return "refused"
    return "decoded"


if __name__ == "__main__":
    main()
