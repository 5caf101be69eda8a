"""A process that is about to read what somebody else made gives up all that it will not need.

FFmpeg's parsers are written in C, and a recording may be made to break one. Whoever breaks it then has
this process; so nothing must be left in it that is worth having. What is given up cannot be had again:

===============  ==============================================================  =====================
what             what it ends                                                    where
===============  ==============================================================  =====================
Landlock         files, folders, devices, TCP, other processes' sockets          Linux 5.13 and later;
                 and signals: not one right is left                              all of it from 6.12 on
seccomp          every call to the system but about twenty: reading what is      Linux on x86-64 and
                 open, writing to the one pipe, memory that is not executable    ARM64
limits           memory, processor time, files, processes, core dumps            Linux, macOS
``no_new_privs``  gaining rights by starting a program                           Linux
not dumpable     being read or traced by other programs of the account           Linux
death signal     living on when the thread that started it has ended             Linux
===============  ==============================================================  =====================

A call that is not allowed fails with EPERM; FFmpeg and Python go on without what they asked for.

Sources: landlock(7), seccomp(2), bpf in the kernel's ``filter.rst``, prctl(2), setrlimit(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import resource

#: Beyond what is there when it is confined: indices of 12 hours of packets, and blocks of samples.
ROOM_BYTES = 512 << 20
#: Twelve hours, decoded twelve times slower than they were spoken; the slowest codec here takes 1 % of that.
PROCESSOR_S = 3600

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SIGKILL, _SECCOMP_MODE_FILTER = 9, 2
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same number everywhere
_LANDLOCK_VERSION = 1
#: How many kinds of access to files each version of Landlock knows, from the first on.
_FILE_RIGHTS = (13, 14, 15, 15, 16)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds for a process. ``landlock`` is the version of it, 0 for none."""

    landlock: int
    seccomp: bool
    limits: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What this system does not have, in words; nothing where all of it holds."""
        held = {"Landlock": self.landlock, "seccomp": self.seccomp, "limits": self.limits}
        return tuple(name for name, holds in held.items() if not holds)


def die_with(parent: int) -> None:
    """End this process when the thread that started it ends; at once, if that has happened already."""
    if sys.platform == "linux":
        _call("prctl", _PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def confine(writable: int, room_bytes: int = ROOM_BYTES) -> Confinement:
    """Give up everything but reading what is open and writing to one descriptor. For good.

    Only this thread is confined, so there must be no other. Never raises: what a system lacks is told.
    """
    if sys.platform != "linux":
        return Confinement(0, False, _limit(0))
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    alone, taken_bytes = _is_alone(), _address_space()
    landlock = _give_up_files() if alone else 0
    limits = _limit(taken_bytes and taken_bytes + room_bytes)  # from here on nothing can be opened
    _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    return Confinement(landlock, alone and _give_up_calls(writable), limits)


def _is_alone() -> bool:
    with suppress(OSError):
        return len(list(Path("/proc/self/task").iterdir())) == 1
    return False


# --- limits --------------------------------------------------------------------------------------


def _limit(memory_bytes: int) -> bool:
    """Set every limit, whether it can be had; 0 for ``memory_bytes`` sets none on memory."""
    if sys.platform == "win32":
        return False
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: PROCESSOR_S,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    if memory_bytes:
        wanted[resource.RLIMIT_AS] = memory_bytes
    done = True
    for which, limit in wanted.items():
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        try:
            resource.setrlimit(which, (limit, limit))
        except (OSError, ValueError):
            done = False
    return done


def _address_space() -> int:
    """Return the bytes of address space in use; 0 where it cannot be told."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0


# --- Landlock ------------------------------------------------------------------------------------


