"""Sealing, opening and signing: bytes in, bytes out.

One format for everything sealed, age v1 (age-encryption.org/v1, C2SP age.md), written here with the
primitives of ``cryptography``, which nothing outside this folder imports.

=================  ====================================================================
a file             ``envelope``: header and nonce; then ``chunks``
its header         ``header``, made of ``stanza``; a stanza wraps the ``filekey``
who may open it    ``x25519`` or ``hybrid`` (``keys``, in ``bech32``), ``scrypt`` (a passphrase)
on paper           ``sheets``: a key in words, which two people bring together
whole, in memory   ``age``: encrypt, decrypt
as a stream        ``writer``: SealedWriter; ``reader``: SealedStream, SealedReader (seeks)
beside it          ``signing`` (Ed25519), ``hashing`` (SHA-256), ``kdf`` (HKDF)
on a network       ``certificates``: X.509 for the page; ``members``: for a cluster
a log that grows   ``merkle``: its tree and proofs; ``checkpoint``: their texts, in ``notes``
=================  ====================================================================
"""

from __future__ import annotations

from confere.crypto.age import decrypt, encrypt
from confere.crypto.errors import HeaderDamaged, HeaderMacWrong, PayloadDamaged
from confere.crypto.hashing import HashingThread
from confere.crypto.hybrid import HybridIdentity, HybridRecipient
from confere.crypto.identity_file import parse_identities
from confere.crypto.kdf import derive_key
from confere.crypto.keys import (
    KeyIdentity,
    KeyKind,
    KeyRecipient,
    generate_identity,
    key_kind,
    parse_recipient,
)
from confere.crypto.reader import SealedReader, SealedStream
from confere.crypto.scrypt import ScryptIdentity, ScryptRecipient
from confere.crypto.sheets import is_sheet, join_candidates, join_sheets, split_identity
from confere.crypto.signing import SigningKey, VerifyKey, derive_signing_key
from confere.crypto.stanza import Identity, Recipient, Stanza
from confere.crypto.writer import SealedWriter
from confere.crypto.x25519 import X25519Identity, X25519Recipient

__all__ = [
    "HashingThread",
    "HeaderDamaged",
    "HeaderMacWrong",
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "KeyIdentity",
    "KeyKind",
    "KeyRecipient",
    "PayloadDamaged",
    "Recipient",
    "ScryptIdentity",
    "ScryptRecipient",
    "SealedReader",
    "SealedStream",
    "SealedWriter",
    "SigningKey",
    "Stanza",
    "VerifyKey",
    "X25519Identity",
    "X25519Recipient",
    "decrypt",
    "derive_key",
    "derive_signing_key",
    "encrypt",
    "generate_identity",
    "is_sheet",
    "join_candidates",
    "join_sheets",
    "key_kind",
    "parse_identities",
    "parse_recipient",
    "split_identity",
]
