"""The signature that ends a verification: made once, checked at every opening.

The envelope is canonical JSON (RFC 8785)::

    {"document": {...},
     "signature": {"algorithm": "Ed25519", "key": "ed25519:…", "purpose": "sign-off", "value": "…"}}

``value`` is Ed25519 over exactly the canonical bytes of ``document``, in base64 without padding.
``docs/sign-off.md`` says how a stranger checks it without this software.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from confere.crypto.canonical import canonical_json, parse_canonical
from confere.crypto.signing import SigningKey, VerifyKey
from confere.crypto.stanza import decode64, encode64
from confere.errors import BadSignature, BadValue, DamagedObject
from confere.review.document import FORMATS, KIND
from confere.review.own_rules import require_rules

ALGORITHM: Final = "Ed25519"
PURPOSE: Final = "sign-off"
WHAT: Final = "the signed transcript"


@dataclass(frozen=True, slots=True)
class SignedTranscript:
    """A document under a signature that holds; ``envelope`` is the file, as kept and exported."""

    document: Mapping[str, Any]
    envelope: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the envelope, lower-case hex: what ``sha256sum`` says of the file."""
        return hashlib.sha256(self.envelope).hexdigest()


def sign(document: Mapping[str, Any], key: SigningKey) -> SignedTranscript:
    """Sign a document with the key whose public half it names; raises BadValue for another key."""
    if document["verifier"]["key"] != str(key.verify_key):
        raise BadValue("the document names another key than the one it is to be signed with")
    signature = {
        "algorithm": ALGORITHM,
        "key": str(key.verify_key),
        "purpose": PURPOSE,
        "value": encode64(key.sign(canonical_json(document))),
    }
    return SignedTranscript(
        document, canonical_json({"document": document, "signature": signature})
    )


def check(envelope: bytes, keys_of: Callable[[str], Collection[str]]) -> SignedTranscript:
    """Return the signed transcript of ``envelope`` if its signature holds.

    ``keys_of`` gives the texts of the public sign-off keys that the rosters know for a name: who
    left, or got new keys, signed too. The key in the file itself proves nothing. Raises
    DamagedObject for bytes that are not such an envelope, BadValue for a format of a later Confere,
    ForgedStore for a document against its own rules, BadSignature for everything else.
    """
    document, signature = _opened(parse_canonical(envelope, WHAT))
    verifier = _verifier(document)
    if signature.get("algorithm") != ALGORITHM or signature.get("purpose") != PURPOSE:
        raise BadSignature(WHAT)
    key = verifier["key"]
    if key != signature.get("key") or key not in keys_of(verifier["name"]):
        raise BadSignature(WHAT)
    VerifyKey.parse(key).verify(canonical_json(document), _raw(signature.get("value")))
    try:
        require_rules(document)
    except (KeyError, TypeError, ValueError, AttributeError, BadValue):
        raise DamagedObject("fields of it are missing, or of another kind", WHAT) from None
    return SignedTranscript(document, envelope)


def read(envelope: bytes) -> Mapping[str, Any]:
    """Return the document in an envelope whose signature was checked before; raises DamagedObject."""
    return _opened(parse_canonical(envelope, WHAT))[0]


def _opened(value: object) -> tuple[dict[str, Any], dict[str, Any]]:
    if not isinstance(value, dict) or set(value) != {"document", "signature"}:
        raise DamagedObject("it is not a document and a signature", WHAT)
    document, signature = value["document"], value["signature"]
    if not isinstance(document, dict) or not isinstance(signature, dict):
        raise DamagedObject("it is not a document and a signature", WHAT)
    if set(signature) != {"algorithm", "key", "purpose", "value"}:
        raise BadSignature(WHAT)
    return document, signature


def _verifier(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the verifier of a document of our kind and format."""
    if document.get("kind") != KIND:
        raise DamagedObject(f"it is not of the kind {KIND}", WHAT)
    if document.get("format") not in FORMATS:
        raise BadValue(
            f"{WHAT} has a format that this Confere does not read (it reads {FORMATS[-1]})",
            "Open it with the newer Confere that made it.",
        )
    verifier = document.get("verifier")
    if isinstance(verifier, dict) and all(
        isinstance(verifier.get(name), str) for name in ("name", "key")
    ):
        return verifier
    raise DamagedObject("it names no verifier", WHAT)


def _raw(value: object) -> bytes:
    try:
        return decode64(value) if isinstance(value, str) else b""
    except ValueError:
        raise BadSignature(WHAT) from None
