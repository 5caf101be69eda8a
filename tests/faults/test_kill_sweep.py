"""An offload killed at each of its storage calls: nothing is lost, and the next run finishes it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from confere import wiring
from confere.acts.desk import Desk
from confere.acts.offload import Dock, offload_folder
from confere.acts.take_in import take_in
from confere.intake.outcome import Silent
from confere.vault import Vault, register
from doubles.clock import FakeClock
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, Study

OFFLOAD = """
import sys
from pathlib import Path
from confere import wiring
from confere.acts.offload import Dock, offload_folder
from confere.intake.outcome import Silent
from confere.vault import Vault
sys.path.insert(0, sys.argv[3])
from doubles.clock import FakeClock
from doubles.studies import MACHINE
dock = Dock(Vault(Path(sys.argv[1])), MACHINE, wiring.probe, FakeClock())
offload_folder(dock, Path(sys.argv[2]), Silent(), keep=False)
"""
TESTS = Path(__file__).parents[1]

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace, which does the killing, is not here"
)


def killed_offload(vault: Path, card: Path, call: str, number: int) -> bool:
    """Offload in a process that is killed at a system call; False if it never came that far."""
    fault = f"inject={call}:signal=KILL:when={number}"
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", fault]
    script: list[str | Path] = [sys.executable, "-c", OFFLOAD, vault, card, TESTS]
    done = subprocess.run([*strace, *script], capture_output=True)
    assert done.returncode in (0, 137, -9), done.stderr.decode()
    return done.returncode != 0


def contents(study: Study) -> list[str]:
    """Return the digests of all recordings that open, duplicates left out."""
    desk = Desk(Vault(study.root).unlock("lena", PASSPHRASE))
    take_in(desk)
    digests = []
    for recording in register.list_recordings(desk.catalog):
        with desk.vault.open_audio(recording.id) as audio:
            digests.append(hashlib.sha256(audio.read()).hexdigest())
    desk.vault.close()
    return sorted(digests)


@needs_strace
@pytest.mark.parametrize(
    ("call", "number"),
    [
        *(("fsync", n) for n in range(1, 9)),
        *(("rename", n) for n in range(1, 4)),
        *(("unlink", n) for n in range(1, 3)),
        ("unlinkat", 1),
    ],
)
def test_a_killed_offload_loses_nothing(
    study: Study, tmp_path: Path, call: str, number: int
) -> None:
    """After the kill it is on the card or opens in the vault; after another run, only the latter."""
    file = write_tone(tmp_path / "card" / "a.wav", seconds=2)
    original = hashlib.sha256(file.read_bytes()).hexdigest()
    killed_offload(study.root, tmp_path / "card", call, number)
    assert file.exists() or contents(study) == [original]
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, tmp_path / "card", Silent(), keep=False)
    assert not file.exists()
    assert contents(study) == [original]
    assert not list(study.root.rglob("*.partial"))
    assert not list(study.root.rglob("recordings/*/.*"))


@needs_strace
def test_the_sweep_really_kills(study: Study, tmp_path: Path) -> None:
    """The first flush of the sealed object is reached, so the sweep above tests something."""
    write_tone(tmp_path / "card" / "a.wav", seconds=2)
    assert killed_offload(study.root, tmp_path / "card", "fsync", 2)
    assert list((study.root / "recordings").glob("*.partial"))
