"""This process as a worker: set up once, then orders in and answers out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from confere.acts.bench import Bench
from confere.acts.order import Order
from confere.domain.settings import Settings, Study
from confere.wiring.heap import give_back

if TYPE_CHECKING:
    from confere.transcribe.machine import Choice
    from confere.transcribe.port import SpeechEngine
    from confere.translate.port import Translator

_bench: Bench | None = None


def set_up(objects: Path, choice: Choice | None = None) -> None:
    """Make this process a worker over a folder of sealed objects.

    ``choice`` is how the machine is used; without one the settings count, and where they leave it open,
    all its processors at one batch. The models are those of the account, as `wiring.model_store` finds
    them.
    """
    global _bench
    from confere.transcribe.decoder import DecoderProcess

    _bench = Bench(objects, _Engines(choice), DecoderProcess)


def work(order: bytes) -> bytes:
    """Answer an order; see `confere.acts.bench`."""
    if _bench is None:
        raise RuntimeError("this process was not set up as a worker")
    try:
        return _bench.work(order)
    finally:
        give_back()


class _Engines:
    """Builds the engines that orders ask for, and keeps the last ones: a night asks for the same."""

    def __init__(self, choice: Choice | None) -> None:
        self._choice = choice
        self._asked: tuple[Settings, bool] | None = None
        self._built: tuple[SpeechEngine, Translator]

    def __call__(self, order: Order) -> tuple[SpeechEngine, Translator]:
        settings = Settings(
            study=Study(languages=order.languages, target=order.target), drafting=order.drafting
        )
        asked = (settings, order.practice)
        if asked != self._asked:
            from confere import wiring

            self._asked = None  # while nothing is built
            store = wiring.model_store()
            self._built = (
                wiring.speech_engine(settings, store, order.practice, _unseen, self._choice),
                wiring.translation_engine(settings, store, order.practice, _unseen),
            )
            self._asked = asked
        return self._built


def _unseen(_done: int, _of: int) -> None:
    """Nobody looks at a worker."""
