#!/usr/bin/env python3
"""How well drafting hears, beside the bare engine on the same sound; and whether windows cost anything.

    python benchmarks/drafting_quality.py [--set development|held-out|both] [--kinds KIND ...]
        [--recordings N] [--minutes N] [--ways WAY ...] [--show]

Makes recordings of sentences that nothing trained on and lets them be heard

- ``bare``: by faster-whisper's batched pipeline, all samples in memory, no windows, with the clips of the
  model's own profile and the language of each clip told by the truth;
- ``whole``: by Confere's engine, in one window as long as the recording;
- ``product``: the same in windows as it drafts;
- ``60 s`` and ``20 s``: the same in short windows, so that there are many cuts.

Prints word error rates, in all and of the sentences within 5 s of a window's cut (beside those of ``bare``
and ``whole`` in the very same sentences); how much of the speech has its language (to reach: 95 % of the
time); how far the segments begin from their sentences; and how many segments are one whole
sentence. Words are compared as ``confere worth`` compares them. ``--show`` prints what was wrong.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jiwer
import numpy as np
from bare import Bare, Clip, clips_of
from interviews import KINDS, Kind, Sentence, make

from confere.models.manifest import read_manifest
from confere.models.store import BUNDLED
from confere.review.spoken import words
from confere.transcribe.decoding import Decoder
from confere.transcribe.whisper import WhisperEngine

WAYS = ("bare", "whole", "product", "60 s", "20 s")
BESIDE = ("bare", "whole")  # what others are compared with at their cuts
WINDOWS_MS = {"20 s": 20_000, "60 s": 60_000, "whole": 24 * 3_600_000}
NEAR_MS = 5_000  # of a cut
CLOSE_MS = 500  # so near, a segment begins or ends with its sentence
SEEDS = {"development": 100, "held-out": 9_000}


@dataclass(frozen=True)
class Segment:
    """What was written for a span of the recording."""

    start_ms: int
    end_ms: int
    language: str
    text: str


@dataclass
class Heard:
    """What one way heard in one recording, and where its windows ended."""

    segments: list[Segment]
    cuts_ms: list[int] = field(default_factory=list)


@dataclass
class Sums:
    """Counts over recordings."""

    words: int = 0
    errors: int = 0
    near_words: int = 0
    near_errors: int = 0
    near_others: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BESIDE, 0))
    speech_ms: int = 0
    heard_ms: int = 0
    right_ms: int = 0
    starts_ms: list[int] = field(default_factory=list)
    segments: int = 0
    whole: int = 0
    cuts: int = 0
    processor_s: float = 0.0

    def told(self) -> str:
        """One line of the table."""
        starts = sorted(self.starts_ms)
        cells = [
            f"{percent(self.errors, self.words):7.2f}",
            f"{percent(self.near_errors, self.near_words):9.2f}"
            if self.near_words
            else "        -",
            *(f"{percent(self.near_others[way], self.near_words):7.2f}" for way in BESIDE),
            f"{self.near_words:6}",
            f"{percent(self.right_ms, self.speech_ms):9.2f}",
            f"{percent(self.right_ms, self.heard_ms):7.2f}",
            f"{statistics.median(starts):8.0f}",
            f"{starts[len(starts) * 9 // 10]:6}",
            f"{percent(self.whole, self.segments):8.1f}",
            f"{self.segments:6}{self.cuts:6}{self.processor_s:7.0f}",
        ]
        return "".join(cells)


HEAD = """
                            WER %  within 5 s of a cut           language right  start off ms   whole
                              all     this   bare  whole words   % speech  heard   p50   p90   sent. %\
  segs  cuts  CPU s
