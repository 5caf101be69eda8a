"""Somebody with a certificate of the cluster, who wants code of theirs run: ``URL FILE CA CERTIFICATE KEY``.

Every attempt would make the file. Prints one line of JSON: what became of each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import distributed
from distributed import Client, Security, WorkerPlugin


class Maker(WorkerPlugin):  # type: ignore[misc]
    """Makes a file wherever it is set up."""

    def __init__(self, file: str) -> None:
        self.file = file

    def setup(self, worker: Any) -> None:
        """Make it."""
        Path(self.file).touch()


def main() -> None:
    """Try everything that Dask offers for it."""
    Client._default_event_handlers = {}  # what it says to all, it does not do itself
    url, file, ca, certificate, key = sys.argv[1:]
    tls = Security(
        require_encryption=True,
        tls_ca_file=ca,
        tls_client_cert=certificate,
        tls_client_key=key,
    )
    with Client(url, security=tls, timeout=10, set_as_default=False) as client:
        [worker] = list(client.scheduler_info()["workers"])
        attempts: dict[str, Callable[[], Any]] = {
            "submit": lambda: client.submit(Path.touch, Path(file)).result(timeout=10),
            "run": lambda: client.run(Path.touch, Path(file)),
            "run_on_scheduler": lambda: client.run_on_scheduler(Path.touch, Path(file)),
            "plugin": lambda: client.register_plugin(Maker(file)),
            "upload": lambda: client.upload_file(__file__),
            "warn": lambda: told(client, file),
            "worker": lambda: client.sync(straight, worker, client.security, file),
        }
        found = {name: outcome(attempt) for name, attempt in attempts.items()}
        found["workers"] = str(len(client.scheduler_info()["workers"]))
    print(json.dumps(found))


def told(client: Client, file: str) -> None:
    """Have every client warned; what that does with it, nobody is told."""
    pickled = cloudpickle.dumps(Warned(Path(file)))
    client.log_event("warn", {"message": pickled, "category": pickled})
    raise InterruptedError


class Warned:
    """A pickle that makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


async def straight(worker: str, security: Security, file: str) -> Any:
    """Go to the worker without the scheduler."""
    arguments = security.get_connection_args("client")
    async with distributed.rpc(worker, connection_args=arguments) as door:
        return await door.run(
            function=distributed.protocol.pickle.dumps(Path.touch),
            args=distributed.protocol.pickle.dumps((Path(file),)),
        )


def outcome(attempt: Callable[[], Any]) -> str:
    """What became of it."""
    try:
        attempt()
    except Exception as error:  # noqa: BLE001
        return f"refused: {type(error).__name__}"
    return "done"


if __name__ == "__main__":
    main()
