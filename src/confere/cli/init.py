"""``confere init``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import passphrase_file_option, read_passphrase, vault_option

if TYPE_CHECKING:
    from confere.crypto.keys import KeyKind
    from confere.vault.recovery import RecoveryKey


@click.command("init")
@vault_option
@click.option("--study", required=True, help="The name of the study.")
@click.option("--lead", required=True, help="The name of its first lead.")
@click.option(
    "--keys",
    type=click.Choice(["hybrid", "x25519"]),
    default="hybrid",
    show_default=True,
    help="The kind of age keys; x25519 for teams whose age tool is older than 1.3.",
)
@click.option(
    "--recovery-sheets",
    "sheets",
    type=click.IntRange(2, 8),
    default=None,
    help="Split the recovery key into so many sheets; any two of them are needed to recover.",
)
@click.option("--practice", is_flag=True, help="A vault for practice models and made-up speech.")
@passphrase_file_option
def command(
    vault_path: Path | None,
    study: str,
    lead: str,
    keys: KeyKind,
    sheets: int | None,
    practice: bool,
    passphrase_file: str | None,
) -> None:
    """Make a study's vault, its first lead and its recovery key.

    The recovery key is shown once and kept nowhere: print it and lock it away.
    """
    from confere import wiring
    from confere.acts.setup import create_study
    from confere.domain.settings import Settings

    wiring.keep_memory_private()  # the recovery key is made here
    passphrase = read_passphrase(passphrase_file, f"New passphrase for {lead}", confirm=True)
    settings = wiring.practice_settings() if practice else Settings()
    created = create_study(
        wiring.vault_path(vault_path),
        study=study,
        lead=lead,
        passphrase=passphrase,
        settings=settings,
        practice=practice,
        keys=keys,
        sheets=sheets or 0,
        machine=wiring.this_machine(),
        pins=wiring.pins(),
    )
    click.echo(f"The vault of '{study}' is in {created.vault.storage.root}")
    if practice:
        click.echo("It is a practice vault: nothing real belongs into it.")
    _show_recovery(created.recovery)
    click.echo(f"Next: confere person add NAME --role interpreter --as {lead}")


def _show_recovery(recovery: RecoveryKey) -> None:
    click.echo()
    if not recovery.sheets:
        click.echo(
            "RECOVERY KEY - shown this once. Print it, lock it away, keep it from this laptop."
        )
        click.echo("Without it, passphrases forgotten mean recordings lost.")
        click.echo("Whoever has it can open everything and make themselves a lead.")
        click.echo()
        click.echo(f"    {recovery.identity}")
        click.echo()
        return
    of = len(recovery.sheets)
    click.echo("RECOVERY SHEETS - shown this once. Print each on a page of its own, give each to")
    click.echo("another person, keep them from this laptop. Any two open everything and can make a")
    click.echo("lead; one alone opens nothing. Two must be left, or passphrases forgotten mean")
    click.echo("recordings lost.")
    for number, sheet in enumerate(recovery.sheets, 1):
        click.echo()
        click.echo(f"  Sheet {number} of {of}")
        words = sheet.split()
        for start in range(0, len(words), 6):
            line = "".join(
                f"{n:>4} {w:<9}" for n, w in enumerate(words[start : start + 6], start + 1)
            )
            click.echo(f"  {line.rstrip()}")
    click.echo()
