"""A power cut at every operation of an offload, in every state it may leave: nothing is lost.

The law: never *source deleted and no verified, openable, noted copy*. Every state is looked
at here; ``benchmarks/offload_crashes.py`` also lets the next run finish each, which takes its time.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from doubles.crash_disk import after_cuts
from doubles.crash_scenes import SCENES, Ground, Scene, check, make_ground, taped

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tape asks /proc for names")
EVERY = 5  # of the states are taken to their end


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A small study."""
    return make_ground(tmp_path_factory.mktemp("ground"))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_no_cut_loses_a_recording(ground: Ground, scene: Scene, tmp_path: Path) -> None:
    """Whatever the disks have forgotten; and the next run brings the work to its end."""
    tape = taped(ground, scene, tmp_path / "run")
    assert any(name.startswith("remove") for name in tape.names) or scene.keep
    for number, (_, states) in enumerate(after_cuts(tape), 1):
        check(states, ground, scene, tmp_path / str(number), go_on=number % EVERY == 0)
    assert number > len(tape.names) // 2
