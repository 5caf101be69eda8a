"""A command and everything it starts, watched from outside: memory and processor time.

The kernel's own numbers of each process (``/proc``), looked at again and again. *PSS* shares a page that
several processes have among them, so the sum over a tree is what the tree costs; *peak RSS* is the
kernel's own high-water mark of one process. Linux only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
#: By what in its command line a process is known.
SIGNS = {
    "decoder": "transcribe.decoder_main",
    "tracker": "resource_tracker",
    "trial": "transcribe.measure",
    "worker": "spawn_main",
}


@dataclass
class Seen:
    """What was seen of a tree: seconds, MiB, and of each process its name, processor time and peak."""

    wall_s: float = 0.0
    peak_pss_mib: float = 0.0
    looks: int = 0
    names: dict[int, str] = field(default_factory=dict)
    processor_by: dict[int, float] = field(default_factory=dict)
    peak_rss_by: dict[int, float] = field(default_factory=dict)
    output: str = ""

    @property
    def processor_s(self) -> float:
        """Seconds of processor time of all of them."""
        return sum(self.processor_by.values())

    def by_name(self) -> dict[str, float]:
        """The peak RSS in MiB of the largest process of each name."""
        peaks: dict[str, float] = {}
        for pid, peak in self.peak_rss_by.items():
            name = self.names[pid]
            peaks[name] = max(peaks.get(name, 0.0), peak)
        return peaks


def descendants(root: int) -> list[int]:
    """Return a process and all that come of it, as they are now; none when it has ended."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                stat = (entry / "stat").read_text()
                parent = int(stat.rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found = [root] if Path(f"/proc/{root}").exists() else []
    for pid in found:
        found += parents.get(pid, [])
    return found


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    memory: bool = False,
    every_s: float = 0.1,
    look: Callable[[float], None] = lambda seconds: None,
) -> Seen:
    """Run a command to its end and return what was seen; exits with its output when it fails.

    Sums of memory cost the watched processes a little, so they are only made when asked for.
    """
    seen = Seen()
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        child = subprocess.Popen(
            command,
            env=os.environ | dict(environment or {}),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
        while True:
            with suppress(subprocess.TimeoutExpired):
                status = child.wait(every_s)
                break
            _look(seen, child.pid, memory)
            look(time.perf_counter() - begun)
        seen.wall_s = time.perf_counter() - begun
        output.seek(0)
        seen.output = output.read().decode("utf-8", "replace")
    if status:
        sys.exit(seen.output)
    return seen


def _look(seen: Seen, root: int, memory: bool) -> None:
    seen.looks += 1
    pss_kib = 0
    for pid in descendants(root):
        folder = Path(f"/proc/{pid}")
        with suppress(OSError, ValueError, IndexError):
            times = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
            seen.names.setdefault(pid, name_of(pid))
            seen.processor_by[pid] = sum(map(int, times)) / TICKS
            if memory:
                pss_kib += _kib(folder / "smaps_rollup", "Pss:")
                peak = _kib(folder / "status", "VmHWM:") / 1024  # 0 when it is just ending
                seen.peak_rss_by[pid] = max(peak, seen.peak_rss_by.get(pid, 0.0))
    seen.peak_pss_mib = max(seen.peak_pss_mib, pss_kib / 1024)


def _kib(file: Path, key: str) -> int:
    for line in file.read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    return 0


def began(pid: int) -> int:
    """When a process began, in ticks since the machine did; 0 when it has ended. A pid comes again."""
    with suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(words[19]) if words[0] != "Z" else 0
    return 0


def name_of(pid: int) -> str:
    """What a process of the product is, from what it was started with; "" when it has ended."""
    try:
        text = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
    for name, sign in SIGNS.items():
        if sign in text:
            return name
    return "main"
