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
from confere.errors import BadSignature, BadValue, DamagedObject, ForgedStore
from confere.review import sampling
from confere.review.document import FORMATS, KIND
from confere.review.history import enough
from confere.review.sampling import Draw, Outcome, Plan

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
    BadSignature for everything else.
    """
    document, signature = _opened(parse_canonical(envelope, WHAT))
    verifier = _verifier(document)
    if signature.get("algorithm") != ALGORITHM or signature.get("purpose") != PURPOSE:
        raise BadSignature(WHAT)
    key = verifier["key"]
    if key != signature.get("key") or key not in keys_of(verifier["name"]):
        raise BadSignature(WHAT)
    VerifyKey.parse(key).verify(canonical_json(document), _raw(signature.get("value")))
    _require_rules(document, verifier["name"])
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


def _require_rules(document: Mapping[str, Any], verifier: str) -> None:
    """Refuse a document whose own words break the rules that it was signed under."""
    try:
        percent = document["played_percent"] if document["format"] > 1 else 100
        spared = _spared(document)
        if not 1 <= percent <= 100:
            raise _against_the_rules(verifier, "this")
        for segment in document["segments"]:
            workers = segment["authors"] + segment["accepted_by"]
            played = enough(segment["played_ms"], segment["playable_ms"], percent)
            verified = segment["verified_by"] == verifier and (played or segment["unplayed_reason"])
            left_out = not segment["verified_by"] and segment["id"] in spared
            if verifier in workers or not (verified or left_out):
                raise _against_the_rules(verifier, f"segment {segment['id']}")
    except (KeyError, TypeError, ValueError, BadValue):
        raise DamagedObject("fields of it are missing, or of another kind", WHAT) from None


def _spared(document: Any) -> Collection[str]:
    """Return the segments that the plan of a document leaves out, after doing its draw again.

    Anybody can do it from the document alone: the seed opens the commitment, whoever was drawn or
    marked is not left out, and so few wrong ones in so large a sample refute the bound.
    """
    told: Any = document["plan"] if document["format"] > 1 else {"kind": "full"}
    if told["kind"] == "full" or told["outcome"] != Outcome.ENOUGH:
        return ()
    names = ("kind", "share_permille", "bound_permille", "commitment")
    plan = sampling.plan_of({name: told[name] for name in names})
    ids, marked = [s["id"] for s in document["segments"]], frozenset(told["marked"])
    drawn = sampling.draw(
        plan, bytes.fromhex(told["seed"]), document["recording"]["id"], ids, marked
    )
    judged = {s["id"] for s in document["segments"] if s["errors"]}
    honest = len(drawn.sample) == told["sample"] and len(judged & drawn.sample) <= told["wrong"]
    if not honest or not _is_enough(plan, drawn, told["wrong"]):
        raise _against_the_rules(document["verifier"]["name"], "this")
    return drawn.rest


def _is_enough(plan: Plan, drawn: Draw, wrong: int) -> bool:
    found = frozenset(sorted(drawn.sample)[:wrong])  # how many is what counts, not which
    return sampling.verdict(plan, drawn, drawn.to_verify, found).outcome is Outcome.ENOUGH


def _against_the_rules(verifier: str, what: str) -> ForgedStore:
    return ForgedStore(
        f"{verifier} signed {what} against the rules of verification",
        "The signature holds, but it was not made by Confere. Tell the lead.",
    )
