"""Set up a study: its vault and its people."""

from __future__ import annotations

from pathlib import Path

from confere.acts.desk import Desk
from confere.domain import Person, Role
from confere.domain.settings import Settings
from confere.errors import BadValue
from confere.vault import Created, Vault


def create_study(
    root: Path, *, study: str, lead: str, passphrase: str, settings: Settings, practice: bool
) -> Created:
    """Make a vault with its first lead and write that it was made."""
    created = Vault.create(
        root, study=study, lead=lead, passphrase=passphrase, settings=settings, practice=practice
    )
    opened = created.vault.unlock(lead, passphrase)
    try:
        desk = Desk(opened)
        with desk.catalog.transaction():
            desk.tell("study created", {"roster": 1, "practice": practice})
    finally:
        opened.close()
    return created


def add_person(desk: Desk, name: str, roles: frozenset[Role], passphrase: str) -> Person:
    """Add somebody to the study; only a lead may."""
    desk.require("add people", Role.LEAD)
    if not roles:
        raise BadValue("a person needs at least one role", "Give --role, as often as needed.")
    with desk.vault.locked.alone("roster"), desk.catalog.transaction():
        roster = desk.vault.add_person(name, roles, passphrase)
        desk.tell(
            "person added",
            {"name": name, "roles": " ".join(sorted(roles)), "roster": roster.version},
        )
    return roster.person(name)
