"""Names of people and places: what one text names, the other should name.

A name is a word with a capital where no sentence begins. Words that the small word list can
translate (``Polícia Militar``) or that English spells otherwise (``Lisboa``) are found in their
translation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from confere.review.checks import dictionary, stems
from confere.review.checks.lists import lines, word_set
from confere.review.checks.messages import finding
from confere.review.checks.numbers import english_words, portuguese_words
from confere.review.checks.numbers.roman import roman
from confere.review.checks.text import Pair, Token, fold
from confere.review.checks.values import Context, Finding

LEAST_NAME = 3  # letters: shorter ones are initials and abbreviations
_ACRONYM_CAPITALS = 2  # and more: SUS, which may be spelled out in English
#: Endings of first words that are no names: chegaram, trabalhando, felizmente; luckily, living.
_NO_NAME = re.compile(r"(?:ou|ei|am|amos|emos|imos|ndo|mente|avam?|ly|ing|ed)$")
_NONE: frozenset[str] = frozenset()


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find names that stand in one text alone, each once."""
    source = [token.folded for token in pair.source_tokens]
    target = {_bare(token.folded) for token in pair.target_tokens}
    small = [token.folded for token in pair.source_tokens if token.text.islower()]
    missing = [token for token in _once(pair.source_tokens) if _is_lost(token, target)]
    added = [token for token in _once(pair.target_tokens) if _is_new(token, set(source), small)]
    # A capital that begins a sentence is a name only if the other text seems to have another one there.
    doubtful = not (missing and added)
    for token in missing:
        if not (doubtful and _begins(token, pair.source_tokens)):
            yield finding(pair.segment, "names.missing", [token.span], source=token.text)
    for token in added:
        if not (doubtful and _begins(token, pair.target_tokens)):
            text = token.text.removesuffix("'s").removesuffix("’s")
            yield finding(pair.segment, "names.added", [], [token.span], target=text)


def _is_lost(token: Token, target: set[str]) -> bool:
    """Whether it may be a name of the source that the translation has in no spelling."""
    word = token.folded
    if not _may_be_name(token) or _spelled(word, target) or dictionary.is_headword(word):
        return False
    there = {stems.english(other) for other in target}
    return not (_exonyms()[0].get(word, _NONE) & target or dictionary.to_english(word) & there)


def _is_new(token: Token, source: set[str], small: Sequence[str]) -> bool:
    """Whether it may be a name of the translation that the source does not say in any way."""
    word = _bare(token.folded)
    known = word in word_set("capitals") or word in dictionary.english_words()
    if not _may_be_name(token) or _spelled(word, source) or known:
        return False
    return not (
        _exonyms()[1].get(word, _NONE) & source
        or dictionary.cognates(small)(word)  # bolivianos: Bolivians
        or {word.removesuffix("s"), word} & word_set("capitals")
    )


def _may_be_name(token: Token) -> bool:
    """Whether it has a capital, is not too short and no abbreviation, and begins no sentence as a
    word that everybody knows."""
    if not token.text[0].isupper() or len(_bare(token.folded)) < LEAST_NAME or _acronym(token):
        return False
    return not roman(token.text, alone=True) and (not token.opens or _unknown(token))


def _begins(token: Token, found: Sequence[Token]) -> bool:
    """Whether a capital says nothing because a sentence begins, and no other capital follows."""
    place = found.index(token) + 1
    beside = place < len(found) and found[place].joined and found[place].text[0].isupper()
    return token.opens and not beside


def _unknown(token: Token) -> bool:
    """Whether it is no common word of either language."""
    if token.opens and _NO_NAME.search(token.folded):
        return False
    return token.folded not in _common() and not dictionary.is_word(_bare(token.folded))


@cache
def _common() -> frozenset[str]:
    lists = word_set("capitals") | word_set("stop-en") | word_set("stop-pt")
    return lists | {*portuguese_words.WORDS, *portuguese_words.LOOSE, *portuguese_words.GROUPS} | {
        *english_words.WORDS, *english_words.LOOSE, *english_words.DECADES
    }  # fmt: skip


def _once(found: Sequence[Token]) -> list[Token]:
    """Return the words with a capital, each where it first stands."""
    first: dict[str, Token] = {}
    for token in found:
        if token.text[0].isupper():
            first.setdefault(token.folded, token)
    return list(first.values())


def _spelled(word: str, words: set[str]) -> bool:
    """Whether the name stands there, perhaps as a plural; never a name that only resembles it."""
    return bool({word, word + "s", word.removesuffix("s")} & words)


def _acronym(token: Token) -> bool:
    capitals = sum(letter.isupper() for letter in token.text)
    return capitals >= _ACRONYM_CAPITALS and token.text.isupper()


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
