"""``confere destroy``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import acting, desk
from confere.errors import BadValue

if TYPE_CHECKING:
    from confere.acts.destroy import Doomed, Ended

_TYPED = 6  # characters of the id: nobody types those of another recording by accident


@click.command("destroy")
@click.argument("recording")
@click.option("--reason", required=True, help="Why; stays in the log for ever, so name nobody.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@acting
def command(
    recording: str,
    reason: str,
    yes: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """End the retention of a RECORDING: its key, its sound and its words are destroyed.

    Nothing brings it back. That it was destroyed, when, by whom and why stays in the custody log,
    where the reason cannot be changed or removed: it must name nobody.
    """
    from confere.acts.destroy import checked_reason, destroy, foresee

    reason = checked_reason(reason)
    with desk(vault_path, name, passphrase_file) as at:
        doomed = foresee(at, recording)
        _announce(doomed, reason)
        if not yes:
            _have_it_typed(doomed.recording.id)
        ended = destroy(at, doomed.recording.id, reason)
    _conclude(ended)


def _announce(doomed: Doomed, reason: str) -> None:
    from confere.domain import clock

    recording, interview = doomed.recording, doomed.interview
    told = ", ".join(filter(None, (interview.site, interview.date, *interview.participants)))
    click.echo("This will be destroyed, and nothing brings it back:")
    click.echo(
        f"  recording   {recording.id}, {clock(recording.duration_ms)[:-4]}, {recording.name}\n"
        f"              recorded {recording.recorded_at or 'at an unknown time'}\n"
        f"              offloaded {recording.offloaded_at}; {len(doomed.files)} file(s)\n"
        f"  interview   {interview.id}, part {recording.part}{': ' if told else ''}{told}"
    )
    if doomed.last:
        click.echo("              its last recording: site, date, codes and notes go too")
    click.echo(f"  transcript  {_transcript(doomed)}")
    for other in doomed.same_sound:
        click.secho(f"The same sound is in recording {other} too, and stays there.", fg="yellow")
    click.echo(f'The reason stays in the log for ever and must name nobody: "{reason}"')


def _transcript(doomed: Doomed) -> str:
    if doomed.segments is None:
        return "no draft"
    signed = f"signed {doomed.signed_at}" if doomed.signed_at else "not signed"
    return f"{doomed.segments} segments with every revision, {signed}"


def _have_it_typed(recording_id: str) -> None:
    typed = click.prompt(
        f"To destroy it, type the first {_TYPED} characters of the recording's number, or more"
    ).strip()
    if len(typed) < _TYPED or not recording_id.startswith(typed.lower()):
        raise BadValue("that is not its number; nothing was destroyed")


def _conclude(ended: Ended) -> None:
    recording_id = ended.doomed.recording.id
    click.echo(f"Recording {recording_id} is destroyed.")
    if ended.left:
        click.secho(
            f"NOT GONE YET: {', '.join(ended.left)}. Another Confere is at work, or the disk is full.\n"
            "  End it or make room; the next command that unlocks the vault does the rest.",
            fg="red",
        )
    click.echo("Copies may be elsewhere. docs/what-survives.md has the whole list; in short:")
    click.echo("  backups     confere backup to every destination, now; delete old versions there")
    if not ended.exports:
        click.echo("  exports     none was made with Confere")
    for export in ended.exports:
        audio = ", with audio" if export.audio else ""
        click.echo(f"  exports     {export.at} by {export.by}: {export.kinds}{audio}; go after it")
    click.echo("  copies      restored vaults, other laptops, sticks, snapshots: destroy there too")
    click.echo("  recorder    deleted is not erased: overwrite the whole card, or destroy it")
    for other in ended.doomed.same_sound:
        click.echo(f"  same sound  confere destroy {other}, if that is to go too")
