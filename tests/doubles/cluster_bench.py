"""A bench that does as its orders say: what a cluster carries, without models."""

from __future__ import annotations

import json
import os
from pathlib import Path

from confere.errors import ModelMissing
from confere.vault.memory import memory_state

_objects = Path()


def set_up(objects: Path) -> None:
    """Take a folder; one that holds a file ``no-model`` is missing its model."""
    global _objects
    _objects = objects
    if (objects / "no-model").exists():
        raise ModelMissing("small")


def order(do: str, **more: str) -> bytes:
    """An order: ``answer`` a ``text``; ``fail`` with it; ``wait``: tell ``begun``, and listen at ``gate``."""
    return json.dumps({"do": do, **more}).encode()


def work(order: bytes) -> bytes:
    """Do it; the answer tells of the process, and the text backwards."""
    asked = json.loads(order)
    if asked["do"] == "fail":
        raise ValueError(asked["text"])
    if asked["do"] == "wait":
        (_objects / asked["begun"]).write_text(
            str(os.getpid())
        )  # pipes both: it waits for the test
        with (_objects / asked["gate"]).open("rb", buffering=0) as gate:
            gate.read(1)
    text = asked.get("text", "")[::-1]
    answer = {
        "pid": os.getpid(),
        "processors": len(os.sched_getaffinity(0)),
        "closed": memory_state().not_dumpable,
        "text": text,
    }
    return json.dumps(answer).encode()


def another(order: bytes) -> bytes:
    """What no worker is there for."""
    return order
