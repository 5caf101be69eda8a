"""What the machine is: processors and what they can compute with, memory, graphics cards."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

_CPU = Path("/proc/cpuinfo")
_MEMORY = Path("/proc/meminfo")
_CARDS = Path("/proc/driver/nvidia/gpus")
_BUSY_SHARE = 0.5  # of the processors, on average over the last minute

#: Instructions by which CTranslate2's 8-bit products go faster, the best first, by their flag.
_INSTRUCTIONS = {
    "amx_int8": "AMX",
    "avx512_vnni": "AVX-512 VNNI",
    "avx512f": "AVX-512",
    "avx_vnni": "AVX2 VNNI",
    "avx2": "AVX2",
    "asimddp": "NEON",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, or as much of it as this process may use.

    ``processor`` names the make; ``instructions`` is "" where the system does not tell; ``cards`` are
    graphics cards with a driver; ``load`` is how many processors were at work in the last minute.
    """

    processor: str
    processors: int
    instructions: str
    free_bytes: int
    cards: tuple[str, ...]
    load: float

    @classmethod
    def look(cls) -> Machine:
        """Look at this one."""
        text = _CPU.read_text("utf-8", "replace") if _CPU.exists() else ""
        name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
        return cls(
            processor=name[1] if name else platform.processor() or platform.machine(),
            processors=processors(),
            instructions=_instructions(set(flags[1].split()) if flags else set()),
            free_bytes=_free_bytes(),
            cards=tuple(sorted(path.name for path in _CARDS.glob("*"))),
            load=os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
        )

    def busy(self) -> bool:
        """Whether other programs are at work."""
        return self.load > _BUSY_SHARE * self.processors


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux; a container may allow fewer
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _instructions(flags: set[str]) -> str:
    return next((name for flag, name in _INSTRUCTIONS.items() if flag in flags), "")


def _free_bytes() -> int:
    """Return how much memory programs may still take; half of all of it where only that is known."""
    if _MEMORY.exists():
        found = re.search(r"^MemAvailable:\s*(\d+) kB", _MEMORY.read_text("ascii"), re.MULTILINE)
        if found:
            return int(found[1]) << 10
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):
        return 4 << 30  # Windows: a small laptop
