"""What a process gives away of its memory. Each test looks at a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from confere.vault import memory
from confere.vault.memory import ENOUGH_MEMORY_BYTES, lock_obstacle, memory_state

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")

# What the children share. `become_ordinary` leaves a process as a program started by an ordinary
# account has it: the kernel closes a process that changes its account, which would hide our doing.
HEAD = """
import ctypes, json, os, resource, subprocess, sys, threading
from dataclasses import asdict
from pathlib import Path
from confere.vault.memory import keep_memory_private, memory_state

def prctl(option, value=0):
    return ctypes.CDLL(None).prctl(option, value, 0, 0, 0)

def become_ordinary():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        prctl(4, 1)
    assert prctl(3) == 1

def status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])

def tell(**facts):
    print(json.dumps(facts), flush=True)
"""


def told(script: str) -> dict[str, Any]:
    """Run a child and return what it tells."""
    child = [sys.executable, "-c", HEAD + script]
    done = subprocess.run(child, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


@needs_linux
def test_nothing_is_dumped(tmp_path: Path) -> None:
    """A process that crashes leaves no core, and could not lift its limit again."""
    script = """
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
guard = keep_memory_private()
tell(guard=asdict(guard), limit=resource.getrlimit(resource.RLIMIT_CORE), dumpable=prctl(3))
os.abort()
"""
    outcome = tmp_path / "outcome"
    with outcome.open("wb") as file:
        child = subprocess.Popen([sys.executable, "-c", HEAD + script], stdout=file, cwd=tmp_path)
        _, status = os.waitpid(child.pid, 0)
        child.returncode = status
    assert os.WIFSIGNALED(status)
    assert not os.WCOREDUMP(status)
    facts = json.loads(outcome.read_text())
    assert facts["limit"] == [0, 0]
    assert facts["dumpable"] == 0
    assert facts["guard"]["core_dumps_off"]
    assert facts["guard"]["not_dumpable"]
    assert list(tmp_path.iterdir()) == [outcome]


@needs_linux
@pytest.mark.parametrize("guarded", [False, True])
def test_another_process_of_the_account_cannot_read_it(guarded: bool) -> None:
    """Its memory opens to a process of the same account without the guard, and not with it."""
    script = f"""
become_ordinary()
if {guarded}:
    keep_memory_private()
reader = os.fork()
if reader == 0:
    prctl(4, 1)
    try:
        os.close(os.open(f"/proc/{{os.getppid()}}/mem", os.O_RDONLY))
    except PermissionError:
        os._exit(1)
    os._exit(0)
_, status = os.waitpid(reader, 0)
tell(opened=os.waitstatus_to_exitcode(status) == 0)
"""
    opened = told(script)["opened"]
    if not guarded and not opened:
        pytest.skip("this system closes every process to others already (Yama)")
    assert opened is not guarded


@needs_linux
def test_a_locked_process_says_so() -> None:
    """Locked or not, it is what the kernel says; not locked has its reason."""
    script = """
guard = keep_memory_private()
held = bytearray(64 << 20)
tell(guard=asdict(guard), state=asdict(memory_state()),
     locked_kib=status("VmLck"), resident_kib=status("VmRSS"))
"""
    facts = told(script)
    guard = facts["guard"]
    assert guard == facts["state"]
    assert guard["locked"] is (facts["locked_kib"] >= facts["resident_kib"])
    assert guard["locked"] is not bool(guard["why_not_locked"])


@needs_linux
def test_with_a_limit_nothing_is_locked_and_memory_can_still_be_had() -> None:
    """An ordinary account with a limit on locked memory is told the reason, and can load a model."""
    script = """
resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
become_ordinary()
guard = keep_memory_private()
tell(guard=asdict(guard), length=len(bytearray(64 << 20)))
"""
    facts = told(script)
    assert not facts["guard"]["locked"]
    assert "64 KiB" in facts["guard"]["why_not_locked"]
    assert facts["guard"]["not_dumpable"]
    assert facts["length"] == 64 << 20


@needs_linux
@pytest.mark.parametrize("ordinary", [False, True])
def test_the_process_goes_on_working(tmp_path: Path, ordinary: bool) -> None:
    """Threads, programs, forks and files of its own work as before; programs start unguarded."""
    tmp_path.chmod(0o777)
    script = f"""
os.chdir({str(tmp_path)!r})
if {ordinary}:
    become_ordinary()
keep_memory_private()
ran = []
thread = threading.Thread(target=ran.append, args=[1])
thread.start()
thread.join()
echo = subprocess.run(["/bin/cat", "-"], input=b"sound", capture_output=True)
child = os.fork()
if child == 0:
    os._exit(prctl(3))
Path("made").write_text("x")
tell(ran=ran, output=echo.stdout.decode(), forked=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]),
     mine=os.stat("made").st_uid == os.getuid(), fds=len(os.listdir("/proc/self/fd")) > 2)
"""
    wanted = {"ran": [1], "output": "sound", "forked": 0, "mine": True, "fds": True}
    assert told(script) == wanted


@needs_linux
def test_looking_changes_nothing() -> None:
    """The state is told of a process as it is; guarding twice is guarding once."""
    script = """
before = prctl(3), resource.getrlimit(resource.RLIMIT_CORE), status("VmLck")
memory_state()
after = prctl(3), resource.getrlimit(resource.RLIMIT_CORE), status("VmLck")
tell(same=before == after, dumpable=memory_state().not_dumpable,
     once=asdict(keep_memory_private()), twice=asdict(keep_memory_private()))
"""
    facts = told(script)
    assert facts["same"]
    assert facts["dumpable"] is False
    assert facts["once"] == facts["twice"]


def test_a_system_that_lacks_the_calls_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A C library without the calls leaves the process as it is and raises nothing."""
    assert memory._libc("there_is_no_such_call")[0] == -1
    monkeypatch.setattr(memory, "_PROCESS", Path("/there/is/no/such/folder"))
    state = asdict(memory_state())
    assert set(state) == {"core_dumps_off", "not_dumpable", "locked", "why_not_locked"}
    assert state["locked"] is False


@pytest.mark.parametrize(
    ("limit_bytes", "may_exceed", "memory_bytes", "why"),
    [
        (None, False, ENOUGH_MEMORY_BYTES, ""),
        (8 << 20, True, ENOUGH_MEMORY_BYTES, ""),
        (8 << 20, False, ENOUGH_MEMORY_BYTES, "8192 KiB"),
        (0, False, ENOUGH_MEMORY_BYTES, "0 KiB"),
        (64 << 30, False, 64 << 30, "KiB"),  # a limit is reached some day, however high
        (None, False, 4 << 30, "4.0 GiB"),
        (8 << 20, True, 4 << 30, "4.0 GiB"),
    ],
)
def test_what_stands_against_locking(
    limit_bytes: int | None, may_exceed: bool, memory_bytes: int, why: str
) -> None:
    """A limit that counts stands against it, and so does a machine with little memory."""
    found = lock_obstacle(limit_bytes=limit_bytes, may_exceed=may_exceed, memory_bytes=memory_bytes)
    assert why in found
    assert bool(found) is bool(why)
