"""The words of a text, for comparing: what was said, without how it was written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import chain

_MARK = re.compile(r"\[[^\[\]\n]*\]")
_INNER = "'-"  # belong to a word when letters stand on both sides
_JOINERS = "\u200c\u200d"  # without a sound of their own; Hindi and Bengali words hold them


def without_marks(text: str) -> str:
    """Return ``text`` composed (NFC), on one line, without its transcript marks (``[laughter]``)."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join((_MARK.sub(" ", composed) if "[" in composed else composed).split())


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without marks and punctuation.

    A word is letters, digits and what combines with them (a regular expression's ``\\w`` leaves out the
    vowel signs of Hindi and Bengali), with hyphens and apostrophes inside.
    """
    return list(chain.from_iterable(map(_words_of, without_marks(text).split())))


@lru_cache(maxsize=100_000)  # an interview says the same few thousand words again and again
def _words_of(piece: str) -> tuple[str, ...]:
    """Return the words of a text without spaces: several where punctuation stands between them."""
    lower = unicodedata.normalize("NFC", piece.casefold().replace("’", "'"))
    kept = "".join(c if _belongs(c) else " " for c in lower)
    return tuple(word for part in kept.split() if (word := part.strip(_INNER + _JOINERS)))


def _belongs(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM" or character in _INNER + _JOINERS
