"""The process at which an order is opened, worked on and answered; the only one of a worker with a key.

Its identity is made when it starts and is nowhere but in its memory. It knows no network and speaks over
the pipe of the worker that started it::

    -> {"recipient": R, "confere": VERSION}          once it is ready; or {"problem": …, "hint": …}
    <- {}  a sealed order
    -> {"is": "answer"}  a sealed answer; or {"is": "not mine"}
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
from collections.abc import Callable
from pathlib import Path

from confere import __version__
from confere.crypto import KeyIdentity, generate_identity
from confere.errors import ConfereError, WrongKey
from confere.wiring import keep_memory_private
from confere.wiring.cluster import sealed
from confere.wiring.cluster.pipes import Line, to_parent

_NICE = 10
Work = Callable[[bytes], bytes]


def main() -> None:
    """Set up the bench named, and answer until the worker is gone."""
    given = argparse.ArgumentParser()
    given.add_argument("bench")
    given.add_argument("--objects", type=Path, required=True)
    given.add_argument("--models", type=Path)
    given.add_argument("--share", default="1/1", help="which part of the processors is its own")
    options = given.parse_args()
    line = to_parent()
    keep_memory_private()
    _take_share(*map(int, options.share.split("/")))
    if options.models is not None:
        os.environ["CONFERE_MODELS"] = str(options.models)
    try:
        bench = importlib.import_module(options.bench)
        bench.set_up(options.objects)
    except ConfereError as error:
        line.send({"problem": error.message, "hint": error.hint})
        return
    identity = generate_identity("hybrid")
    line.send({"recipient": str(identity.recipient), "confere": __version__})
    _answer_all(line, identity, bench.work)


def _take_share(number: int, of: int) -> None:
    """Leave the other processors to the other benches of this machine, and all to who works at it."""
    with contextlib.suppress(OSError, AttributeError):  # Linux has the first, Unix the second
        mine = sorted(os.sched_getaffinity(0))[number - 1 :: of]
        if mine:
            os.sched_setaffinity(0, mine)
        os.nice(_NICE)


def _answer_all(line: Line, identity: KeyIdentity, work: Work) -> None:
    while (message := line.receive()) is not None:
        try:
            order = sealed.open_order(message[1], identity)
        except WrongKey:
            line.send({"is": "not mine"})
            continue
        except (ConfereError, ValueError, KeyError):  # nobody to answer to
            line.send({"is": "no order"})
            continue
        line.send({"is": "answer"}, _answered(order, work))


def _answered(order: sealed.OpenedOrder, work: Work) -> bytes:
    known = f"{work.__module__}.{work.__qualname__}"
    if order.work != known:
        return sealed.seal_failure(order, f"asked for {order.work}, and does {known}")
    try:
        return sealed.seal_answer(order, work(order.given))
    except Exception as error:  # noqa: BLE001 - its text may hold words of the recording
        return sealed.seal_failure(order, type(error).__name__)


if __name__ == "__main__":
    main()
