"""Stretches of one text for which nothing in the other seems to stand.

A word counts for a stretch when every translation of it that the small word list knows is absent from
the other text, a little when the list does not know it, and against it when it has a counterpart.
The stretch with the highest sum is reported if it is high enough. So a dropped or an invented
clause is found when it has a few common words; a dropped word or two is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from confere.review.checks import dictionary, stems
from confere.review.checks.lists import word_set
from confere.review.checks.messages import finding
from confere.review.checks.numbers import english, portuguese
from confere.review.checks.text import Pair, Token, cover
from confere.review.checks.values import Context, Finding

_NUMBERS_PT = portuguese.UNITS | portuguese.TENS | portuguese.HUNDREDS | portuguese.SCALES
_NUMBERS_EN = english.UNITS | english.TENS | english.BIG  # compared by value elsewhere

KNOWN = 1.0  # a known word without counterpart
UNKNOWN = 0.6  # a word that the list does not know
FOUND = -1.0  # a word with a counterpart
ENOUGH = 2.9  # the sum that is reported


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find the stretch of each text that the other most likely lacks."""
    if not pair.source_tokens or not pair.target_tokens:
        return
    stretch = _stretch(pair.source_tokens, _source_score(pair))
    if stretch:
        span = cover(stretch)
        text = pair.source[span.start : span.end]
        yield finding(pair.segment, "omission.words", [span], source=text)
    stretch = _stretch(pair.target_tokens, _target_score(pair))
    if stretch:
        span = cover(stretch)
        text = pair.target[span.start : span.end]
        yield finding(pair.segment, "addition.words", [], [span], target=text)


def _source_score(pair: Pair) -> Callable[[Token], float]:
    words = {token.folded for token in pair.target_tokens}
    there = {stems.english(word) for word in words}
    stop = word_set("stop-pt")

    def score(token: Token) -> float:
        if token.folded in stop or token.is_number or token.folded in _NUMBERS_PT:
            return 0.0
        known = dictionary.to_english(token.folded)
        if known & there or any(dictionary.cognate(token.folded, word) for word in words):
            return FOUND
        return KNOWN if known else UNKNOWN

    return score


def _target_score(pair: Pair) -> Callable[[Token], float]:
    words = {token.folded for token in pair.source_tokens}
    there = {stems.portuguese(word) for word in words}
    stop = word_set("stop-en")

    def score(token: Token) -> float:
        if token.folded in stop or token.is_number or token.folded in _NUMBERS_EN:
            return 0.0
        known = dictionary.to_portuguese(token.folded)
        if known & there or any(dictionary.cognate(word, token.folded) for word in words):
            return FOUND
        return KNOWN if known else UNKNOWN

    return score


def _stretch(found: Sequence[Token], score: Callable[[Token], float]) -> Sequence[Token]:
    """Return the words with the highest sum of scores, or none if it is too low."""
    best, sum_, start, chosen = 0.0, 0.0, 0, (0, 0)
    for place, token in enumerate(found):
        value = score(token)
        if sum_ <= 0:
            sum_, start = 0.0, place
        sum_ += value
        if value > 0 and sum_ > best:
            best, chosen = sum_, (start, place + 1)
    return found[chosen[0] : chosen[1]] if best >= ENOUGH else []
