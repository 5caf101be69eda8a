"""``confere draft``."""

from __future__ import annotations

import time
from pathlib import Path

import click

from confere.cli.options import acting, banner, desk


@click.command("draft")
@click.argument("recordings", nargs=-1, metavar="[RECORDING ...]")
@acting
def command(
    recordings: tuple[str, ...], vault_path: Path | None, name: str, passphrase_file: str | None
) -> None:
    """Transcribe and translate the RECORDINGs named, or everything that waits.

    A recording that fails stops no other; the queue then says why.
    """
    from confere import wiring
    from confere.acts.draft import draft, waiting
    from confere.cli.progress import bar
    from confere.domain import clock
    from confere.errors import ConfereError
    from confere.vault.register import find_recording, get_recording

    with desk(vault_path, name, passphrase_file) as at:
        todo = waiting(at)
        if recordings:
            ids = [find_recording(at.catalog, given) for given in recordings]
            todo = [get_recording(at.catalog, id_) for id_ in ids]
        if not todo:
            click.echo("Nothing waits to be drafted.")
            return
        settings, practice = at.vault.locked.settings, at.roster.practice
        store = wiring.model_store()
        with bar("checking and loading the models") as progress:
            speech = wiring.speech_engine(settings, store, practice, progress)
            translation = wiring.translation_engine(settings, store, practice, progress)
        problem: ConfereError | None = None
        for number, recording in enumerate(todo, 1):
            begun = time.monotonic()
            label = f"{number} of {len(todo)}: recording {recording.id}"
            try:
                with bar(label) as progress:
                    made = draft(at, recording.id, speech, translation, progress)
            except ConfereError as error:
                click.echo(f"{label}: {error.message}\n  {error.hint}", err=True)
                problem = problem or error
                continue
            heard = made.transcription
            click.echo(
                f"{label}: {len(heard.segments)} segments,"
                f" {clock(heard.duration_ms)} of audio in {time.monotonic() - begun:.1f} s"
            )
            banner(made.practice)
        if problem is not None:
            raise problem
