"""The roster: who is in the study, what their keys are, and to whom everything is sealed.

Public and signed, one file a version. A version is good when a lead of the version before it, or its
recovery key, signed it and it names that version's digest; the first is signed by its own lead. The
watcher seals to what the roster says, so an unsigned one is refused: one edited line would divert
every future recording. An older one than this machine has seen is refused by `pins`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from confere.crypto import KeyRecipient, SigningKey, VerifyKey, parse_recipient
from confere.crypto.canonical import canonical_json
from confere.crypto.keys import KeyKind, key_kind
from confere.crypto.notes import open_note, sign_note
from confere.domain import MachineKeys, Person, Role
from confere.errors import BadKeyText, BadSignature, DamagedVault, NoSuchThing
from confere.vault.storage import Storage

KIND = "confere/roster"
FORMAT = 1
#: The name under which the recovery key signs a roster; nobody may bear it.
RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Recovery:
    """The recovery key's public side. ``sheets`` is 0 for one key, else into how many it was split."""

    recipient: str
    verify_key: str
    sheets: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """One version of the roster. ``periods`` are the study's recipients, oldest first."""

    study_id: str
    study_name: str
    version: int
    previous: str
    practice: bool
    recovery: Recovery
    periods: tuple[str, ...]
    people: Mapping[str, Person]
    machines: Mapping[str, MachineKeys]

    def person(self, name: str) -> Person:
        """Return somebody by name; raises NoSuchThing."""
        try:
            return self.people[name]
        except KeyError:
            hint = "'confere person list' shows who is in the study."
            raise NoSuchThing("person", name, hint) from None

    def next(self, previous: str, **changes: Any) -> Roster:
        """Return the version after this one; ``previous`` is the digest of this one's file."""
        return replace(self, version=self.version + 1, previous=previous, **changes)

    def with_person(self, person: Person, previous: str) -> Roster:
        """Return the next version, with somebody added or their keys replaced."""
        return self.next(previous, people={**self.people, person.name: person})

    @property
    def keys(self) -> KeyKind:
        """The kind of every age key of the study: ``hybrid`` or ``x25519``."""
        return key_kind(self.recovery.recipient)

    @property
    def period(self) -> int:
        """The number of the newest key period, from 1."""
        return len(self.periods)

    @property
    def leads(self) -> list[str]:
        """The names of the leads, sorted."""
        return sorted(name for name, p in self.people.items() if Role.LEAD in p.roles)

    @property
    def study_recipients(self) -> list[KeyRecipient]:
        """To whom a reader's file is sealed: the newest study key and the recovery key."""
        return [parse_recipient(self.periods[-1]), parse_recipient(self.recovery.recipient)]

    @property
    def key_file_recipients(self) -> list[KeyRecipient]:
        """To whom a study key itself is sealed: everybody who reads, and the recovery key."""
        readers = [p.recipient for _, p in sorted(self.people.items()) if p.reads]
        return [parse_recipient(text) for text in [*readers, self.recovery.recipient]]

    def signers(self, kind: str) -> dict[str, VerifyKey]:
        """Return whose signatures of a kind count: people's, machines' and, for rosters, recovery's."""
        if kind == "roster":
            keys = {name: self.people[name].verify_keys[kind] for name in self.leads}
            keys[RECOVERY] = self.recovery.verify_key
        else:
            # Who reads nothing appends nothing: their key for it would only be one more to steal.
            readers = {n: p.verify_keys for n, p in self.people.items() if p.reads}
            signers = readers | {n: m.verify_keys for n, m in self.machines.items()}
            keys = {name: its[kind] for name, its in signers.items() if kind in its}
        return {name: VerifyKey.parse(text) for name, text in keys.items()}

    def text(self) -> str:
        """Return what is signed: canonical JSON and a line feed."""
        value = {
            "kind": KIND,
            "format": FORMAT,
            "study": {"id": self.study_id, "name": self.study_name},
            "version": self.version,
            "previous": self.previous,
            "practice": self.practice,
            "recovery": {
                "recipient": self.recovery.recipient,
                "verify_key": self.recovery.verify_key,
                "sheets": self.recovery.sheets,
            },
            "periods": [
                {"period": number, "recipient": recipient}
                for number, recipient in enumerate(self.periods, 1)
            ],
            "people": [
                {
                    "name": p.name,
                    "roles": sorted(p.roles),
                    "recipient": p.recipient,
                    "verify_keys": dict(p.verify_keys),
                }
                for _, p in sorted(self.people.items())
            ],
            "machines": [
                {"name": m.name, "verify_keys": dict(m.verify_keys)}
                for _, m in sorted(self.machines.items())
            ],
        }
        return canonical_json(value).decode() + "\n"


