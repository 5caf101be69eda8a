"""The beginning of an age file, up to the first chunk: header and nonce.

Writing and reading are the same list, once downwards and once upwards:

1. a new file key;
2. a stanza for each recipient;
3. the header with its MAC;
4. the nonce, and from it the payload's cipher.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO

from confere.crypto import hybrid, scrypt
from confere.crypto.chunks import PAYLOAD_NONCE_BYTES, ChunkCipher
from confere.crypto.errors import HeaderDamaged
from confere.crypto.filekey import new_file_key
from confere.crypto.header import Header, format_header, read_header
from confere.crypto.plumbing import read_up_to, write_all
from confere.crypto.stanza import Identity, Recipient, Stanza
from confere.errors import BadValue, WrongKey, WrongPassphrase


def begin(sink: BinaryIO, recipients: Sequence[Recipient]) -> ChunkCipher:
    """Write the beginning of a file for ``recipients`` and return the cipher for its chunks.

    Raises BadValue, and writes nothing, when some of them are hybrid keys and others are not.
    """
    file_key = new_file_key()
    stanzas = [recipient.wrap(file_key) for recipient in recipients]
    if _mixes_strengths(stanzas):
        raise BadValue(
            "a file is sealed to hybrid keys only or to none",
            "Beside a weaker key a hybrid one protects nothing. Use keys of one kind.",
        )
    if not stanzas or not _may_stand_together(stanzas):
        raise ValueError("a file is sealed to at least one recipient, or to one passphrase alone")
    nonce = os.urandom(PAYLOAD_NONCE_BYTES)
    write_all(sink, memoryview(format_header(stanzas, file_key) + nonce))
    return ChunkCipher(file_key, nonce)


def enter(source: BinaryIO, identities: Sequence[Identity]) -> ChunkCipher:
    """Read the beginning of a file, leave ``source`` at its first chunk, return the cipher.

    Raises WrongKey or WrongPassphrase when no identity fits, HeaderDamaged, HeaderMacWrong.
    """
    header = read_header(source)
    if not _may_stand_together(header.stanzas):
        raise HeaderDamaged("a passphrase stands beside another recipient")
    file_key = _find_file_key(header, identities)
    header.verify(file_key)
    nonce = bytearray(PAYLOAD_NONCE_BYTES)
    if read_up_to(source, memoryview(nonce)) < PAYLOAD_NONCE_BYTES:
        raise HeaderDamaged("it ends within its nonce")
    return ChunkCipher(file_key, bytes(nonce))


def _find_file_key(header: Header, identities: Sequence[Identity]) -> bytes:
    for identity in identities:
        if (file_key := identity.unwrap(header.stanzas)) is not None:
            return file_key
    passphrase_tried = any(isinstance(identity, scrypt.ScryptIdentity) for identity in identities)
    if passphrase_tried and header.stanzas[0].type == scrypt.TYPE:
        raise WrongPassphrase
    raise WrongKey


def _may_stand_together(stanzas: Sequence[Stanza]) -> bool:
    """Whether these may be in one header: a passphrase only alone."""
    return len(stanzas) == 1 or all(stanza.type != scrypt.TYPE for stanza in stanzas)


def _mixes_strengths(stanzas: Sequence[Stanza]) -> bool:
    """Whether hybrid keys stand beside others: not written (age.md: SHOULD NOT), but read.

    A reader gains nothing by refusing: whoever breaks the weaker key has the file already.
    """
    return len({stanza.type == hybrid.TYPE for stanza in stanzas}) > 1
