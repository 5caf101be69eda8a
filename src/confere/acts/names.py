"""The identity key: which names must not be found in any text, and the codes that stand for them.

Leads only. That somebody read it, how many names were added, changed or removed, and a commitment to
the key as it is then, is told; a name never is. Those who correct see that a check found one, and where,
but not the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.acts.told import place_in_log
from confere.domain import Role
from confere.errors import BadValue, ForgedStore
from confere.review import name_list
from confere.review.name_list import NamedCode
from confere.vault import identities
from confere.vault.events import latest_event
from confere.vault.identities import Identity

_ACT = "work with the identity key"


@dataclass(frozen=True, slots=True)
class Changed:
    """How many names were added, got another code or note, and were removed; how many there are."""

    added: int
    changed: int
    removed: int
    count: int


def list_names(desk: Desk) -> list[Identity]:
    """Return the identity key, by code. That it was read is told."""
    desk.require(_ACT, Role.LEAD)
    with desk.catalog.transaction():
        found = identities.list_identities(desk.catalog)
        desk.tell("names read", {"count": len(found)})
    return found


def add_name(desk: Desk, name: str, code: str, note: str = "") -> Changed:
    """Put a name into the key, or give one that is there another code and note; raises BadValue."""
    desk.require(_ACT, Role.LEAD)
    return _put(desk, [name_list.named(name, code, note)])


def import_names(desk: Desk, data: bytes) -> Changed:
    """Put all names of a CSV file into the key, or none; removes nothing. Raises BadNameList."""
    desk.require(_ACT, Role.LEAD)
    return _put(desk, name_list.read_names(data))


def remove_name(desk: Desk, name: str) -> Changed:
    """Take a name out of the key, written in any case; raises BadValue when it is not there."""
    desk.require(_ACT, Role.LEAD)
    wanted = name_list.one_line(name)
    with desk.catalog.transaction():
        known = identities.list_names(desk.catalog)
        found = [n for n in known if name_list.same(n, wanted)]
        if not found:
            raise BadValue(
                "this name is not in the identity key", "'confere names list' shows what is in it."
            )
        identities.remove_identity(desk.catalog, found[0])
        return _tell(desk, Changed(0, 0, 1, len(known) - 1))


def known_names(desk: Desk) -> tuple[str, ...]:
    """Return the names that the checks look for, if they are those that a lead left.

    Whoever takes one out by hand makes the checks blind: what they do not find would be signed. Raises
    ForgedStore then. Some 10 microseconds a name.
    """
    names = identities.list_names(desk.catalog)
    event = latest_event(desk.catalog, "names")
    if event is None:
        whole = not names
    else:
        now = identities.key_commitment(desk.catalog)
        told = event.value()["of"].get("names_sha256") == now
        whole = told and place_in_log(desk, event, Role.LEAD) is not None
    if not whole:
        raise ForgedStore(
            "the identity key is not the one that a lead left",
            "Somebody went round the software. Tell a lead: 'confere audit' says more;"
            " then put the names in again with 'confere names import'.",
        )
    return names


def _put(desk: Desk, given: Sequence[NamedCode]) -> Changed:
    with desk.catalog.transaction():
        known = {i.name.casefold(): i for i in identities.list_identities(desk.catalog)}
        before = len(known)
        changed: set[str] = set()
        for it in given:
            plain = it.name.casefold()
            old = known.get(plain)
            new = Identity(old.name if old else it.name, it.code, it.note)
            if new != old:
                changed.add(plain)
                known[plain] = new
        identities.put_identities(desk.catalog, [known[plain] for plain in sorted(changed)])
        added = len(known) - before
        return _tell(desk, Changed(added, len(changed) - added, 0, len(known)))


def _tell(desk: Desk, done: Changed) -> Changed:
    if done.added or done.changed or done.removed:
        desk.tell(
            "names",
            {
                "added": done.added,
                "changed": done.changed,
                "removed": done.removed,
                "count": done.count,
                "names_sha256": identities.key_commitment(desk.catalog),
            },
        )
    return done
