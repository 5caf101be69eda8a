"""Dask, closed as far as it can be: TLS both ways, no web server, nothing on disk, few pickles.

Dask's messages may hold pickles, and a pickle may name any function of any module, which is then called.
So each of our processes that speaks Dask reads pickles that name what Dask itself needs to carry an order,
and nothing else (`ALLOWED`). Dask's own doors for running code (``run``, ``upload_file``, plugins ...) are
shut besides. This leans on inner names of the pinned version; a test sees to it that it still holds.
"""

from __future__ import annotations

import io
import logging
import pickle
import ssl
from collections.abc import Iterable
from typing import Any

from confere.wiring.cluster.tls import TlsFiles

#: What pickles may name: `relay`, bytes, and how Dask writes down that one is called with the other. To
#: read any of these calls nothing but them.
ALLOWED = frozenset(
    {
        ("builtins", "bytes"),
        ("confere.wiring.cluster.worker", "relay"),
        ("dask._expr", "Expr._reconstruct"),
        ("dask._expr", "LLGExpr"),
        ("dask._task_spec", "Task"),
    }
)
#: A scheduler's and a worker's doors that run or fetch what somebody else wrote, or show inner state.
SHUT_AT_SCHEDULER = (
    "run_function", "broadcast", "proxy", "scatter", "replicate", "restart", "restart_workers",
    "terminate", "retire_workers", "register_scheduler_plugin", "register_worker_plugin",
    "register_nanny_plugin", "dump_cluster_state_to_url", "get_logs", "worker_logs", "call_stack", "profile",
)  # fmt: skip
SHUT_AT_WORKER = (
    "run", "run_coroutine", "upload_file", "actor_execute", "actor_attribute", "plugin-add",
    "plugin-remove", "update_data", "get_logs", "call_stack", "benchmark_disk", "get_story",
)  # fmt: skip

_SETTINGS: dict[str, Any] = {
    "distributed.comm.require-encryption": True,
    "distributed.comm.default-scheme": "tls",
    "distributed.comm.tls.min-version": 1.3,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.diagnostics.nvml": False,
    "distributed.scheduler.preload": [],
    "distributed.scheduler.http.routes": [],
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.preload": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.client.preload": [],
    "distributed.client.security-loader": None,
}


def close_dask() -> None:
    """Set Dask up for this process; whatever stands in Dask's files and variables of this account."""
    import cloudpickle
    import dask
    import distributed

    dask.config.set(_SETTINGS)
    logging.getLogger("distributed").setLevel(logging.ERROR)
    # Python's own, for all that Dask reads ends there, whichever of its modules it was imported into.
    for module in (pickle, cloudpickle):
        vars(module).update(loads=_loads, load=_load)
    distributed.Client._default_event_handlers = {}  # what others send to be printed or warned of


def security(tls: TlsFiles) -> Any:
    """Return Dask's form of the files: the same for each of the three roles."""
    from distributed import Security

    own = {"cert": str(tls.certificate), "key": str(tls.key)}
    return Security(
        require_encryption=True,
        tls_ca_file=str(tls.authority),
        tls_min_version=ssl.TLSVersion.TLSv1_3,
        **{
            f"tls_{role}_{what}": file
            for role in ("client", "scheduler", "worker")
            for what, file in own.items()
        },
    )


class _Few(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"a pickle names {module}.{name}, which is not allowed")
        return super().find_class(module, name)


def _loads(pickled: Any, /, *, buffers: Iterable[Any] | None = None, **_: Any) -> Any:
    """Stand for ``pickle.loads``."""
    return _Few(io.BytesIO(pickled), buffers=buffers or None).load()


def _load(file: Any, /, *, buffers: Iterable[Any] | None = None, **_: Any) -> Any:
    """Stand for ``pickle.load``."""
    return _Few(file, buffers=buffers).load()
