"""``confere restore``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.progress import bar

if TYPE_CHECKING:
    from confere.backup.port import CopyStore


@click.command("restore")
@click.argument("source", metavar="SOURCE")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the new vault: absent, empty, or half-restored from SOURCE.",
)
@click.option(
    "--leave-out-damaged",
    is_flag=True,
    help="Bring back what is whole and name the rest, instead of stopping.",
)
@click.option("--check", is_flag=True, help="Only read everything in SOURCE; bring nothing back.")
def command(source: str, folder: Path | None, leave_out_damaged: bool, check: bool) -> None:
    """Bring a vault back from SOURCE, which 'confere backup' made.

    Each file is compared with the backup's manifest. Needs no passphrase; to open the vault, people need
    theirs, as they were then.
    """
    from confere.backup.place import open_store

    if (folder is None) == (not check):
        raise click.UsageError("give either --to FOLDER or --check")
    store = open_store(source)
    try:
        if folder is None:
            _check(store)
        else:
            _restore(store, folder, leave_out_damaged)
    finally:
        store.close()


def _check(store: CopyStore) -> None:
    from confere.backup.checking import check

    with bar("reading") as progress:
        problems = check(store, progress)
    for problem in problems:
        click.echo(f"{problem.name} {problem.detail}")
    if problems:
        click.echo(
            f"{store.where}: {len(problems)} thing(s) wrong."
            " While the vault is whole, 'confere backup --recheck' mends them."
        )
        click.get_current_context().exit(1)
    click.echo(f"{store.where} is whole: everything was read and compared.")


def _restore(store: CopyStore, folder: Path, leave_out_damaged: bool) -> None:
    from confere import wiring
    from confere.acts.back_up import restore

    with bar("restoring") as progress:
        restored = restore(
            store, folder, wiring.pins(), progress, leave_out_damaged=leave_out_damaged
        )
    outcome = restored.outcome
    click.echo(
        f"{outcome.where} holds {outcome.files} files, {outcome.size_bytes} bytes, each compared."
    )
    for damaged in outcome.damaged:
        click.echo(f"NOT BROUGHT BACK: {damaged} is damaged in the backup.", err=True)
    if restored.problem is not None:
        raise restored.problem
    if restored.first_sight and restored.roster is not None:
        roster = restored.roster
        click.echo(
            f"This machine sees the study '{roster.study_name}' for the first time, and believes it.\n"
            f"  Compare with somebody who knows: roster {roster.version}, SHA-256 {roster.sha256}"
        )
    click.echo(
        f"Next: confere audit --vault {outcome.where} --as NAME\n"
        "  From then on work here alone: the vault that was copied is the older state of the two.\n"
        "  Only to look whether the backup is good, leave out --as."
    )
    if outcome.damaged:
        click.get_current_context().exit(1)
