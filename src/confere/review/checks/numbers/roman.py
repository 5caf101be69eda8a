"""Roman numerals: ``século XIX``, ``João XXIII``."""

from __future__ import annotations

import re

_VALUES = {"I": 1, "V": 5, "X": 10}
_SHAPE = re.compile(r"(X{0,3})(IX|IV|V?I{0,3})")


def roman(text: str, *, alone: bool) -> int:
    """Return the value of ``text`` up to 39, or 0; a single letter counts only if ``alone``."""
    if len(text) < 2 and not alone:
        return 0
    if not text or not _SHAPE.fullmatch(text):
        return 0
    values = [_VALUES[letter] for letter in text]
    return sum(
        -value if any(value < later for later in values[place + 1 :]) else value
        for place, value in enumerate(values)
    )