"""


def percent(part: float, of: float) -> float:
    """The share in per cent."""
    return 100 * part / max(1, of)


class Ears:
    """The engines, and each way of hearing a recording."""

    def __init__(self, model: Path, ways: Sequence[str]) -> None:
        self.bare = Bare(model)
        self.engines = {way: engine_of(model, WINDOWS_MS.get(way)) for way in ways if way != "bare"}

    def hear(self, way: str, wav: bytes, truth: Sequence[Sentence]) -> Heard:
        """Let one way hear a recording."""
        return self._bare(wav, truth) if way == "bare" else self._product(way, wav)

    def _bare(self, wav: bytes, truth: Sequence[Sentence]) -> Heard:
        """The clips of each language by themselves, told which it is."""
        blocks = Decoder(io.BytesIO(wav), "the recording").blocks()
        samples = np.concatenate([block.mean(axis=0) for block in blocks])
        several = len({s.language for s in truth}) > 1
        clips = clips_of(samples, self.bare.profile, several_languages=several)
        segments = []
        for language in sorted({s.language for s in truth}):
            own = [clip for clip in clips if spoken_in(clip, truth) == language]
            for each in self.bare.batched(samples, language, own) if own else []:
                bounds = round(each.start * 1000), round(each.end * 1000)
                segments.append(Segment(*bounds, language, each.text.strip()))
        return Heard(sorted(segments, key=lambda segment: segment.start_ms))

    def _product(self, way: str, wav: bytes) -> Heard:
        heard = Heard([])
        sound = Decoder(io.BytesIO(wav), "the recording")
        for window in self.engines[way].windows(sound, languages=["pt", "en"]):
            heard.segments += [
                Segment(each.start_ms, each.end_ms, each.language, each.text)
                for each in window.segments
            ]
            heard.cuts_ms.append(window.done_ms)
        sound.close()
        heard.segments.sort(key=lambda segment: segment.start_ms)
        heard.cuts_ms = heard.cuts_ms[:-1]  # the last window ends with the recording
        return heard


def engine_of(model: Path, window_ms: int | None) -> WhisperEngine:
    """Return Confere's engine, with windows of the profile's length or another."""
    manifest = read_manifest(model)
    other = {} if window_ms is None else {"window_ms": window_ms}
    return WhisperEngine(
        model,
        name=manifest.name,
        digest=manifest.digest(),
        practice=True,
        profile={**manifest.profile, **other},
        device="cpu",
        compute_type="int8",
        threads=len(os.sched_getaffinity(0)),
    )


def spoken_in(clip: Clip, truth: Sequence[Sentence]) -> str:
    """The language of a clip, as the truth tells."""
    shares: dict[str, float] = {}
    for each in truth:
        shared = min(clip["end"] * 1000, each.end_ms) - max(clip["start"] * 1000, each.start_ms)
        shares[each.language] = shares.get(each.language, 0.0) + max(0.0, shared)
    return max(shares, key=lambda language: shares[language])


def word_errors(truth: Sequence[Sentence], segments: Sequence[Segment]) -> list[int]:
    """Return the word errors of each sentence, after one alignment of everything."""
    said = [words(each.text) for each in truth]
    sentence_of = [number for number, each in enumerate(said) for _ in each]
    heard = [word for each in segments for word in words(each.text)]
    errors = [0] * len(truth)
    found = jiwer.process_words(" ".join(word for each in said for word in each), " ".join(heard))
    for part in found.alignments[0]:
        if part.type == "equal":
            continue
        if part.type == "insert":
            at = min(part.ref_start_idx, len(sentence_of) - 1)
            errors[sentence_of[at]] += part.hyp_end_idx - part.hyp_start_idx
        for at in range(part.ref_start_idx, part.ref_end_idx):
            errors[sentence_of[at]] += 1
    return errors


def near(sentence: Sentence, cuts_ms: Sequence[int]) -> bool:
    """Whether a window was cut within 5 s of a sentence."""
    return any(sentence.start_ms - NEAR_MS <= cut <= sentence.end_ms + NEAR_MS for cut in cuts_ms)


def count(
    sums: Sums, truth: Sequence[Sentence], heard: Heard, others: Mapping[str, Sequence[int]]
) -> list[int]:
    """Add one recording; return the errors of its sentences. ``others`` are those of other ways."""
    errors = word_errors(truth, heard.segments)
    sums.cuts += len(heard.cuts_ms)
    for number, sentence in enumerate(truth):
        length = len(words(sentence.text))
        sums.words += length
        sums.errors += errors[number]
        if near(sentence, heard.cuts_ms):
            sums.near_words += length
            sums.near_errors += errors[number]
            for way, found in others.items():
                sums.near_others[way] += found[number]
        sums.speech_ms += sentence.end_ms - sentence.start_ms
        for segment in heard.segments:
            shared = max(0, overlap(segment, sentence))
            sums.heard_ms += shared
            sums.right_ms += shared * (segment.language == sentence.language)
        sums.starts_ms.append(min(abs(s.start_ms - sentence.start_ms) for s in heard.segments))
    sums.segments += len(heard.segments)
    sums.whole += sum(any(same(segment, each) for each in truth) for segment in heard.segments)
    return errors


def same(segment: Segment, sentence: Sentence) -> bool:
    """Whether a segment is that sentence, from its beginning to its end."""
    begins = abs(segment.start_ms - sentence.start_ms) <= CLOSE_MS
    return begins and abs(segment.end_ms - sentence.end_ms) <= CLOSE_MS


def show(truth: Sequence[Sentence], heard: Heard, errors: Sequence[int], way: str) -> None:
    """Print the sentences that have errors or another language, with what was written there."""
    for sentence, wrong in zip(truth, errors, strict=True):
        over = [s for s in heard.segments if overlap(s, sentence) > 200]
        if not wrong and all(s.language == sentence.language for s in over):
            continue
        place = f"{way}, at a cut" if near(sentence, heard.cuts_ms) else way
        span = f"{sentence.start_ms}-{sentence.end_ms}"
        print(f"  [{place}] {span} {sentence.language}: {sentence.text}")
        for each in over:
            print(f"        {each.start_ms}-{each.end_ms} {each.language}: {each.text}")


def overlap(segment: Segment, sentence: Sentence) -> int:
    """Milliseconds that both share."""
    return min(segment.end_ms, sentence.end_ms) - max(segment.start_ms, sentence.start_ms)


def main() -> None:
    """Make, hear, count, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", choices=(*SEEDS, "both"), default="both")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["portuguese", "interpreted"])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--recordings", type=int, default=2, help="of each kind and set")
    parser.add_argument("--minutes", type=float, default=5, help="of each")
    parser.add_argument("--model", type=Path, default=BUNDLED / "speech")
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args()
    ears = Ears(given.model, given.ways)
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{given.recordings} recordings of {given.minutes:g} minutes of each kind; {load}", HEAD)
    for each in list(SEEDS) if given.set == "both" else [given.set]:
        for kind in given.kinds:
            compare(ears, each, kind, given)


def compare(ears: Ears, named: str, kind: Kind, given: argparse.Namespace) -> None:
    """Let every way hear the recordings of one set and kind, and print a line for each."""
    sums = {way: Sums() for way in given.ways}
    for number in range(given.recordings):
        wav, truth = make(SEEDS[named] + number, given.minutes, kind, held_out=named == "held-out")
        others: dict[str, list[int]] = {}
        for way in given.ways:
            begun = time.process_time()
            heard = ears.hear(way, wav, truth)
            sums[way].processor_s += time.process_time() - begun
            errors = count(sums[way], truth, heard, others)
            if way in BESIDE:
                others[way] = errors
            if given.show:
                show(truth, heard, errors, way)
    for way in given.ways:
        print(f"{named:12}{kind:12.11}{way:8}{sums[way].told()}", flush=True)


if __name__ == "__main__":
    main()
