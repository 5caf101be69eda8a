#!/usr/bin/env python3
"""How well the practice speech model hears held-out sentences of the practice language.

    python benchmarks/practice_speech.py [--model FOLDER] [--seed N] [--recordings N] [--interpreted N]

Makes fresh recordings of one to three minutes with espeak-ng, of sentences that are not in the
training set, in the voices that the model card names, and prints word error rates (overall, by
voice, by language), the error of the segments' start times, how often the language was right, and
the time it took. Needs libespeak-ng and jiwer.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import statistics
import sys
import time
import wave
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jiwer
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "src")]

from practice.recordings import (  # noqa: E402
    Heard,
    Recording,
    chosen_voice,
    compose,
    interpreted,
    monologue,
    voice_names,
)
from practice.synthesis import SAMPLE_RATE  # noqa: E402

from confere.models.manifest import read_manifest  # noqa: E402 - src stands in the path
from confere.transcribe.decoding import Decoder  # noqa: E402
from confere.transcribe.port import whole  # noqa: E402
from confere.transcribe.profile import Scalar  # noqa: E402
from confere.transcribe.whisper import WhisperEngine  # noqa: E402
from practice import sentences  # noqa: E402 - the trainers' modules lie beside their scripts

MODEL = ROOT / "src" / "confere" / "models" / "practice" / "speech"


@dataclass(frozen=True)
class Segment:
    """What the engine wrote for one span of the recording; times in seconds."""

    start: float
    end: float
    language: str
    text: str


class ProductEngine:
    """Confere's own engine, with the drafting profile of the model's manifest."""

    def __init__(self, model: Path, profile: Mapping[str, Scalar]) -> None:
        self.engine = WhisperEngine(
            model, name="practice-speech", digest="", practice=True, profile=profile, threads=2
        )

    def transcribe(self, recording: Recording) -> list[Segment]:
        """The segments of one recording, in order."""
        sound = Decoder(wav_of(recording), "the recording")
        heard = whole(self.engine, sound, languages=["pt", "en"])
        return [
            Segment(each.start_ms / 1000, each.end_ms / 1000, each.language, each.text)
            for each in heard.segments
        ]


def wav_of(recording: Recording) -> io.BytesIO:
    """The recording as the bytes of a 16-bit WAV file."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(recording.sound, -1, 1) * 32767).astype("<i2").tobytes())
    data.seek(0)
    return data


def words_of(text: str) -> str:
    """The text as its words: lower case, no punctuation."""
    return " ".join(re.sub(r"[^\w\s'-]", " ", text.lower()).split())


def make_recordings(
    seed: int, plain: int, alternating: int, voices: list[str] | None
) -> Iterator[Recording]:
    """Recordings of one to three minutes of sentences that nothing trained on."""
    rng = random.Random(seed)
    trained = sentences.speech_training_texts()
    pairs = iter(sentences.held_out(seed, 60 * (plain + alternating), trained))
    portuguese, english = voices or voice_names("pt"), voice_names("en")
    rng.shuffle(portuguese)
    for index in range(plain):
        voice = chosen_voice(rng, [portuguese[index % len(portuguese)]])
        count = rng.randint(12, 33)
        yield compose(monologue([next(pairs) for _ in range(count)], voice), seed + index)
    for index in range(alternating):
        cast = [
            chosen_voice(rng, english),
            chosen_voice(rng, portuguese),
            chosen_voice(rng, english),
            chosen_voice(rng, portuguese),
        ]
        lines = interpreted([next(pairs) for _ in range(rng.randint(7, 15))], cast)
        yield compose(lines, seed + 500 + index)


def overlap(heard: Heard, segment: Segment) -> float:
    """Seconds that a sentence and a segment share."""
    return min(heard.end, segment.end) - max(heard.start, segment.start)


