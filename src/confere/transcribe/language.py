"""Which of the study's languages each clip is in.

The model gives a probability for each of its hundred languages. Only the study's count, and a change of
language has a price: a short or mumbled clip goes with its neighbours, a clear one stands for
itself. The cheapest way through a window is found by dynamic programming (Viterbi), and the end of
one window is the beginning of the next. Each side of a recording has a way of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from confere.errors import UnknownLanguage

Probabilities = Mapping[str, float]  # by ISO 639-1 code

SWITCH_COST = 1.5  # nats: a change needs a clip 4.5 times likelier in the other language
FULL_WEIGHT_MS = 2_000  # below this a clip's evidence counts in proportion to its length
FLOOR = 1e-4  # no clip is surer than this, so that one freak cannot outweigh ten neighbours
KNOWN_SHARE = 0.25  # of the speech must sound like the study's languages, by time


@dataclass
class LanguageChooser:
    """Chooses for one recording, window after window, and judges at the end.

    ``last`` is the language that each side spoke last. Raises UnknownLanguage from ``judge`` when less than
    a quarter of the speech, by time and probability, sounds like any of the study's languages.
    """

    languages: tuple[str, ...]
    last: dict[str, str] = field(default_factory=dict)
    speech_ms: int = 0
    known_ms: float = 0.0
    heard_ms: dict[str, float] = field(default_factory=dict)

    def choose(
        self, heard: Sequence[Probabilities], lengths_ms: Sequence[int], side: str = ""
    ) -> list[str]:
        """Return the language of each clip of a side of a window, in the order of time."""
        for each, length_ms in zip(heard, lengths_ms, strict=True):
            self._tally(each, length_ms)
        chosen = self._way(heard, lengths_ms, self.last.get(side))
        if chosen:
            self.last[side] = chosen[-1]
        return chosen

    def choose_rest(self, heard: Probabilities, length_ms: int, before: str) -> str:
        """Return the language of the rest of a clip whose beginning was heard in ``before``."""
        return self._way([heard], [length_ms], before)[0]

    def judge(self) -> None:
        """Raise UnknownLanguage, naming what it sounds like, unless the study's were heard."""
        if self.speech_ms and self.known_ms < KNOWN_SHARE * self.speech_ms:
            heard = max(self.heard_ms, key=lambda language: self.heard_ms[language])
            raise UnknownLanguage(self.languages, heard)

    def _way(
        self, heard: Sequence[Probabilities], lengths_ms: Sequence[int], before: str | None
    ) -> list[str]:
        costs = [
            {
                language: _cost(each, language, self.languages, length_ms)
                for language in self.languages
            }
            for each, length_ms in zip(heard, lengths_ms, strict=True)
        ]
        return _cheapest(costs, before)

    def _tally(self, heard: Probabilities, length_ms: int) -> None:
        self.speech_ms += length_ms
        self.known_ms += known_share(heard, self.languages) * length_ms
        for language, probability in heard.items():
            self.heard_ms[language] = self.heard_ms.get(language, 0.0) + probability * length_ms


def known_share(heard: Probabilities, languages: Sequence[str]) -> float:
    """The probability, 0 to 1, that a clip is in any of these languages."""
    return sum(heard.get(language, 0.0) for language in languages)


def _cost(heard: Probabilities, language: str, languages: Sequence[str], length_ms: int) -> float:
    known = known_share(heard, languages)
    share = heard.get(language, 0.0) / known if known else 1 / len(languages)
    return -math.log(max(share, FLOOR)) * min(1.0, length_ms / FULL_WEIGHT_MS)


def _cheapest(costs: Sequence[Mapping[str, float]], before: str | None) -> list[str]:
    if not costs:
        return []
    total = {
        language: cost + (SWITCH_COST if before not in (None, language) else 0.0)
        for language, cost in costs[0].items()
    }
    came_from: list[dict[str, str]] = []
    for row in costs[1:]:
        steps = {language: _best_step(total, language) for language in row}
        came_from.append(steps)
        total = {
            language: total[steps[language]]
            + (SWITCH_COST if steps[language] != language else 0.0)
            + cost
            for language, cost in row.items()
        }
    way = [min(total, key=lambda language: total[language])]
    for steps in reversed(came_from):
        way.append(steps[way[-1]])
    return way[::-1]


def _best_step(total: Mapping[str, float], language: str) -> str:
    return min(total, key=lambda last: total[last] + (SWITCH_COST if last != language else 0.0))
