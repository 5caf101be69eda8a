"""``confere recover``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import new_passphrase_file_option, read_passphrase, vault_option

if TYPE_CHECKING:
    from confere.vault.recovery import RecoveryKey
    from confere.vault.roster import Recovery


@click.command("recover")
@click.argument("name")
@click.option(
    "--identity",
    "identity_files",
    metavar="FILE",
    multiple=True,
    help="A file with the recovery key or with sheets, as often as needed; - is standard input. "
    "Asked for if left out.",
)
@new_passphrase_file_option
@vault_option
def command(
    name: str,
    identity_files: tuple[str, ...],
    new_passphrase_file: str | None,
    vault_path: Path | None,
) -> None:
    """Let NAME back in, who lost their passphrase, with the recovery key or two of its sheets.

    They get new keys under a new passphrase; their roles stay, and what they signed stays valid.
    """
    from confere.acts.setup import recover, require_recoverable
    from confere.vault.recovery import RecoveryKey
    from confere.wiring import find_vault, keep_memory_private

    vault = find_vault(vault_path)
    require_recoverable(vault, name)
    keep_memory_private()
    public = vault.roster.recovery
    given = _texts(identity_files)
    recovery = RecoveryKey.read(given, public) if identity_files else _ask(public)
    passphrase = read_passphrase(
        new_passphrase_file, f"New passphrase, typed by {name}", confirm=True
    )
    recover(vault, name, recovery, passphrase)
    click.echo(f"{name} is in again, with new keys and the new passphrase.")
    click.echo("What they signed stays valid.")
    click.echo(f"An old copy of people/{name}.age, as in a backup, still opens with the old")
    click.echo(f"passphrase. If somebody may have both, a lead removes {name} and adds them again.")
    click.echo("Lock the recovery key away again: it is as powerful as a lead.")


def _texts(files: tuple[str, ...]) -> list[str]:
    """Return what the files hold: a key, or sheets one by one."""
    from confere.crypto.sheets import is_sheet, sheets_of

    texts = [read_identity(file) for file in files]
    return [sheet for text in texts for sheet in (sheets_of(text) if is_sheet(text) else [text])]


def _ask(public: Recovery) -> RecoveryKey:
    """Ask for the key, or for two of its sheets; a mistyped one is asked for again."""
    from confere.errors import BadInput, SheetMissing, WrongSecret
    from confere.vault.recovery import RecoveryKey

    if not public.sheets:
        return RecoveryKey.read([_typed("Recovery key (AGE-SECRET-KEY-...)")], public)
    click.echo(
        f"Two of the {public.sheets} recovery sheets are needed. Type all 33 words of a sheet in one",
        err=True,
    )
    click.echo("line; numbers between them do no harm. Nothing is shown.", err=True)
    sheets: list[str] = []
    while True:
        ordinal = "Second" if sheets else "First"
        sheets.append(_typed(f"{ordinal} sheet"))
        try:
            return RecoveryKey.read(sheets, public)
        except SheetMissing as error:
            if len(sheets) > 1:  # the same one twice
                click.echo(f"{error.message}\n  {error.hint}", err=True)
                sheets.pop()
        except (BadInput, WrongSecret) as error:
            if not sys.stdin.isatty():
                raise
            click.echo(f"{error.message}\n  {error.hint}", err=True)
            sheets.pop()


def _typed(prompt: str) -> str:
    answer: str = click.prompt(prompt, hide_input=True, err=True)
    return answer


def read_identity(file: str) -> str:
    """Return the text of a file with a key or sheets; ``-`` is standard input. Raises BadInput."""
    from confere.errors import BadInput

    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{file} is not a file with a key or sheets") from None
