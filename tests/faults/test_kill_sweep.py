"""An offload killed at each of its storage calls: nothing is lost, and the next run finishes it.

The log is in order after each kill, too: it opens, and after taking in, every event has its entry.
"""

from __future__ import annotations

import collections
import hashlib
import re
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
from confere.vault.events import list_events
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
dock = Dock(Vault(Path(sys.argv[1]), wiring.pins()), MACHINE, wiring.probe, FakeClock())
offload_folder(dock, Path(sys.argv[2]), Silent(), keep=False)
"""
TESTS = Path(__file__).parents[1]
#: How often an offload of one file makes each call that brings something to the disk or takes it away.
CALLS = {"fsync": 16, "rename": 5, "unlink": 4, "ftruncate": 2, "unlinkat": 1}

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace, which does the killing, is not here"
)


def killed_offload(vault: Path, card: Path, call: str, number: int) -> bool:
    """Offload in a process that is killed at a system call; False if it never came that far."""
    fault = f"inject={call}:signal=KILL:when={number}"
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", fault]
    script: list[str | Path] = [sys.executable, "-B", "-c", OFFLOAD, vault, card, TESTS]
    done = subprocess.run([*strace, *script], capture_output=True)
    assert done.returncode in (0, 137, -9), done.stderr.decode()
    return done.returncode != 0


def contents(study: Study) -> list[str]:
    """Return the digests of all recordings that open; every event of them has its entry in the log."""
    desk = Desk(Vault(study.root, wiring.pins()).unlock("lena", PASSPHRASE))
    take_in(desk)
    entries = [event.entry for event in list_events(desk.catalog)]
    assert sorted(entries) == sorted(Vault(study.root, wiring.pins()).log().entries)
    digests = []
    for recording in register.list_recordings(desk.catalog):
        with desk.vault.open_audio(recording.id) as audio:
            digests.append(hashlib.sha256(audio.read()).hexdigest())
    desk.vault.close()
    return sorted(digests)


def look_once(study: Study) -> None:
    """Let the machine see the vault, as it has when somebody offloads to it: then it has pins."""
    Vault(study.root, wiring.pins()).log()


@needs_strace
@pytest.mark.parametrize(
    ("call", "number"), [(call, n) for call in CALLS for n in range(1, CALLS[call] + 1)]
)
def test_a_killed_offload_loses_nothing(
    study: Study, tmp_path: Path, call: str, number: int
) -> None:
    """After the kill it is on the card or opens in the vault; after another run, only the latter."""
    look_once(study)
    file = write_tone(tmp_path / "card" / "a.wav", seconds=2)
    original = hashlib.sha256(file.read_bytes()).hexdigest()
    assert killed_offload(study.root, tmp_path / "card", call, number)
    log = Vault(study.root, wiring.pins()).log()
    assert file.exists() or contents(study) == [original]
    dock = Dock(Vault(study.root, wiring.pins()), MACHINE, wiring.probe, FakeClock())
    receipt = offload_folder(dock, tmp_path / "card", Silent(), keep=False)
    assert receipt.problem is None
    assert not file.exists()
    # Noted and not deleted, it is known by its content.
    assert contents(study) == [original]
    Vault(study.root).log().require_continues(log.size, log.tree.root(), "the custody log")
    assert not list(study.root.rglob("*.partial"))
    assert not list(study.root.rglob("recordings/*/.*"))


@needs_strace
def test_the_sweep_kills_at_every_call(study: Study, tmp_path: Path) -> None:
    """The calls of a whole offload are as many as the sweep above has kills."""
    look_once(study)
    write_tone(tmp_path / "card" / "a.wav", seconds=2)
    calls = f"trace={','.join(CALLS)},renameat,renameat2,link,linkat,truncate,fdatasync,rmdir"
    strace = ["strace", "-f", "-qq", "-o", str(tmp_path / "calls"), "-e", calls]
    script: list[str | Path] = [
        sys.executable, "-B", "-c", OFFLOAD, study.root, tmp_path / "card", TESTS,
    ]  # fmt: skip
    subprocess.run([*strace, *script], check=True)
    made = re.findall(r"^\d+ +(\w+)\(", (tmp_path / "calls").read_text(), re.MULTILINE)
    assert collections.Counter(made) == CALLS


@needs_strace
def test_the_sweep_really_kills(study: Study, tmp_path: Path) -> None:
    """The first flush of the sealed object is reached, so the sweep above tests something."""
    look_once(study)
    write_tone(tmp_path / "card" / "a.wav", seconds=2)
    assert killed_offload(study.root, tmp_path / "card", "fsync", 2)
    assert list((study.root / "recordings").glob("*.partial"))
