"""faster-whisper's batched pipeline, opened between encoding and decoding.

Its own loop encodes a batch and decodes it at once, in one language or in whatever each clip's most
probable one is. Here the caller sees the probabilities of the whole batch first and says which clips are
decoded in which language; nothing is encoded twice. What it does with a batch is its own code.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confere.errors import DamagedModel
from confere.transcribe.clips import Clip
from confere.transcribe.profile import DraftingProfile
from confere.transcribe.resampling import SAMPLE_RATE

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples

Segments = Sequence[Mapping[str, Any]]
"""What the pipeline gives for a clip: dicts with ``tokens``, ``words``, ``avg_logprob`` and more."""


class Pipeline:
    """A Whisper model, loaded from a folder; raises DamagedModel when that does not load."""

    def __init__(
        self,
        folder: Path,
        name: str,
        profile: DraftingProfile,
        *,
        device: str,
        compute_type: str,
        threads: int,
    ) -> None:
        self._profile = profile
        self._model = _load(folder, name, device=device, compute_type=compute_type, threads=threads)
        from faster_whisper import BatchedInferencePipeline

        self._batched: Any = BatchedInferencePipeline(self._model)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it can be told to decode, ISO 639-1."""
        return tuple(self._model.supported_languages)

    def encode(self, samples: Samples, clips: Sequence[Clip]) -> Any:
        """Return the encoder's output for a batch of clips."""
        import numpy as np
        from faster_whisper.audio import pad_or_trim

        features = [
            self._model.feature_extractor(
                samples[
                    clip.span.start_ms * SAMPLE_RATE // 1000 : clip.span.end_ms
                    * SAMPLE_RATE
                    // 1000
                ]
            )[..., :-1]
            for clip in clips
        ]
        return self._model.encode(np.stack([pad_or_trim(feature) for feature in features]))

    def hear_languages(self, encoded: Any, clips: int) -> list[dict[str, float]]:
        """Return the probability of every language for each clip of a batch."""
        if not self._model.model.is_multilingual:
            return [{"en": 1.0}] * clips
        return [
            {token[2:-2]: probability for token, probability in each}  # "<|pt|>"
            for each in self._model.model.detect_language(encoded)
        ]

    def decode(
        self, encoded: Any, batch: Sequence[Clip], rows: Sequence[int], language: str
    ) -> list[Segments]:
        """Return what is said in the clips at ``rows`` of an encoded batch, all in one language."""
        tokenizer = self._tokenizer(language)
        results: list[Segments] = self._batched.forward(
            encoded if len(rows) == len(batch) else _taken(encoded, rows),
            tokenizer,
            [_metadata(batch[row]) for row in rows],
            _options(self._profile, tokenizer),
        )
        return results

    def timestamp_begin(self) -> int:
        """The first of the vocabulary's time tokens."""
        return int(self._tokenizer("en").timestamp_begin)

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=language,
        )


def _load(folder: Path, name: str, *, device: str, compute_type: str, threads: int) -> Any:
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
        return EncodedModel(
            str(folder),
            device=device,
            compute_type=compute_type,
            cpu_threads=threads,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise DamagedModel(name, f"it does not load ({type(error).__name__})") from error


def _taken(encoded: Any, rows: Sequence[int]) -> Any:
    """Some rows of an encoder's output; on a GPU they go by way of the processor's memory."""
    import ctranslate2
    import numpy as np

    if encoded.device != "cpu":
        encoded = encoded.to_device(ctranslate2.Device.cpu)
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(encoded)[list(rows)]))


def _metadata(clip: Clip) -> dict[str, Any]:
    return {
        "offset": clip.span.start_ms / 1000,
        "duration": clip.span.length_ms / 1000,
        "segments": [],
    }


def _options(profile: DraftingProfile, tokenizer: Any) -> Any:
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
        prepend_punctuations="\"'“¿([{-",
        append_punctuations="\"'.。,，!！?？:：”)]}、",
        multilingual=False,
        max_new_tokens=None,
        clip_timestamps=[],
        hallucination_silence_threshold=None,
        hotwords=None,
    )
