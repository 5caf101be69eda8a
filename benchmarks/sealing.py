"""How fast sealing and opening are beside the ``age`` command: the same file, the same disk, in turns.

    python benchmarks/sealing.py [--size MIB] [--rounds N] [--folder FOLDER]

Prints the median throughput of each way, and its ratios to ``age`` in the same turn: lowest, median,
highest. To reach: 1.3 times age for sealing, 2 times for opening. Once from file to file, and once with
the output thrown away, which leaves the sealing alone.

The order rotates from turn to turn. Before each way as much memory as it will fill is touched and given
back: on a virtual machine fresh memory costs more than the sealing, and whoever came first would pay.
Needs the ``age`` command.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from confere.crypto import HashingThread, SealedReader, SealedStream, SealedWriter, X25519Identity

MIB = 1024 * 1024
BLOCK_BYTES = 1024 * 1024  # a read of the source, as the offload reads a recorder

WRITE_BYTES = 64 * 1024  # of what was opened, as age writes it

NOWHERE = Path(os.devnull)

IDENTITY = X25519Identity.generate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024, help="MiB (default: 1024)")
    parser.add_argument("--rounds", type=int, default=5, help="turns (default: 5)")
    parser.add_argument("--folder", type=Path, help="where to work (default: the temporary folder)")
    options = parser.parse_args()
    if shutil.which("age") is None:
        sys.exit("the age command is not installed: nothing to compare with")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        measure(Path(folder), options.size, options.rounds)


def measure(folder: Path, size: int, rounds: int) -> None:
    plain, sealed, result = folder / "plain", folder / "sealed.age", folder / "result"
    identity_file = folder / "identity"
    identity_file.write_text(f"{IDENTITY}\n")
    make_file(plain, size)
    seal(plain, sealed)
    for target, told in ((result, "file to file, without fsync"), (NOWHERE, "output thrown away")):
        age_seals = ["age", "-r", str(IDENTITY.recipient), "-o", str(target), str(plain)]
        age_opens = ["age", "-d", "-i", str(identity_file), "-o", str(target), str(sealed)]
        print(f"{size} MiB, {rounds} rounds, {told}")
        compare(
            size,
            rounds,
            result,
            {
                "age -r": partial(run, age_seals),
                "SealedWriter": partial(seal, plain, target),
                "SealedWriter, SHA-256 beside": partial(seal_and_hash, plain, target),
            },
        )
        compare(
            size,
            rounds,
            result,
            {
                "age -d": partial(run, age_opens),
                "SealedStream": partial(open_with, SealedStream, sealed, target),
                "SealedReader": partial(open_with, SealedReader, sealed, target),
            },
        )


def compare(size: int, rounds: int, result: Path, ways: dict[str, Callable[[], None]]) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    order = list(ways.items())
    for _ in range(rounds):
        order.append(order.pop(0))
        for name, way in order:
            result.unlink(missing_ok=True)
            os.sync()  # nobody pays for another's dirty pages
            touched = bytearray(b"\1") * (size * MIB)
            del touched
            started, worked = time.perf_counter(), processor_seconds()
            way()
            seconds[name].append(time.perf_counter() - started)
            processor[name].append(processor_seconds() - worked)
    reference = next(iter(seconds.values()))
    for name, times in seconds.items():
        spread = f"{size / max(times):.0f} to {size / min(times):.0f}"
        ratios = sorted(a / b for a, b in zip(reference, times, strict=True))
        print(
            f"  {name:30} {size / statistics.median(times):6.0f} MiB/s ({spread:>12})  "
            f"{ratios[0]:.2f} {statistics.median(ratios):.2f} {ratios[-1]:.2f} of age   "
            f"{statistics.median(processor[name]):.2f} s of processor"
        )


def processor_seconds() -> float:
    """Of this process and the commands it ran: tells the work apart from the waiting."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def make_file(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for _ in range(size):
            file.write(os.urandom(MIB))


def run(command: list[str]) -> None:
    subprocess.run(command, check=True)


def seal(source: Path, target: Path) -> None:
    block = memoryview(bytearray(BLOCK_BYTES))
    with (
        source.open("rb", buffering=0) as plain,
        target.open("wb", buffering=0) as sink,
        SealedWriter(sink, [IDENTITY.recipient]) as sealed,
    ):
        while count := plain.readinto(block):
            sealed.write(block[:count])


def seal_and_hash(source: Path, target: Path) -> None:
    with (
        source.open("rb", buffering=0) as plain,
        target.open("wb", buffering=0) as sink,
        HashingThread() as hashing,
        SealedWriter(sink, [IDENTITY.recipient]) as sealed,
    ):
        while block := plain.read(BLOCK_BYTES):
            hashing.update(block)
            sealed.write(block)
        hashing.digest()


def open_with(reader: type[SealedStream | SealedReader], source: Path, target: Path) -> None:
    block = memoryview(bytearray(BLOCK_BYTES))
    with source.open("rb", buffering=0) as sealed, target.open("wb", buffering=0) as sink:
        plain = reader(sealed, [IDENTITY])
        while count := plain.readinto(block):
            for start in range(0, count, WRITE_BYTES):
                sink.write(block[start : min(start + WRITE_BYTES, count)])


if __name__ == "__main__":
    main()
