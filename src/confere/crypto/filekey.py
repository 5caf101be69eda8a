"""The file key: 16 bytes, one file only, and how a recipient's key wraps it.

X25519 and passphrases end the same way: a wrap key used once, a nonce of zeros, 32 bytes of body.
HPKE does it itself for hybrid keys; the body has the same length.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from confere.crypto.errors import HeaderDamaged
from confere.crypto.stanza import Stanza, decode64

FILE_KEY_BYTES = 16
BODY_BYTES = FILE_KEY_BYTES + 16  # with Poly1305's tag
ZERO_NONCE = bytes(12)  # safe because a wrap key never wraps a second file key


def new_file_key() -> bytes:
    """16 bytes nobody has used before."""
    return os.urandom(FILE_KEY_BYTES)


def wrap(file_key: bytes, wrap_key: bytes) -> bytes:
    """The body of a stanza."""
    return ChaCha20Poly1305(wrap_key).encrypt(ZERO_NONCE, file_key, None)


def unwrap(stanza: Stanza, wrap_key: bytes) -> bytes | None:
    """The file key in a stanza, or None when it was wrapped with another key.

    ``check_shape`` comes first: a body of another length must not be tried.
    """
    try:
        return ChaCha20Poly1305(wrap_key).decrypt(ZERO_NONCE, stanza.body, None)
    except InvalidTag:
        return None


def check_shape(stanza: Stanza, argument_count: int) -> None:
    """Raise HeaderDamaged unless a stanza has its number of arguments and a body of 32 bytes.

    The length is checked before any key is tried: a longer body can be made to open under many
    keys, and would tell an attacker which one we hold (a partitioning oracle).
    """
    if len(stanza.arguments) != argument_count:
        raise HeaderDamaged(f"a stanza of type {stanza.type} has a wrong number of arguments")
    if len(stanza.body) != BODY_BYTES:
        raise HeaderDamaged(f"the body of a stanza of type {stanza.type} has a wrong length")


def decode_argument(stanza: Stanza, position: int, length: int) -> bytes:
    """An argument that is canonical base64 of ``length`` bytes, or HeaderDamaged."""
    try:
        raw = decode64(stanza.arguments[position])
    except ValueError:
        raw = b""
    if len(raw) != length:
        raise HeaderDamaged(f"an argument of a stanza of type {stanza.type} is malformed")
    return raw
