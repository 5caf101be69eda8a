"""The speech engine: faster-whisper, from a model folder on this machine, never from the net.

Batch after batch of clips is encoded, the language of each clip is chosen from the probabilities of the
whole batch and the languages of the study, and the clips of each language are decoded together. So an
interpreted interview is followed, at the cost of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from confere.domain import EngineRecord, Transcription
from confere.errors import BadValue
from confere.transcribe.clips import Clip, find_voices, make_clips
from confere.transcribe.decoding import decode
from confere.transcribe.language import LanguageChooser
from confere.transcribe.marks import mark, mark_end
from confere.transcribe.pipeline import Pipeline
from confere.transcribe.port import Progress
from confere.transcribe.profile import Scalar, profile_of
from confere.transcribe.reading import Reading, read_clip
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.sentences import HeardWord, Limits, group, within

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples

ENGINE = "faster-whisper"


class WhisperEngine:
    """A ``SpeechEngine`` over a CTranslate2 folder whose files were checked.

    ``device`` is ``cpu``, ``cuda`` or ``auto``, ``compute_type`` one of CTranslate2's or ``auto``;
    ``threads`` is how many processors it may use, 0 for what CTranslate2 thinks best. Raises DamagedModel
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
        self._pipeline = Pipeline(
            folder, name, self._profile, device=device, compute_type=compute_type, threads=threads
        )

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
            mark(within(group(words, self._limits()), duration_ms)),
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
        encoded = self._pipeline.encode(samples, batch)
        heard = self._pipeline.hear_languages(encoded, len(batch))
        chosen = chooser.choose(heard, [clip.span.length_ms for clip in batch])
        begin = self._pipeline.timestamp_begin() if self._profile.one_sentence else None
        readings: dict[int, Reading] = {}
        for language in dict.fromkeys(chosen):
            rows = [row for row, each in enumerate(chosen) if each == language]
            decoded = self._pipeline.decode(encoded, batch, rows, language)
            for row, segments in zip(rows, decoded, strict=True):
                readings[row] = read_clip(
                    batch[row],
                    segments,
                    language=language,
                    heard=heard[row],
                    languages=chooser.languages,
                    timestamp_begin=begin,
                )
        return [readings[row] for row in range(len(batch))]

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
            if language not in self._pipeline.languages:
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
