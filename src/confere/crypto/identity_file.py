"""age's identity file: one identity of either kind a line, comments and empty lines between."""

from __future__ import annotations

from confere.crypto.keys import KeyIdentity, parse_identity
from confere.errors import BadKeyText


def parse_identities(text: str) -> list[KeyIdentity]:
    """The identities of a file, at least one, X25519 and hybrid in the order of their lines.

    Raises BadKeyText with the number of the line, never with what stands in it.
    """
    identities = []
    for number, line in enumerate(text.splitlines(), start=1):
        if (word := line.strip()) and not word.startswith("#"):
            identities.append(_parse_line(word, number))
    if not identities:
        raise BadKeyText("identity file", "it holds no identity")
    return identities


def _parse_line(word: str, number: int) -> KeyIdentity:
    try:
        return parse_identity(word)
    except BadKeyText as wrong:
        raise BadKeyText(f"identity file, line {number}", wrong.message) from None
