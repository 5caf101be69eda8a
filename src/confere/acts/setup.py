"""Set up a study, and change who is in it: people, machines, settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from confere.acts.desk import SETTINGS_EVENTS, Desk, tell_created, tell_found
from confere.acts.take_in import take_in
from confere.crypto.keys import KeyKind
from confere.domain import MachineKeys, Person, Role
from confere.domain.settings import Settings
from confere.errors import BadValue, NoSuchThing, NotReady
from confere.vault import Created, Machine, Pins, Vault, membership
from confere.vault.events import latest_event
from confere.vault.machine import announced_machines, machine_file
from confere.vault.membership import Progress
from confere.vault.recovery import RecoveryKey


def create_study(
    root: Path,
    *,
    study: str,
    lead: str,
    passphrase: str,
    settings: Settings,
    practice: bool,
    keys: KeyKind = "hybrid",
    sheets: int = 0,
    machine: Machine | None = None,
    pins: Pins | None = None,
) -> Created:
    """Make a vault with its first lead and write that it was made."""
    created = Vault.create(
        root,
        study=study,
        lead=lead,
        passphrase=passphrase,
        settings=settings,
        practice=practice,
        keys=keys,
        sheets=sheets,
        machine=machine,
        pins=pins,
    )
    opened = created.vault.unlock(lead, passphrase)
    try:
        tell_created(Desk(opened))
    finally:
        opened.close()
    return created


def add_person(desk: Desk, name: str, roles: frozenset[Role], passphrase: str) -> Person:
    """Add somebody to the study; only a lead may."""
    desk.require("add people", Role.LEAD)
    desk.require_approved_settings("add people")  # among them is how hard a passphrase is to guess
    if not roles:
        raise BadValue("a person needs at least one role", "Give --role, as often as needed.")
    with desk.vault.locked.alone("roster"):
        roster = membership.add_person(desk.vault, name, roles, passphrase)
        with desk.catalog.transaction():
            desk.tell(
                "person added",
                {
                    "name": name,
                    "roles": " ".join(sorted(roles)),
                    **desk.roster_facts(),
                    "secrets_sha256": desk.secrets_sha256(name),
                },
            )
    return roster.person(name)


def remove_person(desk: Desk, name: str, progress: Progress = lambda done, of: None) -> bool:
    """Take somebody out of the study, and reseal what they could open; only a lead may.

    Returns whether that is finished. It is not while another process has the catalog open: then the
    next one who unlocks the vault finishes it.
    """
    desk.require("remove people", Role.LEAD)
    with desk.vault.locked.alone("roster"):
        membership.remove_person(desk.vault, name)
        with desk.catalog.transaction():
            desk.tell("person removed", {"name": name, **desk.roster_facts()})
        try:
            membership.finish(desk.vault, progress)
        except NotReady:
            return False
    return True


def change_passphrase(desk: Desk, passphrase: str) -> None:
    """Give oneself another passphrase."""
    with desk.vault.locked.alone("roster"):
        membership.change_passphrase(desk.vault, passphrase)
        digest = desk.secrets_sha256(desk.person.name)
        with desk.catalog.transaction():
            desk.tell("secrets sealed", {"name": desk.person.name, "secrets_sha256": digest})


def recover(vault: Vault, name: str, recovery: RecoveryKey, passphrase: str) -> None:
    """Let somebody back in whose passphrase is lost, on the strength of the recovery key."""
    with vault.alone("roster"):
        opened = membership.recover(vault, name, recovery, passphrase)
        try:
            desk = Desk(opened)
            with desk.catalog.transaction():
                desk.tell(
                    "person recovered",
                    {
                        "name": name,
                        **desk.roster_facts(),
                        "secrets_sha256": desk.secrets_sha256(name),
                    },
                )
            tell_found(desk)  # an earlier change may have been cut off before it was told
        finally:
            opened.close()


def require_recoverable(vault: Vault, name: str) -> None:
    """Raise NoSuchThing or BadValue for whom recovery cannot help, before anybody types a key."""
    membership.require_recoverable(vault.refresh().person(name))


def certify_machine(desk: Desk, machine: MachineKeys, instead_of: str = "") -> None:
    """Say that a machine is the study's: its offloads are taken in. Only a lead may."""
    desk.require("certify machines", Role.LEAD)
    with desk.vault.locked.alone("roster"):
        _certify(desk, machine, instead_of)


