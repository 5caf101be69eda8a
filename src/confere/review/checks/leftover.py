"""Portuguese words left in the English text, and Portuguese speech marked as another language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from confere.review.checks import dictionary, stems
from confere.review.checks.lists import word_set
from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token, listed, tokens
from confere.review.checks.values import Context, Finding, WordStatus

_LETTERS = re.compile(r"[ãõçáéíóúâêôà]", re.IGNORECASE)
_ENDINGS = re.compile(r"(?:o|a|os|as|ou|ei|iu|am|em|ao|oes|ado|ido|ncia|amos|emos|imos|ente)$")
_OF = frozenset(["de", "da", "das", "dos"])  # English only in a name: São José de Ribamar
LEAST_OTHER_LANGUAGE = 0.34  # share of Portuguese stop words that no English text has
LEAST_WORDS = 4


#: Folded Portuguese words that English has too, or borrowed with their accents.
_ALSO_ENGLISH = frozenset(
    listed(
        "a as do no so come me or os ate era eram ha ho sao la tu ti via vu ir cafe fiance "
        "fiancee resume cliche naive facade creche decor elite role debut acai am an in on at "
        "be"
    )
)


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find words of the translation that are Portuguese; names and kept words may be."""
    kept = context.prepared(_kept)
    said = {token.folded for token in pair.source_tokens}
    found = pair.target_tokens
    left = [t for t in found if _is_left(t, said) and t.folded not in kept]
    left = [t for t in left if t.folded not in _OF or not _in_a_name(t, found)]
    if left:
        told = ", ".join(dict.fromkeys(token.text for token in left))
        yield finding(pair.segment, "leftover.words", [], [t.span for t in left], target=told)


def check_language(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find speech that is marked as another language and reads like Portuguese."""
    found = [token for token in pair.source_tokens if not token.is_number]
    stop = [token for token in found if token.folded in word_set("portuguese")]
    if len(found) >= LEAST_WORDS and len(stop) >= LEAST_OTHER_LANGUAGE * len(found):
        told = ", ".join(dict.fromkeys(token.text for token in stop))
        spans = [token.span for token in stop]
        yield finding(
            pair.segment, "language.words", spans, language=pair.segment.language, source=told
        )


def _kept(context: Context) -> frozenset[str]:
    """Return the words that the word list wants in a translation."""
    return frozenset(
        word
        for entry in context.words
        if entry.status is not WordStatus.FORBIDDEN
        for word in _folded(entry.target + " " + entry.source * (entry.status is WordStatus.KEEP))
    )


def _is_left(token: Token, said: set[str]) -> bool:
    word = token.folded
    if token.is_number or word in word_set("loanwords"):
        return False
    capital = token.text[0].isupper() and not token.opens
    if capital:
        return False
    if word in word_set("portuguese"):
        return word not in _ALSO_ENGLISH and (not token.opens or word in said)
    if token.text[0].isupper():
        return False
    if _LETTERS.search(token.text) and word not in _ALSO_ENGLISH:
        return True
    if word not in said or len(word) < 3 or word in dictionary.english_words():
        return False
    english = dictionary.to_portuguese(word) and stems.portuguese(word) == word
    return not english and (dictionary.is_headword(word) or bool(_ENDINGS.search(word)))


def _in_a_name(token: Token, found: Sequence[Token]) -> bool:
    at = found.index(token)
    return any(near.text[0].isupper() for near in found[max(0, at - 1) : at + 2])


@lru_cache(maxsize=5_000)
def _folded(text: str) -> Sequence[str]:
    return [token.folded for token in tokens(text)]