def write_roster(storage: Storage, roster: Roster, signer: str, key: SigningKey) -> None:
    """Sign a version, as a lead or with the recovery key, and put it in its place."""
    note = sign_note(roster.text(), signer, key)
    storage.write(f"roster/{roster.version}.note", note.encode())


def roster_digest(storage: Storage, version: int) -> str:
    """Return the digest of a roster file, as the next version names it."""
    return hashlib.sha256(storage.read(f"roster/{version}.note")).hexdigest()


def load_rosters(storage: Storage) -> list[Roster]:
    """Return every version of the roster, oldest first, each checked against the one before it.

    Raises DamagedVault for a gap or an unreadable version and BadSignature for one no lead signed.
    """
    names = storage.list("roster")
    versions = sorted(int(n[:-5]) for n in names if n.endswith(".note") and n[:-5].isdigit())
    if not versions or versions != list(range(1, len(versions) + 1)):
        raise DamagedVault("the roster", "is missing or has a gap")
    notes = [(f"roster/{v}.note", storage.read(f"roster/{v}.note")) for v in versions]
    return check_chain(notes)


def check_chain(notes: Sequence[tuple[str, bytes]]) -> list[Roster]:
    """Check the named notes of versions 1, 2, …; raises as `load_rosters` does."""
    rosters: list[Roster] = []
    expected = ""
    for name, note in notes:
        rosters.append(_open_version(name, note, rosters[-1] if rosters else None, expected))
        expected = hashlib.sha256(note).hexdigest()
    return rosters


def read_unchecked(name: str, note: bytes) -> Roster:
    """Return what the note of a version says, whoever signed it: for an audit of a broken roster.

    Raises DamagedVault.
    """
    return _parse(note.decode("utf-8", "replace").rpartition("\n\n")[0] + "\n", name)


def _open_version(name: str, note: bytes, previous: Roster | None, expected: str) -> Roster:
    text = note.decode("utf-8", "replace")
    claimed = read_unchecked(name, note)
    signers = (previous or claimed).signers("roster")
    if previous is None:
        del signers[RECOVERY]  # the first version has a lead, who signs it
    try:
        roster = _parse(open_note(text, signers).text, name)
    except BadSignature:
        raise BadSignature(name) from None
    if roster.version != (previous.version + 1 if previous else 1) or roster.previous != expected:
        raise BadSignature(f"{name} (it does not follow the version before it)")
    if previous and _lasting(roster) != _lasting(previous):
        raise BadSignature(f"{name} (it is of another study)")
    return roster


def _lasting(roster: Roster) -> tuple[object, ...]:
    """What no later version can change. Key periods are only ever added."""
    return (roster.study_id, roster.practice, roster.keys)


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
        roster = Roster(
            study_id=value["study"]["id"],
            study_name=value["study"]["name"],
            version=value["version"],
            previous=value["previous"],
            practice=value["practice"],
            recovery=Recovery(**value["recovery"]),
            periods=tuple(p["recipient"] for p in value["periods"]),
            people=people,
            machines={m["name"]: MachineKeys(**m) for m in value["machines"]},
        )
        _require_one_kind(roster, name)
        roster.signers("roster")  # every key of it is one
        roster.signers("checkpoint")
    except (ValueError, KeyError, TypeError, AttributeError, BadKeyText):
        raise DamagedVault(name, "is not a roster") from None
    return roster


def _require_one_kind(roster: Roster, name: str) -> None:
    """Hybrid and plain keys are never mixed: a file is as weak as its weakest recipient."""
    recipients = [*roster.periods, *(p.recipient for p in roster.people.values())]
    if not roster.periods or {key_kind(r) for r in recipients} != {roster.keys}:
        raise DamagedVault(name, "mixes two kinds of keys")
