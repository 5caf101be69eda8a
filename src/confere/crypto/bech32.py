"""Bech32: the spelling of age's keys, with a checksum that finds typing errors.

BIP 173 without its limit of 90 characters, as age has it. A text is all upper or all lower case,
and the checksum is over the lower case.
"""

from __future__ import annotations

from collections.abc import Iterable

from confere.errors import BadKeyText

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # five bits a character
CHECKSUM_LENGTH = 6  # characters
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, raw: bytes) -> str:
    """``prefix`` (lower case), ``1``, the bytes at five bits a character, the checksum."""
    padding = -8 * len(raw) % 5
    values = _digits(int.from_bytes(raw, "big") << padding, (8 * len(raw) + padding) // 5)
    polymod = _polymod([*_expand(prefix), *values, *[0] * CHECKSUM_LENGTH]) ^ 1
    return f"{prefix}1" + "".join(
        ALPHABET[value] for value in (*values, *_digits(polymod, CHECKSUM_LENGTH))
    )


def decode(text: str) -> tuple[str, bytes]:
    """The prefix (as written) and the bytes; ValueError says what is wrong, never with the text."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("it mixes upper and lower case")
    prefix, separator, data = text.rpartition("1")
    if not separator or not prefix or not all("!" <= letter <= "~" for letter in prefix):
        raise ValueError("it has no prefix")
    values = [ALPHABET.find(letter) for letter in data.lower()]
    if -1 in values:
        raise ValueError("it holds a character that no key has")
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


def _digits(number: int, count: int) -> list[int]:
    """``number`` in base 32, ``count`` digits, the highest first."""
    return [number >> 5 * place & 31 for place in reversed(range(count))]


def _join(values: list[int]) -> bytes:
    number = 0
    for value in values:
        number = number << 5 | value
    padding = 5 * len(values) % 8
    if padding >= 5 or number & ((1 << padding) - 1):
        raise ValueError("its last character is not canonical")
    return (number >> padding).to_bytes(5 * len(values) // 8, "big")


def _expand(prefix: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _polymod(values: Iterable[int]) -> int:
    """The remainder of BIP 173's checksum polynomial: 1 for a text whose checksum holds."""
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, factor in enumerate(GENERATOR):
            if top >> bit & 1:
                remainder ^= factor
    return remainder
