"""Tries everything that a decoder has no business to do, and tells over its standard output how each ended.

``python attempts.py HOW FOLDER``: HOW is free, confined, landlock (that alone) or calls (seccomp alone);
FOLDER holds two files, ``known`` and ``goes``. All that an attempt needs is loaded and opened before.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import resource
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from confere.transcribe import sandbox


def main(how: str, folder: str) -> None:
    """Be confined so far, try, tell."""
    attempts = prepared(folder)
    sweep = swept() if how == "confined" else lambda: []
    held = {
        "confined": lambda: sandbox.confine(1),
        "landlock": lambda: sandbox.Confinement(sandbox._give_up_files(), False, False),
        "calls": lambda: sandbox.Confinement(0, sandbox._give_up_calls(1), False),
        "free": lambda: sandbox.Confinement(0, False, False),
    }[how]()
    told = {name: ended(attempt) for name, attempt in attempts.items()}
    answer = [[held.landlock, held.seccomp, held.limits], told, sweep()]
    os.write(1, json.dumps(answer).encode())
    os._exit(0)


def ended(attempt: Callable[[], Any]) -> str | int | None:
    """Return how an attempt ended: done, an error's number, or its name where it has none."""
    try:
        return "done" if attempt() != -1 else 1  # getppid cannot fail, so Python does not ask
    except OSError as error:
        return error.errno
    except (MemoryError, RuntimeError, ValueError) as error:
        return type(error).__name__


def prepared(folder: str) -> dict[str, Callable[[], Any]]:
    """Open what is needed, and return what to try."""
    libc = ctypes.CDLL(None, use_errno=True)
    me, parent = os.getpid(), os.getppid()
    known = os.open(f"{folder}/known", os.O_RDWR)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp = socket.socket()
    listening = socket.create_server(("127.0.0.1", 0))
    there = listening.getsockname()
    another = socket.socket()
    page = mmap.mmap(-1, mmap.PAGESIZE)
    address = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    kept: list[Any] = [listening, page]

    def call(name: str, *arguments: Any) -> None:
        if getattr(libc, name)(*arguments) == -1:
            raise OSError(ctypes.get_errno(), name)

    def forked() -> None:
        if (pid := os.fork()) == 0:
            os._exit(0)
        os.waitpid(pid, 0)

    def threaded() -> None:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()

    return {
        "open to read": lambda: os.open(f"{folder}/known", os.O_RDONLY),
        "open to write": lambda: os.open(f"{folder}/new", os.O_CREAT | os.O_WRONLY),
        "list a folder": lambda: os.scandir(folder).close(),
        "look at a path": lambda: Path(folder).stat(),
        "unlink": lambda: Path(f"{folder}/goes").unlink(),
        "write to an open file": lambda: os.write(known, b"x"),
        "cut an open file": lambda: os.ftruncate(known, 1),
        "map an open file": lambda: kept.append(mmap.mmap(known, 1)),
        "make a socket": lambda: kept.append(socket.socket()),
        "make a pair": lambda: kept.append(socket.socketpair()),
        "connect": lambda: tcp.connect(there),
        "send": lambda: udp.sendto(b"x", there),
        "bind": lambda: another.bind(("127.0.0.1", 0)),
        "fork": forked,
        "execute": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
        "start a thread": threaded,
        "signal itself": lambda: os.kill(me, 0),
        "signal its parent": lambda: os.kill(parent, 0),
        "trace": lambda: call("ptrace", 0, 0, 0, 0),
        "read another's memory": lambda: call("process_vm_readv", me, 0, 0, 0, 0, 0),
        "memory that executes": lambda: kept.append(mmap.mmap(-1, 1, prot=5)),
        "make memory execute": lambda: call("mprotect", address, mmap.PAGESIZE, 5),
        "be dumped": lambda: call("prctl", 4, 1, 0, 0, 0),
        "set a limit": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
        "new namespaces": lambda: call("unshare", 0),
        "make a pipe": os.pipe,
        "duplicate": lambda: os.dup(1),
        "ask who is there": os.getppid,
        "700 MiB": lambda: len(bytearray(700 << 20)),
    }


def swept() -> Callable[[], list[Any]]:
    """Return what calls every number that is not allowed, and tells the errors there were, and how many."""
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    rows = [*sandbox._ALLOWED.values(), sandbox._WRITE, sandbox._MMAP, sandbox._MPROTECT]
    allowed = {number for row in rows for number in row}
    # uretprobe and uprobe: the kernel asks no filter, and ends who calls them from outside a probe.
    probes = {335, 336}

    def sweep() -> list[Any]:
        errors = []
        for number in range(1024):
            for bits in (0, 0x40000000):  # the numbers of x32
                if number not in probes and (bits or number not in allowed):
                    done = syscall(number | bits, 0, 0, 0, 0, 0, 0) != -1
                    errors.append(0 if done else ctypes.get_errno())
        return [sorted(set(errors)), len(errors)]

    return sweep


if __name__ == "__main__":
    main(*sys.argv[1:])
