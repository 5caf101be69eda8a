"""``confere offload``."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from confere.cli.options import vault_option

if TYPE_CHECKING:
    from confere.acts.offload import Dock
    from confere.errors import ConfereError
    from confere.intake.receipt import Receipt

_STAY = "what is on it stays on it, as it is."


@click.command("offload")
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--watch",
    is_flag=True,
    help="Stay, and take across whatever comes into SOURCE; without one, from any recorder.",
)
@click.option("--keep", is_flag=True, help="Copy and prove, delete nothing.")
@click.option(
    "--receipt",
    "receipt_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the signed receipt to this new file.",
)
@vault_option
def command(
    sources: tuple[Path, ...],
    watch: bool,
    keep: bool,
    receipt_file: Path | None,
    vault_path: Path | None,
) -> None:
    """Take the recordings of each SOURCE (a recorder or a folder) into the vault.

    Each file is sealed, read back from the disk and compared with a second reading of the
    recorder; only then is it deleted there. What is not audio is left alone. No passphrase is
    needed, and none could be given: this machine cannot open what it took in.

    With --watch and no SOURCE, every recorder that is plugged in is emptied: volumes that look
    like one of the known makes, or are named in the settings.
    """
    from confere.acts.offload import offload_folder, signed_receipt
    from confere.cli.progress import OffloadBars
    from confere.wiring import dock as docked
    from confere.wiring import find_vault

    if watch and receipt_file is not None:
        raise click.UsageError("--watch takes no --receipt")
    if not watch and not sources:
        raise click.UsageError("name a SOURCE, or give --watch")
    with _saying_that_nothing_was_taken(sources):
        dock = docked(find_vault(vault_path))
    if watch:
        with _saying_that_nothing_was_taken(sources):
            _watch(dock, sources, keep)
        return
    problem = None
    with _new_file(receipt_file) as file:
        for source in sources:
            with (
                _saying_that_nothing_was_taken([source]),
                OffloadBars(lambda line: click.echo(line, err=True)) as bars,
            ):
                receipt = offload_folder(dock, source, bars, keep=keep)
            text = signed_receipt(dock, receipt)
            click.echo(text)
            file.write(f"{text}\n")
            file.flush()
            problem = problem or receipt.problem or _left_behind(receipt)
    if problem is not None:
        raise problem


@contextlib.contextmanager
def _saying_that_nothing_was_taken(sources: Iterable[Path]) -> Iterator[None]:
    """Before a vault's refusal, say what a fieldworker wants to know first."""
    from confere.errors import DamagedStore, ForgedStore

    try:
        yield
    except (DamagedStore, ForgedStore):
        named = ", ".join(map(str, sources)) or "any recorder"
        click.echo(f"Nothing more is taken from {named}: {_STAY}", err=True)
        raise


def _new_file(path: Path | None) -> TextIO:
    """Open the file for the receipts before anything is deleted; nowhere if none is wanted."""
    from confere.errors import BadValue

    if path is None:
        return io.StringIO()
    try:
        # Private: it holds the files' names, which may tell something about people.
        return os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        )
    except OSError as error:
        raise BadValue(
            f"{path} cannot be made ({error.strerror})",
            "Nothing was offloaded. Give --receipt a new name in a folder that is there.",
        ) from None


def _left_behind(receipt: Receipt) -> ConfereError | None:
    """Return why something that looked like a recording was left: somebody has to look at it."""
    from confere.intake.outcome import Fate

    wrong = (o.error for o in receipt.left if o.fate in (Fate.NOT_AUDIO, Fate.EMPTY))
    return next(wrong, None)


def _trouble(error: ConfereError) -> None:
    from confere.errors import DamagedStore, ForgedStore

    click.echo(f"confere: {error.message}\n  {error.hint}", err=True)
    if isinstance(error, DamagedStore | ForgedStore):
        click.echo(f"Until that is settled nothing more is taken: {_STAY}", err=True)


def _watch(dock: Dock, folders: Sequence[Path], keep: bool) -> None:
    from confere.acts.offload import signed_receipt
    from confere.acts.watching import Ears, watch_sources
    from confere.cli.progress import OffloadBars
    from confere.intake.listening import Bell

    bell = Bell()

    def stop(*_: object) -> None:
        # Not in the handler itself: it may interrupt a wait that holds the bell's own lock.
        threading.Thread(target=bell.stop).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    def say(line: str) -> None:
        click.echo(line, err=True)

    ears = Ears(lambda receipt: click.echo(signed_receipt(dock, receipt)), _trouble, say)
    with OffloadBars(say) as bars:
        say("Ctrl-C ends it.")
        watch_sources(dock, folders, bell, bars, ears, keep=keep)
