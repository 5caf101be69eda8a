"""The hands of a cluster are executors: answers, errors, cancelling; workers die, join, are missing."""

from __future__ import annotations

import json
import os
import signal
import sys
from concurrent.futures import Executor, Future, wait
from pathlib import Path
from typing import Any

import pytest

from confere.errors import ClusterProblem, EnvironmentProblem, WorkerLost
from confere.wiring.cluster import cluster_hands
from confere.wiring.cluster.certificates import make_certificates
from confere.wiring.cluster.hands import Cluster as Connection
from confere.wiring.cluster.hands import ClusterHand
from confere.wiring.cluster.pipes import Message
from doubles.cluster_bench import another, order, work
from doubles.clusters import (
    PATIENCE_S,
    Cluster,
    Pipe,
    a_cluster,
    files_of,
    is_alive,
    wait_until,
)


def answer(future: Future[bytes]) -> dict[str, Any]:
    """What an order gave."""
    given: dict[str, Any] = json.loads(future.result(PATIENCE_S))
    return given


def waiting(hand: Executor, cluster: Cluster, name: str) -> tuple[Future[bytes], int, Pipe, Pipe]:
    """An order at which a bench is working: its future, the bench's process, and the pipes to both sides."""
    begun, gate = (Pipe(cluster.objects / f"{name}-{what}") for what in ("begun", "gate"))
    asked = order("wait", begun=f"{name}-begun", gate=f"{name}-gate", text=name)
    future = hand.submit(work, asked)
    return future, int(begun.hear()), begun, gate


def test_hands_are_executors_with_real_futures(cluster: Cluster) -> None:
    """Two benches on one machine share its processors; answers, waits, callbacks, errors, cancelling."""
    before = set(cluster.scratch.iterdir())
    worker, benches = cluster.worker("ana", count=2)
    with cluster_hands(cluster.url, cluster.files("client"), PATIENCE_S) as hands:
        assert len(hands) == 2
        futures = [hand.submit(work, order("answer", text="pa lavra")) for hand in hands]
        done, undone = wait(futures, PATIENCE_S)
        assert (len(done), len(undone)) == (2, 0)
        given = [answer(future) for future in futures]
        assert {one["pid"] for one in given} == set(benches)
        assert [one["text"] for one in given] == ["arval ap"] * 2
        assert all(one["closed"] for one in given) == (sys.platform == "linux")
        processors = sum(one["processors"] for one in given)
        assert processors == max(2, len(os.sched_getaffinity(0)))

        called: list[Future[bytes]] = []
        failing = hands[0].submit(work, order("fail", text="segredo"))
        failing.add_done_callback(called.append)
        error = failing.exception(PATIENCE_S)
        assert isinstance(error, EnvironmentProblem)
        assert "ValueError" in str(error)
        assert "segredo" not in f"{error!r} {error} {error.hint}"
        assert called == [failing]

        unknown = hands[0].submit(another, b"")
        assert "doubles.cluster_bench.another" in str(unknown.exception(PATIENCE_S))
        with pytest.raises(TypeError, match="one order"):
            hands[0].submit(print, "text")

        busy, pid, begun, gate = waiting(hands[0], cluster, "busy")
        behind = hands[0].submit(work, order("answer", text="never"))
        assert not behind.done()
        assert behind.cancel()
        assert behind.cancelled()
        gate.say()
        assert answer(busy)["pid"] == pid
        begun.close()
        gate.close()

        hands[1].shutdown()
        with pytest.raises(RuntimeError, match="after the end"):
            hands[1].submit(work, b"")
    assert worker.kill(signal.SIGTERM) == 0
    assert worker.said.endswith("ended\n")
    assert not any(map(is_alive, benches))
    assert set(cluster.scratch.iterdir()) == before


def test_an_order_survives_its_worker(cluster: Cluster) -> None:
    """Killed in the middle of an order, a worker takes its bench with it; one that joined later goes on.

    What a bench does not survive either is not given to a third.
    """
    ana, [bench] = cluster.worker("ana")
    with cluster_hands(cluster.url, cluster.files("client"), PATIENCE_S) as hands:
        [hand] = hands
        assert hands[0] is hand
        future, pid, begun, gate = waiting(hand, cluster, "survives")
        assert pid == bench
        rui, [second] = cluster.worker("rui")
        wait_until(lambda: len(hands) == 2)
        assert hand in hands
        ana.kill()
        wait_until(lambda: len(hands) == 1)
        assert int(begun.hear()) == second
        wait_until(lambda: not is_alive(bench))

        os.kill(second, signal.SIGKILL)
        error = future.exception(PATIENCE_S)
        assert isinstance(error, WorkerLost)
        assert rui.wait() != 0
        assert "a bench has died" in rui.said
        gate.close()
        begun.close()


