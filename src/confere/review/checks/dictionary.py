"""The small bilingual word list: may this English word stand for that Portuguese one?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from confere.review.checks import stems
from confere.review.checks.lists import lines, word_set
from confere.review.checks.text import fold

LEAST_COGNATE = 4  # letters that a word and its cognate begin with


@cache
def _tables() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Return English stems by Portuguese stem, and the other way."""
    there: defaultdict[str, set[str]] = defaultdict(set)
    back: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines("pt-en"):
        left, _, right = line.partition(":")
        for source in {stems.portuguese(fold(word)) for word in left.split()}:
            for target in {stems.english(fold(word)) for word in right.split()}:
                there[source].add(target)
                back[target].add(source)
    return (
        {stem: frozenset(words) for stem, words in there.items()},
        {stem: frozenset(words) for stem, words in back.items()},
    )


def to_english(folded: str) -> frozenset[str]:
    """Return the stems of the English words that may stand for a Portuguese one."""
    return _tables()[0].get(stems.portuguese(folded), frozenset())


def to_portuguese(folded: str) -> frozenset[str]:
    """Return the stems of the Portuguese words that an English one may stand for."""
    return _tables()[1].get(stems.english(folded), frozenset())


@cache
def _headwords() -> frozenset[str]:
    left = (fold(word) for line in lines("pt-en") for word in line.partition(":")[0].split())
    return frozenset(left) | word_set("portuguese")


@cache
def english_words() -> frozenset[str]:
    """Return every English word of the list, folded."""
    return frozenset(
        fold(word) for line in lines("pt-en") for word in line.partition(":")[2].split()
    )


def is_headword(folded: str) -> bool:
    """Whether it stands in the list as a Portuguese word, uninflected."""
    return folded in _headwords()


def is_word(folded: str) -> bool:
    """Whether it is a known common word of either language."""
    return bool(to_english(folded) or to_portuguese(folded) or folded in word_set("portuguese"))


def cognates(words: Iterable[str]) -> Callable[[str], bool]:
    """Return the question whether a folded word begins like one of ``words``, spelling evened out."""
    by_head: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        by_head[_even(word)[:LEAST_COGNATE]].append(word)
    return lambda word: any(
        _cognate(word, other) for other in by_head.get(_even(word)[:LEAST_COGNATE], ())
    )


def _cognate(source: str, target: str) -> bool:
    left, right = _even(source), _even(target)
    shared = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        shared += 1
    return shared >= max(LEAST_COGNATE, round(0.55 * min(len(left), len(right))))


@lru_cache(maxsize=20_000)
def _even(word: str) -> str:
    for old, new in (("ph", "f"), ("th", "t"), ("y", "i"), ("k", "c"), ("qu", "c"), ("ch", "c")):
        word = word.replace(old, new)
    return re.sub(r"(.)\1", r"\1", word)
