"""Keys of either kind, X25519 and hybrid, told apart by how their texts begin."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from confere.crypto import hybrid
from confere.crypto.hybrid import HybridIdentity, HybridRecipient
from confere.crypto.x25519 import X25519Identity, X25519Recipient

KeyIdentity = X25519Identity | HybridIdentity
KeyRecipient = X25519Recipient | HybridRecipient
KeyKind = Literal["hybrid", "x25519"]

IDENTITIES: dict[KeyKind, type[KeyIdentity]] = {"hybrid": HybridIdentity, "x25519": X25519Identity}


def generate_identity(kind: KeyKind) -> KeyIdentity:
    """A new identity of a kind, from the operating system's random numbers."""
    return IDENTITIES[kind].generate()


def key_kind(recipient_text: str) -> KeyKind:
    """The kind of key that a recipient's text is of; BadKeyText if it is none."""
    return "hybrid" if isinstance(parse_recipient(recipient_text), HybridRecipient) else "x25519"


def parse_identity(text: str) -> KeyIdentity:
    """An identity from its text; BadKeyText if it is none, without a word of the text."""
    if text.startswith(hybrid.IDENTITY_PREFIX):
        return HybridIdentity.parse(text)
    return X25519Identity.parse(text)


@lru_cache(maxsize=256)  # public keys: a study's few are read again at every step
def parse_recipient(text: str) -> KeyRecipient:
    """A recipient from its text; BadKeyText if it is none."""
    if text.startswith(hybrid.RECIPIENT_PREFIX + "1"):  # age1pq alone may begin an X25519 key
        return HybridRecipient.parse(text)
    return X25519Recipient.parse(text)
