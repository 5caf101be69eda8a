"""``confere queue``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, banner, desk, json_option, print_json


@click.command("queue")
@json_option
@acting
def command(as_json: bool, vault_path: Path | None, name: str, passphrase_file: str | None) -> None:
    """Show every recording and what it waits for."""
    from confere.acts.queue import queue
    from confere.domain import clock

    with desk(vault_path, name, passphrase_file) as at:
        waiting = queue(at)
        practice = at.roster.practice
    if as_json:
        print_json(
            [
                {
                    "recording": item.recording.id,
                    "interview": item.recording.interview_id,
                    "part": item.recording.part,
                    "offloaded_at": item.recording.offloaded_at,
                    "duration_ms": item.recording.duration_ms,
                    "waits_for": item.stage,
                    "segments": {str(state): n for state, n in item.counts.items()},
                    "detail": item.detail,
                    "editing": list(item.editing),
                }
                for item in waiting
            ]
        )
        return
    banner(practice)
    if not waiting:
        click.echo("No recordings yet. 'confere offload' brings them in.")
    for item in waiting:
        counts = ", ".join(f"{n} {state}" for state, n in item.counts.items())
        counts += f"; open with {', '.join(item.editing)}" if item.editing else ""
        click.echo(
            f"{item.recording.id}  part {item.recording.part}"
            f"  {clock(item.recording.duration_ms)[:-4]}  {item.stage:<16} {item.detail or counts}"
        )
