"""What translates: an engine from one language to one other, and the study's translator over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from confere.domain import EngineRecord
from confere.domain.words import WordEntry

FAILED = "translation-failed"
"""The mark of a sentence that the engine could not read at all; its text is empty."""

CUT = "translation-cut"
"""The mark of a sentence that is longer than the model can take or give: an end of it is missing."""


@dataclass(frozen=True, slots=True)
class Translated:
    """What became of a sentence; ``marks`` name what people should look at, and decide nothing."""

    text: str
    marks: tuple[str, ...] = ()


class TranslationEngine(Protocol):
    """Translates from one language to one other."""

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

    def translate(self, sentences: Sequence[str]) -> tuple[Translated, ...]:
        """Return one translation a sentence, in the same order; an empty sentence stays empty.

        What a sentence becomes does not depend on the others. One that cannot be translated gets an
        empty text and a mark; nothing is raised for what a sentence holds.
        """
        ...

    def alternatives(self, sentences: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Return the other translations of each sentence that the search ended with, the best first."""
        ...


class Translator(Protocol):
    """Translates whatever is spoken in a study into its one target language.

    ``tests/contracts/test_translator.py`` holds what every translator must do.
    """

    @property
    def record(self) -> EngineRecord:
        """Which engine, models, routes and parameters this is; the same for its whole life."""
        ...

    @property
    def target(self) -> str:
        """The language it translates to, ISO 639-1."""
        ...

    def reads(self, language: str) -> bool:
        """Whether it translates from a language, given by its ISO 639-1 code."""
        ...

    def translate(
        self, sentences: Sequence[tuple[str, str]], terms: Sequence[WordEntry] = ()
    ) -> tuple[Translated, ...]:
        """Return what becomes of each ``(language, text)``, in the same order.

        An empty text stays empty, and one in a language that it does not read becomes empty. What a
        sentence becomes does not depend on the others. Where ``terms`` are said, the translation follows
        them or is marked. Nothing is raised for what a sentence holds.
        """
        ...
