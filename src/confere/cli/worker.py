"""``confere worker``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import tls_files


@click.command("worker")
@click.argument("scheduler", metavar="tls://HOST:PORT")
@click.option(
    "--objects",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="A folder with the vault's recordings: the vault on a shared disk, or a copy of it.",
)
@click.option(
    "--models",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the models are; otherwise those of this account.",
)
@click.option(
    "--host", default="", help="Listen at this address; otherwise the one towards the scheduler."
)
@click.option("--name", default="", help="What it is called; otherwise as the machine is.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="So many of them."
)
@tls_files
def command(
    scheduler: str,
    objects: Path,
    models: Path | None,
    host: str,
    name: str,
    workers: int,
    tls_ca: Path,
    tls_cert: Path,
    tls_key: Path,
) -> None:
    """Draft what a vault on another machine gives to the cluster, until Ctrl-C.

    It needs no passphrase, and writes nothing: for each order it is given the key of one recording, in
    memory, and forgets it with the process.
    """
    from confere.wiring.cluster.hands import require_dask
    from confere.wiring.cluster.tls import TlsFiles, scheduler_address

    require_dask()
    scheduler_address(scheduler)
    from confere.wiring.cluster.worker import WorkerSettings, run_workers

    files = TlsFiles(tls_ca, tls_cert, tls_key)
    run_workers(WorkerSettings(scheduler, files, objects, models, host, name, workers), click.echo)
    click.echo("The worker has ended.")
