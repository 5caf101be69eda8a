"""The words of a text, for comparing: what was said, without how it was written."""

from __future__ import annotations

import re
import unicodedata

_MARK = re.compile(r"\[[^\[\]\n]*\]")
_INNER = "'-"  # belong to a word when letters stand on both sides
_JOINERS = "\u200c\u200d"  # without a sound of their own; Hindi and Bengali words hold them


def without_marks(text: str) -> str:
    """Return ``text`` composed (NFC), on one line, without its transcript marks (``[laughter]``)."""
    return " ".join(_MARK.sub(" ", unicodedata.normalize("NFC", text)).split())


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without marks and punctuation.

    A word is letters, digits and what combines with them (a regular expression's ``\\w`` leaves out the
    vowel signs of Hindi and Bengali), with hyphens and apostrophes inside.
    """
    lower = unicodedata.normalize("NFC", without_marks(text).casefold().replace("’", "'"))
    kept = "".join(c if _belongs(c) else " " for c in lower)
    return [word for part in kept.split() if (word := part.strip(_INNER + _JOINERS))]


def _belongs(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM" or character in _INNER + _JOINERS
