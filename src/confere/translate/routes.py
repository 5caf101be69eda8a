"""The ways from the languages of a study into its target: one package, or two through a pivot.

Of several packages that could do it, those named first in the settings do. A direct package comes before any
pivot, and a way has never more than two steps: each one loses something.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confere.crypto.canonical import canonical_json
from confere.domain import EngineRecord
from confere.domain.words import WordEntry
from confere.translate.needs import WordList
from confere.translate.port import Translated, TranslationEngine
from confere.translate.terms import follow


@dataclass(frozen=True, slots=True)
class Route:
    """One engine, or two of which the second reads what the first writes."""

    engines: tuple[TranslationEngine, ...]

    def translate(self, sentences: Sequence[str]) -> list[Translated]:
        """Return one translation a sentence, with the marks of every step."""
        made = [Translated(sentence) for sentence in sentences]
        for engine in self.engines:
            step = engine.translate([each.text for each in made])
            made = [
                Translated(after.text, tuple(dict.fromkeys((*before.marks, *after.marks))))
                for before, after in zip(made, step, strict=True)
            ]
        return made

    def alternatives(self, sentences: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Return what else the last step ended with, of the best that the first gave."""
        for engine in self.engines[:-1]:
            sentences = [each.text for each in engine.translate(sentences)]
        return self.engines[-1].alternatives(sentences)


class Routes:
    """A ``Translator`` over one or more engines, in the order in which the study names them."""

    def __init__(self, engines: Sequence[TranslationEngine], target: str) -> None:
        if not engines:
            raise ValueError("there is nothing to translate with")
        self._target = target
        steps = _steps([(engine.source, engine.target) for engine in engines], target)
        self._routes = {
            language: Route(tuple(engines[number] for number in numbers))
            for language, numbers in steps.items()
        }
        self._record = _record(engines, self._routes, target)

    @property
    def record(self) -> EngineRecord:
        """Every package with its digest, and the route of each language.

        Of one package that goes to the target, it is that engine's own record. Otherwise ``model`` names
        all, and ``model_digest`` is the SHA-256 of the canonical JSON of their ``[name, digest]`` pairs.
        """
        return self._record

    @property
    def target(self) -> str:
        """The language it translates to, ISO 639-1."""
        return self._target

    def reads(self, language: str) -> bool:
        """Whether there is a route from a language."""
        return language in self._routes

    def translate(
        self, sentences: Sequence[tuple[str, str]], terms: Sequence[WordEntry] = ()
    ) -> tuple[Translated, ...]:
        """Return what becomes of each sentence; see ``Translator``."""
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for language, text in sentences:
            texts[language].append(text)
        words = WordList(terms, self._target)
        done = {
            language: iter(follow(self._routes[language], some, words))
            for language, some in texts.items()
            if language in self._routes
        }
        return tuple(
            next(done[language]) if language in done else Translated("")
            for language, _ in sentences
        )


def without_route(
    pairs: Sequence[tuple[str, str]], target: str, languages: Iterable[str]
) -> tuple[str, ...]:
    """Return those of a study's languages whose speech will stay untranslated, in their order.

    ``pairs`` are what the study's packages translate from and to, in the order in which it names them.
    """
    read = _steps(pairs, target)
    return tuple(each for each in languages if each != target and each not in read)


def _steps(pairs: Sequence[tuple[str, str]], target: str) -> dict[str, tuple[int, ...]]:
    """Which of the packages lead from each language to the target, by number."""
    found: dict[str, tuple[int, ...]] = {}
    last = [(number, source) for number, (source, to) in enumerate(pairs) if to == target]
    for number, source in last:
        found.setdefault(source, (number,))
    for first, (source, pivot) in enumerate(pairs):
        for second, read in last:
            if pivot == read != target != source:
                found.setdefault(source, (first, second))
    return found


def _record(
    engines: Sequence[TranslationEngine], routes: dict[str, Route], target: str
) -> EngineRecord:
    records = [engine.record for engine in engines]
    if len(records) == 1 and routes:
        return records[0]
    named = [[record.model, record.model_digest] for record in records]
    parameters: dict[str, str | int | float | bool | None] = {"target": target}
    for record in records:
        parameters[f"{record.model} digest"] = record.model_digest
        for name, value in record.parameters.items():
            parameters[f"{record.model} {name}"] = value
    for language, route in routes.items():
        parameters[f"route {language}"] = ", ".join(engine.record.model for engine in route.engines)
    return EngineRecord(
        engine=records[0].engine,
        engine_version=records[0].engine_version,
        model=" + ".join(record.model for record in records),
        model_digest=hashlib.sha256(canonical_json(named)).hexdigest(),
        practice=any(record.practice for record in records),
        parameters=parameters,
    )
