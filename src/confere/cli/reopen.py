"""``confere reopen``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk


@click.command("reopen")
@click.argument("recording")
@click.option(
    "--reason", required=True, help="What is wrong with the signed one; it is signed along."
)
@acting
def command(
    recording: str,
    reason: str,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Begin a new version of the signed transcript of a RECORDING, to correct it.

    What was signed stays, and stays valid as what it was. The new version needs a sign-off of its own:
    what is changed from now on is verified anew.
    """
    from confere.acts.sign import reopen

    with desk(vault_path, name, passphrase_file) as at:
        version = reopen(at, recording, reason)
    click.echo(
        f"Version {version - 1} stays as it was signed. Version {version} can be corrected now,"
    )
    click.echo("and needs its own signature: confere correct, confere verify, confere sign.")
