#!/usr/bin/env python3
"""Kill drafting at many instants, and see that it goes on where it was.

    python benchmarks/drafting_kills.py [--kills N] [--minutes N] [--window-s S] [--seed N]

``confere draft`` of a recording is killed (``kill -9``) again and again: all its processes at once, only the
one that holds the vault, only the worker, only the decoder; at instants drawn by the seed across the whole
time that it takes, so that several kills fall into one draft. Given again until it ends, it must

- lose no window that was kept, and of what is not kept do nothing twice but the window that was in work;
- leave the very draft that an unbroken run leaves: transcription, targets and records, byte for byte;
- leave no process, and nowhere a word or a stretch of sound in the clear.

The windows are short (a copy of the practice model says so in its profile), so that there are many.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from interviews import write

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from doubles.draft_kills import WHO, bytes_of, in_the_clear, run_killed
from doubles.draft_place import Place, prepare, short_windows
from doubles.process_tree import run


@dataclass
class Found:
    """What the kills showed; ``wrong`` must stay empty."""

    kills: Counter[str] = field(default_factory=Counter)
    drafts: int = 0
    kept: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Sweep:
    """The prepared place, the unbroken run, and one broken draft after the other."""

    def __init__(self, folder: Path, minutes: float, window_ms: int) -> None:
        self.folder = folder
        speech = short_windows(folder / "models", window_ms)
        file = folder / "said.wav"
        self.said = [each.text for each in write(file, 1, minutes)]
        self.sound = file.read_bytes()[44:]
        self.prepared = prepare(folder / "prepared", [file], speech)
        file.unlink()
        place = self.prepared.copy(folder / "unbroken")
        self.takes_s = run(place.command(), place.environment).wall_s
        self.prepared.remember(place)
        (draft,) = place.drafts()
        self.segments, self.wanted = len(draft.targets), bytes_of(draft)
        shutil.rmtree(place.folder)

    def draft(self, rng: random.Random, found: Found, kills: int) -> None:
        """Draft once, with so many kills on the way; then once more until it ends."""
        place = self.prepared.copy(self.folder / "broken")
        kept, whole = 0, False
        try:
            while not whole and not found.wrong:
                who = rng.choice(WHO) if kills > 0 else ""
                at_s = time.monotonic() + rng.uniform(0.0, self.takes_s)
                killed, left = run_killed(place, who, lambda at_s=at_s: time.monotonic() >= at_s)
                now, whole = place.kept()
                if killed:
                    found.kills[who] += 1
                    kills -= 1
                    found.kept[now] += not whole
                wrong = [f"a process is left: {name}" for name in left]
                wrong += [f"in the clear: {what}" for what in self.clear(place)]
                if now < kept and not whole:
                    wrong.append(f"of {kept} windows {now} are kept")
                if not who and not whole:
                    wrong.append("the draft is not whole")
                found.wrong += [f"{who or 'nothing'} killed, and {each}" for each in wrong]
                kept = now
            if whole and bytes_of(place.drafts()[0]) != self.wanted:
                found.wrong.append("the draft is another one")
            found.drafts += whole
        finally:
            shutil.rmtree(place.folder)

    def clear(self, place: Place) -> list[str]:
        """What lies in the clear."""
        return in_the_clear(place, self.said, self.sound)


def main() -> None:
    """Draft, kill, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--minutes", type=float, default=4, help="of the recording")
    parser.add_argument("--window-s", type=float, default=20, help="of sound in a window")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found, rng = Found(), random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(Path(folder), given.minutes, round(given.window_s * 1000))
        print(f"unbroken: {sweep.takes_s:.0f} s, {sweep.segments} segments", flush=True)
        while found.kills.total() < given.kills and not found.wrong:
            sweep.draft(rng, found, min(3, given.kills - found.kills.total()))
    kills = ", ".join(f"{who} {count}" for who, count in sorted(found.kills.items()))
    print(f"{found.kills.total()} kills ({kills}) in {found.drafts} drafts")
    kept = ", ".join(f"{number} ({count} times)" for number, count in sorted(found.kept.items()))
    print(f"  windows that were kept when it had to go on: {kept}")
    print(*(f"  WRONG: {each}" for each in found.wrong), sep="\n")
    sys.exit(1 if found.wrong else 0)


if __name__ == "__main__":
    main()
