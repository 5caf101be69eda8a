"""``confere draft``."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confere.cli.options import acting, desk

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from confere.acts.desk import Desk
    from confere.acts.night import Outcome
    from confere.cli.draft_screen import DraftScreen
    from confere.domain import Recording

_LOOK_EVERY_S = 30.0

_pem = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("draft")
@click.argument("recordings", nargs=-1, metavar="[RECORDING ...]")
@click.option("--watch", is_flag=True, help="Stay, and draft whatever comes in, until Ctrl-C.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Draft so many recordings at a time, instead of what the settings say.",
)
@click.option(
    "--cluster", metavar="URL", help="Draft on the workers of a Dask scheduler: tls://HOST:PORT."
)
@click.option("--tls-ca", type=_pem, help="The authority that the cluster's certificates are of.")
@click.option("--tls-cert", type=_pem, help="The certificate of this machine.")
@click.option("--tls-key", type=_pem, help="The key of that certificate.")
@acting
def command(
    recordings: tuple[str, ...],
    watch: bool,
    workers: int | None,
    cluster: str | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    vault_path: Path | None,
    name: str,
    passphrase_file: str | None,
) -> None:
    """Transcribe and translate the RECORDINGs named, or everything that waits.

    What is done is kept every few minutes of sound: after a crash, a power cut or a closed laptop, the
    same command goes on from there. A recording that fails stops no other; the queue then says why, and
    the next time it is tried again.
    """
    if watch and recordings:
        raise click.UsageError("--watch drafts whatever waits: name no RECORDING")
    if bool(cluster) != all((tls_ca, tls_cert, tls_key)):
        raise click.UsageError("--cluster goes with --tls-ca, --tls-cert and --tls-key")
    if cluster and workers:
        raise click.UsageError("a cluster has the workers it has: leave out --workers")
    from confere.acts import night
    from confere.acts.draft import waiting
    from confere.cli.draft_screen import DraftScreen
    from confere.cli.hands import cluster_of, this_machine
    from confere.wiring.bench import work

    tls = (tls_ca, tls_cert, tls_key) if tls_ca and tls_cert and tls_key else None
    with desk(vault_path, name, passphrase_file) as at:
        todo = [] if watch else _named(at, recordings) if recordings else waiting(at)
        if not todo and not watch:
            click.echo("Nothing waits to be drafted.")
            return
        drafters = cluster_of(cluster, tls) if cluster and tls else this_machine(at, workers)
        with drafters as hands, DraftScreen(at.roster.practice, len(todo)) as screen:
            if watch:
                _watch(at, hands, screen)
                return
            outcomes = night.draft_all(at, todo, hands, work, screen)
    _raise_first(outcomes)


def _watch(at: Desk, hands: Sequence[Executor], screen: DraftScreen) -> None:
    """Stay until somebody ends it."""
    from confere.acts import night
    from confere.wiring.bench import work

    # A service is ended by this; the workers have to be ended, and the queue told.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    click.echo("Ctrl-C ends it; what is done until then is kept.")
    never = threading.Event()
    with contextlib.suppress(KeyboardInterrupt):
        night.watch(at, hands, work, screen, lambda: not never.wait(_LOOK_EVERY_S))
    click.echo("Ended.")


def _named(at: Desk, recordings: Sequence[str]) -> list[Recording]:
    from confere.vault.register import find_recording, get_recording

    ids = dict.fromkeys(find_recording(at.catalog, given) for given in recordings)
    return [get_recording(at.catalog, id_) for id_ in ids]


def _raise_first(outcomes: Sequence[Outcome]) -> None:
    """End with the first failure's exit code; all of them were told when they came."""
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
