"""``confere speaker``."""

from __future__ import annotations

import re
from pathlib import Path

import click

from confere.cli.options import acting, desk
from confere.errors import BadValue

_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


@click.command("speaker")
@click.argument("recording")
@click.argument("code")
@click.option(
    "--instead-of", "old", metavar="CODE", default="", help="Everywhere in place of this."
)
@click.option("--segments", metavar="N-M,...", default="", help="In these segments.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@acting
def command(
    recording: str,
    code: str,
    old: str,
    segments: str,
    yes: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Give segments of a RECORDING the speaker CODE, such as I1, P01, IP or UNK; never a name.

    Either everywhere in place of another code, or in some segments.
    """
    from confere.acts.reading import open_transcript
    from confere.acts.speakers import plan, rename

    if bool(old) == bool(segments):
        raise click.UsageError("give either --instead-of or --segments")
    numbers = _numbers(segments)
    with desk(vault_path, name, passphrase_file) as at:
        transcript = open_transcript(at, recording).transcript
        planned = plan(transcript, code, old=old, numbers=numbers)
        cleared = (
            f"{planned.verified} of them verified: that is cleared" if planned.verified else ""
        )
        click.echo(
            f"{len(planned.segments)} segment(s) become {planned.speaker}. {cleared}".strip()
        )
        if not yes:
            click.echo(f"Afterwards {name} has changed them, and cannot verify them.")
            click.confirm("Change them?", abort=True)
        rename(at, recording, code, old=old, numbers=numbers, seen=planned.seen)
    click.echo("Changed. 'confere undo' takes it back, segment by segment.")


def _numbers(typed: str) -> list[int]:
    """Return the numbers of ``3-5,9``; raises BadValue."""
    numbers: dict[int, None] = {}
    for part in filter(None, typed.split(",")):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            raise BadValue(f"'{part}' is not a range of segments", "Give it as 3-5,9.")
        numbers |= dict.fromkeys(range(int(found[1]), int(found[2] or found[1]) + 1))
    if typed and not numbers:
        raise BadValue(f"'{typed}' holds no segment", "Give the lower number first, as 3-5.")
    return list(numbers)
