"""Fake engines: they keep the ports' promises and understand nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from confere.domain import EngineRecord, SpokenSegment, Word
from confere.domain.words import WordEntry
from confere.errors import BadValue, UnknownLanguage
from confere.transcribe.decoding import Sound
from confere.transcribe.port import HeardWindow, Sides
from confere.transcribe.resampling import SAMPLE_RATE
from confere.translate.port import Translated

SPEECH_RECORD = EngineRecord("fake-speech", "1", "fake", "0" * 64, True, {"beam": 1})
TRANSLATION_RECORD = EngineRecord("fake-translation", "1", "fake", "1" * 64, True, {})

LINE_MS = 3_000  # every line of the fake is said to be as long as this


@dataclass
class FakeSpeechEngine:
    """Hears its lines, one after the other, in any audio that is not silent.

    ``lines`` are ``(language, text)``, ``words`` what it was told to expect, recording after recording;
    ``heard`` is the language it would name for strange speech.
    """

    lines: Sequence[tuple[str, str]] = (("pt", "Bom dia."), ("en", "Good morning."))
    heard: str = "pt"
    record: EngineRecord = SPEECH_RECORD
    window_ms: int = 240_000
    words: list[tuple[str, ...]] = field(default_factory=list)

    def windows(
        self,
        sound: Sound,
        *,
        languages: Sequence[str],
        words: Sequence[str] = (),
        sides: Sides = "auto",
        after: str | None = None,
    ) -> Iterator[HeardWindow]:
        """Yield the lines in the wanted languages, laid end to end over the audio."""
        if not languages or any(len(language) != 2 for language in languages):
            raise BadValue("these are no languages")
        self.words.append(tuple(words))
        state = {"windows": 0, "done_ms": 0, "ended": False}
        try:
            state |= json.loads(after or "{}")
        except ValueError as error:
            raise BadValue("this is no state") from error
        return self._windows(sound, list(languages), state)

    def _windows(
        self, sound: Sound, languages: list[str], state: dict[str, int]
    ) -> Iterator[HeardWindow]:
        if state["ended"]:
            return
        heard_ms, loud = 0.0, False
        for block in sound.blocks():
            heard_ms += block.shape[1] * 1000 / SAMPLE_RATE
            loud = loud or bool(block.any())
            while heard_ms > state["done_ms"] + self.window_ms:
                yield self._window(state, state["done_ms"] + self.window_ms, False, loud, languages)
        if loud and self.heard not in languages:
            raise UnknownLanguage(tuple(languages), self.heard)
        yield self._window(state, int(heard_ms), True, loud, languages)

    def _window(
        self, state: dict[str, int], done_ms: int, last: bool, loud: bool, languages: list[str]
    ) -> HeardWindow:
        """The lines that end up to ``done_ms``; a window without sound so far has none."""
        lines = [line for line in self.lines if line[0] in languages] if loud else []
        segments = [
            _segment(index, language, text, done_ms)
            for index, (language, text) in enumerate(lines)
            if (last and index * LINE_MS < done_ms) or (index + 1) * LINE_MS <= done_ms
            if (index + 1) * LINE_MS > state["done_ms"]
        ]
        state |= {"windows": state["windows"] + 1, "done_ms": done_ms, "ended": last}
        return HeardWindow(
            state["windows"],
            tuple(segments),
            done_ms,
            json.dumps(state, sort_keys=True),
            done_ms if last else None,
        )


@dataclass
class FakeTranslationEngine:
    """A ``Translator`` that says that it is said, so that no check sees an error, unless it was told.

    It is no linguist and follows no word list.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    source: str = "pt"
    target: str = "en"
    record: EngineRecord = TRANSLATION_RECORD

    def reads(self, language: str) -> bool:
        """Whether it is the source language."""
        return language == self.source

    def translate(
        self, sentences: Sequence[tuple[str, str]], terms: Sequence[WordEntry] = ()
    ) -> tuple[Translated, ...]:
        """Return ``say sentence`` for each sentence, or what ``known`` says."""
        return tuple(
            Translated(self.known.get(text, f"say {text}"))
            if text.strip() and self.reads(language)
            else Translated("")
            for language, text in sentences
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
