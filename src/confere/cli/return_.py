"""``confere return``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.judging import judging
from confere.cli.options import acting, desk
from confere.domain import ErrorKind, Judgement, Severity


@click.command("return")
@click.argument("recording")
@click.argument("segment")
@click.option("--reason", required=True, help="Why; the interpreter reads it.")
@judging(required=True)
@acting
def command(
    recording: str,
    segment: str,
    reason: str,
    kind: str,
    severity: str,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Give a SEGMENT (its number or id) of a RECORDING back to the interpreter.

    What kind of error it is, and how much it weighs, is counted in the signed transcript.
    """
    from confere.acts.verify import return_segment

    error = Judgement(ErrorKind(kind), Severity(severity))
    with desk(vault_path, name, passphrase_file) as at:
        returned = return_segment(at, recording, segment, reason, error)
    click.echo(f"segment {returned.position}: {returned.state}")
