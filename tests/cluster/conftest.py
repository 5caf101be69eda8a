"""One scheduler for all tests of a process; each test has workers of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doubles.clusters import Cluster, a_cluster


@pytest.fixture(scope="session")
def the_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler."""
    with a_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(the_cluster: Cluster) -> Iterator[Cluster]:
    """The same, and no worker is left afterwards."""
    yield the_cluster
    the_cluster.end_workers()
