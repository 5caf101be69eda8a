#!/usr/bin/env python3
"""How much memory drafting holds at its peak, and that a longer recording needs no more.

    python benchmarks/drafting_memory.py [--minutes 30 240] [--model practice|small|FOLDER]
        [--kind interpreted|portuguese|stereo] [--suffix .wav|.mp3|.m4a] [--rate HZ]

Drafts one recording of each length with ``confere draft``, watched from outside: PSS summed over the command
and all its processes (a page that several have counts once), looked at five times a second, and the
kernel's own peak RSS of each process. Prints both, and the ratio of the longest to the shortest; to reach:
1.1 at most. Four hours take the practice model some minutes. Linux only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from drafting import model_of
from interviews import KINDS, write

from doubles.draft_place import Place, prepare
from doubles.process_tree import Seen, run

EVERY_S = 0.2
TO_REACH = 1.1


def drafted(
    folder: Path, given: argparse.Namespace, minutes: float, speech: Path, known: Place | None
) -> Seen:
    """Draft one recording; return what was seen. ``known``: a place that has found out how best."""
    file = folder / f"long{given.suffix}"
    write(file, 1, minutes, given.kind, rate=given.rate)
    place = prepare(folder / "place", [file], speech)
    if known is not None:
        place.remember(known)
    seen = run(place.command(), place.environment, memory=True, every_s=EVERY_S)
    (draft,) = place.drafts()
    told_ms = draft.transcription.duration_ms
    assert abs(told_ms - minutes * 60_000) < 1000, f"{told_ms} ms were drafted"
    shutil.rmtree(place.folder)
    file.unlink()
    return seen


def main() -> None:
    """Draft each length, print, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[30, 240])
    parser.add_argument("--model", default="practice", help="practice, small, or a folder")
    parser.add_argument("--kind", choices=KINDS, default="interpreted")
    parser.add_argument("--suffix", choices=(".wav", ".mp3", ".m4a"), default=".wav")
    parser.add_argument("--rate", type=int, default=44_100, help="Hz of the file")
    given = parser.parse_args()
    print(f"model {given.model}, {given.kind}, {given.suffix}, load {os.getloadavg()[0]:.1f}")
    seen: dict[float, Seen] = {}
    with tempfile.TemporaryDirectory() as folder:
        speech = model_of(given.model, Path(folder))
        # Beforehand, and not among the figures: the trials that find out how the machine is used.
        write(Path(folder) / "short.wav", 1, 0.1, given.kind)
        known = prepare(Path(folder) / "known", [Path(folder) / "short.wav"], speech)
        run(known.command(), known.environment)
        for minutes in given.minutes:
            seen[minutes] = it = drafted(Path(folder), given, minutes, speech, known)
            peaks = ", ".join(f"{name} {mib:.0f}" for name, mib in sorted(it.by_name().items()))
            print(
                f"  {minutes:5g} minutes: {it.peak_pss_mib:6.0f} MiB (PSS of all, {it.looks} looks); "
                f"peak RSS: {peaks}; {it.wall_s:.0f} s, {it.processor_s:.0f} s of the processor",
                flush=True,
            )
    short, long = seen[min(seen)], seen[max(seen)]
    print(
        f"{max(seen):g} beside {min(seen):g} minutes: {long.peak_pss_mib / short.peak_pss_mib:.3f} "
        f"(to reach: {TO_REACH})"
    )
    for name, mib in sorted(long.by_name().items()):
        print(f"  {name:8} {mib / short.by_name().get(name, mib):.3f} of its peak RSS")


if __name__ == "__main__":
    main()
