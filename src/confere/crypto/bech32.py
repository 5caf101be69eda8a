"""Bech32: the spelling of age's keys, with a checksum that finds typing errors.

BIP 173 without its limit of 90 characters, as age has it. A text is all upper or all lower case,
and the checksum is over the lower case.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from functools import reduce
from operator import xor

from confere.errors import BadKeyText

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # five bits a character
CHECKSUM_LENGTH = 6  # characters
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)

_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FROM_BASE32 = bytes.maketrans(_BASE32, bytes(range(32)))
_TO_BASE32 = bytes.maketrans(bytes(range(32)), _BASE32)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
#: What the five bits that are shifted out at the top put into the remainder. A hybrid recipient has
#: 1959 characters, and every command reads some: this is five times as fast as bit by bit.
_REDUCED = tuple(
    reduce(xor, (factor for bit, factor in enumerate(GENERATOR) if top >> bit & 1), 0)
    for top in range(32)
)


def encode(prefix: str, raw: bytes) -> str:
    """``prefix`` (lower case), ``1``, the bytes at five bits a character, the checksum."""
    values = _digits(raw)
    polymod = _polymod([*_expand(prefix), *values, *[0] * CHECKSUM_LENGTH]) ^ 1
    checksum = [polymod >> 5 * place & 31 for place in reversed(range(CHECKSUM_LENGTH))]
    return f"{prefix}1" + "".join(ALPHABET[value] for value in (*values, *checksum))


def decode(text: str) -> tuple[str, bytes]:
    """The prefix (as written) and the bytes; ValueError says what is wrong, never with the text."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("it mixes upper and lower case")
    prefix, separator, data = text.rpartition("1")
    if not separator or not prefix or not all("!" <= letter <= "~" for letter in prefix):
        raise ValueError("it has no prefix")
    try:
        values = bytes(_VALUES[letter] for letter in data.lower())
    except KeyError:
        raise ValueError("it holds a character that no key has") from None
    if len(values) < CHECKSUM_LENGTH or _polymod([*_expand(prefix.lower()), *values]) != 1:
        raise ValueError("its checksum is wrong: a character is missing, added or mistyped")
    return prefix, _join(values[:-CHECKSUM_LENGTH])


def parse_key(text: str, kind: str, what: str, prefix: str, length: int) -> bytes:
    """The ``length`` bytes of a key; BadKeyText says what is wrong, never with the text.

    ``kind`` and ``what`` name the key in the error: "an X25519", "recipient".
    """
    try:
        found, raw = decode(text)
    except ValueError as wrong:
        raise BadKeyText(what, str(wrong)) from None
    if found != prefix:
        raise BadKeyText(what, f"{kind} {what} begins with {prefix}1")
    if len(raw) != length:
        raise BadKeyText(what, f"it is not {length} bytes long")
    return raw


def _digits(raw: bytes) -> bytes:
    """The bytes at five bits each, the last filled up with zeros: RFC 4648's base 32, as numbers."""
    return base64.b32encode(raw).rstrip(b"=").translate(_FROM_BASE32)


def _join(values: bytes) -> bytes:
    spelled = values.translate(_TO_BASE32)
    try:
        raw = base64.b32decode(spelled + b"=" * (-len(spelled) % 8))
    except ValueError:
        raise ValueError("it ends in the middle of a byte") from None
    if _digits(raw) != values:
        raise ValueError("its last character is not canonical")
    return raw


def _expand(prefix: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _polymod(values: Iterable[int]) -> int:
    """The remainder of BIP 173's checksum polynomial: 1 for a text whose checksum holds."""
    remainder = 1
    for value in values:
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value ^ _REDUCED[remainder >> 25]
    return remainder
