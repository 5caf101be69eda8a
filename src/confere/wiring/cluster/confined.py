"""A process that speaks Dask gives up the files of its account: it carries bytes, and needs none of them.

With Landlock (Linux 5.13 and later) it can read libraries, what the system tells of itself and its own TLS
files; it writes nothing, starts no program, and cannot trace another process. Where there is
no Landlock, nothing changes. It may speak with the network, which is its work.

Sources: landlock(7), landlock_create_ruleset(2), landlock_add_rule(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

import confere

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same number everywhere
_VERSION, _PATH_BENEATH, _PR_SET_NO_NEW_PRIVS = 1, 1, 38
#: How many kinds of access to files each version of Landlock knows, from the first on.
_FILE_RIGHTS = (13, 14, 15, 15, 16)
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
#: Libraries, time zones, names of hosts, and what Python and Dask ask about the machine.
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys")
_DEVICES = ("/dev/null", "/dev/urandom")


def confine(files: Iterable[Path]) -> int:
    """Give up all files but libraries, and ``files`` to read; for good.

    To be called while there is one thread, for no other is confined. Returns the version of Landlock that
    holds it; 0 where none does. Never raises.
    """
    version = _call(_CREATE, None, 0, _VERSION) if sys.platform == "linux" else 0
    if version < 1 or len(list(Path("/proc/self/task").iterdir())) > 1:
        return 0
    handled = (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS)) - 1]) - 1
    ruleset = _call(_CREATE, struct.pack("=Q", handled), 8, 0)
    if ruleset < 0:
        return 0
    libraries = (sys.prefix, sys.base_prefix, Path(confere.__file__).parents[1], *_SYSTEM)
    for folder in libraries:
        _allow(ruleset, Path(folder), _READ_FILE | _READ_FOLDER)
    for file in (*map(Path, _DEVICES), *files):
        _allow(ruleset, file, _READ_FILE)
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    refused = _call(_RESTRICT, ruleset, 0)
    os.close(ruleset)
    return 0 if refused else version


def _allow(ruleset: int, path: Path, rights: int) -> None:
    """Except what is beneath a path; what is not there needs no exception."""
    with contextlib.suppress(OSError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            _call(_ADD, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
        finally:
            os.close(place)


def _call(number: int, *arguments: int | bytes | None) -> int:
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    given = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result: int = function(ctypes.c_long(number), *given)
    return result
