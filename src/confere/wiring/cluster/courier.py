"""The process that speaks Dask for the machine with the vault. It carries ciphertext, and holds no key.

::

    -> {"confined": VERSION}             at first, of Landlock; 0 for none
    <- {"order": N, "worker": ADDRESS}  a sealed order       <- {"cancel": N}
    -> {"workers": {ADDRESS: [NAME, WHAT IT ANNOUNCED]}}     at first, and whenever that has changed
    -> {"done": N}  a sealed answer
    -> {"lost": N}                       its worker is gone
    -> {"not mine": N}                   it is sealed to an earlier bench
    -> {"failed": N, "why": …}
    -> {"broken": WHY}                   the last word: the scheduler does not answer

`courier_main` is how the process begins.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from typing import Any

import distributed

from confere.wiring.cluster import worker
from confere.wiring.cluster.closed import security
from confere.wiring.cluster.pipes import Line, Message
from confere.wiring.cluster.tls import TlsFiles

#: How often it is looked which workers there are.
LOOK_EVERY_S = 0.25


class Courier:
    """Orders out, answers back."""

    def __init__(self, line: Line, patience_s: float) -> None:
        self._line, self._patience_s = line, patience_s
        self._client: Any = None
        self._under_way: dict[int, tuple[str, asyncio.Task[None]]] = {}
        self._workers: dict[str, list[Any]] | None = None
        self._left: set[str] = set()

    async def carry(self, url: str, tls: TlsFiles) -> None:
        """Connect, and carry on until the pipe ends or the scheduler is gone."""
        self._client = await distributed.Client(
            url,
            security=security(tls),
            asynchronous=True,
            set_as_default=False,
            timeout=self._patience_s,
            name="confere",
        )
        asked: asyncio.Queue[Message | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop, asked), daemon=True).start()
        looking = asyncio.create_task(self._look())
        listening = asyncio.create_task(self._take(asked))
        done, _ = await asyncio.wait((looking, listening), return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    def _listen(
        self, loop: asyncio.AbstractEventLoop, asked: asyncio.Queue[Message | None]
    ) -> None:
        while True:
            message = self._line.receive()
            loop.call_soon_threadsafe(asked.put_nowait, message)
            if message is None:
                return

    async def _take(self, asked: asyncio.Queue[Message | None]) -> None:
        while (message := await asked.get()) is not None:
            head, sealed = message
            if "order" in head:
                number, address = head["order"], head["worker"]
                task = asyncio.create_task(self._carry_one(number, address, sealed))
                self._under_way[number] = (address, task)
            elif head["cancel"] in self._under_way:
                self._under_way.pop(head["cancel"])[1].cancel()

    async def _carry_one(self, number: int, address: str, sealed: bytes) -> None:
        future = self._client.submit(
            worker.relay,
            sealed,
            key=f"order-{uuid.uuid4()}",
            workers=[address],
            allow_other_workers=False,  # nobody else can open it
            pure=False,
        )
        try:
            answered = await future
        except asyncio.CancelledError:
            await self._client.cancel([future], force=True)
            raise
        except Exception as error:  # noqa: BLE001 - a dead worker has many names in Dask
            if (
                self._client.status == "running"
            ):  # otherwise the scheduler is gone, which is told at once
                self._say(number, {"failed": number, "why": type(error).__name__})
            return
        finally:
            future.release()
        kind, body = bytes(answered[:1]), bytes(answered[1:])
        if kind == worker.ANSWER:
            self._say(number, {"done": number}, body)
        elif kind == worker.NOT_MINE:
            self._say(number, {"not mine": number})
        elif kind == worker.GONE:
            self._left.add(address)
            self._say(number, {"lost": number})
        else:
            self._say(number, {"failed": number, "why": "it could not be read"})

    def _say(self, number: int, head: dict[str, Any], body: bytes = b"") -> None:
        if self._under_way.pop(number, None) is not None:
            self._line.send(head, body)

    async def _identity(self) -> dict[str, Any] | None:
        """Ask the scheduler who is there; None when it is gone, which the line to it knows first."""
        asking = asyncio.ensure_future(self._client.scheduler.identity())
        for _ in range(round(self._patience_s / LOOK_EVERY_S)):
            done, _ = await asyncio.wait((asking,), timeout=LOOK_EVERY_S)
            if done:
                told: dict[str, Any] = asking.result()
                return told
            if self._client.status != "running":
                break
        asking.cancel()
        return None

    async def _look(self) -> None:
        while (told := await self._identity()) is not None:
            now = {
                address: [str(one["name"]), one.get("confere")]
                for address, one in told["workers"].items()
                if address not in self._left
            }
            if now != self._workers:
                self._workers = now
                self._line.send({"workers": now})
            for number, (address, task) in list(self._under_way.items()):
                if address not in now:
                    self._say(number, {"lost": number})
                    task.cancel()
            await asyncio.sleep(LOOK_EVERY_S)
