"""``confere init``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import passphrase_file_option, read_passphrase, vault_option


@click.command("init")
@vault_option
@click.option("--study", required=True, help="The name of the study.")
@click.option("--lead", required=True, help="The name of its first lead.")
@click.option(
    "--keys",
    type=click.Choice(["x25519"]),
    default="x25519",
    show_default=True,
    help="The kind of age keys.",
)
@click.option("--practice", is_flag=True, help="A vault for practice models and made-up speech.")
@passphrase_file_option
def command(
    vault_path: Path | None,
    study: str,
    lead: str,
    keys: str,
    practice: bool,
    passphrase_file: str | None,
) -> None:
    """Make a study's vault, its first lead and its recovery key.

    The recovery key is shown once and kept nowhere: print it and lock it away.
    """
    from confere import wiring
    from confere.acts.setup import create_study
    from confere.domain.settings import Settings

    passphrase = read_passphrase(passphrase_file, f"New passphrase for {lead}", confirm=True)
    settings = wiring.practice_settings() if practice else Settings()
    created = create_study(
        wiring.vault_path(vault_path),
        study=study,
        lead=lead,
        passphrase=passphrase,
        settings=settings,
        practice=practice,
    )
    click.echo(f"The vault of '{study}' is in {created.vault.storage.root}")
    if practice:
        click.echo("It is a practice vault: nothing real belongs into it.")
    click.echo()
    click.echo("RECOVERY KEY - shown this once. Print it, lock it away, keep it from this laptop.")
    click.echo("Without it, passphrases forgotten mean recordings lost.")
    click.echo()
    click.echo(f"    {created.recovery_key}")
    click.echo()
    click.echo(f"Next: confere person add NAME --role interpreter --as {lead}")
