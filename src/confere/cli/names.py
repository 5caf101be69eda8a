"""``confere names``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import acting, desk, json_option, print_json
from confere.errors import BadInput, StorageProblem

if TYPE_CHECKING:
    from confere.acts.names import Changed


@click.group("names")
def command() -> None:
    """Keep the identity key: the names that no text may hold, and the codes that stand for them."""


@command.command("list")
@json_option
@acting
def list_(as_json: bool, vault_path: Path | None, name: str, passphrase_file: str | None) -> None:
    """Show the identity key, by code. That you read it is told in the log."""
    from confere.acts.names import list_names

    with desk(vault_path, name, passphrase_file) as at:
        found = list_names(at)
    if as_json:
        print_json([{"name": i.name, "code": i.code, "note": i.note} for i in found])
        return
    for identity in found:
        note = f"  ({identity.note})" if identity.note else ""
        click.echo(f"{identity.code:<8} {identity.name}{note}")
    if not found:
        click.echo("The identity key is empty.")


@command.command("add")
@click.argument("words", metavar="[NAME CODE]", nargs=-1)
@click.option("--note", default="", metavar="TEXT", help="Whatever helps to tell who is meant.")
@acting
def add(
    words: tuple[str, ...],
    note: str,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Put a NAME, or a nickname, into the key, with the CODE that stands for it (P01).

    Without both they are asked for, and so stay out of the shell's history. The last word is the
    code. A name that is there gets the new code.
    """
    from confere.acts.names import add_name

    if len(words) == 1:
        raise click.UsageError("give the name and its code, or neither and be asked")
    with desk(vault_path, name, passphrase_file) as at:
        who = " ".join(words[:-1]) if words else click.prompt("Name", err=True)
        code = words[-1] if words else click.prompt("Code", err=True)
        _say(add_name(at, who, code, note))


@command.command("import")
@click.argument("file", metavar="FILE.csv")
@acting
def import_(file: str, vault_path: Path | None, name: str, passphrase_file: str | None) -> None:
    """Put all names of a CSV file (name, code, note) into the key; removes nothing."""
    from confere.acts.names import import_names

    data = _read(file)
    with desk(vault_path, name, passphrase_file) as at:
        _say(import_names(at, data))
    click.echo("The file still holds them. Destroy it, or keep it where only leads come.")


@command.command("remove")
@click.argument("words", metavar="[NAME]", nargs=-1)
@acting
def remove(
    words: tuple[str, ...], vault_path: Path | None, name: str, passphrase_file: str | None
) -> None:
    """Take a NAME out of the key; asked for if left out. Nothing of it is kept."""
    from confere.acts.names import remove_name

    with desk(vault_path, name, passphrase_file) as at:
        who = " ".join(words) if words else click.prompt("Name", err=True)
        _say(remove_name(at, who))


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        raise BadInput(f"there is no file {file}") from None
    except OSError as error:
        raise StorageProblem(file, error.strerror or str(error)) from None


def _say(done: Changed) -> None:
    told = [
        f"{count} {what}"
        for count, what in (
            (done.added, "added"),
            (done.changed, "changed"),
            (done.removed, "removed"),
        )
        if count
    ]
    click.echo(f"{', '.join(told) or 'Nothing changed'}; {done.count} in the identity key.")
