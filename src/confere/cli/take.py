"""``confere take``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.assign import due_option, tell_assignment
from confere.cli.options import acting, desk, json_option


@click.command("take")
@click.argument("recording")
@due_option
@json_option
@acting
def command(
    recording: str,
    due: str,
    as_json: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Take a RECORDING: the others see that you do the next work on it.

    It keeps nobody else from working on it. It is refused where you could not bring it to an end.
    """
    from confere.acts.assign import take

    with desk(vault_path, name, passphrase_file) as at:
        made, others = take(at, recording, due)
    tell_assignment(made, others, as_json)
