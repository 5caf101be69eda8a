"""``confere cluster``."""

from __future__ import annotations

from pathlib import Path

import click

from confere.cli.options import tls_files

#: Dask's own.
PORT = 8786


@click.group("cluster")
def command() -> None:
    """Several machines that draft: the scheduler, and the certificates of all of them.

    The workers are 'confere worker', and 'confere draft --cluster' gives them work.
    """


@command.command("scheduler")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Listen at this address of the machine."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="The port; 0 takes any that is free.",
)
@tls_files
def scheduler(host: str, port: int, tls_ca: Path, tls_cert: Path, tls_key: Path) -> None:
    """Bring orders to workers, until Ctrl-C. Everything that it sees is sealed."""
    from confere.wiring.cluster import TlsFiles
    from confere.wiring.cluster.hands import require_dask

    require_dask()
    from confere.wiring.cluster.scheduler import run_scheduler

    run_scheduler(host, port, TlsFiles(tls_ca, tls_cert, tls_key), click.echo)
    click.echo("The scheduler has ended.")


@command.command("certificates")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--worker",
    "workers",
    multiple=True,
    metavar="NAME",
    help="Make a certificate for a worker of this name; repeatable.",
)
def certificates(folder: Path, workers: tuple[str, ...]) -> None:
    """Make the certificates of a cluster into FOLDER, or those that are not there yet.

    There is an authority of the cluster's own, and a certificate for the scheduler, for the machine with the
    vault (client), and for each worker. Each machine is given ca.pem and its own two files, and no more.
    """
    from confere.wiring.cluster.certificates import make_certificates

    for file in make_certificates(folder, workers):
        click.echo(str(file))
    click.echo("Keep ca.key where no machine of the cluster can read it: it lets anybody in.")
