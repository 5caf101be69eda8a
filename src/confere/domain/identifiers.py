"""Opaque identifiers: they name a thing and say nothing about it."""

from __future__ import annotations

import secrets

# No i, l, o, u: ids are read aloud and copied from paper (Crockford's base 32).
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 16  # characters of 5 bits: 80 random bits, so that ids from many laptops never meet


def new_id() -> str:
    """Return a new random id of 16 characters, safe as a file name on every system."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
