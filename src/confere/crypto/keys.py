"""Keys of either kind, X25519 and hybrid, told apart by how their texts begin."""

from __future__ import annotations

from confere.crypto import hybrid
from confere.crypto.hybrid import HybridIdentity, HybridRecipient
from confere.crypto.x25519 import X25519Identity, X25519Recipient

KeyIdentity = X25519Identity | HybridIdentity
KeyRecipient = X25519Recipient | HybridRecipient


def parse_identity(text: str) -> KeyIdentity:
    """An identity from its text; BadKeyText if it is none, without a word of the text."""
    if text.startswith(hybrid.IDENTITY_PREFIX):
        return HybridIdentity.parse(text)
    return X25519Identity.parse(text)


def parse_recipient(text: str) -> KeyRecipient:
    """A recipient from its text; BadKeyText if it is none."""
    if text.startswith(hybrid.RECIPIENT_PREFIX + "1"):  # age1pq alone may begin an X25519 key
        return HybridRecipient.parse(text)
    return X25519Recipient.parse(text)
