"""Kill a drafting, or one of its processes, and see what is left of it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from confere.domain import Draft
from doubles.canaries import forms_of_bytes, forms_of_text
from doubles.draft_place import Place
from doubles.process_tree import began, descendants, name_of

#: All processes at once; the one that holds the vault; the one with the models; the one with the sound.
WHO = ("all", "main", "worker", "decoder")
GONE_WITHIN_S = 10.0
LOOK_S = 0.05


def run_killed(place: Place, who: str, when: Callable[[], bool]) -> tuple[bool, list[str]]:
    """Run the command, kill what is said once it is time; return whether it was, and what still runs.

    Without ``who`` it runs to its end.
    """
    child = subprocess.Popen(
        place.command(),
        env=os.environ | place.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seen: dict[int, int] = {}
    killed = False
    while True:
        with suppress(subprocess.TimeoutExpired):
            child.wait(LOOK_S)
            break
        tree = descendants(child.pid)
        seen |= {pid: began(pid) for pid in tree}
        if who and not killed and when():
            victims = tree if who == "all" else [pid for pid in tree if name_of(pid) == who]
            for pid in victims:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            killed = bool(victims)
    return killed, _left_of(seen)


def _left_of(seen: Mapping[int, int]) -> list[str]:
    """Which processes still run, after some time to end."""
    until = time.monotonic() + GONE_WITHIN_S
    while True:
        left = [name_of(pid) for pid, start in seen.items() if start and began(pid) == start]
        if not left or time.monotonic() > until:
            return left
        time.sleep(LOOK_S)


def bytes_of(draft: Draft) -> bytes:
    """All of a draft that must not depend on how it came about: everything but when it was made."""
    value = asdict(draft)
    del value["drafted_at"]
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def in_the_clear(place: Place, said: Sequence[str], sound: bytes) -> list[str]:
    """Name the files of a place, and of the shared memory, with a sentence or a stretch of sound in them.

    ``sound`` are the samples of the recording as they lay in its file.
    """
    rng = random.Random(1)
    looked_for = [form for text in rng.sample(list(said), 5) for form in forms_of_text(text)]
    for _ in range(5):
        at = 2 * rng.randrange((len(sound) - 64) // 2)
        looked_for += forms_of_bytes(sound[at : at + 64])
    found = []
    for file in [*place.folder.rglob("*"), *Path("/dev/shm").glob("*")]:
        with suppress(OSError):
            content = file.read_bytes() if file.is_file() else b""
            found += [f"{file}: {form}" for form, pattern in looked_for if pattern in content]
    return found
