#!/usr/bin/env python3
"""What hearing a recording takes: Confere's speech engine beside faster-whisper alone, in one run.

    python benchmarks/drafting_engine.py [--model FOLDER] [--kind KIND] [--minutes N] [--seed N]
        [--ways 2x1 1x2 ...] [--rounds N] [--serial] [--stages]

``bare``: the batched pipeline on samples in memory, with the clips, batch, beam and word times of the model's
profile, the language given (where two alternate: heard, clip by clip), all processors. ``2x1``: Confere's
engine, 2 batches at once with 1 thread each. ``--serial``: `WhisperModel.transcribe` too. ``--stages``: where
the processor time of Confere's engine goes. Each way is run ``--rounds`` times, in turn; the ratios are
those of the medians. The models are the practice model, or one of ``small_model.py``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from bare import Bare, Samples
from interviews import KINDS, write

from confere.models.manifest import read_manifest
from confere.models.store import BUNDLED
from confere.transcribe.decoding import Decoder
from confere.transcribe.port import whole
from confere.transcribe.whisper import WhisperEngine


class Memory:
    """Samples in memory as a `Sound`: decoding is measured elsewhere."""

    truncated = damaged = False

    def __init__(self, samples: Samples, decoder: Decoder) -> None:
        self.samples, self.facts = samples, decoder.facts

    def blocks(self) -> Iterator[Samples]:
        """Yield the samples, 30 s at a time."""
        for start in range(0, self.samples.shape[1], 480_000):
            yield self.samples[:, start : start + 480_000]

    def close(self) -> None:
        """There is nothing to let go of."""


class Stages:
    """Time by stage, of all threads together, by wrapping the engine's own functions."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def wrap(self, owner: Any, name: str, stage: str) -> None:
        """Count what a function takes to a stage."""
        inner = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                with self._lock:
                    self.seconds[stage] += time.perf_counter() - begun

        setattr(owner, name, timed)


def engine_of(folder: Path, way: str) -> WhisperEngine:
    manifest = read_manifest(folder)
    parallel, threads = (int(number) for number in way.split("x"))
    return WhisperEngine(
        folder,
        name=manifest.name,
        digest=manifest.digest(),
        practice=True,
        profile=manifest.profile,
        device="cpu",
        compute_type="int8",
        parallel=parallel,
        threads=threads,
    )


def timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def show_stages(engine: WhisperEngine, sound: Memory, languages: list[str]) -> None:
    from confere.transcribe import windows

    stages = Stages()
    pipeline: Any = engine._pipeline
    model = pipeline._model
    stages.wrap(windows, "find_voices", "voices")
    stages.wrap(pipeline, "features", "features")
    stages.wrap(pipeline, "_hear_languages", "languages")
    stages.wrap(pipeline, "encode", "encode")
    stages.wrap(pipeline, "decode", "decode")
    stages.wrap(model, "find_alignment", "word times")
    wall, processor = timed(lambda: whole(engine, sound, languages=languages))
    seconds = stages.seconds
    seconds["encode"] -= seconds["languages"]
    seconds["decode"] -= seconds["word times"]
    print(f"  stages, one thread ({wall:.1f} s, {processor:.1f} s of processor):")
    for stage, took in seconds.items():
        print(f"    {stage:<12} {took:7.2f} s  {took / wall:6.1%}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=BUNDLED / "speech")
    parser.add_argument("--kind", choices=KINDS, default="interpreted")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ways", nargs="+", default=["2x1", "1x2"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serial", action="store_true")
    parser.add_argument("--stages", action="store_true")
    given = parser.parse_args()
    several = "interpreted" in given.kind
    languages = ["pt", "en"] if several else ["pt"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recording.wav"
        write(file, given.seed, given.minutes, given.kind)
        with file.open("rb") as audio:
            decoder = Decoder(audio, "the recording")
            samples = np.concatenate(list(decoder.blocks()), axis=1)
            sound = Memory(samples, decoder)
        bare = Bare(given.model)
        told = "each" if several else "pt"
        mono = samples.mean(axis=0)
        works: dict[str, Callable[[], object]] = {"bare": lambda: bare.batched(mono, told)}
        for way in given.ways:
            engine = engine_of(given.model, way)
            works[way] = lambda engine=engine: whole(engine, sound, languages=languages)
        if given.serial:
            works["serial"] = lambda: bare.serial(file, told)
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        for _ in range(given.rounds):
            for name, work in works.items():
                took[name].append(timed(work))
        print(f"{given.minutes:g} min, {given.kind}, load {os.getloadavg()[0]:.1f}")
        first = None
        for name, runs in took.items():
            wall, processor = (statistics.median(each) for each in zip(*runs, strict=True))
            first = first or (wall, processor)
            print(
                f"  {name:<8} {wall:7.2f} s  {processor:7.2f} s of processor;"
                f" of bare: {wall / first[0]:.3f}, {processor / first[1]:.3f}"
            )
        if given.stages:
            show_stages(engine_of(given.model, "1x1"), sound, languages)


if __name__ == "__main__":
    main()
