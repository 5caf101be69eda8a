"""A process that is going to hold keys gives nothing away of its memory.

Python cannot wipe memory: after ``del`` and a collection the process still holds copies of what it
read. So **the process that held keys ends** to lock the vault; no function here or elsewhere "clears" a
key. What can be done is to let nothing out while it lives:

==================  ===========================================  =============================================
what                how                                          where
==================  ===========================================  =============================================
no core dumps       ``RLIMIT_CORE`` 0                            Linux, macOS; programs it starts inherit it
closed to others    ``PR_SET_DUMPABLE`` 0: no core dump at all,  Linux; a forked child inherits it, a program
                    not even to a crash collector; no            that is started does not. It does not stop an
                    debugger, no ``/proc/PID/mem`` for the same  administrator.
                    account
not swapped out     ``mlockall``, pages as they come into use    Linux, where it can do no harm (below)
==================  ===========================================  =============================================

On macOS swap is encrypted by the system and a whole process cannot be locked. On Windows nothing is
done.

Locking must never make an allocation fail, for a speech model is gigabytes and comes later. So it is
done only

- without a limit on locked memory (``RLIMIT_MEMLOCK``, or the capability that lifts it): with a limit,
  ``MCL_FUTURE`` lets every ``malloc`` beyond it fail;
- with pages locked as they are touched (``MCL_ONFAULT``): a thread's 8 MiB stack would otherwise be
  taken at once, and a library of a gigabyte read in whole;
- on a machine with memory to spare. What is locked cannot make room for anything else. Where little
  is left, the system would kill a process instead of being slow, and a night's drafting is lost.

Sources: prctl(2), PR_SET_DUMPABLE(2const), mlockall(2), getrlimit(2), core(5), capabilities(7).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
# As on x86 and ARM. Where they differ (POWER), the system refuses them and nothing is locked.
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_CAP_IPC_LOCK = 14
#: The largest speech model is 3 GB and loading it takes half as much again. A machine sold with
#: 8 GB shows somewhat more than 7 GiB; one with 4 GB is left alone.
ENOUGH_MEMORY_BYTES = 7 << 30

_PROCESS = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class MemoryGuard:
    """What holds for a process. ``why_not_locked`` is a clause; empty when nothing stands against it."""

    core_dumps_off: bool
    not_dumpable: bool
    locked: bool
    why_not_locked: str


def keep_memory_private() -> MemoryGuard:
    """Turn core dumps off, close this process to others, lock its memory where that does no harm.

    To be called before a passphrase is asked for. May be called again; never raises.
    """
    core_dumps_off = _turn_core_dumps_off()
    if sys.platform == "linux":
        _libc("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    why_not = _obstacle() or _lock()
    return MemoryGuard(core_dumps_off, _not_dumpable(), not why_not, why_not)


def memory_state() -> MemoryGuard:
    """Tell the same of this process as it is, and change nothing.

    ``why_not_locked`` is what would keep `keep_memory_private` from locking.
    """
    locked = _is_locked()
    return MemoryGuard(_core_dumps_off(), _not_dumpable(), locked, "" if locked else _obstacle())


def lock_obstacle(*, limit_bytes: int | None, may_exceed: bool, memory_bytes: int) -> str:
    """Return why memory is better not locked, or nothing.

    ``limit_bytes`` is the highest limit this process could give itself, None for no limit;
    ``may_exceed`` says that no limit counts for it; ``memory_bytes`` is what the machine has.
    """
    if limit_bytes is not None and not may_exceed:
        return f"this account may lock {limit_bytes >> 10} KiB only, and a model needs gigabytes"
    if memory_bytes < ENOUGH_MEMORY_BYTES:
        return f"the machine has {memory_bytes / (1 << 30):.1f} GiB of memory, which is too little"
    return ""


def _turn_core_dumps_off() -> bool:
    if os.name == "nt":
        return False
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):  # a sandbox may forbid it
        return _core_dumps_off()
    return True


def _core_dumps_off() -> bool:
    if os.name == "nt":
        return False
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


def _not_dumpable() -> bool:
    return sys.platform == "linux" and _libc("prctl", _PR_GET_DUMPABLE, 0, 0, 0, 0)[0] == 0


def _obstacle() -> str:
    if sys.platform != "linux":
        return f"a whole process cannot be locked on {sys.platform}"
    import resource

    hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
    return lock_obstacle(
        limit_bytes=None if hard == resource.RLIM_INFINITY else hard,
        may_exceed=_may_exceed_limits(),
        memory_bytes=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
    )


def _lock() -> str:
    """Lock what there is and what will come; return why the system refused, or nothing."""
    import resource

    try:
        soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        if soft != hard == resource.RLIM_INFINITY:
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
    except (OSError, ValueError) as error:
        return f"its limit cannot be lifted ({error})"
    result, number = _libc("mlockall", _MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)
    return "" if result == 0 else f"the system refused: {os.strerror(number)}"


def _may_exceed_limits() -> bool:
    """Whether this process has CAP_IPC_LOCK; root of a container (a user namespace) has not."""
    try:
        if (_PROCESS / "uid_map").read_text().split() != ["0", "0", str(2**32 - 1)]:
            return False
        capabilities = int(_status("CapEff"), base=16)
    except (OSError, ValueError):
        return False
    return bool(capabilities & 1 << _CAP_IPC_LOCK)


def _is_locked() -> bool:
    """Whether more is locked than a library locks for itself: at least all that is in memory."""
    try:
        return int(_status("VmLck").split()[0]) >= int(_status("VmRSS").split()[0])
    except (OSError, ValueError):
        return False


def _status(name: str) -> str:
    """Return a line of ``/proc/self/status``; raises OSError, or ValueError when it is not there."""
    for line in (_PROCESS / "status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    raise ValueError(name)


def _libc(call: str, *arguments: int) -> tuple[int, int]:
    """Call the C library; return its result and errno, or -1 and ENOSYS where there is no such call."""
    import ctypes
    import errno

    try:
        function = getattr(ctypes.CDLL(None, use_errno=True), call)
    except (OSError, AttributeError):
        return -1, errno.ENOSYS
    result: int = function(*(ctypes.c_ulong(argument) for argument in arguments))
    return result, ctypes.get_errno()
