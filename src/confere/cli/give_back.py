"""``confere give-back``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk, json_option, print_json


@click.command("give-back")
@click.argument("recording")
@click.option("--of", "of", default="", metavar="NAME", help="What somebody else has; for leads.")
@json_option
@acting
def command(
    recording: str,
    of: str,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Give back a RECORDING that you took, or that was assigned to you."""
    from confere.acts.assign import give_back

    with desk(vault_path, name, passphrase_file) as at:
        recording_id = give_back(at, recording, of)
    if as_json:
        print_json({"recording": recording_id, "name": of or name})
    else:
        click.echo(f"{of or name} has given {recording_id} back.")
