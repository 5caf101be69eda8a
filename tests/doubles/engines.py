"""Fake engines: they keep the ports' promises and understand nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from confere.domain import EngineRecord, SpokenSegment, Transcription, Word
from confere.errors import BadValue, UnknownLanguage
from confere.transcribe.decoding import decode
from confere.transcribe.port import Progress
from confere.transcribe.resampling import SAMPLE_RATE

SPEECH_RECORD = EngineRecord("fake-speech", "1", "fake", "0" * 64, True, {"beam": 1})
TRANSLATION_RECORD = EngineRecord("fake-translation", "1", "fake", "1" * 64, True, {})

LINE_MS = 3_000  # every line of the fake is said to be as long as this


@dataclass
class FakeSpeechEngine:
    """Hears its lines, one after the other, in any audio that is not silent.

    ``lines`` are ``(language, text)``; ``heard`` is the language it would name for strange speech.
    """

    lines: Sequence[tuple[str, str]] = (("pt", "Bom dia."), ("en", "Good morning."))
    heard: str = "pt"
    record: EngineRecord = SPEECH_RECORD

    def transcribe(
        self, audio: BinaryIO, *, languages: Sequence[str], progress: Progress
    ) -> Transcription:
        """Return the lines in the wanted languages, laid end to end over the audio."""
        if not languages or any(len(language) != 2 for language in languages):
            raise BadValue("these are no languages")
        decoded = decode(audio, "the recording")
        duration_ms = len(decoded.samples) * 1000 // SAMPLE_RATE
        progress(0, duration_ms)
        progress(duration_ms, duration_ms)
        if not decoded.samples.any():
            return Transcription(duration_ms, ())
        if self.heard not in languages:
            raise UnknownLanguage(tuple(languages), self.heard)
        lines = [line for line in self.lines if line[0] in languages]
        return Transcription(
            duration_ms,
            tuple(
                _segment(index, language, text, duration_ms)
                for index, (language, text) in enumerate(lines)
                if index * LINE_MS < duration_ms
            ),
        )


@dataclass
class FakeTranslationEngine:
    """Says that it is said, so that no check sees an error, unless it has been told a translation."""

    known: Mapping[str, str] = field(default_factory=dict)
    source: str = "pt"
    target: str = "en"
    record: EngineRecord = TRANSLATION_RECORD

    def translate(self, sentences: Sequence[str]) -> tuple[str, ...]:
        """Return ``say sentence`` for each sentence, or what ``known`` says."""
        return tuple(
            self.known.get(sentence, f"say {sentence}") if sentence.strip() else ""
            for sentence in sentences
        )


def _segment(index: int, language: str, text: str, duration_ms: int) -> SpokenSegment:
    start_ms = index * LINE_MS
    end_ms = min(start_ms + LINE_MS, duration_ms)
    words = text.split()
    step_ms = (end_ms - start_ms) // max(1, len(words))
    return SpokenSegment(
        start_ms=start_ms,
        end_ms=end_ms,
        language=language,
        text=text,
        words=tuple(
            Word(word, start_ms + at * step_ms, start_ms + (at + 1) * step_ms, 0.9)
            for at, word in enumerate(words)
        ),
        mean_log_probability=-0.1,
        no_speech_probability=0.01,
    )
