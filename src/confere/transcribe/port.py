"""What a speech engine does, whichever it is.

A recording is heard as a chain of *windows*, some minutes each. What a window needs of those before it is in
its ``state``: text, opaque to everybody but the engine that wrote it. So whoever keeps a window with its
state can go on from there in another process, and what comes is the same to the byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from confere.domain import EngineRecord, SpokenSegment, Transcription
from confere.transcribe.decoding import Sound

Sides = Literal["auto", "mixed", "apart"]
"""What to do with stereo: find out, hear both sides as one, or hear each side alone."""


@dataclass(frozen=True, slots=True)
class HeardWindow:
    """A window of a recording; ``segments`` are the sentences that ended in it, in the order of time.

    ``number`` counts from 1; ``done_ms`` is where the window ends in the recording; ``state`` is JSON,
    for the next window. ``duration_ms`` is the recording's length, known in its last window only.
    """

    number: int
    segments: tuple[SpokenSegment, ...]
    done_ms: int
    state: str
    duration_ms: int | None


class SpeechEngine(Protocol):
    """Hears the sentences of a recording.

    ``tests/contracts/test_speech_engine.py`` holds what every engine must do.
    """

    @property
    def record(self) -> EngineRecord:
        """Which engine, model and parameters this is; the same for its whole life."""
        ...

    def windows(
        self,
        sound: Sound,
        *,
        languages: Sequence[str],
        words: Sequence[str] = (),
        sides: Sides = "auto",
        after: str | None = None,
    ) -> Iterator[HeardWindow]:
        """Yield the windows of one recording, the last one with its length.

        ``sound`` is read once and left open. ``languages`` are the ISO 639-1 codes the study expects,
        at least one; ``words`` are such as the model should expect, the most important ones first.
        ``after`` is the state of the last window that was kept: the next one comes first, as it would have
        come without a break, given the same sound and arguments; nothing comes after the last.

        Silence gives windows without segments. Raises BadValue at once, for a code that the engine cannot
        know or a state that it did not write; NotAudio and whatever else reading ``sound`` raises;
        UnknownLanguage instead of the last window, when the speech is in none of the languages.
        """
        ...


def whole(
    engine: SpeechEngine,
    sound: Sound,
    *,
    languages: Sequence[str],
    words: Sequence[str] = (),
    sides: Sides = "auto",
) -> Transcription:
    """Return all windows of a recording as one; raises as `SpeechEngine.windows` does."""
    segments: list[SpokenSegment] = []
    duration_ms = 0
    for window in engine.windows(sound, languages=languages, words=words, sides=sides):
        segments += window.segments
        duration_ms = window.done_ms
    return Transcription(duration_ms, tuple(segments))
