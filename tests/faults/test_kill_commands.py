"""Each command that writes, killed before its system calls: the next start finds it done or not begun.

``benchmarks/kill_sweep.py`` kills at every call. Here it is at changes of a name, which is where a command's
moment lies, before one and after the next; and before a few of the others, drawn by a fixed seed.
(A kill leaves what was written with the system, synced or not: before an ``fsync`` the disk is as
it is after. What a power cut would leave is tested elsewhere.)
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from doubles.fast_folder import fast_folder
from doubles.kill_scenes import COMMANDS, Command, Place, calls, first_to_come, prepare, survives
from doubles.kills import Call, can_kill

pytestmark = pytest.mark.skipif(
    not can_kill(), reason="strace, which does the killing, is not here or may not attach"
)
KILLS = 6  # of each command; `benchmarks/kill_sweep.py` does them all


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the vaults lie."""
    with fast_folder() as place:
        yield place


@pytest.fixture(scope="module")
def prepared(folder: Path) -> Place:
    """The vault that is only copied."""
    return prepare(folder / "prepared")


def chosen(found: list[Call], seed: str) -> list[tuple[int, Call]]:
    """Choose the calls to kill at, with their places in the order: the first and the last among them."""
    renames = [at for at, call in enumerate(found) if call.name.startswith("rename")]
    by_turns = [at + number % 2 for number, at in enumerate(renames)]
    draw = random.Random(seed)
    places = {0, len(found) - 1, *draw.sample(by_turns, min(len(by_turns), KILLS - 4))}
    places |= set(draw.sample(range(len(found)), KILLS - len(places)))
    return [(at, found[at]) for at in sorted(places)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_killed_command_is_done_or_not_begun(
    folder: Path, prepared: Place, command: Command
) -> None:
    """Killed anywhere, the vault is whole after the next start, and giving the command again ends it."""
    found = calls(prepared, command, folder / f"{command.name} undisturbed")
    outcomes = set()
    for at, call in chosen(found, command.name):
        place = folder / f"{command.name} {at}"
        _, done = survives(prepared, command, call, place, first_to_come(command, at))
        outcomes.add(done)
    assert outcomes == {False, True}  # so the kills fell on both sides of the moment
