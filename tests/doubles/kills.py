"""Kill a process with SIGKILL before any one of the system calls by which it changes the disk.

A kill between two such calls leaves the disk as a kill before the second of them does, so these are
all the states that ``kill -9`` can leave. An act runs in a fork of this process, which has everything
imported already; strace attaches, and only then the act begins: the calls are counted from there.
What it takes is strace, and the right to attach to a child.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Act = Callable[[], object]

#: ``?`` for those that not every processor's Linux has.
_CHANGING = (
    "openat", "?open", "?creat", "write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync",
    "?rename", "renameat", "renameat2", "?unlink", "unlinkat", "?rmdir", "?mkdir", "mkdirat",
    "ftruncate", "truncate", "fallocate", "?link", "linkat", "?symlink", "symlinkat", "?chmod",
    "fchmod", "fchmodat", "copy_file_range", "sendfile",
)  # fmt: skip
_LINE = re.compile(r"^(\d+)\s+(\w+)\((.*)")
_PR_SET_PTRACER, _ANYBODY = 0x59616D61, ctypes.c_ulong(-1)


@dataclass(frozen=True)
class Call:
    """The ``number``-th call of its name since the act began, from 1."""

    name: str
    number: int
    arguments: str

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


def can_kill() -> bool:
    """Whether strace is here and may attach to a child of this process."""
    if sys.platform != "linux" or shutil.which("strace") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        return _strace(lambda: os.mkdir(f"{folder}/a"), ["-e", "trace=mkdir"]) == 0  # noqa: PTH102


def calls_of(act: Act, *folders: Path) -> list[Call]:
    """Run an act to its end; return the calls by which it changed what is in the folders."""
    with tempfile.TemporaryDirectory() as place:
        output = Path(place) / "calls"
        trace = ["-y", "-s", "0", "-o", str(output), "-e", f"trace={','.join(_CHANGING)}"]
        status = _strace(act, trace)
        assert status == 0, f"the act does not even come to its end undisturbed: {status}"
        lines = output.read_text("utf-8", "replace").splitlines()
    counts: Counter[tuple[str, str]] = Counter()
    calls = []
    for line in filter(None, map(_LINE.match, lines)):
        thread, name, arguments = line.groups()
        counts[thread, name] += 1
        opens = name in ("open", "openat") and not re.search("O_CREAT|O_TRUNC", arguments)
        failed = re.search(r"\) += -1 ", arguments)
        if any(str(folder) in arguments for folder in folders) and not opens and not failed:
            calls.append(Call(name, counts[thread, name], arguments))
    return calls


def killed(act: Act, call: Call) -> bool:
    """Run an act that is killed before a call; False if it came to its end without that call."""
    fault = f"inject={call.name}:signal=KILL:when={call.number}"
    trace = ["-o", os.devnull, "-e", f"trace={call.name}", "-e", fault]
    status = _strace(act, trace)
    assert status in (0, -signal.SIGKILL), f"an act that was to be killed ended with {status}"
    return status != 0


def _strace(act: Act, options: list[str]) -> int | None:
    """Return how an act under strace ended: 0, 1 after an error, minus the signal; None: no strace."""
    go_read, go_write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go_write)
        _run(act, go_read)
    os.close(go_read)
    command = ["strace", "-f", *options, "-p", str(child)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as strace:
        assert strace.stderr is not None
        attached = b"attached" in strace.stderr.readline()
        if attached:
            os.write(go_write, b"!")
        os.close(go_write)
        strace.stderr.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if attached else None


def _run(act: Act, go: int) -> None:
    """The child: wait for strace, act, end without any of what the parent would do at its end."""
    code = 1
    sys.dont_write_bytecode = True  # else the first run would make calls that the second does not
    try:
        with contextlib.suppress(OSError, AttributeError):  # where only a parent may attach
            ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANYBODY, 0, 0, 0)
        if os.read(go, 1):
            act()
        code = 0
    except BaseException:  # noqa: BLE001  nothing of this process may go on in the parent's tests
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
