"""Hybrid identities and recipients: ML-KEM-768 and X25519 together, for what must stay secret long.

Whoever keeps a sealed file until there is a quantum computer opens it if it was sealed to X25519
alone. A hybrid key holds as long as one of its two halves does.

==================  ===========================================================================
bytes               what
==================  ===========================================================================
identity, 32        seed; SHAKE256 makes of it ML-KEM's own seed (64) and X25519's key (32)
recipient, 1216     ML-KEM's public key (1184), X25519's public key (32)
share, 1120         ML-KEM's ciphertext (1088), X25519's share (32): HPKE's *enc*
body, 32            the file key and its tag, sealed by HPKE
==================  ===========================================================================

Source: C2SP age.md, "The MLKEM768-X25519 (i.e. X-Wing) hybrid post-quantum recipient type"; HPKE is
RFC 9180, base mode, with KEM 0x647a of draft-ietf-hpke-pq. That such keys are never mixed with
weaker ones is a rule of ``envelope``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from confere.crypto import bech32
from confere.crypto.errors import HeaderDamaged
from confere.crypto.filekey import check_shape, decode_argument
from confere.crypto.stanza import Stanza, encode64
from confere.errors import BadKeyText

TYPE = "mlkem768x25519"
INFO = b"age-encryption.org/mlkem768x25519"
SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
KIND = "a hybrid"
RECIPIENT_PREFIX = "age1pq"
IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"

SEED_BYTES = 32
MLKEM_SEED_BYTES = 64
MLKEM_PUBLIC_BYTES = 1184
X25519_BYTES = 32  # a secret key, a public key, a share
RECIPIENT_BYTES = MLKEM_PUBLIC_BYTES + X25519_BYTES
SHARE_BYTES = 1088 + X25519_BYTES
SHOWN = 24  # characters of 1959 that a repr shows


@dataclass(frozen=True, repr=False)
class HybridRecipient:
    """A public key a file can be sealed to, written ``age1pq1...`` (1959 characters)."""

    raw: bytes

    def __post_init__(self) -> None:
        try:
            # A point of low order would make X25519's half of the secret known to everybody.
            X25519PrivateKey.generate().exchange(self._point)
            _ = self._public
        except ValueError:
            raise BadKeyText("recipient", "it is not the public key of anybody") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """A recipient from its text; BadKeyText if it is none."""
        return cls(bech32.parse_key(text, KIND, "recipient", RECIPIENT_PREFIX, RECIPIENT_BYTES))

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT_PREFIX, self.raw)

    def __repr__(self) -> str:
        return f"<HybridRecipient {str(self)[:SHOWN]}...>"

    def wrap(self, file_key: bytes) -> Stanza:
        """The file key for this recipient, under a share that is used this once."""
        sealed = SUITE.encrypt(file_key, self._public, INFO)
        return Stanza(TYPE, (encode64(sealed[:SHARE_BYTES]),), sealed[SHARE_BYTES:])

    @property
    def _point(self) -> X25519PublicKey:
        return X25519PublicKey.from_public_bytes(self.raw[MLKEM_PUBLIC_BYTES:])

    @cached_property
    def _public(self) -> MLKEM768X25519PublicKey:
        lattice = MLKEM768PublicKey.from_public_bytes(self.raw[:MLKEM_PUBLIC_BYTES])
        return MLKEM768X25519PublicKey(lattice, self._point)


@dataclass(frozen=True, repr=False)
class HybridIdentity:
    """The secret key of a recipient. ``str()`` gives the secret: ``AGE-SECRET-KEY-PQ-1...``."""

    secret: bytes
    recipient: HybridRecipient = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) != SEED_BYTES:  # SHAKE256 would take any length
            raise ValueError(f"a hybrid identity is a seed of {SEED_BYTES} bytes")
        lattice, curve = self._halves
        raw = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        object.__setattr__(self, "recipient", HybridRecipient(raw))

    @classmethod
    def generate(cls) -> Self:
        """A new identity from the operating system's random numbers."""
        return cls(os.urandom(SEED_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """An identity from its text; BadKeyText if it is none, without a word of the text."""
        return cls(bech32.parse_key(text, KIND, "identity", IDENTITY_PREFIX, SEED_BYTES))

    def __str__(self) -> str:
        return bech32.encode(IDENTITY_PREFIX.lower(), self.secret).upper()

    def __repr__(self) -> str:
        return f"<HybridIdentity of {self.recipient!r}>"

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key from the first hybrid stanza that is for this identity."""
        for stanza in stanzas:
            if stanza.type == TYPE and (file_key := self._unwrap(stanza)) is not None:
                return file_key
        return None

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        check_shape(stanza, argument_count=1)
        share = decode_argument(stanza, 0, SHARE_BYTES)
        _check_order(self._halves[1], share[-X25519_BYTES:])
        try:
            return SUITE.decrypt(share + stanza.body, self._private, INFO)
        except InvalidTag:
            return None

    @cached_property
    def _private(self) -> MLKEM768X25519PrivateKey:
        return MLKEM768X25519PrivateKey(*self._halves)

    @cached_property
    def _halves(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        """Expanded once: thousands of key files are opened with one study key."""
        keys = hashlib.shake_256(self.secret).digest(MLKEM_SEED_BYTES + X25519_BYTES)
        return (
            MLKEM768PrivateKey.from_seed_bytes(keys[:MLKEM_SEED_BYTES]),
            X25519PrivateKey.from_private_bytes(keys[MLKEM_SEED_BYTES:]),
        )


def _check_order(curve: X25519PrivateKey, share: bytes) -> None:
    """Raise HeaderDamaged for a share whose shared secret would be all zeros.

    HPKE's own error for it is that of a wrong key, and a malformed stanza is not somebody else's.
    """
    try:
        curve.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:
        raise HeaderDamaged("the share of a hybrid stanza is of low order") from None
