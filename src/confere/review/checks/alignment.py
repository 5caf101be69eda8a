"""Stretches of one text for which nothing in the other seems to stand.

A word counts for a stretch when every translation of it that the small word list knows is absent from
the other text, less when the list does not know it, and against it when it has a counterpart. To
the highest sum of a stretch comes how much shorter or longer the translation is than usual. So a
dropped or an invented clause is mostly found when it has a few words of its own; a word or two is not. The
weights were tuned on the development half of ``benchmarks/checks_data``.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence, Set
from math import log, sqrt

from confere.review.checks import dictionary, stems
from confere.review.checks.lists import word_set
from confere.review.checks.messages import finding
from confere.review.checks.numbers import english_words, portuguese_words
from confere.review.checks.text import Pair, Token, cover
from confere.review.checks.values import Context, Finding

KNOWN = 1.0  # a known word without counterpart
UNKNOWN = 0.6  # a word that the list does not know
STOP = 0.1  # a word too frequent to tell
FOUND = -1.0  # a word with a counterpart
LENGTH = 5.0  # for a translation that is e times as long as usual, or as short ...
USUAL_LENGTH = 0.04  # (the logarithm of English to Portuguese, in characters)
SHORT = 8  # ... with so many characters added to both, because short texts vary more
USUAL_SIZE = 60  # characters; the longer a text is, the less its length varies
MANY_WORDS = 12  # in more words than these, high sums come by chance
LEAST_WORDS = 5  # of a text in which a stretch is looked for
LEAST_TELLING = 2  # words of a stretch that are not too frequent to tell
ENOUGH_LOST = 3.4  # the sum that is reported
ENOUGH_ADDED = 3.6


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find the stretch of each text that the other most likely lacks."""
    if not pair.source_tokens or not pair.target_tokens:
        return
    longer = _longer(pair)
    chance = log(max(1.0, len(pair.source_tokens) / MANY_WORDS))
    enough = ENOUGH_LOST + chance + longer
    stretch = _stretch(pair.source_tokens, _source_score(pair), enough)
    if stretch:
        span = cover(stretch)
        text = pair.source[span.start : span.end]
        yield finding(pair.segment, "omission.words", [span], source=text)
    enough = ENOUGH_ADDED + chance - longer
    stretch = _stretch(pair.target_tokens, _target_score(pair), enough)
    if stretch:
        span = cover(stretch)
        text = pair.target[span.start : span.end]
        yield finding(pair.segment, "addition.words", [], [span], target=text)


def _size(found: Sequence[Token], numbers: frozenset[str]) -> int:
    """Return the characters of a text without its numbers, which may be written either way."""
    kept = (token for token in found if not token.is_number and token.folded not in numbers)
    return sum(len(token.text) + 1 for token in kept)


def _longer(pair: Pair) -> float:
    """Return by how much the translation is longer than usual, below zero if it is shorter."""
    source = _size(pair.source_tokens, portuguese_words.WORDS)
    target = _size(pair.target_tokens, english_words.WORDS)
    ratio = log((target + SHORT) / (source + SHORT)) - USUAL_LENGTH
    return LENGTH * ratio * sqrt(max(1.0, source / USUAL_SIZE))


def _source_score(pair: Pair) -> Callable[[Token], float]:
    words = {token.folded for token in pair.target_tokens}
    there = {stems.english(word) for word in words}
    return _score(words, there, word_set("stop-pt"), portuguese_words.WORDS, dictionary.to_english)


def _target_score(pair: Pair) -> Callable[[Token], float]:
    words = {token.folded for token in pair.source_tokens}
    there = {stems.portuguese(word) for word in words}
    return _score(words, there, word_set("stop-en"), english_words.WORDS, dictionary.to_portuguese)


def _score(
    words: set[str],
    there: set[str],
    stop: Container[str],
    numbers: Container[str],
    translations: Callable[[str], Set[str]],
) -> Callable[[Token], float]:
    """Return how much a word weighs against the words of the other side, and their stems."""
    alike = dictionary.cognates(words)

    def score(token: Token) -> float:
        if token.is_number or token.folded in numbers:
            return 0.0
        if token.folded in stop:
            return STOP
        known = translations(token.folded)
        if known & there or alike(token.folded):
            return FOUND
        return KNOWN if known else UNKNOWN

    return score


def _stretch(
    found: Sequence[Token], score: Callable[[Token], float], enough: float
) -> Sequence[Token]:
    """Return the words with the highest sum of scores, or none if it is not ``enough``."""
    if len(found) < LEAST_WORDS:
        return []
    scores = [score(token) for token in found]
    best, running, start, chosen = 0.0, 0.0, 0, (0, 0)
    for place, value in enumerate(scores):
        if running <= 0:
            running, start = 0.0, place
        running += value
        if running > best:
            best, chosen = running, (start, place + 1)
    telling = sum(value > STOP for value in scores[chosen[0] : chosen[1]])
    return found[chosen[0] : chosen[1]] if telling >= LEAST_TELLING and best >= enough else []
