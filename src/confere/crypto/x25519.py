"""X25519 identities and recipients: the keys of persons, of a study, of one recording.

Source: C2SP age.md, "The X25519 recipient type".
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from confere.crypto import bech32
from confere.crypto.errors import HeaderDamaged
from confere.crypto.filekey import check_shape, decode_argument, unwrap, wrap
from confere.crypto.kdf import hkdf
from confere.crypto.stanza import Stanza, encode64
from confere.errors import BadKeyText

TYPE = "X25519"
INFO = b"age-encryption.org/v1/X25519"
KEY_BYTES = 32
KIND = "an X25519"
RECIPIENT_PREFIX = "age"
IDENTITY_PREFIX = "AGE-SECRET-KEY-"


@dataclass(frozen=True)
class X25519Recipient:
    """A public key a file can be sealed to, written ``age1...``."""

    point: bytes

    def __post_init__(self) -> None:
        # A point of low order gives every sender the same secret, which is none.
        try:
            X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(self.point))
        except ValueError:
            raise BadKeyText("recipient", "it is not the public key of anybody") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """A recipient from its text; BadKeyText if it is none."""
        return cls(bech32.parse_key(text, KIND, "recipient", RECIPIENT_PREFIX, KEY_BYTES))

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT_PREFIX, self.point)

    def __repr__(self) -> str:
        return f"<X25519Recipient {self}>"

    def wrap(self, file_key: bytes) -> Stanza:
        """The file key for this recipient, under a share that is used this once."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.point))
        key = hkdf(secret, salt=share + self.point, info=INFO)
        return Stanza(TYPE, (encode64(share),), wrap(file_key, key))


@dataclass(frozen=True, repr=False)
class X25519Identity:
    """The secret key of a recipient. ``str()`` gives the secret: ``AGE-SECRET-KEY-1...``."""

    secret: bytes
    recipient: X25519Recipient = field(init=False, compare=False)

    def __post_init__(self) -> None:
        public = X25519PrivateKey.from_private_bytes(self.secret).public_key()
        object.__setattr__(self, "recipient", X25519Recipient(public.public_bytes_raw()))

    @classmethod
    def generate(cls) -> Self:
        """A new identity from the operating system's random numbers."""
        return cls(os.urandom(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """An identity from its text; BadKeyText if it is none, without a word of the text."""
        return cls(bech32.parse_key(text, KIND, "identity", IDENTITY_PREFIX, KEY_BYTES))

    def __str__(self) -> str:
        return bech32.encode(IDENTITY_PREFIX.lower(), self.secret).upper()

    def __repr__(self) -> str:
        return f"<X25519Identity of {self.recipient}>"

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key from the first X25519 stanza that is for this identity."""
        for stanza in stanzas:
            if stanza.type == TYPE and (file_key := self._unwrap(stanza)) is not None:
                return file_key
        return None

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        check_shape(stanza, argument_count=1)
        share = decode_argument(stanza, 0, KEY_BYTES)
        private = X25519PrivateKey.from_private_bytes(self.secret)
        try:
            secret = private.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:  # the shared secret would be all zeros, known to everybody
            raise HeaderDamaged("the share of an X25519 stanza is of low order") from None
        return unwrap(stanza, hkdf(secret, salt=share + self.recipient.point, info=INFO))
