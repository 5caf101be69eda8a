"""Drafting in this very process: the product's own night, with a hand that works at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import BinaryIO, ParamSpec, TypeVar, cast

from confere.acts.bench import Bench
from confere.acts.desk import Desk
from confere.acts.night import Outcome, draft_all
from confere.crypto import SealedReader, parse_identities
from confere.domain import Draft, Recording, SpokenSegment
from confere.transcribe.decoding import Decoder, Sound
from confere.transcribe.port import HeardWindow, SpeechEngine
from confere.transcribe.resampling import SAMPLE_RATE
from confere.translate.port import Translator
from confere.vault.register import get_recording

P = ParamSpec("P")
T = TypeVar("T")


class AtOnce(Executor):
    """Does what it is given before it returns."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do it."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as every executor does
            future.set_exception(error)
        return future


@dataclass
class Told:
    """Hears how a night goes."""

    began: list[str] = field(default_factory=list)
    went_to: list[tuple[str, int, int]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def begun(self, recording: Recording) -> None:
        """A hand has taken it."""
        self.began.append(recording.id)

    def went(self, recording: Recording, done_ms: int, of_ms: int) -> None:
        """So much of it is done."""
        self.went_to.append((recording.id, done_ms, of_ms))

    def ended(self, outcome: Outcome) -> None:
        """It is drafted, or failed."""
        self.outcomes.append(outcome)


def length_ms(sound: Sound) -> int:
    """Decode a recording, and return how long it is."""
    samples: int = sum(block.shape[-1] for block in sound.blocks())
    return samples * 1000 // SAMPLE_RATE


def only_window(duration_ms: int, segments: Sequence[SpokenSegment]) -> HeardWindow:
    """A recording that is drafted in one window."""
    return HeardWindow(1, tuple(segments), duration_ms, "{}", duration_ms)


def open_here(sealed: BinaryIO, identity: str, name: str) -> Sound:
    """Open the sound of a sealed object in this process."""
    return Decoder(cast(BinaryIO, SealedReader(sealed, parse_identities(identity))), name)


def bench(desk: Desk, speech: SpeechEngine, translator: Translator) -> Bench:
    """A worker with these engines, over a vault's objects."""
    return Bench(desk.vault.locked.storage.root, lambda _order: (speech, translator), open_here)


def draft(
    desk: Desk,
    recording_id: str,
    speech: SpeechEngine,
    translator: Translator,
    hands: Sequence[Executor] = (),
) -> Draft:
    """Draft one recording, or raise why not."""
    recording = get_recording(desk.catalog, recording_id)
    work = bench(desk, speech, translator).work
    told = Told()
    draft_all(desk, [recording], hands or [AtOnce()], work, told)
    [outcome] = told.outcomes
    if outcome.error is not None:
        raise outcome.error
    assert outcome.draft is not None
    return outcome.draft
