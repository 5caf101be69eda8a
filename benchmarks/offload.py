#!/usr/bin/env python3
"""How long a verified offload takes beside the shell's way of doing the same by hand.

    python benchmarks/offload.py [--files N] [--mib MIB] [--rounds N] [--folder FOLDER] [--large GIB]

Both take the same recordings from the same folder, read cold from the disk, in turns. The shell's way:
``cp``, ``sync``, ``sha256sum`` of both sides, ``age`` to seal, ``age -d`` piped to ``sha256sum``, ``rm``.
Ours is ``confere offload``, the whole command with its start, its receipt and its log. Prints the wall
time and the processor time of both, and the ratio of the wall times; to reach: a half or less. Then the
most memory that ``confere offload`` held, also for one file of ``--large`` GiB (sparse); to reach: less
than 150 MiB.

On a machine that is not ours alone the wall times swing: the rounds alternate, and the median of the
ratios counts. Needs the ``age`` command, and three times the size of the recordings on the disk.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from confere.acts.setup import create_study
from confere.crypto import X25519Identity
from confere.wiring import practice_settings

MIB = 1 << 20
RATE_HZ = 48_000
PASSPHRASE = "four words drawn blindly"


@dataclass(frozen=True)
class Cost:
    """What one way took: wall and processor time in seconds, and the most memory in MiB."""

    wall_s: float
    processor_s: float
    peak_mib: float

    def __str__(self) -> str:
        return f"{self.wall_s:7.1f} s, {self.processor_s:6.1f} s of the processor"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=32, help="recordings (default: 32)")
    parser.add_argument("--mib", type=int, default=128, help="MiB of each (default: 128)")
    parser.add_argument("--rounds", type=int, default=3, help="turns (default: 3)")
    parser.add_argument("--large", type=int, default=4, help="GiB of the one large file, 0: none")
    parser.add_argument("--folder", type=Path, help="where to work (default: the temporary folder)")
    options = parser.parse_args()
    if shutil.which("age") is None:
        sys.exit("the age command is not installed: nothing to compare with")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench = Bench(Path(folder), options.files, options.mib)
        bench.compare(options.rounds)
        if options.large:
            bench.large_file(options.large)


class Bench:
    """A folder with a card's recordings in it, and the two ways of taking them."""

    def __init__(self, folder: Path, files: int, mib: int) -> None:
        self.folder, self.files, self.mib = folder, files, mib
        self.blocks = [random.Random(n).randbytes(MIB) for n in range(16)]

    def compare(self, rounds: int) -> None:
        """Let both take the recordings in turns, and print what it cost."""
        print(
            f"{self.files} recordings of {self.mib} MiB, {rounds} rounds; load {os.getloadavg()[0]:.1f}"
        )
        costs: dict[str, list[Cost]] = {"shell": [], "confere": []}
        for number in range(rounds):
            ways = [("shell", self.shell), ("confere", self.confere)]
            for name, way in ways if number % 2 == 0 else ways[::-1]:
                cost = self.run(way)
                costs[name].append(cost)
                print(f"  {name:<8}{cost}", flush=True)
        pairs = list(zip(costs["shell"], costs["confere"], strict=True))
        wall = [ours.wall_s / theirs.wall_s for theirs, ours in pairs]
        processor = [ours.processor_s / theirs.processor_s for theirs, ours in pairs]
        print(f"  ratio of the wall times       {told(wall)} (to reach: 0.50)")
        print(f"  ratio of the processor times  {told(processor)}")
        peak = max(cost.peak_mib for cost in costs["confere"])
        print(f"  most memory of confere        {peak:.0f} MiB (to reach: 150)")

    def run(self, way: Callable[[Path], Cost]) -> Cost:
        """Make a fresh card, let one way take it, see that it did, and clear up."""
        card = self.folder / "card"
        card.mkdir()
        try:
            for number in range(self.files):
                self.record(card / f"ZOOM{number:04}.WAV", self.mib, number)
            return way(card)
        finally:
            left = list(card.iterdir())
            shutil.rmtree(card)
            for place in ("plain", "sealed", "vault", "state"):
                shutil.rmtree(self.folder / place, ignore_errors=True)
            os.sync()
            assert not left, "something was left on the card"

    def record(self, file: Path, mib: int, seed: int) -> None:
        """Write a recording that no other is like, and let the system forget it."""
        with file.open("wb") as raw, wave.open(raw) as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(RATE_HZ)
            draw = random.Random(seed)
            for _ in range(mib):
                sound.writeframesraw(draw.randbytes(64) + draw.choice(self.blocks)[64:])
        forget(file)

    def shell(self, card: Path) -> Cost:
        """By hand."""
        plain, sealed, key = (self.folder / n for n in ("plain", "sealed", "key"))
        plain.mkdir()
        sealed.mkdir()
        identity = X25519Identity.generate()
        key.write_text(f"{identity}\n")
        script = f"""
            set -e
            cp {card}/* {plain}
            sync
            (cd {card} && sha256sum *) > {sealed}/sums
            (cd {plain} && sha256sum *) > {sealed}/again
            cmp {sealed}/sums {sealed}/again
            cd {plain}
            for file in *; do
                age -r {identity.recipient} -o {sealed}/$file.age $file
                sum=$(age -d -i {key} {sealed}/$file.age | sha256sum)
                grep -q "^${{sum%% *}}  $file" {sealed}/sums
            done
            rm {card}/* {plain}/*
        """
        return cost_of(["bash", "-c", script])

    def confere(self, card: Path) -> Cost:
        """With ``confere offload``, into a new vault."""
        vault, state = self.folder / "vault", self.folder / "state"
        create_study(
            vault, study="Bench", lead="lena", passphrase=PASSPHRASE,
            settings=practice_settings(), practice=True,
        )  # fmt: skip
        command = [sys.executable, "-m", "confere", "offload", str(card), "--vault", str(vault)]
        return cost_of(command, {"XDG_STATE_HOME": str(state)})

    def large_file(self, gib: int) -> None:
        """Take one large file, most of it a hole, and print how much memory that took."""
        card = self.folder / "card"
        card.mkdir()
        file = card / "LONG0001.WAV"
        with wave.open(str(file), "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(RATE_HZ)
            sound.setnframes((gib << 30) // 4 - 64)
            with suppress(wave.Error):  # it is shorter than it says, until it is made longer below
                sound.writeframesraw(self.blocks[0])
        with file.open("r+b") as raw:
            raw.truncate((gib << 30) - 256)
        cost = self.confere(card)
        print(f"one recording of {gib} GiB: {cost}")
        print(f"  most memory of confere        {cost.peak_mib:.0f} MiB (to reach: 150)")
        assert not file.exists()


def told(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def forget(file: Path) -> None:
    """Bring a file to the disk and drop it from the system's memory, so that it is read from there."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def cost_of(command: list[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command with its children and return what it took; exits when it fails."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            command, env=os.environ | (environment or {}), stdout=output, stderr=output
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - begun
        if status:
            output.seek(0)
            sys.exit(output.read().decode("utf-8", "replace"))
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
