"""What a translation engine does, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from confere.domain import EngineRecord


class TranslationEngine(Protocol):
    """Translates from one language to one other.

    ``tests/contracts/test_translation_engine.py`` holds what every engine must do.
    """

    @property
    def record(self) -> EngineRecord:
        """Which engine, model and parameters this is; the same for its whole life."""
        ...

    @property
    def source(self) -> str:
        """The language it translates from, ISO 639-1."""
        ...

    @property
    def target(self) -> str:
        """The language it translates to, ISO 639-1."""
        ...

    def translate(self, sentences: Sequence[str]) -> tuple[str, ...]:
        """Return one translation a sentence, in the same order; an empty sentence stays empty.

        What a sentence becomes does not depend on the others.
        """
        ...
