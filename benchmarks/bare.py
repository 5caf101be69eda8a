#!/usr/bin/env python3
"""The bare engine, which drafting is measured against: faster-whisper and nothing else.

    python benchmarks/bare.py MODEL FILE ... [--way batched|serial] [--language pt|each]

``MODEL`` is a folder with a manifest. ``batched``: one recording after another as samples in memory,
through the batched pipeline, with the settings of the model's own profile: clips by voice activity, beam,
batch, word times. ``serial``: what most tools do, ``WhisperModel.transcribe`` file after file with its own
defaults, voice activity and word times. Prints as JSON the seconds of loading the model, of decoding into
memory, and of the work; and those of the processor, without that decoding. Nothing of Confere is imported
but the profile.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from confere.models.manifest import read_manifest
from confere.transcribe.profile import DraftingProfile, profile_of

RATE = 16_000
Samples = NDArray[np.float32]
Clip = dict[str, float]  # "start" and "end", seconds


class Bare:
    """A speech model from a folder, as faster-whisper alone runs it."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        manifest = read_manifest(folder)
        self.profile = profile_of(manifest.profile, manifest.name)
        self._practice = manifest.practice
        self.model: Any = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads or len(os.sched_getaffinity(0)),
            local_files_only=True,
        )
        self.pipeline: Any = BatchedInferencePipeline(self.model)

    def batched(self, samples: Samples, language: str, clips: Sequence[Clip] = ()) -> list[Any]:
        """Return the segments; ``language`` may be "each": then each clip's is heard."""
        each = language == "each"
        segments, _ = self.pipeline.transcribe(
            samples,
            language="en" if each else language,
            multilingual=each,
            clip_timestamps=list(clips) or clips_of(samples, self.profile, several_languages=each),
            beam_size=self.profile.beam,
            best_of=1,
            temperature=[0.0],
            batch_size=self.profile.batch,
            word_timestamps=True,
            without_timestamps=not self.profile.one_sentence,
            condition_on_previous_text=False,
        )
        return list(segments)

    def serial(self, file: Path, language: str) -> list[Any]:
        """Return the segments of a file, as most tools have them made."""
        each = language == "each"
        segments, _ = self.model.transcribe(
            str(file),
            language=None if each else language,
            multilingual=each,
            vad_filter=True,
            word_timestamps=True,
            # What most tools leave on; with it the practice model says next to nothing.
            condition_on_previous_text=not self._practice,
        )
        return list(segments)


def clips_of(samples: Samples, profile: DraftingProfile, *, several_languages: bool) -> list[Clip]:
    """Return what the model is given at once: voices, with a margin, joined as the profile says."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_speech_duration_ms=profile.clip_min_ms,
        min_silence_duration_ms=profile.clip_silence_ms,
        max_speech_duration_s=profile.chunk_ms / 1000 - 1,
        speech_pad_ms=profile.clip_pad_ms,
    )
    silence_ms = profile.merge_silence_ms
    if several_languages:
        silence_ms = min(silence_ms, profile.turn_silence_ms)
    clips: list[Clip] = []
    for found in get_speech_timestamps(samples, options):
        start, end = found["start"] / RATE, found["end"] / RATE
        if (
            clips
            and (start - clips[-1]["end"]) * 1000 < silence_ms - 2 * profile.clip_pad_ms
            and (end - clips[-1]["start"]) * 1000 <= profile.chunk_ms
        ):
            clips[-1]["end"] = end
        else:
            clips.append({"start": start, "end": end})
    return clips


def samples_of(file: Path) -> Samples:
    """Return a recording as the model hears it, both sides mixed."""
    from faster_whisper.audio import decode_audio

    samples: Samples = decode_audio(str(file), sampling_rate=RATE)
    return samples


def main() -> None:
    """Transcribe the files and tell what it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--way", choices=("batched", "serial"), default="batched")
    parser.add_argument("--language", default="pt")
    given = parser.parse_args()
    begun = time.perf_counter()
    bare = Bare(given.model)
    loaded, processor_s = time.perf_counter(), time.process_time()
    heard = [samples_of(file) for file in given.files] if given.way == "batched" else []
    ready, decoding_s = time.perf_counter(), time.process_time() - processor_s
    segments = 0
    for number, file in enumerate(given.files):
        if given.way == "batched":
            segments += len(bare.batched(heard[number], given.language))
        else:
            segments += len(bare.serial(file, given.language))
    told = {
        "load_s": loaded - begun,
        "decode_s": ready - loaded,
        "work_s": time.perf_counter() - ready,
        "processor_s": time.process_time() - decoding_s,
        "segments": segments,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
