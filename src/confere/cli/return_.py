"""``confere return``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk


@click.command("return")
@click.argument("recording")
@click.argument("segment")
@click.option("--reason", required=True, help="Why; the interpreter reads it.")
@acting
def command(
    recording: str,
    segment: str,
    reason: str,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Give a SEGMENT (its number or id) of a RECORDING back to the interpreter."""
    from confere.acts.verify import return_segment

    with desk(vault_path, name, passphrase_file) as at:
        returned = return_segment(at, recording, segment, reason)
    click.echo(f"segment {returned.position}: {returned.state}")
