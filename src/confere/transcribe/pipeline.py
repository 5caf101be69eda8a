"""faster-whisper's batched pipeline, opened between encoding and decoding.

Its own loop encodes a batch and decodes it at once, in one language or in whatever each clip's most
probable one is. Here each clip is encoded, the caller sees the probabilities of all of them, and says which
are decoded together and in which language; nothing is encoded twice.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confere.errors import DamagedModel
from confere.transcribe.profile import DraftingProfile
from confere.transcribe.reading import Decoded, TimedWord

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from confere.transcribe.resampling import Mono

    Features = npt.NDArray[np.float32]

FRAME_MS = 10  # of the spectrogram
MS_PER_TIMESTAMP = 20  # Whisper's time tokens
STEP_FRAMES = 500  # lengths are rounded up to this, so that clips of about a length share a batch
LONG_WORD_S = 0.7  # a median word is taken for no longer (faster-whisper's number, like the next)
LONG_WORD_TIMES = 2  # a word at a sentence's end is no longer than so many median ones
SENTENCE_ENDS = ".。!！?？"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A clip as the decoder is given it: ``rows`` of shape (1, positions, width), in memory.

    ``languages`` is the probability of each language; ``length_ms`` is the clip's own length.
    """

    rows: Any
    languages: dict[str, float]
    length_ms: int

    @property
    def positions(self) -> int:
        """How many positions the encoder gave: clips of one batch have equally many."""
        return int(self.rows.shape[1])


