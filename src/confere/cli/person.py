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
    show_digest,
    vault_option,
)
from confere.domain import Role


@click.group("person")
def command() -> None:
    """Add, list and remove the people of the study."""


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
        at.require("add people", Role.LEAD)  # before somebody types a passphrase in vain
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

    roster = find_vault(vault_path).roster
    people = sorted(roster.people.values(), key=lambda p: p.name)
    if as_json:
        print_json([{"name": p.name, "roles": sorted(p.roles), "reads": p.reads} for p in people])
        return
    for person in people:
        click.echo(f"{person.name:<24}{', '.join(sorted(person.roles))}")
    click.echo(
        f"\nRoster, version {roster.version}; its digest, to compare with another machine's:"
    )
    show_digest(roster.sha256)


@command.command("remove")
@click.argument("leaving", metavar="NAME")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@acting
def remove(
    leaving: str, yes: bool, vault_path: Path | None, name: str, passphrase_file: str | None
) -> None:
    """Take NAME out of the study, and close to them what they could open.

    The study gets a new key, and the small key file of every recording is sealed to it; recordings
    themselves are not touched.
    """
    from confere.acts.setup import remove_person
    from confere.cli.progress import bar
    from confere.errors import BadValue

    with desk(vault_path, name, passphrase_file) as at:
        at.require("remove people", Role.LEAD)
        person = at.roster.person(leaving)
        if leaving == name:
            raise BadValue("nobody removes themselves", "Another lead does it.")
        if not yes:
            click.echo(f"{leaving} ({', '.join(sorted(person.roles))}) will be out of the study.")
            if person.reads:
                click.echo(
                    "The study gets a new key, and the key file of every recording and the catalog"
                )
                click.echo("are sealed to it. Everybody else closes Confere first.")
            click.confirm("Remove?", abort=True)
        with bar("Sealing to the new key") as progress:
            finished = remove_person(at, leaving, progress)
    click.echo(f"{leaving} is out of the study.")
    if not person.reads:
        click.echo("They could open nothing, so nothing had to be sealed anew.")
        return
    click.echo("Closed to them: every new recording, and everything in this vault as it is now.")
    click.echo("Not closed: what they copied, exported or remember. A copy or a backup of the")
    click.echo("vault from before, with their passphrase, still opens what was in it. Make a new")
    click.echo("backup, and end the old ones when you can. Their work stays, under their name.")
    if not finished:
        click.echo(
            "\nNOT FINISHED: another Confere has the catalog open, so it still has its old key."
        )
        click.echo("Close Confere everywhere. The next one who unlocks the vault finishes it:")
        click.echo(f"  confere queue --as {name}")
