"""What a confined process cannot do any more, each with the same attempt in a free one."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from confere.transcribe.sandbox import Confinement
from doubles import attempts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines")

ATTEMPTS = Path(attempts.__file__)


def attempt(how: str, scratch: Path) -> tuple[Confinement, dict[str, Any], list[Any]]:
    """Try everything in a fresh process."""
    (scratch / "known").write_bytes(b"x" * 10)
    (scratch / "goes").write_bytes(b"")
    (scratch / "new").unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, ATTEMPTS, how, str(scratch)], stdout=subprocess.PIPE, check=True
    )
    held, told, swept = json.loads(done.stdout)
    return Confinement(*held), told, swept


def test_confined_nothing_works_that_works_free(tmp_path: Path) -> None:
    """Files, network, processes, threads, memory of others, code of one's own: all refused."""
    _, free, _ = attempt("free", tmp_path)
    assert set(free.values()) == {"done"}, free
    held, told, swept = attempt("confined", tmp_path)
    assert held.missing == () and held.seccomp and held.limits
    assert told.pop("700 MiB") == "MemoryError"
    assert told.pop("start a thread") == "RuntimeError"
    assert told.pop("set a limit") == "ValueError"
    assert set(told.values()) == {errno.EPERM}, told
    # Every call there is, and each once more under its number of x32.
    (error,), calls = swept
    assert error == errno.EPERM and calls > 2000
    assert (tmp_path / "known").read_bytes() and not (tmp_path / "new").exists()


def test_each_of_the_two_holds_without_the_other(tmp_path: Path) -> None:
    """A kernel without Landlock leaves no call for files; one without seccomp no right to them."""
    _, by_calls, _ = attempt("calls", tmp_path)
    _, by_rights, _ = attempt("landlock", tmp_path)
    for name in ("open to read", "open to write", "list a folder", "connect", "bind"):
        assert by_calls[name] == errno.EPERM
        assert by_rights[name] in (errno.EACCES, errno.EPERM), name
    assert by_rights["signal its parent"] in (errno.EPERM, "done")  # from its sixth version on
    assert by_rights["make a pair"] == "done"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="these are the codes of x86-64")
def test_calls_under_the_numbers_of_another_machine_end_the_process() -> None:
    """Among the 32-bit numbers, 11 is execve; in the list of the 64-bit ones, it is harmless."""
    code = """
import ctypes, mmap, os
from confere.transcribe import sandbox
page = mmap.mmap(-1, 4096, prot=7)
page.write(bytes([0x53, 0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0x5B, 0xC3]))  # getpid through int 0x80
there = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
sandbox.confine(1)
there()
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=False)
    assert done.returncode in (-signal.SIGSYS, -signal.SIGSEGV)  # the latter where there are none


def test_a_process_of_two_threads_says_that_it_is_not_confined() -> None:
    """The filter would bind one of them only."""
    code = """
import os, threading
from confere.transcribe import sandbox
threading.Thread(target=threading.Event().wait, daemon=True).start()
os.write(1, ",".join(sandbox.confine(1).missing).encode())
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert done.stdout == b"Landlock,seccomp"


def test_what_is_missing_is_named() -> None:
    """For whoever keeps the machine."""
    assert Confinement(7, True, True).missing == ()
    assert Confinement(0, False, True).missing == ("Landlock", "seccomp")
