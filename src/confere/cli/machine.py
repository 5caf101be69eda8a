"""``confere machine``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk, json_option, print_json, vault_option


@click.group("machine")
def command() -> None:
    """List, certify, replace and remove the machines that offload.

    A machine has a key of its own, which signs receipts and what it took in, and opens nothing. What a
    certified one brings is taken in; what another brings waits until a lead certifies it.
    """


@command.command("list")
@vault_option
@json_option
def list_(vault_path: Path | None, as_json: bool) -> None:
    """Show the machines of the study and those that wait; needs no passphrase."""
    from confere.vault.machine import announced_machines
    from confere.wiring import find_vault, this_machine

    vault, own = find_vault(vault_path), this_machine().name
    certified = set(vault.roster.machines)
    names = sorted(certified | set(announced_machines(vault.storage)) | {own})
    if as_json:
        print_json(
            [{"name": n, "certified": n in certified, "this_machine": n == own} for n in names]
        )
        return
    for name in names:
        state = "certified" if name in certified else "not certified"
        click.echo(f"{name:<28}{state}{', this machine' if name == own else ''}")


@command.command("certify")
@click.argument("machine", required=False)
@acting
def certify(
    machine: str | None, vault_path: Path | None, name: str, passphrase_file: str | None
) -> None:
    """Say that MACHINE is the study's; without a name, this one.

    Compare the name with what 'confere machine list' shows on that machine.
    """
    from confere.acts.setup import certify_machine, find_machine
    from confere.acts.take_in import take_in
    from confere.domain import Role
    from confere.wiring import this_machine

    own = this_machine().keys
    with desk(vault_path, name, passphrase_file, waiting=False) as at:
        at.require("certify machines", Role.LEAD)
        keys = find_machine(at.vault.locked, machine, own) if machine else own
        if keys.name in at.roster.machines:
            click.echo(f"{keys.name} is certified already.")
            return
        certify_machine(at, keys)
        click.echo(f"{keys.name} is certified{', this machine' if keys.name == own.name else ''}.")
        new = take_in(at)
    if new:
        click.echo(f"{len(new)} recording(s) that waited are taken in.")


@command.command("replace")
@acting
def replace(vault_path: Path | None, name: str, passphrase_file: str | None) -> None:
    """Give this machine a new key, certified in the place of the old one.

    For when somebody else may have had this machine, or a copy of its disk.
    """
    from confere.acts.setup import replace_machine
    from confere.vault import Machine
    from confere.wiring import state, this_machine

    with desk(vault_path, name, passphrase_file) as at:
        old = this_machine()
        new = replace_machine(at, old, lambda: Machine.renew(state()))
    click.echo(f"This machine is {new.name} now, and certified; {old.name} counts no longer.")
    click.echo(
        "Other studies of this account know only the old key: certify this machine in each of them."
    )


@command.command("remove")
@click.argument("machine")
@acting
def remove(machine: str, vault_path: Path | None, name: str, passphrase_file: str | None) -> None:
    """Say that MACHINE is the study's no longer. What it brought before stays."""
    from confere.acts.setup import remove_machine

    whole = machine if machine.startswith("machine:") else f"machine:{machine}"
    with desk(vault_path, name, passphrase_file) as at:
        remove_machine(at, whole)
    click.echo(f"{whole} is certified no longer. What it brought stays; what it brings now waits.")
