"""A stanza: the file key, wrapped once. What one is, who makes one, who opens one.

::

    -> X25519 XEl0dJ6y3C7KZkgmgWUicg63EyXJiwBJW8PdYJ/cYBE      type and arguments
    qRS0AMjdjPvZ/WT08U2KL4G+PIooA3hy38SvLpvaC1E                body, 64 columns a line
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

COLUMNS = 64
BASE64 = re.compile(r"[A-Za-z0-9+/]*")
ARGUMENT = re.compile(r"[\x21-\x7e]+")  # VCHAR of RFC 5234: printable ASCII, no space


@dataclass(frozen=True)
class Stanza:
    """One ``->`` line and its body. ``type`` is the line's first argument."""

    type: str
    arguments: tuple[str, ...]
    body: bytes

    def __bytes__(self) -> bytes:
        """The stanza as it stands in a header."""
        words = (self.type, *self.arguments)
        if not all(ARGUMENT.fullmatch(word) for word in words):
            raise ValueError("a stanza's arguments are printable ASCII without spaces")
        body = encode64(self.body)
        # The last line is always shorter than 64 columns: a reader knows by it where the body ends.
        lines = [body[at : at + COLUMNS] for at in range(0, len(body) + 1, COLUMNS)]
        return "\n".join(["-> " + " ".join(words), *lines, ""]).encode("ascii")


class Recipient(Protocol):
    """Somebody a file can be sealed to."""

    def wrap(self, file_key: bytes) -> Stanza:
        """The file key (16 bytes), wrapped so that this recipient's identity can unwrap it."""
        ...


class Identity(Protocol):
    """Somebody who may be able to open a file."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None when no stanza is for this identity.

        Raises HeaderDamaged when a stanza of this identity's type is malformed.
        """
        ...


def encode64(raw: bytes) -> str:
    """Base64 as age writes it: the standard alphabet (RFC 4648, section 4), no padding."""
    return b64encode(raw).rstrip(b"=").decode("ascii")


def decode64(text: str) -> bytes:
    """The bytes of unpadded canonical base64; ValueError for any other text.

    Canonical: the unused low bits of the last character are zero. Otherwise one file would have
    several spellings that all open.
    """
    if not BASE64.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("not unpadded base64")
    raw = b64decode(text + "=" * (-len(text) % 4))
    if encode64(raw) != text:
        raise ValueError("not canonical base64")
    return raw
