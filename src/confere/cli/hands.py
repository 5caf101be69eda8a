"""Who drafts: processes of this machine, or a cluster; and what is said of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

import click

from confere.acts.desk import Desk


@contextlib.contextmanager
def this_machine(at: Desk, workers: int | None = None) -> Iterator[Sequence[Executor]]:
    """Give this machine's hands, and say how it is used and how long an hour of audio takes.

    ``workers`` is how many, if not what the settings say. Raises ModelMissing, DamagedModel, PracticeOnly.
    """
    from confere import wiring
    from confere.cli.progress import bar
    from confere.wiring.processes import local_hands

    settings = at.vault.locked.settings
    with bar("looking at this machine") as progress:
        choice = wiring.choose(settings, at.roster.practice, workers, progress)
    for line in wiring.describe(settings, choice):
        click.echo(line)
    with local_hands(choice.workers, at.vault.locked.storage.root, choice) as hands:
        yield hands


@contextlib.contextmanager
def cluster_of(url: str, tls: tuple[Path, Path, Path]) -> Iterator[Sequence[Executor]]:
    """Give the hands of a cluster; ``tls`` are its authority, this machine's certificate and its key."""
    from confere.wiring.cluster import TlsFiles, cluster_hands

    with cluster_hands(url, TlsFiles(*tls)) as hands:
        click.echo(f"{len(hands)} worker(s) of {url}.")
        yield hands
