"""Words in any of their forms: how the entries of a word list are found in a text.

Deliberately simple: the plurals, genders and verb endings that are regular. What was said is searched with
Portuguese endings, a translation with English ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

#: A word, with what an apostrophe joins, or a number.
WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")

Patterns: TypeAlias = tuple[re.Pattern[str], ...]
"""A term: one pattern a word, for folded words."""

_PORTUGUESE_ENDINGS = (("ao", r"(?:ao|oes|aos|aes|a|as)"), ("al", r"(?:al|ais)"), ("el", r"(?:el|eis)"),
                       ("il", r"(?:il|is|eis)"), ("ol", r"(?:ol|ois)"), ("ul", r"(?:ul|uis)"),
                       ("m", r"(?:m|ns)"),
                       ("or", r"(?:or|ora|ores|oras)"), ("r", r"(?:r|res)"), ("z", r"(?:z|zes)"),
                       ("o", r"(?:o|a|os|as)"), ("a", r"(?:a|o|as|os)"), ("e", r"(?:e|es)"))  # fmt: skip


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return ``word`` in lower case, without accents, with straight apostrophes."""
    plain = unicodedata.normalize("NFKD", word.casefold().replace("’", "'"))
    return "".join(character for character in plain if not unicodedata.combining(character))


@lru_cache(maxsize=5_000)
def portuguese(term: str) -> Patterns:
    """Return the patterns of a Portuguese term."""
    return tuple(_portuguese(word) for word in _folded(term))


@lru_cache(maxsize=5_000)
def english(term: str) -> Patterns:
    """Return the patterns of an English term."""
    return tuple(_english(word) for word in _folded(term))


def stands(term: Patterns, words: Sequence[str], at: int) -> bool:
    """Whether a term stands in a text's folded words from there on."""
    return at + len(term) <= len(words) and all(
        pattern.fullmatch(words[at + step]) for step, pattern in enumerate(term)
    )


def places(term: Patterns, words: Sequence[str]) -> list[int]:
    """Return where a term begins in a text's folded words."""
    if not term:
        return []
    return [at for at in range(len(words) - len(term) + 1) if stands(term, words, at)]


class Said:
    """Portuguese terms, found in what was said by the first word of each."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._terms = [portuguese(term) for term in terms]
        self._begun: dict[str, list[int]] = {}
        # By the letters that no inflection of the first word changes.
        self._by_head: defaultdict[str, list[int]] = defaultdict(list)
        for number, term in enumerate(terms):
            for first in _folded(term)[:1]:
                self._by_head[first[: 2 if len(first) > 2 else 1]].append(number)

    def find(self, words: Sequence[str]) -> dict[int, list[tuple[int, int]]]:
        """Return which terms stand in a text's folded words, by number, in order.

        Each has its places: the first word's and the one behind the last.
        """
        found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for at, word in enumerate(words):
            for number in self._beginning(word):
                term = self._terms[number]
                if stands(term, words, at):
                    found[number].append((at, at + len(term)))
        return {number: found[number] for number in sorted(found)}

    def _beginning(self, word: str) -> list[int]:
        """Return the terms whose first word this may be; kept, for few words make up most speech."""
        if word not in self._begun:
            some = [n for head in {word[:1], word[:2]} for n in self._by_head.get(head, ())]
            self._begun[word] = [n for n in some if self._terms[n][0].fullmatch(word)]
        return self._begun[word]


def _folded(term: str) -> list[str]:
    return [fold(match[0]) for match in WORD.finditer(term)]


def _portuguese(word: str) -> re.Pattern[str]:
    for ending, forms in _PORTUGUESE_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return re.compile(re.escape(word.removesuffix(ending)) + forms)
    return re.compile(re.escape(word) + "s?")


def _english(word: str) -> re.Pattern[str]:
    """Return a pattern of a word, its plural, possessive and verb endings."""
    if word.endswith("y") and len(word) > 2:
        return re.compile(re.escape(word[:-1]) + r"(?:y|ys|ies|ied|ying|y's)")
    stem = re.escape(word.removesuffix("e"))
    own = re.escape(word)
    doubled = re.escape(word[-1]) if word else ""
    return re.compile(
        rf"(?:{own}(?:s|es|'s|s'|d|ed|ing)?|{stem}(?:ing|ed)|{own}{doubled}(?:ing|ed))"
    )
