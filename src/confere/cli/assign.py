"""``confere assign``; and what it shares with ``take``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import acting, desk, json_option, print_json

if TYPE_CHECKING:
    from confere.vault.assignments import Assignment

due_option = click.option(
    "--due", default="", metavar="DAY", help="When it should be done, such as 2026-11-30."
)


@click.command("assign")
@click.argument("recording")
@click.option("--to", "to", required=True, metavar="NAME", help="Who does the next work on it.")
@due_option
@json_option
@acting
def command(
    recording: str,
    to: str,
    due: str,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Assign a RECORDING to somebody, or give them another day.

    It keeps nobody else from working on it. It is refused where they could not bring it to an end.
    """
    from confere.acts.assign import assign

    with desk(vault_path, name, passphrase_file) as at:
        made, others = assign(at, recording, to, due)
    tell_assignment(made, others, as_json)


def tell_assignment(made: Assignment, others: list[Assignment], as_json: bool) -> None:
    """Print who has a recording now, and who else."""
    if as_json:
        names = [other.name for other in others]
        value = {"recording": made.recording_id, "name": made.name, "due": made.due}
        print_json({**value, "others": names})
        return
    due = f", due {made.due}" if made.due else ""
    click.echo(f"{made.name} has {made.recording_id}{due}.")
    for other in others:
        click.secho(
            f"{other.name} has it too, since {other.at[:10]}: speak to each other.", fg="yellow"
        )
