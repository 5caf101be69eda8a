"""``confere person``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import (
    acting,
    desk,
    json_option,
    print_json,
    read_passphrase,
    vault_option,
)
from confere.domain import Role


@click.group("person")
def command() -> None:
    """Add and list the people of the study."""


@command.command("add")
@click.argument("new_name", metavar="NAME")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([str(role) for role in Role]),
    help="What the person does; may be given several times.",
)
@click.option(
    "--new-passphrase-file",
    metavar="FILE",
    help="Read the new person's passphrase from a file's first line; - is standard input.",
)
@acting
def add(
    new_name: str,
    roles: tuple[str, ...],
    new_passphrase_file: str | None,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Add NAME to the study. The new person types a passphrase of their own."""
    from confere.acts.setup import add_person

    with desk(vault_path, name, passphrase_file) as at:
        passphrase = read_passphrase(
            new_passphrase_file, f"New passphrase, typed by {new_name}", confirm=True
        )
        person = add_person(at, new_name, frozenset(Role(role) for role in roles), passphrase)
    can = "can open recordings" if person.reads else "can open no recording"
    click.echo(f"{person.name} is in the study: {', '.join(sorted(person.roles))}; {can}.")


@command.command("list")
@vault_option
@json_option
def list_(vault_path: Path | None, as_json: bool) -> None:
    """Show who is in the study; needs no passphrase, because the roster is public."""
    from confere.wiring import find_vault

    people = sorted(find_vault(vault_path).roster.people.values(), key=lambda p: p.name)
    if as_json:
        print_json([{"name": p.name, "roles": sorted(p.roles), "reads": p.reads} for p in people])
        return
    for person in people:
        click.echo(f"{person.name:<24}{', '.join(sorted(person.roles))}")
