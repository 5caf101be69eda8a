"""``confere undo``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk


@click.command("undo")
@click.argument("recording")
@click.argument("segment")
@acting
def command(
    recording: str, segment: str, vault_path: Path | None, name: str, passphrase_file: str | None
) -> None:
    """Take the last change of a SEGMENT (its number or id) of a RECORDING back.

    Text, speaker, times, a split or a merge; again for the one before. Nothing is removed: what was
    taken back stays among the revisions, and whoever takes it back has changed the segment.
    """
    from confere.acts.split import undo
    from confere.cli.show import print_segment

    with desk(vault_path, name, passphrase_file) as at:
        print_segment(undo(at, recording, segment))
