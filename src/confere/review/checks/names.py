"""Names of people and places: what one text names, the other should name.

A name is a word with a capital where no sentence begins. Words that the small word list can
translate (``Polícia Militar``) or that English spells otherwise (``Lisboa``) are found in their
translation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from confere.review.checks import dictionary, stems
from confere.review.checks.lists import lines, word_set
from confere.review.checks.messages import finding
from confere.review.checks.numbers.roman import roman
from confere.review.checks.text import Pair, Token, fold
from confere.review.checks.values import Context, Finding

LEAST_NAME = 3  # letters: shorter ones are initials and abbreviations
_ACRONYM_MAY_BE_SPELLED_OUT = 2  # capitals in a word that is one


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find names that stand in one text alone, each once."""
    source = {token.folded for token in pair.source_tokens}
    target = {_bare(token.folded) for token in pair.target_tokens}
    there = {stems.english(word) for word in target}
    back = {stems.portuguese(word) for word in source}
    for token in _once(_names(pair.source_tokens)):
        word = token.folded
        told = _spelled(word, target) or _exonyms()[0].get(word, frozenset()) & target
        if not told and not dictionary.to_english(word) & there and not _acronym(token):
            yield finding(pair.segment, "names.missing", [token.span], source=token.text)
    for token in _once(_names(pair.target_tokens)):
        word = _bare(token.folded)
        said = _spelled(word, source) or _exonyms()[1].get(word, frozenset()) & source
        known = word in word_set("capitals") or dictionary.to_portuguese(word) & back
        if not said and not known and not _acronym(token):
            text = token.text.removesuffix("'s").removesuffix("’s")
            yield finding(pair.segment, "names.added", [], [token.span], target=text)


def _names(found: Sequence[Token]) -> Iterator[Token]:
    for place, token in enumerate(found):
        if not token.text[0].isupper() or len(_bare(token.folded)) < LEAST_NAME:
            continue
        beside = place + 1 < len(found) and found[place + 1].joined and found[place + 1].text[0].isupper()
        if roman(token.text, alone=True) or (token.opens and not (beside and _unknown(token))):
            continue
        yield token


def _unknown(token: Token) -> bool:
    """Whether a word at the beginning of a sentence is no common word, so that it may be a name."""
    common = word_set("capitals") | word_set("stop-en") | word_set("stop-pt")
    return token.folded not in common and not dictionary.is_word(_bare(token.folded))


def _once(found: Iterator[Token]) -> Iterator[Token]:
    seen = set()
    for token in found:
        if token.folded not in seen:
            seen.add(token.folded)
            yield token


def _spelled(word: str, words: set[str]) -> bool:
    """Whether the name stands there, perhaps as a plural; never a name that only resembles it."""
    return bool({word, word + "s", word.removesuffix("s")} & words)


def _acronym(token: Token) -> bool:
    capitals = sum(letter.isupper() for letter in token.text)
    return capitals >= _ACRONYM_MAY_BE_SPELLED_OUT and token.text.isupper()


def _bare(folded: str) -> str:
    return folded.removesuffix("'s").removesuffix("'")


@cache
def _exonyms() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    there: defaultdict[str, set[str]] = defaultdict(set)
    back: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines("exonyms"):
        left, _, right = line.partition(":")
        for source in fold(left).split():
            for target in fold(right).split():
                there[source].add(target)
                back[target].add(source)
    return (
        {word: frozenset(words) for word, words in there.items()},
        {word: frozenset(words) for word, words in back.items()},
    )
