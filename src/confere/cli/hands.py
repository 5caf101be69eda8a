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
    from confere.acts.drafting import expect
    from confere.cli.progress import bar
    from confere.wiring.choosing import choose
    from confere.wiring.processes import local_hands

    vault = at.vault.locked
    with bar("looking at this machine") as progress:
        chosen = choose(vault.settings, at.roster.practice, workers, progress)
    for line in chosen.lines():
        click.echo(line)
    expect(at, chosen.case.model.digest, chosen.choice.audio_s_per_s)
    with local_hands(chosen.choice.workers, vault.storage.root, chosen.choice) as hands:
        yield hands


@contextlib.contextmanager
def cluster_of(url: str, tls: tuple[Path, Path, Path]) -> Iterator[Sequence[Executor]]:
    """Give the hands of a cluster; ``tls`` are its authority, this machine's certificate and its key."""
    from confere.wiring.cluster import TlsFiles, cluster_hands

    with cluster_hands(url, TlsFiles(*tls)) as hands:
        click.echo(f"{len(hands)} worker(s) of {url}.")
        yield hands
