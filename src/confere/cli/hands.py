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
    from confere.wiring.processes import local_hands

    settings = at.vault.locked.settings
    count = workers or settings.drafting.workers or 1
    with local_hands(count, at.vault.locked.storage.root, None) as hands:
        yield hands


@contextlib.contextmanager
def cluster_of(url: str, tls: tuple[Path, Path, Path]) -> Iterator[Sequence[Executor]]:
    """Give the hands of a cluster; ``tls`` are its authority, this machine's certificate and its key."""
    from confere.wiring.cluster import TlsFiles, cluster_hands

    with cluster_hands(url, TlsFiles(*tls)) as hands:
        click.echo(f"{len(hands)} worker(s) of {url}.")
        yield hands