class Pipeline:
    """A Whisper model, loaded from a folder; raises DamagedModel when that does not load.

    Its methods may be called from ``parallel`` threads at once; each is a function of its arguments.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        profile: DraftingProfile,
        *,
        device: str,
        compute_type: str,
        threads: int,
        parallel: int,
    ) -> None:
        self._profile = profile
        self._model = _load(
            folder,
            name,
            device=device,
            compute_type=compute_type,
            cpu_threads=threads,
            num_workers=parallel,
        )
        from faster_whisper import BatchedInferencePipeline

        self._batched: Any = BatchedInferencePipeline(self._model)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it can be told to decode, ISO 639-1."""
        return tuple(self._model.supported_languages)

    def features(self, samples: Mono) -> Features:
        """Return the log-mel spectrogram of a clip, shape (bins, frames of 10 ms)."""
        spectrogram: Features = self._model.feature_extractor(samples)[..., :-1]
        return spectrogram

    def encode(self, features: Features) -> Encoded:
        """Encode one clip and hear its language.

        One at a time: a batch of clips is no faster on processors, whose caches its attention overflows.
        """
        from faster_whisper.audio import pad_or_trim

        most = self._model.feature_extractor.nb_max_frames
        frames = features.shape[1]
        wanted = frames + self._profile.tail_ms // FRAME_MS
        rows = self._model.encode(
            pad_or_trim(features, min(most, -(-wanted // STEP_FRAMES) * STEP_FRAMES))
        )
        return Encoded(_on_host(rows), self._hear_languages(rows), frames * FRAME_MS)

    def _hear_languages(self, rows: Any) -> dict[str, float]:
        if not self._model.model.is_multilingual:
            return {"en": 1.0}
        (heard,) = self._model.model.detect_language(rows)
        return {token[2:-2]: probability for token, probability in heard}  # "<|pt|>"

    def decode(self, clips: Sequence[Encoded], language: str, prompt: str | None) -> list[Decoded]:
        """Return what is said in clips of one language, which have equally many positions."""
        import ctranslate2
        import numpy as np

        tokenizer = self.tokenizer(language)
        rows = ctranslate2.StorageView.from_array(np.concatenate([clip.rows for clip in clips]))
        rows, outputs = self._batched.generate_segment_batched(
            rows, tokenizer, _options(self._profile, tokenizer, prompt)
        )
        tokens, ended_ms = zip(
            *(
                self._read(output["tokens"], clip, tokenizer)
                for clip, output in zip(clips, outputs, strict=True)
            ),
            strict=True,
        )
        timed = self._model.find_alignment(
            tokenizer,
            list(tokens),
            rows,
            [max(1, clip.length_ms // FRAME_MS) for clip in clips],
        )
        return [
            Decoded(
                _words(words),
                float(output["avg_logprob"]),
                float(output["no_speech_prob"]),
                ended,
            )
            for words, output, ended in zip(timed, outputs, ended_ms, strict=True)
        ]

    def _read(
        self, tokens: list[int], clip: Encoded, tokenizer: Any
    ) -> tuple[list[int], int | None]:
        """Return the tokens of the text of a clip, and where the model says that it ended."""
        if not self._profile.one_sentence:
            return [token for token in tokens if token < tokenizer.eot], None
        segments, _, _ = self._model._split_segments_by_timestamps(
            tokenizer=tokenizer,
            tokens=tokens,
            time_offset=0.0,
            segment_size=clip.length_ms // FRAME_MS,
            segment_duration=clip.length_ms / 1000,
            seek=0,
        )
        read = [token for segment in segments for token in segment["tokens"]]
        ended_ms = None
        if read and read[-1] >= tokenizer.timestamp_begin:
            ended_ms = (read[-1] - tokenizer.timestamp_begin) * MS_PER_TIMESTAMP
        return [token for token in read if token < tokenizer.eot], ended_ms

    def prompt_of(self, words: Sequence[str]) -> str | None:
        """Return the words to expect, as many as fit into half of the model's text, whole ones."""
        if not self._profile.hotwords:
            return None
        tokenizer = self.tokenizer(self.languages[0])
        prompt = ""
        for word in words:
            longer = f"{prompt}, {word.strip()}" if prompt else word.strip()
            if len(tokenizer.encode(" " + longer)) >= self._model.max_length // 2:
                break
            prompt = longer
        return prompt or None

    def tokenizer(self, language: str) -> Any:
        """Return the tokenizer that begins a text in a language."""
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=language,
        )


def _load(folder: Path, name: str, **options: Any) -> Any:
    if not (folder / "tokenizer.json").is_file():
        # Without it faster-whisper asks a hub on the net for another model's.
        raise DamagedModel(name, "it has no tokenizer.json")
    os.environ["HF_HUB_OFFLINE"] = "1"  # both are read when their readers are imported
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import numpy as np
    from faster_whisper import WhisperModel

    class EncodedModel(WhisperModel):  # type: ignore[misc]
        """Lets the pipeline be handed what is encoded already."""

        def encode(self, features: Any) -> Any:
            return super().encode(features) if isinstance(features, np.ndarray) else features

    try:
        return EncodedModel(str(folder), local_files_only=True, **options)
    except (RuntimeError, ValueError, OSError) as error:
        raise DamagedModel(name, f"it does not load ({type(error).__name__})") from error


def _on_host(rows: Any) -> Any:
    """The encoder's output as an array; from a GPU by way of the processor's memory."""
    import ctranslate2
    import numpy as np

    if rows.device != "cpu":
        rows = rows.to_device(ctranslate2.Device.cpu)
    return np.array(rows)


def _words(timed: list[dict[str, Any]]) -> tuple[TimedWord, ...]:
    """Words of one clip from their times in seconds, end marks and brackets joined to their words.

    As `WhisperModel.add_word_timestamps` does, but for its guesses where a pause is: voices tell that.
    """
    from faster_whisper.transcribe import merge_punctuations

    lengths = sorted(length for word in timed if (length := word["end"] - word["start"]) > 0)
    if lengths:
        middle = len(lengths) // 2
        median = (lengths[middle] + lengths[-1 - middle]) / 2
        longest_s = LONG_WORD_TIMES * min(LONG_WORD_S, median)
        for before, word in itertools.pairwise(timed):
            if word["end"] - word["start"] > longest_s:
                if word["word"] in SENTENCE_ENDS:
                    word["end"] = word["start"] + longest_s
                elif before["word"] in SENTENCE_ENDS:
                    word["start"] = word["end"] - longest_s
    merge_punctuations(timed, _PREPENDED, _APPENDED)
    return tuple(
        TimedWord(
            word["word"],
            round(float(word["start"]) * 1000),
            round(float(word["end"]) * 1000),
            float(word["probability"]),
        )
        for word in timed
        if word["word"].strip()
    )


_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"


def _options(profile: DraftingProfile, tokenizer: Any, prompt: str | None) -> Any:
    """The pipeline's options: what the profile says, and its own defaults otherwise."""
    from faster_whisper.transcribe import TranscriptionOptions, get_suppressed_tokens

    return TranscriptionOptions(
        beam_size=profile.beam,
        best_of=1,
        patience=1,
        length_penalty=1,
        repetition_penalty=1,
        no_repeat_ngram_size=0,
        log_prob_threshold=None,
        no_speech_threshold=None,
        compression_ratio_threshold=None,
        condition_on_previous_text=False,
        prompt_reset_on_temperature=0.5,
        temperatures=[0.0],
        initial_prompt=None,
        prefix=None,
        suppress_blank=True,
        suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
        without_timestamps=not profile.one_sentence,
        max_initial_timestamp=0.0,
        word_timestamps=True,
        prepend_punctuations=_PREPENDED,
        append_punctuations=_APPENDED,
        multilingual=False,
        max_new_tokens=None,
        clip_timestamps=[],
        hallucination_silence_threshold=None,
        hotwords=prompt,
    )