def test_the_last_worker_is_waited_for_and_then_missed(cluster: Cluster) -> None:
    """Without any worker an order waits for the next one; where none comes, it says so."""
    ana, _ = cluster.worker("ana")
    with cluster_hands(cluster.url, cluster.files("client"), PATIENCE_S) as hands:
        ana.kill(signal.SIGTERM)
        later = hands[0].submit(work, order("answer", text="later"))
        _, [bench] = cluster.worker("eva")
        assert answer(later)["pid"] == bench
        hands[0]._cluster._patience_s = 0.1
        cluster.end_workers()
        missed = hands[0].submit(work, order("answer", text="never"))
        error = missed.exception(PATIENCE_S)
        assert isinstance(error, ClusterProblem)
        assert "no worker that may draft" in error.message
        assert "confere worker" in error.hint
        other = Connection(cluster.url, cluster.files("client"), PATIENCE_S)
        other._patience_s = 0.1
        try:
            with pytest.raises(ClusterProblem, match="no worker"):
                other.begin()
        finally:
            other.end()


def test_without_the_scheduler_everybody_ends(tmp_path: Path) -> None:
    """Whoever waits is told, and whoever worked lets go of its key."""
    with a_cluster(tmp_path) as cluster:
        ana, [bench] = cluster.worker("ana")
        with cluster_hands(cluster.url, cluster.files("client"), PATIENCE_S) as hands:
            future, _, begun, gate = waiting(hands[0], cluster, "gone")
            cluster.scheduler.kill()
            error = future.exception(PATIENCE_S)
            assert isinstance(error, ClusterProblem)
            assert "does not answer" in error.message
            again = hands[0].submit(work, order("answer", text="never"))
            assert again.exception(PATIENCE_S) is error
        assert ana.wait() == 1
        assert "the scheduler is gone" in ana.said
        assert not is_alive(bench)
        begun.close()
        gate.close()


def test_a_bench_that_another_has_replaced_cannot_open_the_order(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, and the order is sealed anew: to whom it should have been."""
    cluster.worker("ana")
    connection = Connection(cluster.url, cluster.files("client"), PATIENCE_S)
    try:
        [home] = connection.begin()
        before = type(connection._identity).generate()  # of a bench that is no more
        known = connection._workers[home]
        stale = type(known)(known.name, str(before.recipient))
        monkeypatch.setitem(connection._workers, home, stale)
        future = ClusterHand(connection, home).submit(work, order("answer", text="oi"))
        with connection._changed:
            connection._workers[home] = known
        assert answer(future)["text"] == "io"
    finally:
        connection.end()


def test_what_is_wrong_at_the_start_is_told(cluster: Cluster) -> None:
    """A model that is missing ends a worker before it joins; a name in use does not."""
    (cluster.objects / "no-model").touch()
    worker = cluster.start_worker("ana", cluster.files("ana"))
    assert worker.wait() == 1
    (cluster.objects / "no-model").unlink()
    assert "the model 'small' is not installed" in worker.said


class Talker:
    """A courier that says what it is told to."""

    said: tuple[Message, ...] = ()

    def __init__(self, *_: object) -> None:
        self.line = self
        self._said = iter(self.said)

    def receive(self) -> Message | None:
        """Say the next."""
        return next(self._said, None)

    def end(self) -> None:
        """It is at its end."""


@pytest.mark.parametrize(
    "said", [{}, {"workers": 1}, {"workers": {"a": 1}}, {"done": []}, {"done": 1}, {"lost": {}}]
)
def test_what_a_broken_courier_says_makes_nobody_wait(
    said: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is, and whether or not it is known, the connection ends with an error of ours."""
    monkeypatch.setattr(Talker, "said", ((said, b"x"),))
    monkeypatch.setattr("confere.wiring.cluster.hands.Child", Talker)
    make_certificates(tmp_path, [])
    connection = Connection("tls://localhost:1", files_of(tmp_path, "client"), PATIENCE_S)
    with pytest.raises(ClusterProblem, match="does not answer"):
        connection.begin()
    connection.end()


def test_who_holds_the_vault_never_reads_dask() -> None:
    """No line of Dask is in this process, which has done all that hands do."""
    assert "distributed" not in sys.modules
    assert "dask" not in sys.modules


def test_objects_hold_nothing_of_the_orders(cluster: Cluster) -> None:
    """Workers write nothing beside what the tests' own orders made."""
    assert not [path for path in Path(cluster.objects).iterdir() if path.is_file()]
