"""``confere worker`` at a bench of the tests: ``URL OBJECTS NAME COUNT PATIENCE CA CERTIFICATE KEY``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from confere.wiring.cluster import TlsFiles
from confere.wiring.cluster.worker import WorkerSettings, run_workers

if __name__ == "__main__":
    url, objects, name, count, patience_s, *files = sys.argv[1:]
    run_workers(
        WorkerSettings(
            url,
            TlsFiles(*map(Path, files)),
            Path(objects),
            name=name,
            count=int(count),
            patience_s=float(patience_s),
            bench="doubles.cluster_bench",
        ),
        click.echo,
    )
    click.echo("ended")
