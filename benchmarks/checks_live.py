#!/usr/bin/env python3
"""How long it takes to look at a whole transcript, and at one segment, in an open vault.

    python benchmarks/checks_live.py [--segments 2500] [--words 300] [--names 100]

Makes a practice vault with a drafted recording of that many segments (the clean pairs of ``checks_data``,
again and again), a word list and an identity key, and times what `acts.checks` does. The ratio is of
looking to opening the same transcript, which every command does before anything else: both grow with the
segments, and with the machine.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from checks import SETS, read

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from confere.acts.checks import look_at, look_at_segment
from confere.acts.desk import Desk
from confere.acts.names import import_names
from confere.acts.reading import open_transcript
from confere.domain import (
    Draft,
    EngineRecord,
    Interview,
    Recording,
    Segment,
    SpokenSegment,
    State,
    Transcription,
    Word,
    WordEntry,
    WordStatus,
)
from confere.vault import register, transcripts, word_lists
from doubles.studies import make_study

RECORDING = "r" * 16
LENGTH_MS = 5_000
ENGINE = EngineRecord("fake", "1", "fake", "0" * 64, True, {})


def main() -> None:
    """Make the vault, look, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=2_500)
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--names", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        desk = make_study(Path(folder) / "vault").desk()
        fill(desk, given.segments)
        fill_lists(desk, given.words, given.names)
        measure(desk)
        desk.vault.close()


def fill(desk: Desk, count: int) -> None:
    """Lay out a drafted recording."""
    pairs = [pair for name in SETS for pair in read(name)]
    texts = [pairs[n % len(pairs)] for n in range(count)]
    spoken, segments = [], []
    for n, (source, target) in enumerate(texts):
        span = (n * LENGTH_MS, (n + 1) * LENGTH_MS)
        words = (Word(source, *span, 0.9),)
        spoken.append(SpokenSegment(*span, "pt", source, words, 0.0, 0.0))
        segments.append(
            Segment(
                f"{n:016}", RECORDING, n + 1, *span, "UNK", "pt", source, target, State.DRAFT, 0
            )
        )
    heard = Transcription(count * LENGTH_MS, tuple(spoken))
    draft = Draft(heard, tuple(target for _, target in texts), ENGINE, ENGINE, "")
    with desk.catalog.transaction():
        register.add_interview(desk.catalog, Interview(id="i"))
        register.add_recording(
            desk.catalog,
            Recording(RECORDING, "i", 1, "", 1, "", "", count * LENGTH_MS, "", ""),
            "",
        )
        transcripts.add_draft(desk.catalog, RECORDING, draft, segments)


def fill_lists(desk: Desk, words: int, names: int) -> None:
    """Make a word list and an identity key out of words that are and are not said."""
    said = sorted({w for name in SETS for s, _ in read(name) for w in s.split() if w.isalpha()})
    some = random.Random(1).sample(said, words)  # nobody lists only words with A
    entries = [WordEntry(w.lower(), w.lower(), WordStatus.KEEP) for w in some]
    with desk.catalog.transaction():
        word_lists.add_word_list(desk.catalog, entries, "lena", "")
    lines = "".join(f"Nome{n} Sobrenome{n} {said[-n]},P{n}\n" for n in range(1, names + 1))
    import_names(desk, f"name,code\n{lines}".encode())


def measure(desk: Desk) -> None:
    """Print the time of each, the middle of some."""
    opened = open_transcript(desk, RECORDING)
    look_at(desk, opened.transcript)  # reads the word lists of the checks
    opening = middle(lambda: open_transcript(desk, RECORDING), 5)
    looking = middle(lambda: look_at(desk, opened.transcript), 5)
    some = opened.transcript.segments[:: max(1, len(opened.transcript.segments) // 100)]
    each = [middle(lambda s=s: look_at_segment(desk, opened.transcript, s), 1) for s in some]
    count = len(opened.transcript.segments)
    print(f"{count} segments, {len(look_at(desk, opened.transcript))} findings")
    print(f"  the whole transcript: {looking:.2f} s   (to reach: under 2 s)")
    print(f"  one segment: {statistics.median(each) * 1000:.1f} ms, slowest of {len(each)}"
          f" {max(each) * 1000:.1f} ms   (to reach: under 20 ms)")  # fmt: skip
    print(f"  opening it: {opening:.2f} s; looking takes {looking / opening:.1f} times as long")


def middle(act: Callable[[], object], times: int) -> float:
    """Return the median time of an act in seconds of one core, whatever else the machine does."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        act()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
