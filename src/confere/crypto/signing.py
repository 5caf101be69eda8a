"""Signatures: Ed25519 over exactly the bytes that are given.

Nothing is put before the message. What keeps a signature on one kind of document from passing for
one on another is the key: ``derive_signing_key`` gives a person a key of its own for each kind,
and a key is used for that kind only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from confere.crypto.kdf import derive_key
from confere.crypto.stanza import decode64, encode64
from confere.errors import BadKeyText, BadSignature

SEED_BYTES = 32
SIGNATURE_BYTES = 64
TEXT_PREFIX = "ed25519:"
PURPOSE_PREFIX = "confere/v1/signing/"

# The points of small order, sign bit cleared. Under such a key one signature can fit many messages,
# so whoever registered it could later deny theirs. Source: "Taming the many EdDSAs" (2020), table 1.
SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


@dataclass(frozen=True)
class VerifyKey:
    """The public half, written ``ed25519:`` and 43 characters of unpadded base64."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != SEED_BYTES:
            raise BadKeyText("signing key", f"it is not {SEED_BYTES} bytes long")
        if self.raw[:-1] + bytes([self.raw[-1] & 0x7F]) in SMALL_ORDER:
            raise BadKeyText("signing key", "it is not the public key of anybody")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A key from its one spelling; BadKeyText for any other text."""
        if not text.startswith(TEXT_PREFIX):
            raise BadKeyText("signing key", f"it begins with {TEXT_PREFIX}")
        try:
            return cls(decode64(text.removeprefix(TEXT_PREFIX)))
        except ValueError as wrong:
            raise BadKeyText("signing key", f"it is {wrong}") from None

    def __str__(self) -> str:
        return TEXT_PREFIX + encode64(self.raw)

    def __repr__(self) -> str:
        return f"<VerifyKey {self}>"

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise BadSignature unless ``signature`` is this key's on exactly ``message``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            raise BadSignature from None


@dataclass(frozen=True, repr=False)
class SigningKey:
    """The secret half: a seed of 32 random bytes."""

    seed: bytes
    verify_key: VerifyKey = field(init=False, compare=False)

    def __post_init__(self) -> None:
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        object.__setattr__(self, "verify_key", VerifyKey(public.public_bytes_raw()))

    @classmethod
    def generate(cls) -> Self:
        """A new key from the operating system's random numbers."""
        return cls(os.urandom(SEED_BYTES))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The key of a seed of 32 bytes; the same seed gives the same key."""
        return cls(bytes(seed))

    def __repr__(self) -> str:
        return f"<SigningKey of {self.verify_key}>"

    def sign(self, message: bytes) -> bytes:
        """64 bytes of signature on exactly ``message``; the same message gives the same ones."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def bad_signatures(signed: Iterable[tuple[str, bytes, bytes]]) -> list[int]:
    """The places of those, given as key text, message and signature, that do not hold."""
    keys: dict[str, VerifyKey] = {}
    bad = []
    for place, (key, message, signature) in enumerate(signed):
        try:
            if key not in keys:
                keys[key] = VerifyKey.parse(key)
            keys[key].verify(message, signature)
        except (BadSignature, BadKeyText, ValueError):
            bad.append(place)
    return bad


def serve_bad_signatures() -> None:
    """Answer `bad_signatures` for another process: JSON lines of hex on standard input and output.

    For very many: whoever asks goes on with other work meanwhile, and hands over nothing secret.
    """
    for line in sys.stdin:
        asked = ((key, bytes.fromhex(m), bytes.fromhex(s)) for key, m, s in json.loads(line))
        print(json.dumps(bad_signatures(asked)), flush=True)


def derive_signing_key(seed: bytes, purpose: str) -> SigningKey:
    """The key of a person (or machine) for one kind of document, such as ``sign-off``."""
    if len(seed) != SEED_BYTES or not purpose:
        raise ValueError(f"a signing key comes from a seed of {SEED_BYTES} bytes and a purpose")
    return SigningKey.from_seed(derive_key(seed, PURPOSE_PREFIX + purpose))
