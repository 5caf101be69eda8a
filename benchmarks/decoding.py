"""What it costs to decode a sealed recording in a process of its own, beside decoding plain bytes here.

::

    python benchmarks/decoding.py [--minutes 60] [--rounds 3] [--folder FOLDER] [--memory]

Three ways in turns: ``plain`` (the bytes in a file, decoded here), ``sealed`` (the age file, opened and
decoded here) and ``process`` (the age file, in a `DecoderProcess`; this process takes the blocks and
drops them). Of each the processor time of all that took part, and the time on the clock; the ratios are those
of the same turn, lowest, median and highest. ``start`` is what a process takes until it gives its facts.

``--memory`` tells, instead, the most that the process held for 30 minutes and for 4 hours.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, cast

import av
import numpy as np

from confere.crypto import SealedReader, SealedWriter, X25519Identity
from confere.transcribe.decoder import DecoderProcess
from confere.transcribe.decoding import Decoder, Sound

IDENTITY = X25519Identity.generate()
RATE = 44_100
FORMATS = {"wav": "pcm_s16le", "mp3": "libmp3lame"}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--minutes", type=int, default=60)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--folder", type=Path)
    asked.add_argument("--memory", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for container in FORMATS:
            if given.memory:
                memory(Path(folder), container)
            else:
                cost(Path(folder), container, given.minutes, given.rounds)
        if not given.memory:
            start(Path(folder))


def cost(folder: Path, container: str, minutes: int, rounds: int) -> None:
    plain, sealed = make(folder, container, minutes * 60)
    ways: dict[str, Callable[[], Sound]] = {
        "plain": lambda: Decoder(plain.open("rb"), "it"),
        "sealed": lambda: Decoder(reader(sealed), "it"),
        "process": lambda: DecoderProcess(sealed.open("rb"), str(IDENTITY), "it"),
    }
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for turn in range(rounds + 1):  # the first one only warms the file cache
        for way, begin in ways.items():
            measured = measure(begin)
            if turn:
                taken[way].append(measured)
    print(f"{container}, {minutes} min stereo, load {os.getloadavg()[0]:.1f}")
    for way, times in taken.items():
        processor_s, clock_s = (statistics.median(column) for column in zip(*times, strict=True))
        line = f"  {way:8} processor {processor_s:6.2f} s, clock {clock_s:6.2f} s"
        for other in ("plain", "sealed") if way != "plain" else ():
            by = sorted(a[0] / b[0] for a, b in zip(times, taken[other], strict=True))
            line += f"; {by[0]:.3f} {statistics.median(by):.3f} {by[-1]:.3f} x {other}"
        print(line)


def measure(begin: Callable[[], Sound]) -> tuple[float, float]:
    """Return the seconds of processor, with those of children that ended, and of the clock."""
    processor, clock = spent(), time.perf_counter()
    with closing(begin()) as sound:
        for _ in sound.blocks():
            pass
    return spent() - processor, time.perf_counter() - clock


def spent() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def start(folder: Path) -> None:
    _, sealed = make(folder, "wav", 60)
    times = []
    for _ in range(9):
        processor, clock = spent(), time.perf_counter()
        DecoderProcess(sealed.open("rb"), str(IDENTITY), "it").close()
        times.append((spent() - processor, time.perf_counter() - clock))
    processor_s, clock_s = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"start: processor {processor_s:.2f} s, clock {clock_s:.2f} s")


def memory(folder: Path, container: str) -> None:
    for minutes in (30, 240):
        _, sealed = make(folder, container, minutes * 60)
        process = DecoderProcess(sealed.open("rb"), str(IDENTITY), "it")
        most = 0
        for _ in process.blocks():
            most = max(most, held(process.pid))
        print(f"{container}, {minutes:3} min: {most >> 10} MiB", flush=True)


def held(pid: int) -> int:
    """Return the most memory that a process held, in KiB; 0 of one that has ended."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def make(folder: Path, container: str, seconds: int) -> tuple[Path, Path]:
    """Write such a recording, plain and sealed: two voices of noise with pauses, a minute over and over."""
    chance = np.random.default_rng(5)
    times = np.arange(60 * RATE) / RATE
    voices = chance.standard_normal((2, len(times))) * 3000 * (np.sin(times * 0.7) > 0)
    frame_samples = 1152
    minute = voices[:, : len(times) // frame_samples * frame_samples].astype("<i2").T
    plain, sealed = folder / f"it.{container}", folder / "it.age"
    with av.open(str(plain), "w", format=container) as output:
        stream: Any = output.add_stream(FORMATS[container], rate=RATE)
        stream.layout = "stereo"
        stream.bit_rate = 128_000
        packets = list(encoded(stream, minute, frame_samples))
        at = 0
        for number in range(seconds // 60 * len(packets)):
            content, duration = packets[number % len(packets)]
            packet: Any = av.Packet(content)
            packet.stream, packet.time_base = stream, stream.codec_context.time_base
            packet.pts = packet.dts = at
            packet.duration = duration
            output.mux(packet)
            at += duration
    with plain.open("rb") as source, sealed.open("wb") as sink:
        writer = SealedWriter(sink, [IDENTITY.recipient])
        while block := source.read(1 << 20):
            writer.write(block)
        writer.close()
    return plain, sealed


def encoded(stream: Any, samples: Any, frame_samples: int) -> Any:
    """Yield packets of a sound, their bytes and length in samples."""
    for at in range(0, len(samples), frame_samples):
        piece = np.ascontiguousarray(samples[at : at + frame_samples].reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(piece, "s16", "stereo")
        frame.rate, frame.pts = RATE, at
        cutter = av.AudioResampler(stream.format.name, "stereo", RATE)
        for one in cutter.resample(frame):
            for packet in stream.encode(one):
                yield bytes(packet), frame_samples


def reader(sealed: Path) -> BinaryIO:
    return cast("BinaryIO", SealedReader(sealed.open("rb"), [IDENTITY]))


if __name__ == "__main__":
    main()
