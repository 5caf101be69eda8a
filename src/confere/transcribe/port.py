"""What a speech engine does, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO, Protocol

from confere.domain import EngineRecord, Transcription

Progress = Callable[[int, int], None]
"""Told ``(done_ms, total_ms)`` of the recording; ``done_ms`` never falls and ends at ``total_ms``."""


class SpeechEngine(Protocol):
    """Hears the sentences of a recording.

    ``tests/contracts/test_speech_engine.py`` holds what every engine must do.
    """

    @property
    def record(self) -> EngineRecord:
        """Which engine, model and parameters this is; the same for its whole life."""
        ...

    def transcribe(
        self, audio: BinaryIO, *, languages: Sequence[str], progress: Progress
    ) -> Transcription:
        """Return the sentences of one recording, in the order of time.

        ``audio`` is the encoded recording, seekable, read from its beginning and left open;
        ``languages`` are the ISO 639-1 codes the study expects, at least one. Silence gives a
        transcription without segments. Raises NotAudio, UnknownLanguage, BadValue for a code that
        the engine cannot know, and whatever reading ``audio`` raises.
        """
        ...
