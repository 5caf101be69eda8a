"""The worker's side of drafting: one window of one recording, from its sealed object to both texts.

A worker knows models, a folder of sealed objects, and the key of the object it works on; it knows no vault.
Windows of one recording usually come one after the other: then the decoder stays where it is. Where one
does not follow (after a restart, or after another worker was at it) the recording is decoded from its
beginning and thrown away up to there, which costs seconds and changes nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol

from confere.acts.order import Answer, Engines, Order, OtherEngines, refusal
from confere.domain import EngineRecord, SpokenSegment
from confere.domain.words import WordEntry, WordStatus
from confere.errors import ConfereError, DamagedObject, EnvironmentProblem, PracticeOnly
from confere.transcribe.decoding import Sound
from confere.transcribe.port import HeardWindow, SpeechEngine
from confere.translate.port import Translator


class Opener(Protocol):
    """Opens the sound of a sealed object."""

    def __call__(self, sealed: BinaryIO, identity: str, name: str) -> Sound:
        """Return its sound, decoded as it is asked for; ``identity`` is the object's key as text."""
        ...


#: What builds the engines that an order asks for; it may keep them for the next.
Builder = Callable[[Order], tuple[SpeechEngine, Translator]]


class Bench:
    """Where a worker works: one recording at a time."""

    def __init__(self, objects: Path, build: Builder, open_sound: Opener) -> None:
        self._objects = objects
        self._build = build
        self._open_sound = open_sound
        self._at: _Recording | None = None

    def work(self, order: bytes) -> bytes:
        """Answer an order; never raises for what can be answered."""
        try:
            return self._drafted(Order.from_bytes(order)).to_bytes()
        except ConfereError as error:
            self.clear()
            return refusal(error)
        except MemoryError:
            self.clear()
            return refusal(
                EnvironmentProblem("there is not enough memory", "Draft with a smaller model.")
            )
        except Exception as error:  # noqa: BLE001 - its text may hold words of the recording
            self.clear()
            return refusal(ConfereError(f"drafting failed ({type(error).__name__})", _REPORT))

    def clear(self) -> None:
        """Let go of the recording, its key and its decoder."""
        at, self._at = self._at, None
        if at is not None:
            at.close()

    def _drafted(self, order: Order) -> Answer:
        begun = time.monotonic()
        speech, translator = self._build(order)
        engines = Engines(
            _told_words(speech.record, order.word_list),
            _told_words(translator.record, order.word_list),
        )
        if not order.practice:
            for record in (speech.record, translator.record):
                if record.practice:
                    raise PracticeOnly(record.model)
        if order.engines not in (None, engines):
            raise OtherEngines
        window = self._window(order, speech)
        spoken = [(s.language, s.text) for s in window.segments]
        foreign = [pair for pair in spoken if pair[0] != order.target]
        translated = iter(translator.translate(foreign, order.words) if foreign else ())
        targets, segments = [], []
        for segment in window.segments:
            if segment.language == order.target:
                targets.append(segment.text)
                segments.append(segment)
            else:
                made = next(translated)
                targets.append(made.text)
                marks = tuple(sorted({*segment.marks, *made.marks}))
                segments.append(_marked(segment, marks))
        return Answer(
            window.number,
            tuple(segments),
            tuple(targets),
            window.done_ms,
            window.state,
            window.duration_ms,
            engines,
            took_ms=max(1, round((time.monotonic() - begun) * 1000)),
        )

    def _window(self, order: Order, speech: SpeechEngine) -> HeardWindow:
        if self._at is None or not self._at.is_followed_by(order):
            self.clear()
            self._at = _Recording(order, speech, self._objects, self._open_sound)
        window = self._at.next_window()
        if window.duration_ms is not None:
            self.clear()
        return window


class _Recording:
    """A recording that is being drafted: opened, and at the end of some window."""

    def __init__(
        self, order: Order, speech: SpeechEngine, objects: Path, open_sound: Opener
    ) -> None:
        self._stack = contextlib.ExitStack()
        self._order = order
        self._state = order.state
        with contextlib.ExitStack() as stack:
            sealed = stack.enter_context(_opened(objects, order))
            sound = open_sound(sealed, order.key, f"recording {order.recording_id}")
            stack.callback(sound.close)
            self._windows: Iterator[HeardWindow] = speech.windows(
                sound,
                languages=order.languages,
                words=hotwords(order.words),
                sides=order.drafting.sides,
                after=order.state,
            )
            close = getattr(self._windows, "close", None)
            if close is not None:
                stack.callback(close)
            self._stack = stack.pop_all()

    def is_followed_by(self, order: Order) -> bool:
        """Whether an order is the next window of this one, asked in the same way."""
        mine = self._order
        return (order.recording_id, order.key, order.state, order.words, order.languages) == (
            mine.recording_id,
            mine.key,
            self._state,
            mine.words,
            mine.languages,
        ) and order.drafting == mine.drafting

    def next_window(self) -> HeardWindow:
        """Return the next window."""
        window = next(self._windows)
        self._state = window.state
        return window

    def close(self) -> None:
        """End its decoder and whatever works ahead."""
        self._stack.close()


def hotwords(words: tuple[WordEntry, ...]) -> tuple[str, ...]:
    """Return what of the word list the speech engine is told to expect: what is said, each once."""
    told = (w.source for w in words if w.status is not WordStatus.FORBIDDEN)
    return tuple(dict.fromkeys(told))


@contextlib.contextmanager
def _opened(objects: Path, order: Order) -> Iterator[BinaryIO]:
    """Open the sealed object; raises DamagedObject when it is not the one that was proven."""
    try:
        file = (objects / order.sealed).open("rb")
    except OSError as error:
        raise EnvironmentProblem(
            f"the worker has no {order.sealed} ({error.strerror})",
            "Give it a folder that holds the vault's recordings: the vault, or a copy of it.",
        ) from None
    with file:
        # age does not say who made a file, and a worker's folder may be anybody's copy.
        if hashlib.file_digest(file, "sha256").hexdigest() != order.sealed_sha256:
            raise DamagedObject("it is not the one that was sealed", order.sealed)
        file.seek(0)
        yield file


def _told_words(record: EngineRecord, word_list: int) -> EngineRecord:
    """An engine's record, with the version of the word list that it was given."""
    return replace(record, parameters={**record.parameters, "word_list": word_list})


def _marked(segment: SpokenSegment, marks: tuple[str, ...]) -> SpokenSegment:
    return segment if marks == segment.marks else replace(segment, marks=marks)


_REPORT = "Please report this; the recording is as it was."
