"""Sealed recordings in a file without a name, as a decoder is handed them."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

from confere.crypto import SealedWriter, X25519Identity

IDENTITY = X25519Identity.generate()


def sealed(content: bytes, spoilt_at: int | None = None) -> BinaryIO:
    """Seal a content to `IDENTITY`; with a byte of the file changed at a place, if told."""
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115  whoever asked closes it
    with SealedWriter(file, [IDENTITY.recipient]) as writer:
        writer.write(content)
    if spoilt_at is not None:
        file.seek(spoilt_at)
        byte = file.read(1)
        file.seek(spoilt_at)
        file.write(bytes([byte[0] ^ 1]))
    file.flush()
    return file
