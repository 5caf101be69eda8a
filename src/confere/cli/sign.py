"""``confere sign``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, banner, desk


@click.command("sign")
@click.argument("recording")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@acting
def command(
    recording: str, yes: bool, vault_path: Path | None, name: str, passphrase_file: str | None
) -> None:
    """Sign the whole transcript of a RECORDING.

    You sign that you verified every segment against the audio. Afterwards nothing in it changes.
    """
    from confere.acts.reading import open_transcript
    from confere.acts.sign import sign
    from confere.review.document import STATEMENT, require_ready

    with desk(vault_path, name, passphrase_file) as at:
        transcript = open_transcript(at, recording).transcript
        require_ready(transcript, at.person.name)
        banner(transcript.practice)
        if not yes:
            click.echo(f"Recording {transcript.recording.id}, {len(transcript.segments)} segments.")
            click.echo(f"{name}: {STATEMENT['en']}\n\n{STATEMENT['pt']}\n")
            click.confirm("Sign?", abort=True)
        signed = sign(at, recording)
    click.echo(f"Signed by {name} at {signed.document['signed_at']}. SHA-256 {signed.digest}")
    click.echo("Nothing in this transcript changes any more.")
