"""People, machines, settings, and one's own passphrase."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from confere.acts import setup
from confere.acts.take_in import take_in
from confere.domain import Role
from confere.domain.settings import values
from confere.errors import BadValue, NoSuchThing, NotReady
from confere.vault.machine import announced_machines
from confere.vault.vault import SETTINGS
from confere.web.sitting import Sitting


def people(sitting: Sitting) -> dict[str, Any]:
    """Return who is in the study, its machines, and what the settings say."""
    desk = sitting.desk
    roster = desk.vault.locked.refresh()
    locked = desk.vault.locked
    approval = setup.settings_approval(desk)
    waiting = set(announced_machines(locked.storage)) - set(roster.machines)
    return {
        "people": [
            {"name": p.name, "roles": sorted(p.roles), "reads": p.reads}
            for p in sorted(roster.people.values(), key=lambda p: p.name)
        ],
        "roles": [str(role) for role in Role],
        "machines": [{"name": name, "certified": True} for name in sorted(roster.machines)]
        + [{"name": name, "certified": False} for name in sorted(waiting)],
        "roster": {"version": roster.version, "sha256": roster.sha256},
        "settings": {
            "sha256": locked.settings_sha256,
            "values": [
                {"key": key, "value": text, "default": default}
                for key, text, default in values(locked.settings)
            ],
            "approved": {"by": approval.by, "at": approval.at} if approval.by else None,
            "approved_sha256": approval.sha256,
            "read_anew": not _is_as_read(sitting),
        },
        "lead": Role.LEAD in desk.person.roles,
    }


def add_person(
    sitting: Sitting, name: str, roles: Sequence[str], passphrase: str
) -> dict[str, Any]:
    """Add somebody, who typed a passphrase of their own."""
    known = {str(role): role for role in Role}
    if not set(roles) <= known.keys():
        raise BadValue("there is no such role")
    setup.add_person(
        sitting.desk, name.strip(), frozenset(known[role] for role in roles), passphrase
    )
    return people(sitting)


def remove_person(sitting: Sitting, name: str, typed: str) -> dict[str, Any]:
    """Take somebody out; ``typed`` is the name once more. ``finished`` as the act says."""
    if typed.strip() != name:
        raise BadValue("the name was not typed as it stands", "Nothing was changed.")
    finished = setup.remove_person(sitting.desk, name)
    return {**people(sitting), "finished": finished}


def change_passphrase(sitting: Sitting, old: str, new: str) -> dict[str, Any]:
    """Give oneself another passphrase; the old one is asked for, for a page may have been left open."""
    desk = sitting.desk
    desk.vault.sign_off_key(old)
    setup.change_passphrase(desk, new)
    return {"name": desk.person.name}


def approve_settings(sitting: Sitting, sha256: str) -> dict[str, Any]:
    """Approve the settings that were shown, which are those on the disk."""
    desk = sitting.desk
    desk.require("approve settings", Role.LEAD)
    if sha256 != desk.vault.locked.settings_sha256 or not _is_as_read(sitting):
        raise NotReady("confere.toml was changed since you signed in", "Lock, and sign in again.")
    setup.approve_settings(desk)
    return people(sitting)


def certify_machine(sitting: Sitting, name: str) -> dict[str, Any]:
    """Say that a machine that waits is the study's, and take in what it brought."""
    desk = sitting.desk
    desk.require("certify machines", Role.LEAD)
    waiting = announced_machines(desk.vault.locked.storage)
    if name not in waiting:
        raise NoSuchThing("machine", name, "It may have been certified meanwhile.")
    setup.certify_machine(desk, waiting[name])
    return {**people(sitting), "taken_in": len(take_in(desk))}


def remove_machine(sitting: Sitting, name: str) -> dict[str, Any]:
    """Say that a machine is the study's no longer."""
    setup.remove_machine(sitting.desk, name)
    return people(sitting)


def _is_as_read(sitting: Sitting) -> bool:
    locked = sitting.desk.vault.locked
    now = hashlib.sha256(locked.storage.read(SETTINGS)).hexdigest()
    return now == locked.settings_sha256
