"""What happened: bodies signed by whoever acted, kept in the catalog for ever.

The custody log will bind each body's digest into its tree; the bodies are in their final form now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confere.crypto import SigningKey, VerifyKey
from confere.crypto.canonical import canonical_json
from confere.domain import new_id
from confere.errors import BadSignature, DamagedVault
from confere.vault.catalog import Catalog

Facts = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Event:
    """One signed event: ``body`` is canonical JSON, ``key`` the text of the signer's public key."""

    body: bytes
    key: str
    signature: bytes

    def value(self) -> dict[str, Any]:
        """Return the body as a value."""
        value: dict[str, Any] = json.loads(self.body)
        return value

    def check(self) -> None:
        """Raise BadSignature unless the signature holds. Whose key it is, the roster tells."""
        try:
            VerifyKey.parse(self.key).verify(self.body, self.signature)
        except BadSignature:
            raise BadSignature("an event") from None

    def to_json(self) -> dict[str, str]:
        """Return the event as it travels in a sealed note."""
        return {
            "body": self.body.decode(),
            "key": self.key,
            "signature": self.signature.hex(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, str]) -> Event:
        """Read it back; raises DamagedVault."""
        try:
            body, signature = value["body"].encode(), bytes.fromhex(value["signature"])
            return cls(body, value["key"], signature)
        except (KeyError, ValueError, AttributeError, TypeError):
            raise DamagedVault("an event", "is not in its form") from None


def sign_event(*, study: str, at: str, by: str, what: str, of: Facts, key: SigningKey) -> Event:
    """Make an event. ``of`` holds ids, digests and counts, never text."""
    body = canonical_json(
        {
            "kind": "confere/event",
            "format": 1,
            "id": new_id(),
            "study": study,
            "at": at,
            "by": by,
            "what": what,
            "of": dict(of),
        }
    )
    return Event(body, str(key.verify_key), key.sign(body))


def record_event(catalog: Catalog, event: Event) -> None:
    """Write an event into the catalog, inside the transaction of what it tells."""
    catalog.run(
        "INSERT INTO events (id, body, key, signature) VALUES (?, ?, ?, ?)",
        (event.value()["id"], event.body, event.key, event.signature),
    )


def list_events(catalog: Catalog, recording_id: str | None = None) -> list[Event]:
    """Return the events in their order, of one recording if named."""
    rows = catalog.rows("SELECT body, key, signature FROM events ORDER BY number")
    events = [Event(row["body"], row["key"], row["signature"]) for row in rows]
    if recording_id is None:
        return events
    return [e for e in events if e.value()["of"].get("recording") == recording_id]
