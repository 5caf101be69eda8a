#!/usr/bin/env python3
"""How long drafting takes through the product, beside the bare engine.

    python benchmarks/drafting.py [--model practice|small|FOLDER] [--minutes N] [--files N] [--rounds N]
        [--kind interpreted|portuguese] [--suffix .wav|.mp3|.m4a] [--ways batched serial]

``confere draft`` takes sealed recordings of a vault and leaves both texts in its catalog. Beside it, in
turns, each in a process of its own:

- ``batched``: faster-whisper's batched pipeline on samples in memory, with the same model, compute type,
  processors, batch, beam, word times, and clips by the same voice activity; transcription only. In
  interpreted interviews each clip's language is heard, on both sides; else it is known, on both sides;
- ``serial``: ``WhisperModel.transcribe`` file after file, as most tools do.

Both sides are told twice: whole commands, starting, unlocking and loading models included; and without that.
What the product takes before it hears the first sound is what it takes for a recording of three seconds.
How the machine is used best is found once, by trials, and remembered: that is told apart.
To reach, without it: 1.08 of ``batched``, 0.5 of ``serial``. Prints the median of the rounds' ratios.

``small`` is a model of Whisper small's dimensions with random weights (see ``small_model.py``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from interviews import make, write
from small_model import write_model

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from doubles.draft_place import BUNDLED, Place, prepare
from doubles.process_tree import run

BARE = Path(__file__).with_name("bare.py")
TO_REACH = {"batched": 1.08, "serial": 0.5}


@dataclass(frozen=True)
class Cost:
    """Seconds of one run: all of it, what it took to begin, and of the processor."""

    wall_s: float
    begin_s: float
    processor_s: float

    @property
    def work_s(self) -> float:
        """Seconds without the beginning."""
        return self.wall_s - self.begin_s

    def __str__(self) -> str:
        return (
            f"{self.wall_s:7.1f} s, {self.begin_s:5.1f} s of it to begin, "
            f"{self.processor_s:7.1f} s of the processor"
        )


class Bench:
    """The recordings, the vaults they wait in, and each way of drafting them."""

    def __init__(self, folder: Path, given: argparse.Namespace) -> None:
        self.folder = folder
        self.language = "each" if given.kind == "interpreted" else "pt"
        self.model = model_of(given.model, folder)
        self.files = [folder / f"{number}{given.suffix}" for number in range(1, given.files + 1)]
        for number, file in enumerate(self.files, 1):
            write(file, number, given.minutes, given.kind, rate=44_100)
        blink = folder / "blink.wav"
        blink.write_bytes(make(7, 0.05)[0])
        spoken = ("pt", "en") if given.kind == "interpreted" else ("pt",)
        self.vault = prepare(folder / "prepared", self.files, self.model, spoken)
        self.almost_nothing = prepare(folder / "blink", [blink], self.model, spoken)
        first = self.almost_nothing.copy(folder / "first")
        seen = run(first.command(), first.environment)
        self.first_s = seen.wall_s
        for place in (self.vault, self.almost_nothing):
            place.remember(first)

    def product(self) -> Cost:
        """``confere draft``, twice: of everything, and of almost nothing."""
        nothing = self._draft(self.almost_nothing)
        whole = self._draft(self.vault)
        return Cost(whole.wall_s, nothing.wall_s, whole.processor_s)

    def _draft(self, prepared: Place) -> Cost:
        place = prepared.copy(self.folder / "drafted")
        try:
            seen = run(place.command(), place.environment)
            assert all(draft.targets is not None for draft in place.drafts())
        finally:
            shutil.rmtree(place.folder)
        return Cost(seen.wall_s, 0.0, seen.processor_s)

    def bare(self, way: str) -> Cost:
        """The engine alone."""
        files = [str(file) for file in self.files]
        options = ["--way", way, "--language", self.language]
        seen = run([sys.executable, str(BARE), str(self.model), *files, *options])
        told = json.loads(seen.output.splitlines()[-1])
        wall_s = seen.wall_s - told["decode_s"]  # the samples lie in memory
        return Cost(wall_s, wall_s - told["work_s"], told["processor_s"])


def model_of(name: str, folder: Path) -> Path:
    """Return the folder of a speech model; ``small`` is made."""
    if name == "practice":
        return BUNDLED / "speech"
    if name != "small":
        return Path(name).resolve()
    return write_model(folder / "models" / "speech" / "small")


def told(ratios: Sequence[float]) -> str:
    """The median, and from where to where."""
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


def main() -> None:
    """Make recordings, draft them in turns, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="practice", help="practice, small, or a folder")
    parser.add_argument("--minutes", type=float, default=10, help="of each recording")
    parser.add_argument("--files", type=int, default=1, help="recordings")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kind", choices=("interpreted", "portuguese"), default="interpreted")
    parser.add_argument("--suffix", choices=(".wav", ".mp3", ".m4a"), default=".wav")
    parser.add_argument("--ways", nargs="+", choices=tuple(TO_REACH), default=["batched"])
    given = parser.parse_args()
    print(
        f"{given.files} recordings of {given.minutes:g} minutes ({given.kind}, {given.suffix}), "
        f"model {given.model}, {len(os.sched_getaffinity(0))} processors, load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), given)
        print(
            f"  first of all, trials included: {bench.first_s:.1f} s for almost nothing", flush=True
        )
        compare(bench, given.ways, given.rounds)


def compare(bench: Bench, ways: Sequence[str], rounds: int) -> None:
    """Let each draft in turns, and print what it cost."""
    costs: dict[str, list[Cost]] = {name: [] for name in ("product", *ways)}
    for number in range(rounds):
        order = list(costs) if number % 2 == 0 else list(costs)[::-1]
        for name in order:
            cost = bench.product() if name == "product" else bench.bare(name)
            costs[name].append(cost)
            print(f"  {name:8}{cost}", flush=True)
    for way in ways:
        pairs = list(zip(costs["product"], costs[way], strict=True))
        print(f"product beside {way}, to reach {TO_REACH[way]}")
        print(
            f"  wall time, without the beginning  {told([a.work_s / b.work_s for a, b in pairs])}"
        )
        print(
            f"  wall time, whole commands         {told([a.wall_s / b.wall_s for a, b in pairs])}"
        )
        print(
            f"  processor time, whole commands    {told([a.processor_s / b.processor_s for a, b in pairs])}"
        )


if __name__ == "__main__":
    main()
