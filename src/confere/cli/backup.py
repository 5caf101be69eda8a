"""``confere backup``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import acting, desk
from confere.cli.progress import bar


@click.command("backup")
@click.argument("destination", metavar="DEST")
@click.option(
    "--recheck", is_flag=True, help="Read every copy there again, and mend what is rotten."
)
@acting
def command(
    destination: str,
    recheck: bool,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Copy the vault to DEST: a folder, or s3://BUCKET/PREFIX.

    Only what changed is sent; each file is read back from there. Ciphertext only: whoever keeps DEST sees
    sizes, times and the names in the roster. Keys for an object store come from the usual AWS_...
    variables. A backup that breaks off leaves the one before it whole; run it again. Offloads and other
    people's work go on meanwhile.
    """
    from confere.acts.back_up import back_up
    from confere.backup.place import open_store

    store = open_store(destination)
    try:
        with desk(vault_path, name, passphrase_file) as at, bar("backing up") as progress:
            done = back_up(at, store, progress, recheck=recheck)
    finally:
        store.close()
    outcome = done.outcome
    click.echo(
        f"{outcome.where} holds {outcome.files} files, {outcome.size_bytes} bytes;"
        f" {len(outcome.copied)} new or changed ({outcome.copied_bytes} bytes), each read back."
    )
    if outcome.removed:
        click.echo(f"{len(outcome.removed)} older file(s) were removed there.")
    for damaged in outcome.damaged:
        click.echo(
            f"NOT COPIED: {damaged} is damaged in the vault. What an older backup has of it was kept;"
            " see 'confere audit'.",
            err=True,
        )
    for recording in done.destroyed:
        click.echo(f"NOT ENDED THERE: recording {recording} was destroyed meanwhile.", err=True)
    if done.keys_changed:
        click.echo(
            "NOT ENDED THERE: somebody was removed, and parts of the copy open with their old key.",
            err=True,
        )
    if done.destroyed or done.keys_changed:
        click.echo("  Run the same command again when nobody else has the vault open.", err=True)
    if outcome.damaged or done.destroyed or done.keys_changed:
        click.get_current_context().exit(1)
