"""age's identity file: one identity a line, comments and empty lines between."""

from __future__ import annotations

from confere.crypto.x25519 import X25519Identity
from confere.errors import BadKeyText


def parse_identities(text: str) -> list[X25519Identity]:
    """The identities of a file, at least one.

    Raises BadKeyText with the number of the line, never with what stands in it.
    """
    identities = []
    for number, line in enumerate(text.splitlines(), start=1):
        if (word := line.strip()) and not word.startswith("#"):
            identities.append(_parse_line(word, number))
    if not identities:
        raise BadKeyText("identity file", "it holds no identity")
    return identities


def _parse_line(word: str, number: int) -> X25519Identity:
    try:
        return X25519Identity.parse(word)
    except BadKeyText as wrong:
        raise BadKeyText(f"identity file, line {number}", wrong.message) from None
