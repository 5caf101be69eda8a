"""Hands on this machine: they come again when they die, and die with whoever holds the vault."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path

import pytest

from confere.acts.order import Answer, refusal
from confere.errors import ConfereError, NotAudio
from confere.vault.memory import memory_state
from confere.wiring import bench
from confere.wiring.processes import local_hands

_ENDS_WITHIN_S = 30

STARTER = """
import os, sys
from pathlib import Path
from confere.wiring.processes import Worker
hand = Worker(Path("."), None)
print(hand.submit(os.getpid).result(), flush=True)
hand.submit(sys.stdin.read).exception()
"""


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    """One hand over an empty folder."""
    with local_hands(1, tmp_path_factory.mktemp("objects"), None) as hands:
        yield hands[0]


def die() -> None:
    """As when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_it_is_a_process_of_its_own_that_gives_nothing_away(hand: Executor) -> None:
    """It is not this process, it cannot be read by others of the account, and it is not in the way."""
    assert hand.submit(os.getpid).result() != os.getpid()
    guard = hand.submit(memory_state).result()
    assert guard.core_dumps_off
    assert guard.not_dumpable == (sys.platform == "linux")
    assert hand.submit(os.nice, 0).result() > os.nice(0)


def test_a_death_breaks_one_order_and_the_next_starts_anew(hand: Executor) -> None:
    """Whoever waits is told, and is answered when they ask again."""
    before = hand.submit(os.getpid).result()
    with pytest.raises(BrokenExecutor):
        hand.submit(die).result()
    assert hand.submit(os.getpid).result() != before


def test_an_order_that_is_none_is_answered(hand: Executor) -> None:
    """Nothing that is sent to it ends it, and its answer holds nothing of what was sent."""
    pid = hand.submit(os.getpid).result()
    for order in (b"", b"{}", b'{"format": 1, "key": "AGE-SECRET-KEY-1"}'):
        answer = hand.submit(bench.work, order).result()
        assert b"AGE-SECRET" not in answer
        with pytest.raises(ConfereError, match="drafting failed"):
            Answer.from_bytes(answer)
    assert hand.submit(os.getpid).result() == pid


def test_a_refusal_is_the_same_error_again() -> None:
    """Class, message and hint; an error of a class that is not ours is only an error."""
    told = NotAudio("it", "broken")
    with pytest.raises(NotAudio) as caught:
        Answer.from_bytes(refusal(told))
    assert (caught.value.message, caught.value.hint) == (told.message, told.hint)
    strange = refusal(told).replace(b"NotAudio", b"Mapping")
    with pytest.raises(ConfereError) as plain:
        Answer.from_bytes(strange)
    assert type(plain.value) is ConfereError


def test_none_is_left_afterwards(tmp_path: Path) -> None:
    """Whatever it is at, it is ended."""
    with local_hands(2, tmp_path, None) as hands:
        pids = [hand.submit(os.getpid).result() for hand in hands]
        for hand in hands:
            hand.submit(signal.pause)
    assert len(set(pids)) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs a handle on a process")
def test_it_dies_with_whoever_started_it() -> None:
    """A kill that lets nobody clean up leaves no process with a key."""
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    handle = os.pidfd_open(int(starter.stdout.readline()))
    starter.kill()
    starter.communicate()
    import select

    assert select.select([handle], [], [], _ENDS_WITHIN_S)[0] == [handle]
    os.close(handle)
