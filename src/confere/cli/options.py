"""What many commands share: where the vault is, who acts, how the passphrase comes in."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from confere.acts.desk import Desk
from confere.errors import BadInput, StorageProblem

F = TypeVar("F", bound=Callable[..., Any])

vault_option = click.option(
    "--vault",
    "vault_path",
    type=click.Path(path_type=Path),
    envvar="CONFERE_VAULT",
    help="Where the vault is (or CONFERE_VAULT; otherwise the platform's data folder).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md).")
passphrase_file_option = click.option(
    "--passphrase-file",
    metavar="FILE",
    help="Read the passphrase from a file's first line; - is standard input.",
)

new_passphrase_file_option = click.option(
    "--new-passphrase-file",
    metavar="FILE",
    help="Read the new passphrase from a file's first line; - is standard input.",
)


def acting(command: F) -> F:
    """Add the options of a command that somebody gives: --vault, --as, --passphrase-file."""
    who = click.option("--as", "name", required=True, help="Who acts: a name of the roster.")
    return vault_option(who(passphrase_file_option(command)))


def tls_files(command: F) -> F:
    """Add the options of a member of a cluster: --tls-ca, --tls-cert, --tls-key."""
    for option, what in (
        ("--tls-key", "The key of one's own certificate (PEM)."),
        ("--tls-cert", "One's own certificate (PEM)."),
        ("--tls-ca", "The certificate of the cluster's authority (PEM)."),
    ):
        file = click.Path(exists=True, dir_okay=False, path_type=Path)
        command = click.option(option, type=file, required=True, metavar="FILE", help=what)(command)
    return command


@contextlib.contextmanager
def desk(
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
    *,
    waiting: bool = True,
    passphrase: str | None = None,
) -> Iterator[Desk]:
    """Unlock the vault for a person and, afterwards, close it.

    What offloads left for a reader is taken in first; what waits for a machine's certification is
    told, unless it is just being given (``waiting``). A ``passphrase`` that was read already is not
    asked for again.
    """
    from confere.acts.desk import sit_down
    from confere.acts.take_in import take_in, waiting_machines
    from confere.wiring import find_vault, keep_memory_private

    vault = find_vault(vault_path)
    keep_memory_private()
    if passphrase is None:
        passphrase = read_passphrase(passphrase_file, f"Passphrase of {name}")
    at = sit_down(vault, name, passphrase)
    try:
        new = take_in(at)
        if new:
            click.echo(f"{len(new)} new recording(s) taken in.", err=True)
        for machine, notes in waiting_machines(at).items() if waiting else ():
            click.echo(
                f"{notes} recording(s) wait: they come from {machine}, which no lead has certified.\n"
                f"  If it is yours: confere machine certify {machine} --as LEAD",
                err=True,
            )
        yield at
    finally:
        at.vault.close()


def read_passphrase(file: str | None, prompt: str, *, confirm: bool = False) -> str:
    """Return a passphrase from a file's first line, or ask for it without echo."""
    if file is None:
        answer: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
        return answer
    if file == "-":
        return sys.stdin.readline().rstrip("\r\n")
    try:
        with Path(file).open(encoding="utf-8") as lines:
            return lines.readline().rstrip("\r\n")
    except FileNotFoundError:
        raise BadInput(f"there is no file {file}") from None
    except OSError as error:
        raise StorageProblem(file, error.strerror or str(error)) from None


def print_json(value: object) -> None:
    """Print a value as JSON, indented, UTF-8."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def banner(practice: bool) -> None:
    """Say that what follows was drafted by a practice model."""
    if practice:
        click.secho("PRACTICE - drafted by a practice model; not a record of anything", fg="yellow")


def show_digest(sha256: str) -> None:
    """Print a digest as two people read it to each other by telephone: groups of four."""
    groups = [sha256[start : start + 4] for start in range(0, len(sha256), 4)]
    for line in (groups[:8], groups[8:]):
        click.echo("    " + " ".join(line))
