"""``confere rescue``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import passphrase_file_option, read_passphrase


@click.command("rescue")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--identity",
    "identity_file",
    metavar="FILE",
    help="An age identity file, or one with two recovery sheets; - is standard input. Asked for if left out.",
)
@passphrase_file_option
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="A new file for the plaintext."
)
def command(
    file: Path, identity_file: str | None, passphrase_file: str | None, output: Path
) -> None:
    """Open any age FILE with an identity, such as the recovery key, or with a passphrase.

    For a recording: first open its key.age with the recovery key; what comes out is the identity
    that opens its audio.age. Any other age tool does the same.
    """
    from confere.acts.rescue import by_identity, by_passphrase, rescue
    from confere.wiring import keep_memory_private

    keep_memory_private()
    if passphrase_file is not None and identity_file is not None:
        raise click.UsageError("an identity or a passphrase, not both")
    if passphrase_file is not None:
        identities = by_passphrase(read_passphrase(passphrase_file, "Passphrase"))
    else:
        identities = by_identity(_identity(identity_file))
    size_bytes = rescue(file, identities, output)
    click.echo(f"{output}: {size_bytes} bytes, in the clear. Delete it when it is not needed.")


def _identity(name: str | None) -> str:
    from confere.cli.recover import read_identity
    from confere.crypto.sheets import is_sheet

    if name is not None:
        return read_identity(name)
    first = read_passphrase(None, "Identity (AGE-SECRET-KEY-...), or the first sheet")
    return f"{first}\n\n{read_passphrase(None, 'Second sheet')}" if is_sheet(first) else first
