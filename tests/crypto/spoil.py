"""Age files as nobody should write them, with a MAC that holds all the same.

So a parser that lets something pass is found out: nothing behind it would refuse the file.
"""

from __future__ import annotations

import hmac

from confere.crypto import Stanza
from confere.crypto.header import VERSION_LINE
from confere.crypto.kdf import hkdf
from confere.crypto.stanza import encode64

FILE_KEY = b"YELLOW SUBMARINE"

# Points of Curve25519 of order 1, 2, 4 and 8 (RFC 7748, section 6.1, asks to look for them).
LOW_ORDER_POINTS = [
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]


class Known:
    """A recipient and identity in one, who finds FILE_KEY in every header."""

    def wrap(self, file_key: bytes) -> Stanza:
        """A stanza that says nothing."""
        return Stanza("known", (), b"")

    def unwrap(self, stanzas: object) -> bytes | None:
        """The file key that the spoilt headers are made with."""
        return FILE_KEY


def mac_line(covered: bytes) -> bytes:
    """The true MAC line of a header of which ``covered`` is all before it."""
    key = hkdf(FILE_KEY, salt=b"", info=b"header")
    mac = hmac.digest(key, covered + b"---", "sha256")
    return b"--- " + encode64(mac).encode() + b"\n"


def header_of(stanzas: bytes) -> bytes:
    """A header with these bytes where its stanzas stand."""
    covered = VERSION_LINE + stanzas
    return covered + mac_line(covered)
