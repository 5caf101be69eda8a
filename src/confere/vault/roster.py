"""The roster: who is in the study, what their keys are, and to whom everything is sealed.

Public and signed, one file a version. A version is good when a lead of the version before it, or its
recovery key, signed it and it names that version's digest; the first is signed by its own lead. The
watcher seals to what the roster says, so an unsigned one is refused: one edited line would divert
every future recording. An older one than this machine has seen is refused by `pins`.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from confere.crypto import KeyRecipient, SigningKey, VerifyKey, parse_recipient
from confere.crypto.canonical import canonical_json
from confere.crypto.keys import KeyKind, key_kind
from confere.crypto.notes import open_note, sign_note
from confere.domain import MachineKeys, Person, Role
from confere.errors import BadKeyText, BadSignature, DamagedVault, NoSuchThing, RolledBack
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
    """One version of the roster. ``periods`` are the study's recipients, oldest first.

    ``signed_by`` and ``sha256`` tell of the file it was read from: who signed it, and its digest.
    """

    study_id: str
    study_name: str
    version: int
    previous: str
    practice: bool
    recovery: Recovery
    periods: tuple[str, ...]
    people: Mapping[str, Person]
    machines: Mapping[str, MachineKeys]
    signed_by: str = field(default="", compare=False)
    sha256: str = field(default="", compare=False)

    def person(self, name: str) -> Person:
        """Return somebody by name; raises NoSuchThing."""
        try:
            return self.people[name]
        except KeyError:
            hint = "'confere person list' shows who is in the study."
            raise NoSuchThing("person", name, hint) from None

    def next(self, previous: str, **changes: Any) -> Roster:
        """Return the version after this one; ``previous`` is the digest of this one's file."""
        following = {"version": self.version + 1, "previous": previous, **changes}
        return replace(self, signed_by="", sha256="", **following)

    def with_person(self, person: Person, previous: str) -> Roster:
        """Return the next version, with somebody added or their keys replaced."""
        return self.next(previous, people={**self.people, person.name: person})

    @property
    def keys(self) -> KeyKind:
        """The kind of every age key of the study: ``hybrid`` or ``x25519``."""
        return _kind(self.recovery.recipient)

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
        return {name: _verify_key(text) for name, text in keys.items()}

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


def load_rosters(storage: Storage, known: Sequence[Roster] = ()) -> list[Roster]:
    """Return every version of the roster, oldest first, each checked against the one before it.

    The versions of ``known`` were read before, and are not read again. Raises DamagedVault for a gap
    or an unreadable version, BadSignature for one no lead signed, RolledBack when there are fewer
    than are known.
    """
    names = storage.list("roster")
    versions = sorted(int(n[:-5]) for n in names if n.endswith(".note") and n[:-5].isdigit())
    if not versions or versions != list(range(1, len(versions) + 1)):
        raise DamagedVault("the roster", "is missing or has a gap")
    if len(versions) < len(known):
        detail = f"version {len(known)} was seen, the newest is {len(versions)}"
        raise RolledBack("the roster", detail)
    new = [f"roster/{v}.note" for v in versions[len(known) :]]
    return check_chain([(name, storage.read(name)) for name in new], known)


def check_chain(notes: Sequence[tuple[str, bytes]], known: Sequence[Roster] = ()) -> list[Roster]:
    """Check the named notes that follow the known versions, from 1 on if there are none.

    Returns both, oldest first; raises DamagedVault and BadSignature as `load_rosters` does.
    """
    rosters = list(known)
    for name, note in notes:
        rosters.append(_open_version(name, note, rosters[-1] if rosters else None))
    return rosters


def read_unchecked(name: str, note: bytes) -> Roster:
    """Return what the note of a version says, whoever signed it: for an audit of a broken roster.

    Raises DamagedVault.
    """
    return _parse(_text(note), name)


def _text(note: bytes) -> str:
    return note.decode("utf-8", "replace").rpartition("\n\n")[0] + "\n"


def _open_version(name: str, note: bytes, previous: Roster | None) -> Roster:
    roster = read_unchecked(name, note)
    signers = (previous or roster).signers("roster")
    if previous is None:
        del signers[RECOVERY]  # the first version has a lead, who signs it
    try:
        opened = open_note(note.decode("utf-8", "replace"), signers)
    except BadSignature:
        raise BadSignature(name) from None
    if opened.text != _text(note):  # what was read is what was signed
        raise BadSignature(name)
    following = (previous.version + 1, previous.sha256) if previous else (1, "")
    if (roster.version, roster.previous) != following:
        raise BadSignature(f"{name} (it does not follow the version before it)")
    if previous and not _continues(roster, previous):
        raise BadSignature(f"{name} (it changes what no version may change)")
    return replace(roster, signed_by=opened.signers[0], sha256=hashlib.sha256(note).hexdigest())


def _continues(roster: Roster, previous: Roster) -> bool:
    """Whether what lasts is the same; key periods are only ever added."""
    lasting = (roster.study_id, roster.practice, roster.keys)
    return (
        lasting == (previous.study_id, previous.practice, previous.keys)
        and roster.periods[: previous.period] == previous.periods
    )


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
        if (len(roster.people), len(roster.machines)) != (
            len(value["people"]),
            len(value["machines"]),
        ):
            raise DamagedVault(name, "names somebody twice")
        roster.signers("roster")  # every key of it is one
        roster.signers("checkpoint")
    except (ValueError, KeyError, TypeError, AttributeError, BadKeyText):
        raise DamagedVault(name, "is not a roster") from None
    return roster


def _require_one_kind(roster: Roster, name: str) -> None:
    """Hybrid and plain keys are never mixed: a file is as weak as its weakest recipient."""
    recipients = [*roster.periods, *(p.recipient for p in roster.people.values())]
    if not roster.periods or {_kind(r) for r in recipients} != {roster.keys}:
        raise DamagedVault(name, "mixes two kinds of keys")


@functools.lru_cache(maxsize=1024)
def _kind(recipient: str) -> KeyKind:
    """Every version names nearly the same keys, and reading one takes a millisecond."""
    return key_kind(recipient)


@functools.lru_cache(maxsize=4096)
def _verify_key(text: str) -> VerifyKey:
    return VerifyKey.parse(text)
