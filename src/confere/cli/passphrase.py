"""``confere passphrase``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk, new_passphrase_file_option, read_passphrase


@click.command("passphrase")
@new_passphrase_file_option
@acting
def command(
    new_passphrase_file: str | None,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Give yourself another passphrase.

    It seals your own secrets anew. It takes nothing from somebody who knows the old passphrase and
    kept a copy of your file.
    """
    from confere.acts.setup import change_passphrase

    with desk(vault_path, name, passphrase_file) as at:
        new = read_passphrase(new_passphrase_file, f"New passphrase for {name}", confirm=True)
        change_passphrase(at, new)
    click.echo(f"{name} has another passphrase.")
    click.echo(f"An old copy of people/{name}.age, as in a backup, still opens with the old one.")
    click.echo("If somebody may have both, a lead removes and adds you: only that gives the")
    click.echo("study another key.")
