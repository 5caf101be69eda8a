"""How long a read of 64 KiB at a random place of a sealed file takes, beside the same read of the plain one.

    python benchmarks/random_read.py [--size-gib 2] [--reads 2000] [--folder FOLDER]

The plain file is sparse; the sealed one is written in full, and both are read through the page cache,
in turns, at the same places. Prints the median, the 99th percentile and the longest read; to reach: a
99th percentile under 1 ms. Both files are removed at the end.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from confere.crypto import SealedReader, SealedWriter, X25519Identity

READ_BYTES = 64 * 1024
BLOCK_BYTES = 1024 * 1024
GIB = 1024**3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size-gib", type=float, default=2, help="of the plain file (default: 2)")
    parser.add_argument("--reads", type=int, default=2000, help="places (default: 2000)")
    parser.add_argument("--folder", type=Path, help="where to work (default: the temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        measure(Path(folder), int(options.size_gib * GIB), options.reads)


def measure(folder: Path, size_bytes: int, reads: int) -> None:
    identity = X25519Identity.generate()
    plain, sealed = folder / "plain", folder / "sealed.age"
    with plain.open("wb") as file:
        file.truncate(size_bytes)
    seal(plain, sealed, identity)
    os.sync()  # reading does not wait for what was just written
    places = [random.randrange(size_bytes - READ_BYTES) for _ in range(reads)]
    with plain.open("rb", buffering=0) as file, sealed.open("rb", buffering=0) as source:
        reader = SealedReader(source, [identity])
        pairs = [(read_ms(file, place), read_ms(reader, place)) for place in places]
    ways = dict(
        zip(("plain", "sealed"), (sorted(way) for way in zip(*pairs, strict=True)), strict=True)
    )
    print(f"{READ_BYTES // 1024} KiB at {reads} random places of {size_bytes / GIB:g} GiB")
    for name, times in ways.items():
        median, high, longest = times[reads // 2], times[reads * 99 // 100], times[-1]
        print(f"  {name:8} median {median:.3f} ms, p99 {high:.3f} ms, max {longest:.3f} ms")
    ratio = ways["sealed"][reads // 2] / ways["plain"][reads // 2]
    print(
        f"  a sealed read takes {ratio:.1f} times a plain one (medians); to reach: p99 under 1 ms"
    )


def seal(source: Path, target: Path, identity: X25519Identity) -> None:
    block = memoryview(bytearray(BLOCK_BYTES))
    with (
        source.open("rb", buffering=0) as plain,
        target.open("wb", buffering=0) as sink,
        SealedWriter(sink, [identity.recipient]) as sealed,
    ):
        while count := plain.readinto(block):
            sealed.write(block[:count])


def read_ms(file: BinaryIO | SealedReader, place: int) -> float:
    buffer = bytearray(READ_BYTES)
    begun = time.perf_counter()
    file.seek(place)
    count = file.readinto(buffer)  # type: ignore[union-attr]
    took = time.perf_counter() - begun
    assert count == READ_BYTES
    return took * 1000


if __name__ == "__main__":
    main()
