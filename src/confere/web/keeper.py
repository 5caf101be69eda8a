"""The front's side of a keeper: starts the process, carries questions to it, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from confere.web import wire
from confere.web.errors import Refusal, no_session
from confere.web.keeper_main import GRACE_S

#: By then it has ended by itself, even if something hung in it.
PATIENCE_S = GRACE_S + 1
#: ``-P``: no module is taken from the folder in which somebody happened to start Confere.
COMMAND = (sys.executable, "-P", "-m", "confere.web.keeper_main")


class _Ended(Refusal):
    """The keeper is no more, so nobody is signed in any more."""

    def __init__(self) -> None:
        super().__init__(**vars(no_session()))


class Keeper:
    """A process that holds one person's open vault. The front keeps neither key nor passphrase."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.me: dict[str, Any] = {}
        #: Called once, when the process has ended, by whomever.
        self.when_ended: Callable[[], None] = lambda: None
        self._process = process
        self._reader, self._writer = reader, writer
        self._ids = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, vault_root: Path, name: str, passphrase: str) -> Keeper:
        """Start a keeper and unlock the vault in it; raises Refusal for what `unlock` raises.

        A fresh interpreter, not a fork: nothing of the front's memory is in it. In a session of its own,
        so that Ctrl-C reaches the front alone, which then ends its keepers in order.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *COMMAND,
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,  # a decoder may print what it reads
                start_new_session=True,
            )
        ours.setblocking(False)
        keeper = cls(process, *await asyncio.open_connection(sock=ours))
        try:
            first = {"vault": str(vault_root), "name": name, "passphrase": passphrase}
            keeper.me = await keeper._send_and_wait(first)
        except _Ended:
            await keeper.end()
            raise Refusal(
                "NotStarted",
                503,
                "the process that would hold the keys ended at once",
                "Tell who keeps the machine: there may be no memory left, or Confere is not whole.",
            ) from None
        except BaseException:
            await keeper.end()
            raise
        return keeper

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is still there."""
        return self._process.returncode is None and not self._listening.done()

    async def ask(self, name: str, /, **given: Any) -> Any:
        """Return the JSON that one of ``answers`` gives, or the bytes of one of ``sound``.

        Raises Refusal. Who does not wait any longer (a browser that sought elsewhere) frees its place
        in the row.
        """
        return await self._send_and_wait({"ask": name, "given": given})

    async def sound(self, recording_id: str, first_byte: int, last_byte: int) -> bytes:
        """Return bytes of a recording's working sound; the last one is included."""
        answer = await self.ask(
            "sound", recording_id=recording_id, first_byte=first_byte, last_byte=last_byte
        )
        return bytes(answer)

    async def end(self) -> None:
        """End the process: when this returns it is gone, and its memory with it."""
        self._writer.close()
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._listening

    async def _send_and_wait(self, message: dict[str, Any]) -> Any:
        id_ = next(self._ids)
        answer = self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            self._send({"id": id_, **message})
            return await answer
        except asyncio.CancelledError:
            with contextlib.suppress(Refusal):  # ended meanwhile
                self._send({"forget": id_})
            raise
        finally:
            self._waiting.pop(id_, None)

    def _send(self, message: dict[str, Any]) -> None:
        if self._listening.done() or self._writer.is_closing():
            raise _Ended()
        self._writer.write(wire.pack(message))

    async def _listen(self) -> None:
        try:
            while (message := await wire.receive(self._reader)) is not None:
                self._hand_over(*message)
        finally:
            self._nobody_answers()

    def _hand_over(self, told: dict[str, Any], raw: bytes) -> None:
        waiting = self._waiting.get(told["id"])
        if waiting is None or waiting.done():
            return
        if "refused" in told:
            waiting.set_exception(Refusal.from_json(told["refused"]))
        else:
            waiting.set_result(told.get("answer", raw))

    def _nobody_answers(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(_Ended())
        with contextlib.suppress(OSError):
            self._writer.close()
        self.when_ended()
