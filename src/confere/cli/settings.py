"""``confere settings``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import acting, desk, passphrase_file_option, show_digest, vault_option

if TYPE_CHECKING:
    from confere.vault import Vault


@click.group("settings")
def command() -> None:
    """Show the settings, and approve them after a change.

    confere.toml is not sealed, so anybody who has the vault can change it. Nothing is signed or added
    by settings that no lead has approved.
    """


@command.command("show")
@click.option("--as", "name", help="Who asks; then it is told whether a lead approved them.")
@passphrase_file_option
@vault_option
def show(name: str | None, passphrase_file: str | None, vault_path: Path | None) -> None:
    """Show the settings that are in force, and the digest of confere.toml.

    With --as, also whether a lead approved them.
    """
    from confere.acts.setup import settings_approval
    from confere.wiring import find_vault

    if name is None:
        _show(find_vault(vault_path))
        click.echo("Whether a lead approved them is told with --as NAME.")
        return
    with desk(vault_path, name, passphrase_file) as at:
        _show(at.vault.locked)
        approval = settings_approval(at)
    if approval.by is not None:
        click.echo(f"Approved by {approval.by} at {approval.at}.")
        return
    click.echo(
        "NOT APPROVED: confere.toml is not as a lead last approved it. What differs from the"
    )
    click.echo("defaults has a *. A lead reads it and approves it: confere settings approve")
    if approval.sha256:
        click.echo("Last approved was the file with this digest:")
        show_digest(approval.sha256)


@command.command("approve")
@acting
def approve(vault_path: Path | None, name: str, passphrase_file: str | None) -> None:
    """Say that confere.toml is as you want it, after you changed it; a lead does."""
    from confere.acts.setup import approve_settings

    with desk(vault_path, name, passphrase_file) as at:
        approve_settings(at)
        _show(at.vault.locked)
    click.echo(f"Approved by {name}.")


def _show(vault: Vault) -> None:
    from confere.domain.settings import values

    for key, text, is_default in values(vault.settings):
        click.echo(f"{' ' if is_default else '*'} {key} = {text}")
    click.echo("\nSHA-256 of confere.toml:")
    show_digest(vault.settings_sha256)
