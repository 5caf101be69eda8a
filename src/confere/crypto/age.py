"""Whole age files in memory: for keys, notes and documents, which are small.

A recording goes through ``SealedWriter``, ``SealedStream`` and ``SealedReader`` instead.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from confere.crypto.reader import SealedStream
from confere.crypto.stanza import Identity, Recipient
from confere.crypto.writer import SealedWriter


def encrypt(plaintext: bytes, recipients: Sequence[Recipient]) -> bytes:
    """An age file for ``recipients``: any one of them opens it."""
    sink = io.BytesIO()
    with SealedWriter(sink, recipients) as sealed:
        sealed.write(plaintext)
    return sink.getvalue()


def decrypt(ciphertext: bytes, identities: Sequence[Identity]) -> bytes:
    """All of the plaintext, or an error and nothing.

    Raises WrongKey or WrongPassphrase (no identity opens it) or a DamagedObject (see ``errors``).
    """
    return SealedStream(io.BytesIO(ciphertext), identities).read()
