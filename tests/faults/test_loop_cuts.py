"""The power goes during an offload, on a real file system: what its journal makes of it loses nothing.

Card, vault and state folder lie on one ext4 image. The offload stops after an operation, the image is copied
as it is on the "disk" in that moment, and the copy is mounted, as after a power cut.
``CONFERE_LOOP_CUTS=all`` cuts after every operation; a run of the tests after some.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from confere.vault import Storage
from confere.vault.objects import finish_interrupted
from doubles.card import audio, files_of, record
from doubles.crash_scenes import Ground, make_ground, offload, opened
from doubles.loop_image import loop_image, mounted

CARD = {"REC/A_0001.WAV": audio(900, 1), "REC/A_0002.WAV": audio(3 << 20, 2), "B.WAV": audio(9, 3)}
SOME = 6
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A small study."""
    return make_ground(tmp_path_factory.mktemp("ground"))


@pytest.fixture(scope="module")
def image(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disk with the study and a full card on it."""
    image = tmp_path_factory.mktemp("disk") / "whole"
    with loop_image(image, 64) as disk:
        shutil.copytree(ground.vault, disk / "vault")
        shutil.copytree(ground.state, disk / "state")
        for path, content in CARD.items():
            record(disk / "card", path, content)
    return image


def copied(image: Path, to: Path) -> Path:
    """Copy an image; what is nothing but zeros takes no room."""
    subprocess.run(["cp", "--sparse=always", str(image), str(to)], check=True)
    return to


@contextmanager
def offloading(disk: Path, stop_after: int) -> Iterator[subprocess.Popen[str]]:
    """Offload the card of a disk, in a process of its own."""
    parts = [str(disk / name) for name in ("vault", "state", "card")]
    child = subprocess.Popen(
        [sys.executable, "-m", "doubles.loop_cut", *parts, str(stop_after)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def operations(image: Path, folder: Path) -> int:
    """Return how many operations a whole offload has."""
    with mounted(copied(image, folder / "first")) as disk, offloading(disk, 0) as child:
        told, _ = child.communicate()
        assert child.returncode == 0
        assert not files_of(disk / "card")
    return int(told)


def cut(image: Path, after: int, folder: Path) -> Path:
    """Return the disk as it is when the power goes after an operation."""
    with mounted(copied(image, folder / "running")) as disk, offloading(disk, after) as child:
        _, status = os.waitpid(child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), status
        dead = copied(folder / "running", folder / f"cut-{after}")
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        child.returncode = -signal.SIGKILL
    return dead


def test_the_journal_loses_nothing(ground: Ground, image: Path, tmp_path: Path) -> None:
    """Every recording is on the card, or kept, openable and noted; and the next run ends the work."""
    count = operations(image, tmp_path)
    assert count > 30
    every = os.environ.get("CONFERE_LOOP_CUTS") == "all"
    step = 1 if every else max(1, count // SOME)
    partly = 0
    for after in range(1, count + 1, step):
        with mounted(cut(image, after, tmp_path)) as disk:
            storage, card = Storage(disk / "vault"), disk / "card"
            finish_interrupted(storage)
            left = files_of(card)
            safe = {digest for _, digest in opened(storage, ground.study)}
            for path, content in CARD.items():
                assert left.get(path, content) == content
                assert path in left or hashlib.sha256(content).hexdigest() in safe, (after, path)
            partly += 0 < len(left) < len(CARD)
            offload(disk / "vault", disk / "state", card)
            assert not files_of(card)
            digests = [digest for _, digest in opened(storage, ground.study)]
            wanted = {hashlib.sha256(content).hexdigest() for content in CARD.values()}
            assert wanted == set(digests)
        (tmp_path / f"cut-{after}").unlink()
    assert partly  # some cuts hit it in the middle
    print(f"{count} operations, cut after {len(range(1, count + 1, step))} of them")
