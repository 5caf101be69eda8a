"""``confere offload``."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import vault_option

if TYPE_CHECKING:
    from confere.acts.offload import Dock
    from confere.cli.receipts import ReceiptFolder
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
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and change nothing.")
@click.option(
    "--receipts",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where receipts are put, as text and as a page to print; instead of your documents.",
)
@click.option("--no-receipts", is_flag=True, help="Show the receipt, and put it nowhere.")
@click.option("--plain", is_flag=True, help="Lines with the time instead of bars, for a log.")
@vault_option
def command(
    sources: tuple[Path, ...],
    watch: bool,
    keep: bool,
    dry_run: bool,
    folder: Path | None,
    no_receipts: bool,
    plain: bool,
    vault_path: Path | None,
) -> None:
    """Take the recordings of each SOURCE (a recorder or a folder) into the vault.

    Each file is sealed, read back from the disk and compared with a second reading of the
    recorder; only then is it deleted there. What is not audio is left alone. No passphrase is
    needed, and none could be given: this machine cannot open what it took in.

    With --watch and no SOURCE, every recorder that is plugged in is emptied: volumes that look
    like one of the known makes, or are named in the settings.
    """
    from confere.wiring import dock as docked
    from confere.wiring import find_vault

    if not watch and not sources:
        raise click.UsageError("name a SOURCE, or give --watch")
    if dry_run and watch:
        raise click.UsageError("--dry-run looks once: it goes without --watch")
    with _saying_that_nothing_was_taken(sources):
        dock = docked(find_vault(vault_path))
    if dry_run:
        for source in sources:
            _say_what_would_be_taken(dock, source)
        return
    receipts = None if no_receipts else _receipt_folder(folder)
    run = _Run(dock, receipts, plain=plain)
    if watch:
        with _saying_that_nothing_was_taken(sources):
            run.watch(sources, keep=keep)
    else:
        run.empty(sources, keep=keep)


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


def _receipt_folder(folder: Path | None) -> ReceiptFolder:
    """Return where receipts are put, tried before anything is touched."""
    import platformdirs

    from confere.cli.notify import language
    from confere.cli.receipts import ReceiptFolder

    return ReceiptFolder(folder or platformdirs.user_documents_path() / "Confere", language())


def _say_what_would_be_taken(dock: Dock, source: Path) -> None:
    from confere.acts.offload import survey_folder
    from confere.cli.offload_screen import found_line, survey_lines
    from confere.cli.pace import Pace
    from confere.wiring import state

    seen = survey_folder(dock, source)
    click.echo(found_line(seen.findings, Pace(state()).expect_s(seen.findings.size_bytes)))
    for line in survey_lines(seen):
        click.echo(line)
    click.echo("Nothing was taken and nothing was changed.")


def _left_behind(receipt: Receipt) -> ConfereError | None:
    """Return why something that looked like a recording was left: somebody has to look at it."""
    from confere.intake.outcome import Fate

    wrong = (o.error for o in receipt.left if o.fate in (Fate.NOT_AUDIO, Fate.EMPTY))
    return next(wrong, None)


class _Run:
    """What one run of the command tells: on the screen, on paper, and on the desktop."""

    def __init__(self, dock: Dock, receipts: ReceiptFolder | None, *, plain: bool) -> None:
        from confere.cli.offload_screen import OffloadScreen
        from confere.cli.pace import Pace
        from confere.wiring import state

        self._dock = dock
        self._receipts = receipts
        self._screen = OffloadScreen(_to_stderr, Pace(state()), plain=plain)

    def empty(self, sources: Sequence[Path], *, keep: bool) -> None:
        """Take what is on each source, once; raises the first problem when all were tried."""
        from confere.acts.offload import offload_folder

        problem = None
        for source in sources:
            with _saying_that_nothing_was_taken([source]), self._screen:
                receipt = offload_folder(self._dock, source, self._screen, keep=keep)
            untold = self._tell(receipt)
            problem = problem or receipt.problem or _left_behind(receipt) or untold
        if problem is not None:
            raise problem

    def watch(self, sources: Sequence[Path], *, keep: bool) -> None:
        """Stay until somebody ends it."""
        from confere.acts.watching import Ears, watch_sources
        from confere.intake.listening import Bell

        bell = Bell()

        def stop(*_: object) -> None:
            # Not in the handler itself: it may interrupt a wait that holds the bell's own lock.
            threading.Thread(target=bell.stop).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        ears = Ears(self._tell_watching, self._trouble, self._screen.say)
        with self._screen:
            self._screen.say("Ctrl-C ends it.")
            watch_sources(self._dock, sources, bell, self._screen, ears, keep=keep)

    def _tell(self, receipt: Receipt) -> ConfereError | None:
        """Show a receipt, keep it, and say how it ended; return why it could not be kept."""
        from confere.acts.offload import signed_receipt
        from confere.cli.notify import notify
        from confere.cli.offload_screen import closing_line, notification
        from confere.errors import ConfereError

        text = signed_receipt(self._dock, receipt)
        click.echo(text)
        problem = None
        if self._receipts is not None:
            try:
                _, page = self._receipts.save(receipt, text)
                self._screen.say(f"Receipt to print: {page}")
            except ConfereError as error:
                problem = error
        if receipt.safe or receipt.unfinished:
            self._screen.say(closing_line(receipt))
            notify(*notification(receipt))
        return problem

    def _tell_watching(self, receipt: Receipt) -> None:
        problem = self._tell(receipt)
        if problem is not None:
            self._trouble(problem)

    def _trouble(self, error: ConfereError) -> None:
        from confere.errors import DamagedStore, ForgedStore

        self._screen.say(f"confere: {error.message}\n  {error.hint}")
        if isinstance(error, DamagedStore | ForgedStore):
            self._screen.say(f"Until that is settled nothing more is taken: {_STAY}")


def _to_stderr(line: str) -> None:
    click.echo(line, err=True)
