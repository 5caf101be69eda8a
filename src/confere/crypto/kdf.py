"""Keys from keys: HKDF-SHA-256 (RFC 5869)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def hkdf(secret: bytes, *, salt: bytes, info: bytes, length: int = 32) -> bytes:
    """``length`` bytes of key from ``secret``; an empty ``salt`` is RFC 5869's "not provided"."""
    return HKDF(SHA256(), length, salt or None, info).derive(secret)


def derive_key(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose only: HKDF-SHA-256, no salt, ``info`` is the purpose in UTF-8.

    ``secret`` must be a uniformly random key, never a passphrase: HKDF is fast on purpose.
    """
    return hkdf(secret, salt=b"", info=purpose.encode(), length=length)