def _certify(desk: Desk, machine: MachineKeys, instead_of: str = "") -> None:
    def change(machines: dict[str, MachineKeys]) -> None:
        machines.pop(instead_of, None)
        machines[machine.name] = machine

    _set_machines(desk, change, "machine certified", machine.name)
    desk.vault.locked.storage.remove(machine_file(machine.name))  # it waits no longer


def replace_machine(desk: Desk, old: Machine, renew: Callable[[], Machine]) -> Machine:
    """Give this machine a new key, certified in the place of the old one. Only a lead may.

    What the old key brought is taken in first: a note of a machine that is certified no more would
    wait for ever. Killed in between, the new key waits to be certified. Raises NotReady while this
    or another machine is offloading.
    """
    desk.require("certify machines", Role.LEAD)
    vault = desk.vault.locked
    with vault.alone("offload"), vault.alone("roster"):
        desk.vault.require_current()
        take_in(desk)
        machine = renew()
        _certify(desk, machine.keys, instead_of=old.name)
    return machine


def find_machine(vault: Vault, name: str, own: MachineKeys) -> MachineKeys:
    """Return the keys of a machine that waits, or was certified before; raises NoSuchThing.

    ``name`` may lack its ``machine:``.
    """
    known = {n: m for roster in vault.rosters() for n, m in roster.machines.items()}
    known |= announced_machines(vault.storage) | {own.name: own}
    for whole in (name, f"machine:{name}"):
        if whole in known:
            return known[whole]
    raise NoSuchThing("machine", name, "'confere machine list' shows them.")


def remove_machine(desk: Desk, name: str) -> None:
    """Say that a machine is the study's no longer. What it brought before stays."""
    desk.require("remove machines", Role.LEAD)

    def change(machines: dict[str, MachineKeys]) -> None:
        if machines.pop(name, None) is None:
            hint = "'confere machine list' shows which are certified."
            raise NoSuchThing("certified machine", name, hint)

    with desk.vault.locked.alone("roster"):
        _set_machines(desk, change, "machine removed", name)


def _set_machines(
    desk: Desk, change: Callable[[dict[str, MachineKeys]], None], what: str, name: str
) -> None:
    machines = dict(desk.vault.locked.refresh().machines)
    change(machines)
    membership.set_machines(desk.vault, machines)
    with desk.catalog.transaction():
        desk.tell(what, {"machine": name, **desk.roster_facts()})


def approve_settings(desk: Desk) -> str:
    """Say that ``confere.toml`` is as the lead wants it; returns its digest."""
    desk.require("approve settings", Role.LEAD)
    digest = desk.vault.locked.settings_sha256
    with desk.catalog.transaction():
        desk.tell("settings approved", {"settings_sha256": digest})
    return digest


@dataclass(frozen=True, slots=True)
class Approval:
    """Which settings a lead approved last; ``by`` and ``at`` are told if those are in force."""

    sha256: str
    by: str | None = None
    at: str | None = None


def settings_approval(desk: Desk) -> Approval:
    """Tell whether the settings in force are those that a lead approved."""
    event = latest_event(desk.catalog, *SETTINGS_EVENTS)
    if event is None:
        return Approval("")
    value = event.value()
    sha256: str = value["of"]["settings_sha256"]
    in_force = sha256 == desk.vault.locked.settings_sha256
    return Approval(sha256, value["by"], value["at"]) if in_force else Approval(sha256)
