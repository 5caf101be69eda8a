"""``confere verify``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from confere.acts.desk import Desk
from confere.acts.verify import Player
from confere.cli.options import acting, banner, desk
from confere.domain import Segment, State, Transcript
from confere.errors import BadInput, Refused
from confere.review.checks.dismissals import Seen

_KEYS = "a accept, p play again, r return, s skip, q stop"
_DISMISS = "d dismiss what a check sees"


@click.command("verify")
@click.argument("recording")
@click.argument("segment", required=False)
@click.option("--unplayed", default="", metavar="REASON", help="Verify without playing, and why.")
@acting
def command(
    recording: str,
    segment: str | None,
    unplayed: str,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Play and verify the segments of a RECORDING, one by one, or one SEGMENT.

    With a SEGMENT (its number or id), it is played and verified. Without, each segment that waits is
    played, and you are asked. There is no way to verify several at once.
    """
    from confere.acts.verify import play, verify
    from confere.cli.player import find_player

    if unplayed and segment is None:
        raise click.UsageError("--unplayed needs a SEGMENT")
    with desk(vault_path, name, passphrase_file) as at:
        setting = at.vault.locked.settings.review.player
        if segment is None:
            _walk(at, recording, find_player(setting, at.roster.practice))
            return
        if not unplayed:
            play(at, recording, segment, find_player(setting, at.roster.practice))
        _said(verify(at, recording, segment, unplayed_reason=unplayed))


def _walk(at: Desk, recording: str, player: Player) -> None:
    from confere.acts.reading import open_transcript
    from confere.acts.verify import play_whole

    transcript = open_transcript(at, recording).transcript
    banner(transcript.practice)
    todo = [s for s in transcript.segments if s.state is State.CORRECTED]
    if not transcript.segments:
        click.echo("The machine found no speech; the whole recording is played.")
        play_whole(at, recording, player)
    elif not todo:
        click.echo("No segment waits to be verified.")
    for segment in todo:
        try:
            if not _one(at, transcript, segment, player):
                return
        except Refused as refusal:  # one's own work, say: the next segment may be possible
            click.secho(f"      {refusal.message}", fg="yellow")


def _one(at: Desk, transcript: Transcript, segment: Segment, player: Player) -> bool:
    """Play one segment and ask; False when the person stops."""
    from confere.acts.checks import look_at_segment
    from confere.acts.verify import play, return_segment, verify
    from confere.cli.findings import open_only, print_findings
    from confere.cli.judging import ask_error
    from confere.cli.show import print_segment

    recording = transcript.recording.id
    print_segment(segment)
    seen = open_only(look_at_segment(at, transcript, segment))
    print_findings(seen)
    play(at, recording, segment.id, player)
    while True:
        keys = f"{_KEYS}, {_DISMISS}" if seen else _KEYS
        answer = click.prompt(f"      {keys}", default="a", show_default=True).strip().lower()
        if answer == "a":
            _said(verify(at, recording, segment.id, seen_version=segment.version))
            return True
        if answer == "r":
            reason = click.prompt("      reason")
            error = ask_error()
            _said(return_segment(at, recording, segment.id, reason, error, segment.version))
            return True
        if answer == "p":
            play(at, recording, segment.id, player)
        elif answer == "d" and seen:
            _dismiss(at, segment, seen)
            seen = open_only(look_at_segment(at, transcript, segment))
            print_findings(seen)
        elif answer in ("s", "q"):
            return bool(answer == "s")


def _dismiss(at: Desk, segment: Segment, seen: Sequence[Seen]) -> None:
    """Ask which of what the checks see is right as it stands, and why."""
    from confere.acts.checks import dismiss

    which = seen[0].finding.key
    if len(seen) > 1:
        which = click.prompt("      which (the four letters and digits before it)")
    reason = click.prompt("      why it is right (stands in the signed transcript)")
    try:
        dismiss(at, segment.recording_id, segment.id, which, reason)
    except (BadInput, Refused) as error:
        click.secho(f"      {error.message}\n      {error.hint}", fg="yellow")


def _said(segment: Segment) -> None:
    click.echo(f"segment {segment.position}: {segment.state}")
