"""Dask's scheduler, closed: mutual TLS, no web server, nothing that runs what somebody sends."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Callable
from typing import Any

import distributed

from confere.errors import ClusterProblem
from confere.wiring import keep_memory_private
from confere.wiring.cluster.closed import SHUT_AT_SCHEDULER, close_dask, security
from confere.wiring.cluster.tls import TlsFiles


class ClosedScheduler(distributed.Scheduler):  # type: ignore[misc]
    """Dask's scheduler, without its web server."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Listen nowhere but where workers and clients come in."""


def run_scheduler(host: str, port: int, tls: TlsFiles, tell: Callable[[str], None]) -> None:
    """Schedule until SIGTERM or SIGINT; ``tell`` is told the address. Raises ClusterProblem."""
    tls.check()
    keep_memory_private()
    close_dask()
    with tempfile.TemporaryDirectory(prefix="confere-scheduler-") as scratch:
        asyncio.run(_schedule(host, port, tls, scratch, tell))


async def _schedule(
    host: str, port: int, tls: TlsFiles, scratch: str, tell: Callable[[str], None]
) -> None:
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    try:
        scheduler = await ClosedScheduler(
            host=f"tls://{host}",
            port=port,
            security=security(tls),
            local_directory=scratch,
            extensions={},  # queues, locks, shuffles ...: nothing here needs them
            blocked_handlers=list(SHUT_AT_SCHEDULER),
        )
    except OSError as error:
        raise ClusterProblem(
            f"nothing can listen at {host}:{port} ({error.strerror or error})",
            "Choose another --port, or an address of this machine as --host.",
        ) from None
    tell(f"the scheduler is at {scheduler.address}")
    await ending.wait()
    await scheduler.close()