def attributed(recording: Recording, segments: list[Segment]) -> list[list[Segment]]:
    """For each sentence the segments that overlap it most; a segment over nothing counts with the
    nearest."""
    groups: list[list[Segment]] = [[] for _ in recording.heard]
    for segment in segments:
        shares = [overlap(heard, segment) for heard in recording.heard]
        groups[int(np.argmax(shares))].append(segment)
    return groups


class Score:
    """Counts of words and word errors, by any label."""

    def __init__(self) -> None:
        self.errors: dict[str, int] = defaultdict(int)
        self.words: dict[str, int] = defaultdict(int)

    def add(self, reference: str, hypothesis: str, *labels: str) -> None:
        """Count one sentence under every label."""
        result = jiwer.process_words(words_of(reference), words_of(hypothesis))
        errors = result.substitutions + result.deletions + result.insertions
        for label in labels:
            self.errors[label] += errors
            self.words[label] += len(words_of(reference).split())

    def rate(self, label: str) -> float:
        """Word error rate in per cent."""
        return 100 * self.errors[label] / max(1, self.words[label])


def measure(engine: ProductEngine, recordings: Iterator[Recording], verbose: bool) -> dict:
    """Every figure, over all recordings."""
    score, start_errors, right_language, seconds = Score(), [], [], {"audio": 0.0, "work": 0.0}
    documents: list[tuple[str, str]] = []
    for number, recording in enumerate(recordings):
        began = time.perf_counter()
        segments = engine.transcribe(recording)
        work = time.perf_counter() - began
        seconds["audio"] += recording.duration
        seconds["work"] += work
        documents.append(
            (
                words_of(" ".join(heard.line.text for heard in recording.heard)),
                words_of(" ".join(segment.text for segment in segments)),
            )
        )
        for heard, group in zip(recording.heard, attributed(recording, segments), strict=True):
            text = " ".join(segment.text for segment in group)
            line = heard.line
            score.add(line.text, text, "all", line.language, "voice " + line.voice.name)
            if verbose and words_of(line.text) != words_of(text):
                print(f"  {line.voice.name} {line.voice.rate}: {line.text}\n      -> {text}")
            if group:
                start_errors.append(abs(min(segment.start for segment in group) - heard.start))
                right_language.append(all(s.language == line.language for s in group))
        sentence_count = len(recording.heard)
        rate = 100 * jiwer.wer(*documents[-1])
        print(
            f"recording {number}: {recording.duration:.0f} s, {sentence_count} sentences, "
            f"{len(segments)} segments, word error rate {rate:.1f} %",
            flush=True,
        )
    return {
        "recordings": len(documents),
        "audio_minutes": round(seconds["audio"] / 60, 1),
        "words": score.words["all"],
        "wer_percent": round(100 * jiwer.wer(*map(list, zip(*documents, strict=True))), 2),
        "wer_percent_portuguese": round(score.rate("pt"), 2),
        "wer_percent_english": round(score.rate("en"), 2) if score.words["en"] else None,
        "start_error_median_s": round(statistics.median(start_errors), 3),
        "start_error_p90_s": round(float(np.quantile(start_errors, 0.9)), 3),
        "language_right_percent": round(100 * statistics.mean(right_language), 2),
        "real_time_factor": round(seconds["work"] / seconds["audio"], 3),
        "wer_percent_by_voice": {
            label.removeprefix("voice "): round(score.rate(label), 1)
            for label in sorted(score.words, key=score.rate)
            if label.startswith("voice ")
        },
    }


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--seed", type=int, default=4_000)
    parser.add_argument("--recordings", type=int, default=28, help="of one Portuguese voice each")
    parser.add_argument(
        "--interpreted", type=int, default=4, help="with two languages and four voices"
    )
    parser.add_argument("--voices", nargs="*", help="only these Portuguese voices")
    parser.add_argument("--verbose", action="store_true", help="print every sentence with an error")
    options = parser.parse_args()
    recordings = make_recordings(
        options.seed, options.recordings, options.interpreted, options.voices
    )
    figures = measure(
        ProductEngine(options.model, read_manifest(MODEL).profile), recordings, options.verbose
    )
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