def _give_up_files() -> int:
    """Forbid all that this kernel's Landlock knows; return its version, 0 where there is none."""
    version = _call("syscall", _LANDLOCK_CREATE, 0, 0, _LANDLOCK_VERSION)
    if version < 1:
        return 0
    files = (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS)) - 1]) - 1
    tcp = 0b11 if version >= 4 else 0  # to bind and to connect
    scope = 0b11 if version >= 6 else 0  # abstract sockets and signals
    handled = struct.pack("=QQQ", files, tcp, scope)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(
        "syscall", _LANDLOCK_CREATE, handled, size, 0
    )  # with no rule: nothing is allowed
    if ruleset < 0:
        return 0
    refused = _call("syscall", _LANDLOCK_RESTRICT, ruleset, 0)
    with suppress(OSError):
        os.close(ruleset)
    return 0 if refused else version


# --- seccomp -------------------------------------------------------------------------------------

#: The architecture as the kernel tells it to a filter, then the numbers of the calls that are allowed.
_MACHINES = {
    "x86_64": (0xC000003E, 0),
    "aarch64": (0xC00000B7, 1),
}
_ALLOWED = {
    "read": (0, 63),
    "preadv": (295, 69),
    "preadv2": (327, 286),  # which of the two Python calls was decided when it was built
    "close": (3, 57),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "brk": (12, 214),
    "madvise": (28, 233),
    "futex": (202, 98),
    "sched_yield": (24, 124),
    "clock_gettime": (228, 113),  # where the kernel's page for it is not mapped
    "gettimeofday": (96, 169),
    "getrandom": (318, 278),
    "rt_sigreturn": (15, 139),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_WRITE, _MMAP, _MPROTECT = (1, 64), (9, 222), (10, 226)
_PROT_EXEC, _MAP_ANONYMOUS = 4, 0x20

_LOAD, _AND, _IF_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
_Step = tuple[int, int, int, int]  # what to do, how far to jump if so, and if not, and with what
_NUMBER_AT, _MACHINE_AT = 0, 4


def _give_up_calls(writable: int) -> bool:
    machine = platform.machine()
    if machine not in _MACHINES or struct.calcsize("P") != 8:
        return False
    steps = list(_filter(*_MACHINES[machine], writable))
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    handed = struct.pack("@HP", len(steps), ctypes.addressof(program))
    return _call("prctl", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, handed, 0, 0) == 0


def _filter(machine: int, column: int, writable: int) -> Iterator[_Step]:
    """Yield the steps of the filter, which end in a verdict each."""
    yield _LOAD, 0, 0, _MACHINE_AT
    yield _IF_EQUAL, 1, 0, machine
    yield _RETURN, 0, 0, _KILL  # calls under another machine's numbers
    yield _LOAD, 0, 0, _NUMBER_AT
    for numbers in _ALLOWED.values():
        yield from _allow(numbers[column])
    yield from _allow(_WRITE[column], (0, 0xFFFFFFFF, writable))
    yield from _allow(_MMAP[column], (2, _PROT_EXEC, 0), (3, _MAP_ANONYMOUS, _MAP_ANONYMOUS))
    yield from _allow(_MPROTECT[column], (2, _PROT_EXEC, 0))
    yield _RETURN, 0, 0, _REFUSE


def _allow(number: int, *conditions: tuple[int, int, int]) -> Iterator[_Step]:
    """Allow a call, if each condition holds: the argument's place, its bits that count, what they are."""
    yield _IF_EQUAL, 0, 3 * len(conditions) + (2 if conditions else 1), number
    for following, (argument, bits, value) in zip(
        range(len(conditions) - 1, -1, -1), conditions, strict=True
    ):
        yield _LOAD, 0, 0, 16 + 8 * argument  # its lower half: descriptors and flags have no other
        yield _AND, 0, 0, bits
        yield _IF_EQUAL, 0, 3 * following + 1, value
    yield _RETURN, 0, 0, _ALLOW
    if conditions:
        yield _RETURN, 0, 0, _REFUSE


def _call(name: str, *arguments: int | bytes) -> int:
    """Call the C library; return its result, -1 where there is no such call."""
    try:
        function = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (OSError, AttributeError):
        return -1
    function.restype = ctypes.c_long
    given = [arg if isinstance(arg, bytes) else ctypes.c_ulong(arg) for arg in arguments]
    result: int = function(*given)
    return result
