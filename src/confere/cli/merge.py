"""``confere merge``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk


@click.command("merge")
@click.argument("recording")
@click.argument("segment")
@click.option("--anyway", is_flag=True, help="Even of two speakers or languages.")
@acting
def command(
    recording: str,
    segment: str,
    anyway: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Merge a SEGMENT (its number or id) of a RECORDING with the one after it.

    Whoever worked on either worked on the result. Undo takes it back.
    """
    from confere.acts.split import merge
    from confere.cli.show import print_segment

    with desk(vault_path, name, passphrase_file) as at:
        print_segment(merge(at, recording, segment, anyway=anyway))
