"""What happened: bodies signed by whoever acted, kept in the catalog for ever.

The custody log (`log`) holds the salted hash of each, so that none can be changed, left out or put in
afterwards; the salt is kept beside the body.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from confere.crypto import SigningKey, VerifyKey
from confere.crypto.canonical import canonical_json
from confere.domain import new_id
from confere.errors import BadSignature, DamagedVault
from confere.vault.catalog import Catalog
from confere.vault.log import SALT_BYTES, CustodyLog, log_entry

Facts = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Event:
    """One signed event: ``body`` is canonical JSON, ``key`` the text of the signer's public key.

    ``salt`` is 32 random bytes; with them, the event gives its entry in the log.
    """

    body: bytes
    key: str
    signature: bytes
    salt: bytes = field(repr=False)

    @property
    def entry(self) -> bytes:
        """The event's entry in the custody log, 32 bytes."""
        signed = {k: v for k, v in self.to_json().items() if k != "salt"}
        return log_entry(self.salt, canonical_json(signed))

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
            "salt": self.salt.hex(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, str]) -> Event:
        """Read it back; raises DamagedVault."""
        try:
            body, signature = value["body"].encode(), bytes.fromhex(value["signature"])
            salt = bytes.fromhex(value["salt"])
            if len(salt) != SALT_BYTES or not isinstance(value["key"], str):
                raise ValueError
            return cls(body, value["key"], signature, salt)
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
    return Event(body, str(key.verify_key), key.sign(body), secrets.token_bytes(SALT_BYTES))


def record_event(catalog: Catalog, event: Event) -> None:
    """Write an event into the catalog, inside the transaction of what it tells."""
    value = event.value()
    catalog.run(
        "INSERT INTO events (id, body, key, signature, salt, what, recording)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            value["id"],
            event.body,
            event.key,
            event.signature,
            event.salt,
            value["what"],
            value["of"].get("recording", ""),
        ),
    )


def is_recorded(catalog: Catalog, event: Event) -> bool:
    """Whether the catalog has an event already."""
    row = catalog.row("SELECT 1 FROM events WHERE id = ?", (event.value()["id"],))
    return row is not None


def list_events(catalog: Catalog, recording_id: str | None = None) -> list[Event]:
    """Return the events in their order, of one recording if named."""
    where, values = ("WHERE recording = ? ", [recording_id]) if recording_id else ("", [])
    rows = catalog.rows(f"{_SELECT} {where}ORDER BY number", values)
    return [_event(row) for row in rows]


def events_of(catalog: Catalog, *what: str) -> list[Event]:
    """Return the events of some kinds, in their order."""
    marks = ", ".join("?" for _ in what)
    rows = catalog.rows(f"{_SELECT} WHERE what IN ({marks}) ORDER BY number", what)
    return [_event(row) for row in rows]


def latest_event(catalog: Catalog, *what: str) -> Event | None:
    """Return the newest event of one of some kinds, or None."""
    marks = ", ".join("?" for _ in what)
    row = catalog.row(
        f"{_SELECT} WHERE what IN ({marks}) ORDER BY number DESC LIMIT 1",
        what,
    )
    return _event(row) if row else None


def settle(catalog: Catalog, log: CustodyLog, signer: str, key: SigningKey) -> None:
    """Bring every event that has no leaf yet into the log, in their order.

    An offload's event is there already, put in by the machine. Killed in between, the next settling
    finds which are in and which are not. While we write the log ourselves nothing more is begun: what
    somebody else told in this very moment they settle, and we would wait for ourselves.
    """
    if log.held:
        return
    if catalog.row(f"{_UNSETTLED} LIMIT 1") is None:
        return
    with log.alone():
        # Whoever had it before has settled what waited, this event too: many wait for the disk once.
        if catalog.row(f"{_UNSETTLED} LIMIT 1") is not None:
            _settle(catalog, log, signer, key)


def _settle(catalog: Catalog, log: CustodyLog, signer: str, key: SigningKey) -> None:
    with catalog.transaction():
        waiting = [
            (row["number"], _event(row).entry)
            for row in catalog.rows(f"{_UNSETTLED} ORDER BY number")
        ]
        new = [entry for _, entry in waiting if log.find(entry) is None]
        if new:
            log.extend(new, signer, key)
        for number, entry in waiting:
            catalog.run("UPDATE events SET leaf = ? WHERE number = ?", (log.find(entry), number))


_SELECT = "SELECT number, body, key, signature, salt FROM events"
_UNSETTLED = f"{_SELECT} WHERE leaf IS NULL"


def _event(row: Any) -> Event:
    return Event(row["body"], row["key"], row["signature"], row["salt"])
