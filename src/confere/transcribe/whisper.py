"""The speech engine: faster-whisper, from a model folder on this machine, never from the net.

It decodes clips with faster-whisper's batched pipeline, with one difference: the language of each clip is
chosen between encoding and decoding, from the probabilities of the whole batch and the languages of
the study, so that nothing is encoded twice and an interpreted interview is followed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from confere.domain import EngineRecord, Transcription
from confere.errors import BadValue, DamagedModel
from confere.transcribe.clips import Clip, find_voices, make_clips
from confere.transcribe.decoding import decode
from confere.transcribe.language import LanguageChooser
from confere.transcribe.marks import mark, mark_end
from confere.transcribe.port import Progress
from confere.transcribe.profile import Scalar, profile_of
from confere.transcribe.reading import Reading, read_clip
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.sentences import HeardWord, Limits, group

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples

ENGINE = "faster-whisper"


class WhisperEngine:
    """A ``SpeechEngine`` over a CTranslate2 folder whose files were checked.

    ``device`` is ``cpu``, ``cuda`` or ``auto``, ``compute_type`` one of CTranslate2's or ``auto``;
    ``threads`` is how many processors it may use, 0 for all that this process has. Raises DamagedModel
    when the folder lacks its tokenizer or does not load.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        digest: str,
        practice: bool,
        profile: Mapping[str, Scalar],
        device: str = "auto",
        compute_type: str = "auto",
        threads: int = 0,
    ) -> None:
        device, compute_type = _machine(device, compute_type)
        self._profile = profile_of(profile, name)
        self._record = EngineRecord(
            engine=ENGINE,
            engine_version=version(ENGINE),
            model=name,
            model_digest=digest,
            practice=practice,
            parameters={
                "device": device,
                "compute_type": compute_type,
                **self._profile.as_parameters(),
            },
        )
        self._model = _load(folder, name, device=device, compute_type=compute_type, threads=threads)
        self._pipeline = _pipeline(self._model)

    @property
    def record(self) -> EngineRecord:
        """Which engine, model and parameters this is."""
        return self._record

    def transcribe(
        self, audio: BinaryIO, *, languages: Sequence[str], progress: Progress
    ) -> Transcription:
        """Return the sentences of one recording; see ``SpeechEngine``."""
        chooser = LanguageChooser(self._known(languages))
        decoded = decode(audio, "the recording")
        duration_ms = len(decoded.samples) * 1000 // SAMPLE_RATE
        clips = make_clips(
            find_voices(decoded.samples, self._profile),
            duration_ms,
            self._profile,
            several_languages=len(chooser.languages) > 1,
        )
        words = self._hear(decoded.samples, clips, chooser, duration_ms, progress)
        chooser.judge()
        progress(duration_ms, duration_ms)
        segments = mark_end(
            mark(group(words, self._limits())),
            duration_ms,
            chooser.languages[0],
            truncated=decoded.truncated,
            damaged=decoded.damaged,
        )
        return Transcription(duration_ms, tuple(segments))

    def _hear(
        self,
        samples: Samples,
        clips: list[Clip],
        chooser: LanguageChooser,
        duration_ms: int,
        progress: Progress,
    ) -> list[HeardWord]:
        """Return the words of all clips, batch after batch, in the order of time."""
        waiting = list(clips)
        words: list[HeardWord] = []
        while waiting:
            batch, waiting = waiting[: self._profile.batch], waiting[self._profile.batch :]
            progress(batch[0].span.start_ms, duration_ms)
            readings = self._read(samples, batch, chooser)
            rests = []
            for reading in readings:
                words.extend(reading.words)
                rests += [] if reading.rest is None else [reading.rest]
            waiting = rests + waiting
        return sorted(words, key=lambda word: word.start_ms)

    def _read(
        self, samples: Samples, batch: Sequence[Clip], chooser: LanguageChooser
    ) -> list[Reading]:
        """Encode a batch once, choose its languages, decode it language by language."""
        features = [self._features(samples, clip) for clip in batch]
        encoded = self._model.encode(_stacked(features))
        heard = [
            {token[2:-2]: probability for token, probability in each}
            for each in self._model.model.detect_language(encoded)
        ]
        chosen = chooser.choose(heard, [clip.span.length_ms for clip in batch])
        readings: dict[int, Reading] = {}
        for language in dict.fromkeys(chosen):
            rows = [index for index, each in enumerate(chosen) if each == language]
            tokenizer = self._tokenizer(language)
            results = self._pipeline.forward(
                _rows(encoded, rows, len(batch)),
                tokenizer,
                [_metadata(batch[row]) for row in rows],
                self._options(tokenizer),
            )
            for row, result in zip(rows, results, strict=True):
                readings[row] = read_clip(
                    batch[row],
                    result,
                    language=language,
                    heard=heard[row],
                    languages=chooser.languages,
                    timestamp_begin=tokenizer.timestamp_begin
                    if self._profile.one_sentence
                    else None,
                )
        return [readings[row] for row in range(len(batch))]

    def _features(self, samples: Samples, clip: Clip) -> Any:
        start, end = (ms * SAMPLE_RATE // 1000 for ms in (clip.span.start_ms, clip.span.end_ms))
        return self._model.feature_extractor(samples[start:end])[..., :-1]

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=language,
        )

    def _options(self, tokenizer: Any) -> Any:
        from faster_whisper.transcribe import TranscriptionOptions, get_suppressed_tokens

        return TranscriptionOptions(
            beam_size=self._profile.beam,
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
            without_timestamps=not self._profile.one_sentence,
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

    def _limits(self) -> Limits:
        return Limits(
            pause_ms=self._profile.pause_ms,
            max_ms=self._profile.sentence_max_ms,
            max_words=self._profile.sentence_max_words,
        )

    def _known(self, languages: Sequence[str]) -> tuple[str, ...]:
        if not languages:
            raise BadValue("a recording cannot be drafted without the languages it may be in")
        for language in languages:
            if language not in self._model.supported_languages:
                raise BadValue(
                    f"'{language}' is not a language that '{self._record.model}' can know",
                    "Languages are two-letter codes, such as pt, en, hi, bn or tl.",
                )
        return tuple(dict.fromkeys(languages))


def _machine(device: str, compute_type: str) -> tuple[str, str]:
    """Return the device and compute type that ``auto`` means on this machine."""
    if device == "auto":
        import ctranslate2

        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    if compute_type == "auto":
        compute_type = "float16" if device == "cuda" else "int8"
    return device, compute_type


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
            cpu_threads=threads or len(os.sched_getaffinity(0)),
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise DamagedModel(name, f"it does not load ({type(error).__name__})") from error


def _pipeline(model: Any) -> Any:
    from faster_whisper import BatchedInferencePipeline

    return BatchedInferencePipeline(model)


def _stacked(features: Sequence[Any]) -> Any:
    import numpy as np
    from faster_whisper.audio import pad_or_trim

    return np.stack([pad_or_trim(feature) for feature in features])


def _rows(encoded: Any, rows: Sequence[int], of: int) -> Any:
    """The rows of an encoder's output that are in one language."""
    if len(rows) == of:
        return encoded
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
