"""How alike two source texts are: what makes a verified pair a suggestion. Values in, values out.

Texts are compared without what is no difference to a translator: the form of characters (NFKC), capitals, and
spaces. The marks at the end are kept aside: they decide only whether both are questions.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

#: From here on a pair is suggested; and so many at most.
LEAST_SCORE = 75
MOST_SUGGESTIONS = 5
_ENDINGS = ".?!…,;:-–—।|"  # also the danda of Hindi and Bengali
_ALMOST = 99


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text as it is compared: ``body`` without the marks at its end, and whether it asks."""

    body: str
    is_question: bool


@dataclass(frozen=True, slots=True)
class Match:
    """That a text of a list is like the one asked for: its place in the list, from 0.

    ``score`` is 0 to 100. ``exact`` is a repeat: the same words, and both ask or both do not.
    """

    index: int
    score: int
    exact: bool


def normalise(text: str) -> Normalised:
    """Return a text as it is compared. Of marks alone the body is empty."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    body = plain.rstrip(_ENDINGS + " ")
    return Normalised(body, "?" in plain[len(body) :])


def best_matches(text: str, sources: Sequence[str]) -> list[Match]:
    """Return which of the source texts are like a text, from 75, best first, then in their order.

    The score is the share of characters that both have in the same order, 2M / (a + b), rounded down
    (`rapidfuzz.fuzz.ratio`, the normalised indel similarity). Texts that are equal but for their
    asking get 99: "ele foi" and "ele foi?" are not translated alike.
    """
    asked = normalise(text)
    if not asked.body:
        return []
    known = [normalise(source) for source in sources]
    found = process.extract(
        asked.body,
        [source.body for source in known],
        scorer=fuzz.ratio,
        score_cutoff=LEAST_SCORE,
        limit=None,
    )
    matches = [_match(asked, known[index], index, score) for _, score, index in found]
    return sorted(matches, key=lambda match: (-match.score, match.index))


def _match(asked: Normalised, known: Normalised, index: int, score: float) -> Match:
    exact = known == asked
    return Match(index, 100 if exact else min(int(score), _ALMOST), exact)
