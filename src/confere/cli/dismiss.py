"""``confere dismiss``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk


@click.command("dismiss")
@click.argument("recording")
@click.argument("segment")
@click.argument("finding")
@click.option(
    "--reason", metavar="TEXT", help="Why it is right as it stands; asked for if left out."
)
@click.option("--again", is_flag=True, help="Take a dismissal back: the finding is open again.")
@acting
def command(
    recording: str,
    segment: str,
    finding: str,
    reason: str | None,
    again: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Say why what a check sees in a SEGMENT of a RECORDING is right as it stands.

    FINDING is the beginning of what 'confere check' shows before it. The reason stands in the signed
    transcript, with your name: it must name nobody. When a text of the segment changes, the finding
    is open again.
    """
    from confere.acts.checks import dismiss, raise_again
    from confere.cli.findings import told

    with desk(vault_path, name, passphrase_file) as at:
        if again:
            it = raise_again(at, recording, segment, finding, reason or "")
        else:
            why = click.prompt("Reason", err=True) if reason is None else reason
            it = dismiss(at, recording, segment, finding, why)
    click.echo(f"{'open again' if again else 'dismissed'}: {told(it.finding)}")
