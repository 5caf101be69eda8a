"""The keeper's own process: ``python -m confere.web.keeper_main``, with the socket pair as standard input.

It holds one person's open vault, and ends when the front closes the pair or is no more: **its end is
the lock**. The passphrase comes over the pair, so it is in no argument and in no environment.

Three threads: this one answers one question after the other (the catalog belongs to it), one decodes
sound, one listens at the pair.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from confere.acts.desk import Desk, sit_down
from confere.acts.take_in import take_in
from confere.web import wire
from confere.web.errors import refusal_of
from confere.web.sitting import Sitting
from confere.wiring import find_vault, keep_memory_private

#: A question may finish before the process ends; whatever hangs longer ends with it, half-way.
GRACE_S = 5.0

Handler = Callable[..., Any]
Asked = Mapping[str, Any]


def main() -> None:
    """Keep one person's vault open, until the other side of the pair is closed."""
    keep_memory_private()
    line = Line(_take_pair())
    first = line.listen()
    if first is None:
        return
    try:
        asked, _ = first
        desk = _open(asked["vault"], asked["name"], asked["passphrase"])
    except Exception as error:  # noqa: BLE001 - told to the front, without its message if not ours
        line.refuse(0, error)
        return
    try:
        Rows(desk, line).keep()
    finally:
        desk.vault.close()


def _take_pair() -> socket.socket:
    """Take the pair from where a process finds its standard input, and leave nothing there."""
    pair = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return pair


def _open(vault: str, name: str, passphrase: str) -> Desk:
    """Unlock the vault, and take in what offloads left for a reader, as a command does."""
    desk = sit_down(find_vault(Path(vault)), name, passphrase)
    try:
        take_in(desk)
    except BaseException:
        desk.vault.close()
        raise
    return desk


def me(desk: Desk) -> dict[str, Any]:
    """Return who is signed in, as the page is told."""
    return {
        "name": desk.person.name,
        "roles": sorted(desk.person.roles),
        "study": desk.roster.study_name,
        "practice": desk.roster.practice,
        "lock_minutes": desk.vault.locked.settings.web.lock_minutes,
    }


class Line:
    """The keeper's side of the pair: two threads answer over it, one listens."""

    def __init__(self, pair: socket.socket) -> None:
        self._pair = pair
        self._stream = pair.makefile("rb")
        self._sending = threading.Lock()

    def listen(self) -> wire.Message | None:
        """Wait for the next question; None when the front is gone."""
        return wire.read(self._stream)

    def answer(self, id_: int, answer: Any) -> None:
        """Send an answer: bytes as they are, anything else as JSON."""
        if isinstance(answer, bytes):
            self._send({"id": id_}, answer)
        else:
            self._send({"id": id_, "answer": answer})

    def refuse(self, id_: int, error: BaseException) -> None:
        """Send why there is no answer."""
        self._send({"id": id_, "refused": refusal_of(error).as_json()})

    def _send(self, message: Mapping[str, Any], raw: bytes = b"") -> None:
        packed = wire.pack(message, raw)
        with self._sending, contextlib.suppress(OSError):  # gone: then the listener ends all
            self._pair.sendall(packed)


class Rows:
    """What is asked, in two rows: one for the desk, one for the sound."""

    def __init__(self, desk: Desk, line: Line) -> None:
        from confere.web.answers import ANSWERS
        from confere.web.sound import SOUNDS

        self._sitting = Sitting(desk)
        self._line = line
        self._handlers: dict[str, Handler] = {**ANSWERS, **SOUNDS}
        self._sounds = frozenset(SOUNDS)
        self._asked: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        self._heard: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        self._forgotten: set[int] = set()

    def keep(self) -> None:
        """Answer until the front is gone."""
        self._line.answer(0, me(self._sitting.desk))
        threading.Thread(target=self._work, args=(self._heard,), daemon=True).start()
        threading.Thread(target=self._listen, daemon=True).start()
        self._work(self._asked)
        self._sitting.close()

    def _listen(self) -> None:
        while (message := self._line.listen()) is not None:
            asked, _ = message
            if "forget" in asked:
                self._forgotten.add(asked["forget"])
            else:
                (self._heard if asked["ask"] in self._sounds else self._asked).put(asked)
        self._asked.put(None)
        # The main thread ends the process in order. If something holds it up, this does, half-way:
        # what was not committed is not there, and the keys are gone all the same.
        time.sleep(GRACE_S)
        os._exit(1)

    def _work(self, row: queue.SimpleQueue[Asked | None]) -> None:
        while (asked := row.get()) is not None:
            if asked["id"] in self._forgotten:
                self._forgotten.discard(asked["id"])
                continue
            try:
                answer = self._handlers[asked["ask"]](self._sitting, **asked["given"])
                self._line.answer(asked["id"], answer)
            except Exception as error:  # noqa: BLE001 - whatever it was, the person stays signed in
                self._line.refuse(asked["id"], error)


if __name__ == "__main__":
    main()
