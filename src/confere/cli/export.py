"""``confere export``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import desk, json_option, passphrase_file_option, print_json, vault_option


@click.command("export")
@click.argument("recordings", nargs=-1, metavar="[RECORDING ...]")
@click.option("--all", "everything", is_flag=True, help="Every signed recording.")
@click.option(
    "--as",
    "given_as",
    multiple=True,
    required=True,
    metavar="NAME|KIND[,KIND]",
    help="Given twice: who acts, and the kinds of file (docx, webvtt, json; all if left out).",
)
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="Where to.")
@click.option("--draft", is_flag=True, help="As it stands, with DRAFT on every page.")
@click.option("--with-audio", is_flag=True, help="The audio too: an identifiable export.")
@json_option
@vault_option
@passphrase_file_option
def command(
    recordings: tuple[str, ...],
    everything: bool,
    given_as: tuple[str, ...],
    folder: Path,
    draft: bool,
    with_audio: bool,
    as_json: bool,
    vault_path: Path | None,
    passphrase_file: str | None,
) -> None:
    """Export the signed transcripts of RECORDINGs, with a manifest of digests.

    Of one that was reopened, that is the last signed version, and with --draft the one in work.
    Participants appear by code, and no file carries a name from the recorder. Audio identifies a
    speaker and goes along only with --with-audio.
    """
    from confere.acts.hand_over import all_signed, hand_over

    name, kinds = _who_and_what(given_as)
    if bool(recordings) == everything:
        raise click.UsageError("name the RECORDINGs, or say --all")
    with desk(vault_path, name, passphrase_file) as at:
        ids = list(recordings)
        if everything:
            ids = all_signed(at)
        done = hand_over(at, ids, kinds, folder, draft=draft, with_audio=with_audio)
    if as_json:
        print_json(
            {
                "folder": str(done.folder),
                "files": [path.name for path in done.files],
                "identifiable": done.identifiable,
                "reopened": list(done.reopened),
            }
        )
        return
    for path in done.files:
        click.echo(f"{path.stat().st_size:>10}  {path}")
    for recording in done.reopened:
        click.secho(
            f"{recording}: a new version is in work; this is the last one that was signed.",
            fg="yellow",
        )
    if done.identifiable:
        click.secho("This export holds audio: it identifies the people who speak.", fg="yellow")


def _who_and_what(given: tuple[str, ...]) -> tuple[str, list[str]]:
    """Tell the person from the kinds; nobody in a roster can have the name of a kind."""
    from confere.export.kinds import KINDS

    kinds = [kind for value in given for kind in value.split(",") if kind in KINDS]
    names = [value for value in given if not set(value.split(",")) & set(KINDS)]
    unknown = [k for v in given if v not in names for k in v.split(",") if k not in KINDS]
    if unknown:
        raise click.UsageError(f"there is no kind '{unknown[0]}'; there are {', '.join(KINDS)}")
    if len(names) != 1:
        raise click.UsageError("say who acts, once: --as NAME")
    return names[0], kinds or list(KINDS)
