"""A worker of the cluster: takes sealed orders from Dask to its bench, and sealed answers back.

This process holds the worker's TLS key, and ciphertext. What opens an order is in the bench's process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import distributed

from confere.crypto.members import sign_as_member
from confere.errors import BadInput, ClusterProblem, ConfereError
from confere.wiring import keep_memory_private
from confere.wiring.cluster.announced import said
from confere.wiring.cluster.closed import SHUT_AT_WORKER, close_dask, security
from confere.wiring.cluster.pipes import Child
from confere.wiring.cluster.tls import TlsFiles, scheduler_address

BENCH = "confere.wiring.bench"
#: What `relay` puts before what it returns, or instead of it.
ANSWER, NOT_MINE, NO_ORDER, GONE = b"A", b"M", b"O", b"G"
LOOK_EVERY_S = 0.25
_KINDS = {"answer": ANSWER, "not mine": NOT_MINE, "no order": NO_ORDER}


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Where a worker works: ``objects`` holds the vault's sealed objects, ``models`` the models.

    ``host`` is the address it listens at; the one that leads to the scheduler where it is empty. So many
    workers as ``count`` says are started, each with a bench of its own. They wait ``patience_s`` seconds
    for the scheduler.
    """

    url: str
    tls: TlsFiles
    objects: Path
    models: Path | None = None
    host: str = ""
    name: str = ""
    count: int = 1
    patience_s: float = 60.0
    bench: str = BENCH


def relay(sealed: bytes) -> bytes:
    """Have an order answered by the bench of the worker that this runs at; never raises."""
    try:
        worker: Any = distributed.get_worker()
        return bytes(worker.bench.answer(sealed))
    except Exception:  # noqa: BLE001 - an exception would go back as a pickle, which nobody reads
        return NO_ORDER


class BenchLine:
    """A bench in a process of its own."""

    def __init__(self, settings: WorkerSettings, number: int) -> None:
        models = ["--models", str(settings.models)] if settings.models else []
        share = ["--share", f"{number}/{settings.count}"]
        arguments = [settings.bench, "--objects", str(settings.objects), *models, *share]
        self._child = Child("confere.wiring.cluster.bench_process", arguments)
        told = self._child.line.receive()
        if told is None or "problem" in told[0]:
            self.end()
            if told is None:
                raise ClusterProblem(
                    "the bench of this worker did not start", "See what it says above."
                )
            raise ConfereError(told[0]["problem"], told[0]["hint"])
        self.announced = told[0]
        self.gone = False
        self._asking = threading.Lock()

    @property
    def process(self) -> int:
        """Its process id."""
        return self._child.process.pid

    def answer(self, sealed: bytes) -> bytes:
        """Wait for what the bench says to an order."""
        with self._asking:  # whatever threads Dask was asked to take
            answered = self._child.line.receive() if self._child.line.send({}, sealed) else None
        if answered is None:
            self.gone = True
            return GONE
        return _KINDS[answered[0]["is"]] + answered[1]

    def end(self) -> None:
        """End it, in the middle of an order too."""
        self.gone = True
        self._child.end()


class ClosedWorker(distributed.Worker):  # type: ignore[misc]
    """Dask's worker, without its web server."""

    bench: BenchLine

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Listen nowhere but where orders come in."""


def run_workers(settings: WorkerSettings, tell: Callable[[str], None]) -> None:
    """Work until SIGTERM or SIGINT, or until the scheduler or a bench is gone.

    ``tell`` is told, a line at a time, what there is. Raises ClusterProblem, BadInput, and what the bench
    raises when it is set up.
    """
    scheduler_address(settings.url)
    settings.tls.check()
    keep_memory_private()
    close_dask()
    logging.disable(logging.ERROR)  # why it ends is told in words of ours; what is refused is worse
    with contextlib.ExitStack() as stack:
        benches = []
        for number in range(1, settings.count + 1):
            bench = BenchLine(settings, number)
            stack.callback(bench.end)
            benches.append(bench)
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="confere-worker-"))
        asyncio.run(_work(settings, benches, scratch, tell))


async def _work(
    settings: WorkerSettings, benches: list[BenchLine], scratch: str, tell: Callable[[str], None]
) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    workers = [_worker(settings, bench, n, scratch) for n, bench in enumerate(benches, 1)]
    try:
        for worker in workers:
            await asyncio.wait_for(worker, settings.patience_s)
    except (OSError, TimeoutError, ValueError, RuntimeError) as error:
        raise ClusterProblem(
            f"the scheduler at {settings.url} does not let this worker in, or is not there"
            f" ({type(error).__name__})",
            "Is it running, is the address right, and are all certificates of the same authority?",
        ) from None
    for worker, bench in zip(workers, benches, strict=True):
        tell(
            f"worker {worker.name} at {worker.address}: ready (its bench is process {bench.process})"
        )
    await _until(ending, workers, benches)
    asked = ending.is_set()
    for bench in benches:  # first of all: nobody may hold a key any longer than it takes
        bench.end()
    for worker in workers:
        with contextlib.suppress(Exception):
            await worker.close(timeout=5, executor_wait=False, nanny=False)
    if not asked:
        raise ClusterProblem(
            "the scheduler is gone, or a bench has died",
            "What it worked on goes to another worker.",
        )


async def _until(ending: asyncio.Event, workers: list[Any], benches: list[BenchLine]) -> None:
    """Wait for a signal, or until any worker begins to close or any bench has died.

    A worker that has lost its scheduler waits for the order it is at before it is closed. Its bench is not
    to hold a key for so long.
    """
    while not any(bench.gone for bench in benches):
        if any(worker.status is not distributed.Status.running for worker in workers):
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), LOOK_EVERY_S)
            return


def _worker(settings: WorkerSettings, bench: BenchLine, number: int, scratch: str) -> ClosedWorker:
    name = settings.name or socket.gethostname()
    announced = _announced(bench, settings.tls)
    worker = ClosedWorker(
        settings.url,
        nthreads=1,
        name=f"{name}-{number}" if settings.count > 1 else name,
        host=f"tls://{settings.host or _host_towards(settings.url)}",
        security=security(settings.tls),
        local_directory=scratch,
        extensions={},
        memory_limit=0,
        data=dict,
        blocked_handlers=list(SHUT_AT_WORKER),
        startup_information={"confere": lambda _: announced},
        death_timeout=settings.patience_s,
        dashboard=False,
    )
    worker.bench = bench
    return worker


def _announced(bench: BenchLine, tls: TlsFiles) -> dict[str, str]:
    """Return what a worker says of itself, signed with its certificate's key."""
    message = said(bench.announced["recipient"], bench.announced["confere"])
    try:
        signature = sign_as_member(tls.key.read_bytes(), message)
    except (ValueError, TypeError):
        raise BadInput(
            f"{tls.key} cannot be used",
            "It must be an unencrypted key in PEM, of an elliptic curve or of RSA.",
        ) from None
    certificate = tls.certificate.read_text("ascii", "replace")
    return {**bench.announced, "certificate": certificate, "signature": signature.hex()}


def _host_towards(url: str) -> str:
    from distributed.comm import get_address_host
    from distributed.utils import get_ip

    host: str = get_ip(get_address_host(url))
    return f"[{host}]" if ":" in host else host
