"""The spoken corpus: every training sentence in a random voice, as raw features with the times of
words and phonemes.

On disk it is a folder of three files: `features.npy` (float16 `[all frames, 80]`, one utterance
after another), `starts.npy` (the first frame of each, and the end) and `utterances.json`.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import features, sentences
from .synthesis import Voice, say

# The voices of the model card: espeak-ng's Portuguese and English, plain and in its numbered variants.
PORTUGUESE_VOICES = ("pt-br", "pt")
ENGLISH_VOICES = ("en-us", "en")
VARIANTS = (
    "", "+m1", "+m2", "+m3", "+m4", "+m5", "+m6", "+m7", "+m8", "+f1", "+f2", "+f3", "+f4", "+f5",
)  # fmt: skip
# Heard now and then, for the breadth of it: espeak-ng's named variants.
OTHER_VARIANTS = tuple(
    "+" + name
    for name in [
        "Alex",
        "Alicia",
        "Andrea",
        "Andy",
        "Annie",
        "Denis",
        "Diogo",
        "Gene",
        "Henrique",
        "Hugo",
        "Jacky",
        "Lee",
        "Mario",
        "Mike",
        "anika",
        "antonio",
        "benjamin",
        "boris",
        "david",
        "edward",
        "linda",
        "marcelo",
        "michel",
        "miguel",
        "norbert",
        "pablo",
        "paul",
        "pedro",
        "quincy",
        "rob",
        "robert",
        "steph",
        "victor",
        "zac",
    ]
)
OTHER_VARIANTS_SHARE = 0.2
RATES, PITCHES, PITCH_RANGES = (120, 195), (25, 75), (30, 75)  # words a minute; espeak-ng's units


@dataclass(frozen=True)
class Spoken:
    """One utterance of the corpus; times in seconds from its start."""

    text: str
    language: str
    voice: str
    duration: float
    word_starts: list[float]
    phonemes: list[tuple[float, str]]


class SpeechCorpus:
    """The corpus as it lies on disk, its features mapped, not read."""

    def __init__(self, folder: Path) -> None:
        self.features: NDArray[np.float16] = np.load(folder / "features.npy", mmap_mode="r")
        self.starts: NDArray[np.int64] = np.load(folder / "starts.npy")
        rows = json.loads((folder / "utterances.json").read_text())
        self.utterances = [Spoken(**row) for row in rows]

    def raw(self, index: int) -> features.Features:
        """The raw features of one utterance."""
        return self.features[self.starts[index] : self.starts[index + 1]].astype(np.float32)

    def of_language(self, language: str) -> list[int]:
        """Which utterances are in that language."""
        return [i for i, spoken in enumerate(self.utterances) if spoken.language == language]


def random_voice(rng: random.Random, language: str) -> Voice:
    """A voice of the language with its rate and pitch, as the corpus mixes them."""
    names = PORTUGUESE_VOICES if language == "pt" else ENGLISH_VOICES
    others = rng.random() < OTHER_VARIANTS_SHARE
    variant = rng.choice(OTHER_VARIANTS if others else VARIANTS)
    return Voice(
        rng.choice(names) + variant,
        rng.randint(*RATES),
        rng.randint(*PITCHES),
        rng.randint(*PITCH_RANGES),
    )


def _speak(job: tuple[str, str, Voice]) -> tuple[Spoken, NDArray[np.float16]]:
    text, language, voice = job
    utterance = say(text, voice)
    phonemes = [(round(time, 3), name) for time, name in utterance.phonemes]
    spoken = Spoken(text, language, voice.name, utterance.duration, utterance.word_starts, phonemes)
    return spoken, features.raw_log_mel(utterance.sound).astype(np.float16)


def build(folder: Path, seed: int = 3, processes: int | None = None) -> None:
    """Speak every training sentence and write the corpus; some minutes on two cores, 2 GB on disk.

    One process speaks alone in this one, several in processes of their own.
    """
    rng = random.Random(seed)
    portuguese, english = sentences.for_speech()
    jobs = [(text, "pt", random_voice(rng, "pt")) for text in portuguese]
    jobs += [(text, "en", random_voice(rng, "en")) for text in english]
    short_portuguese, short_english = sentences.short_for_speech()
    jobs += [(text, "pt", random_voice(rng, "pt")) for text in short_portuguese]
    jobs += [(text, "en", random_voice(rng, "en")) for text in short_english]
    if processes == 1:
        results = [_speak(job) for job in jobs]
    else:
        with multiprocessing.get_context("spawn").Pool(processes or os.cpu_count()) as pool:
            results = list(pool.imap(_speak, jobs, chunksize=64))
    folder.mkdir(parents=True, exist_ok=True)
    lengths = [len(raw) for _, raw in results]
    np.save(folder / "features.npy", np.concatenate([raw for _, raw in results]))
    np.save(folder / "starts.npy", np.cumsum([0, *lengths]))
    rows = [asdict(spoken) for spoken, _ in results]
    (folder / "utterances.json").write_text(json.dumps(rows, ensure_ascii=False))
