"""Executors over a cluster: what `acts.night` gives an order to, as it does to a process of this machine.

Orders are sealed and answers opened here, in the process that holds the vault; the courier, which
speaks Dask, sees neither. An order is sealed to the bench of one worker. If that worker dies, it is sealed
anew to another's: windows are pure, so what two benches make of one is the same.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar, overload

from confere.crypto import generate_identity
from confere.errors import ClusterProblem, ConfereError, ProgramMissing, WorkerLost
from confere.wiring.cluster import sealed
from confere.wiring.cluster.announced import Member, believed
from confere.wiring.cluster.pipes import Child
from confere.wiring.cluster.tls import TlsFiles, scheduler_address

#: So long it is waited for a worker, at the beginning and when the last has gone.
PATIENCE_S = 60.0
#: An order that two workers did not survive is not given to a third.
LOSSES = 2

P = ParamSpec("P")
T = TypeVar("T")


@contextlib.contextmanager
def cluster_hands(
    url: str, tls: TlsFiles, patience_s: float = PATIENCE_S
) -> Iterator[Sequence[ClusterHand]]:
    """Give a hand for each worker that is there, as long as the context lasts (`Hands`).

    Waits ``patience_s`` seconds for the first. Raises BadValue for an address that is not ``tls://``,
    StorageProblem and BadInput for unusable files, ProgramMissing without Dask, ClusterProblem when there
    is no scheduler or no worker.
    """
    require_dask()
    scheduler_address(url)
    tls.check()
    cluster = Cluster(url, tls, patience_s)
    try:
        yield Hands(cluster, cluster.begin())
    finally:
        cluster.end()


class Hands(Sequence["ClusterHand"]):
    """A hand for each worker. Whoever goes through them meets those that have joined, and none that has gone.

    At the last there is always one hand left: what it is given waits for a worker.
    """

    def __init__(self, cluster: Cluster, homes: Sequence[str]) -> None:
        self._cluster = cluster
        self._hands = [ClusterHand(cluster, home) for home in homes]

    def __iter__(self) -> Iterator[ClusterHand]:
        return iter(self._there())

    def __len__(self) -> int:
        return len(self._there())

    @overload
    def __getitem__(self, which: int) -> ClusterHand: ...
    @overload
    def __getitem__(self, which: slice) -> list[ClusterHand]: ...
    def __getitem__(self, which: int | slice) -> ClusterHand | list[ClusterHand]:
        return self._there()[which]

    def _there(self) -> list[ClusterHand]:
        homes = self._cluster.homes()
        known = {hand.home: hand for hand in self._hands}
        there = [known.get(home) or ClusterHand(self._cluster, home) for home in homes]
        self._hands = there or self._hands
        return self._hands


class ClusterHand(Executor):
    """Has one order after the other worked on by the cluster, at a worker of its own while that lives.

    Only the work that the workers are there for can be submitted, with the bytes of one order: no function
    travels. A future can be cancelled until it is answered, and is never ``running()``: where in the cluster
    an order waits, nobody here knows.
    """

    def __init__(self, cluster: Cluster, home: str) -> None:
        self._cluster = cluster
        self._open = True
        self._futures: set[Future[bytes]] = set()
        self.home = home

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have an order worked on: ``submit(work, order)``, both bytes.

        Its future raises ClusterProblem when no worker is left or the scheduler is gone, WorkerLost
        when two workers died of it, ForgedStore for an answer that is none.
        """
        order = args[0] if len(args) == 1 and not kwargs else None
        if not isinstance(order, bytes):
            raise TypeError("a cluster takes one order, as bytes")
        if not self._open:
            raise RuntimeError("cannot submit an order after the end")
        future: Future[Any] = Future()
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        self._cluster.put(future, _name_of(fn), order, self)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more orders."""
        self._open = False
        futures = list(self._futures)
        if cancel_futures:
            for future in futures:
                future.cancel()
        if wait:
            wait_for(futures)


@dataclass(slots=True, eq=False, repr=False)
class _Order:
    future: Future[bytes]
    work: str
    given: bytes
    hand: ClusterHand
    worker: str = ""
    recipient: str = ""
    number: str = ""
    losses: int = 0


class Cluster:
    """The courier, the workers it tells of, and the orders under way."""

    def __init__(self, url: str, tls: TlsFiles, patience_s: float) -> None:
        self._url, self._patience_s = url, patience_s
        self._authority = tls.authority.read_bytes()
        self._identity = generate_identity("hybrid")
        self._changed = threading.Condition()
        self._workers: dict[str, Member] = {}
        self._refused: dict[str, str] = {}
        self._orders: dict[int, _Order] = {}
        #: The version of Landlock that holds the courier; 0 for none.
        self.confined = 0
        self._connected = False
        self._broken: ClusterProblem | None = None
        self._patience: threading.Timer | None = None
        files = (tls.authority, tls.certificate, tls.key)
        self._courier = Child(
            "confere.wiring.cluster.courier_main", [url, str(patience_s), *map(str, files)]
        )
        self._reader = threading.Thread(target=self._read, name="cluster", daemon=True)

    def begin(self) -> list[str]:
        """Wait for the first workers, and return where they are."""
        self._reader.start()
        with self._changed:
            # The courier itself says when its patience with the scheduler is at an end.
            self._changed.wait_for(lambda: self._connected or self._broken)
            self._changed.wait_for(lambda: self._workers or self._broken, self._patience_s)
            if self._broken is not None:
                raise self._broken
            if not self._workers:
                raise self._nobody()
            return self.homes()

    def homes(self) -> list[str]:
        """Return where workers are."""
        with self._changed:
            return sorted(self._workers)

    def end(self) -> None:
        """End the courier; what is not answered is not going to be."""
        self._courier.end()
        self._reader.join()
        self._fail_all(ClusterProblem("the cluster was left before it had answered"))

    def put(self, future: Future[bytes], work: str, given: bytes, hand: ClusterHand) -> None:
        """Send an order on its way."""
        order = _Order(future, work, given, hand)
        id_ = secrets.randbits(48)
        with self._changed:
            broken = self._broken
            if broken is None:
                self._orders[id_] = order
                self._send(id_, order)
        if broken is not None:
            future.set_exception(broken)
            return
        future.add_done_callback(partial(self._ended, id_))

    def _ended(self, id_: int, future: Future[bytes]) -> None:
        with self._changed:
            self._orders.pop(id_, None)
        if future.cancelled():
            self._courier.line.send({"cancel": id_})

    def _send(self, id_: int, order: _Order) -> None:
        """Seal an order to a worker and hand it to the courier; without any worker, have it wait for one."""
        order.worker = self._choose(order.hand)
        if not order.worker:
            self._begin_patience()
            return
        order.recipient = self._workers[order.worker].recipient
        order.number = sealed.new_number()
        answer_to = str(self._identity.recipient)
        body = sealed.seal_order(order.number, order.work, order.given, order.recipient, answer_to)
        self._courier.line.send({"order": id_, "worker": order.worker}, body)

    def _choose(self, hand: ClusterHand) -> str:
        """Return the hand's own worker; if that is gone, the one with the fewest orders, for good."""
        if hand.home not in self._workers:
            busy = [order.worker for order in self._orders.values()]
            hand.home = min(sorted(self._workers), key=busy.count, default="")
        return hand.home

    def _read(self) -> None:
        # Who has broken the courier may say what it likes: nobody is to wait for ever because of it.
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            self._listen()
        self._fail_all(
            ClusterProblem(
                f"the scheduler at {self._url} does not answer, or does not let this machine in",
                "Is it running, is the address right, and are all certificates of the same authority?"
                " What was drafted is kept; run the same command again.",
            )
        )

    def _listen(self) -> None:
        while (message := self._courier.line.receive()) is not None:
            head, body = message
            if "broken" in head:
                break
            if "confined" in head:
                self.confined = int(head["confined"])
                continue
            if "workers" in head:
                self._learn(head["workers"])
            elif "done" in head:
                self._finish(head["done"], body)
            elif "lost" in head:
                self._again(head["lost"], lost=True)
            elif "not mine" in head:
                self._again(head["not mine"], lost=False)
            else:
                self._fail(
                    head["failed"], ClusterProblem(f"an order failed on its way ({head['why']})")
                )

    def _learn(self, workers: Mapping[str, tuple[str, Any]]) -> None:
        now = datetime.now(UTC)
        with self._changed:
            self._connected = True
            self._workers, self._refused = {}, {}
            for address, (name, announced) in workers.items():
                found = believed(name, announced, self._authority, now)
                if isinstance(found, Member):
                    self._workers[address] = found
                else:
                    self._refused[name] = found
            if self._workers and self._patience is not None:
                self._patience.cancel()
                self._patience = None
            for id_, order in self._orders.items():
                if not order.worker or self._has_moved(order):
                    self._send(id_, order)
            self._changed.notify_all()

    def _has_moved(self, order: _Order) -> bool:
        """Whether at an order's address there is another bench than the one it is sealed to."""
        member = self._workers.get(order.worker)
        return member is not None and member.recipient != order.recipient

    def _again(self, id_: int, *, lost: bool) -> None:
        """Send an order that its worker did not answer to another; or wait until it is known."""
        with self._changed:
            order = self._orders.get(id_)
            if order is None:
                return
            order.losses += lost
            if order.losses < LOSSES:
                if lost:
                    self._workers.pop(order.worker, None)
                if lost or self._has_moved(order):
                    self._send(id_, order)
                return
        self._fail(id_, WorkerLost())

    def _finish(self, id_: int, body: bytes) -> None:
        order = self._claim(id_)
        if order is None:
            return
        try:
            answer = sealed.open_answer(body, self._identity, order.number)
        except ConfereError as error:
            order.future.set_exception(error)
        else:
            order.future.set_result(answer)

    def _fail(self, id_: int, error: ConfereError) -> None:
        order = self._claim(id_)
        if order is not None:
            order.future.set_exception(error)

    def _claim(self, id_: int) -> _Order | None:
        """Take an order off those under way, to end it; None when somebody else has, or cancelled it."""
        with self._changed:
            order = self._orders.pop(id_, None)
        return order if order and order.future.set_running_or_notify_cancel() else None

    def _fail_all(self, error: ClusterProblem) -> None:
        with self._changed:
            self._broken = self._broken or error
            if self._patience is not None:
                self._patience.cancel()
            ids = list(self._orders)
            self._changed.notify_all()
        for id_ in ids:
            self._fail(id_, self._broken)

    def _begin_patience(self) -> None:
        if self._patience is None:
            self._patience = threading.Timer(self._patience_s, self._lose_patience)
            self._patience.daemon = True
            self._patience.start()

    def _lose_patience(self) -> None:
        with self._changed:
            self._patience = None
            waiting = [] if self._workers else [i for i, o in self._orders.items() if not o.worker]
        for id_ in waiting:
            self._fail(id_, self._nobody())

    def _nobody(self) -> ClusterProblem:
        told = "".join(f"; {name} {why}" for name, why in sorted(self._refused.items()))
        return ClusterProblem(
            f"no worker that may draft is at {self._url}{told}",
            "Start one: confere worker tls://HOST:PORT --objects FOLDER. What was drafted is kept.",
        )


def _name_of(work: Callable[..., object]) -> str:
    return f"{work.__module__}.{work.__qualname__}"


def require_dask() -> None:
    """Raise ProgramMissing where Dask is not installed."""
    from importlib.util import find_spec

    if find_spec("distributed") is None:
        raise ProgramMissing(
            "Dask", "It comes with Confere's extra 'cluster': pip install 'confere[cluster]'"
        )
