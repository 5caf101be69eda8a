"""The roster: who is in the study, what their keys are, and to whom everything is sealed.

Public and signed, one file a version. A version is good when a lead of the version before it signed it
and it names that version's digest; the first is signed by its own lead. The watcher seals to what the
roster says, so an unsigned one is refused: one edited line would divert every future recording.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from confere.crypto import SigningKey, VerifyKey, X25519Recipient
from confere.crypto.canonical import canonical_json
from confere.crypto.notes import open_note, sign_note
from confere.domain import Person, Role
from confere.errors import BadSignature, DamagedVault, NoSuchThing
from confere.vault.storage import Storage

KIND = "confere/roster"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Roster:
    """One version of the roster. ``periods`` are the study's recipients, oldest first."""

    study_id: str
    study_name: str
    version: int
    previous: str
    practice: bool
    recovery: str
    periods: tuple[str, ...]
    people: Mapping[str, Person]

    def person(self, name: str) -> Person:
        """Return somebody by name; raises NoSuchThing."""
        try:
            return self.people[name]
        except KeyError:
            hint = "'confere person list' shows who is in the study."
            raise NoSuchThing("person", name, hint) from None

    def with_person(self, person: Person, previous: str) -> Roster:
        """Return the next version, with somebody added."""
        people = {**self.people, person.name: person}
        return replace(self, version=self.version + 1, previous=previous, people=people)

    @property
    def period(self) -> int:
        """The number of the newest key period, from 1."""
        return len(self.periods)

    @property
    def study_recipients(self) -> list[X25519Recipient]:
        """To whom a reader's file is sealed: the newest study key and the recovery key."""
        return [X25519Recipient.parse(self.periods[-1]), X25519Recipient.parse(self.recovery)]

    @property
    def key_file_recipients(self) -> list[X25519Recipient]:
        """To whom a study key itself is sealed: everybody who reads, and the recovery key."""
        readers = [p.recipient for _, p in sorted(self.people.items()) if p.reads]
        return [X25519Recipient.parse(text) for text in [*readers, self.recovery]]

    def text(self) -> str:
        """Return what is signed: canonical JSON and a line feed."""
        people = [
            {
                "name": p.name,
                "roles": sorted(p.roles),
                "recipient": p.recipient,
                "verify_keys": dict(p.verify_keys),
            }
            for _, p in sorted(self.people.items())
        ]
        value = {
            "kind": KIND,
            "format": FORMAT,
            "study": {"id": self.study_id, "name": self.study_name},
            "version": self.version,
            "previous": self.previous,
            "practice": self.practice,
            "recovery": self.recovery,
            "periods": [
                {"period": number, "recipient": recipient}
                for number, recipient in enumerate(self.periods, 1)
            ],
            "people": people,
        }
        return canonical_json(value).decode() + "\n"


def write_roster(storage: Storage, roster: Roster, lead: str, key: SigningKey) -> None:
    """Sign a version as a lead and put it in its place."""
    note = sign_note(roster.text(), lead, key)
    storage.write(f"roster/{roster.version}.note", note.encode())


def roster_digest(storage: Storage, version: int) -> str:
    """Return the digest of a roster file, as the next version names it."""
    return hashlib.sha256(storage.read(f"roster/{version}.note")).hexdigest()


def load_roster(storage: Storage) -> Roster:
    """Return the newest roster, each version checked against the one before it.

    Raises DamagedVault for a gap or an unreadable version and BadSignature for one no lead signed.
    """
    names = storage.list("roster")
    versions = sorted(int(n[:-5]) for n in names if n.endswith(".note") and n[:-5].isdigit())
    if not versions or versions != list(range(1, len(versions) + 1)):
        raise DamagedVault("the roster", "is missing or has a gap")
    previous: Roster | None = None
    for version in versions:
        previous = _open_version(storage, version, previous)
    if previous is None:  # versions is not empty
        raise DamagedVault("the roster", "is missing")
    return previous


def _open_version(storage: Storage, version: int, previous: Roster | None) -> Roster:
    name = f"roster/{version}.note"
    note = storage.read(name).decode("utf-8", "replace")
    claimed = _parse(note.rpartition("\n\n")[0] + "\n", name)
    signers = _lead_keys(previous or claimed)
    try:
        text = open_note(note, signers).text
    except BadSignature:
        raise BadSignature(name) from None
    roster = _parse(text, name)
    expected = roster_digest(storage, version - 1) if previous else ""
    if roster.version != version or roster.previous != expected:
        raise BadSignature(f"{name} (it does not follow the version before it)")
    if previous and (roster.study_id, roster.practice) != (previous.study_id, previous.practice):
        raise BadSignature(f"{name} (it is of another study)")
    return roster


def _lead_keys(roster: Roster) -> dict[str, VerifyKey]:
    return {
        p.name: VerifyKey.parse(p.verify_keys["roster"])
        for p in roster.people.values()
        if Role.LEAD in p.roles
    }


def _parse(text: str, name: str) -> Roster:
    try:
        value: dict[str, Any] = json.loads(text)
        if (value["kind"], value["format"]) != (KIND, FORMAT):
            raise DamagedVault(name, f"is of kind {value['kind']!r}, format {value['format']!r}")
        people = {
            p["name"]: Person(
                p["name"],
                frozenset(Role(role) for role in p["roles"]),
                p["recipient"],
                p["verify_keys"],
            )
            for p in value["people"]
        }
        return Roster(
            study_id=value["study"]["id"],
            study_name=value["study"]["name"],
            version=value["version"],
            previous=value["previous"],
            practice=value["practice"],
            recovery=value["recovery"],
            periods=tuple(p["recipient"] for p in value["periods"]),
            people=people,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedVault(name, "is not a roster") from None
