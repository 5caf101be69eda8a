"""A recorder that really misbehaves: a file system of its own, in a process of its own, through FUSE.

The kernel stands between it and Confere, as with a real card: what is read may come from the page cache,
an error is an ``errno``, and after the cable is pulled the mount stays in its place.

    python -m doubles.fuse_card PLACE PLAN        (PLAN: JSON, see `Plan`)
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Plan:
    """What is on the card (name: seed and size), and what it does.

    ``pulled_after``: of so many bytes read, the card is gone: listing is empty without an error, and
    reading fails. ``error_after``: reading one file fails from this byte on, as a bad block does.
    ``short``: a reading gives at most so many bytes. ``other_when_opened``: from the n-th opening on, a
    file has another content of the same size. ``locked``: nothing can be deleted. ``undead``: what
    is deleted is there again. Nothing is 0.
    """

    files: dict[str, tuple[int, int]]
    pulled_after: int = 0
    error_after: int = 0
    short: int = 0
    other_when_opened: int = 0
    locked: bool = False
    undead: bool = False


@contextmanager
def fuse_card(place: Path, plan: Plan) -> Iterator[Path]:
    """Mount such a card; skips where that cannot be done."""
    tool = shutil.which("fusermount3")
    if sys.platform != "linux" or tool is None or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("no FUSE here (Debian: apt-get install fuse3)")
    place.mkdir(parents=True)
    before = place.stat().st_dev
    tests = Path(__file__).parents[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "doubles.fuse_card", str(place), json.dumps(asdict(plan))],
        env={**os.environ, "PYTHONPATH": str(tests)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert child.stdout is not None
        if child.stdout.readline() != "ready\n":
            pytest.skip("FUSE does not work here")
        if place.stat().st_dev == before:
            pytest.skip("FUSE does not work here")
        yield place
    finally:
        subprocess.run([tool, "-u", "-z", str(place)], capture_output=True)
        child.kill()  # it would wait for whoever still has something of it open
        child.wait()


def content(seed: int, size_bytes: int) -> bytes:
    """Return what a file holds: for the tests' probe, audio."""
    from doubles.card import audio

    return audio(size_bytes, seed)


def serve(place: str, plan: Plan) -> None:
    """Be the card until it is unmounted."""
    import mfusepy

    class Card(mfusepy.Operations):  # type: ignore[misc]
        """The file system; its methods are FUSE's."""

        def __init__(self) -> None:
            self.files = {f"/{name}": content(*what) for name, what in plan.files.items()}
            self.others = {f"/{n}": content(s + 1000, size) for n, (s, size) in plan.files.items()}
            self.opened = dict.fromkeys(self.files, 0)
            self.handles: dict[int, bytes] = {}
            self.read_bytes = 0

        @property
        def gone(self) -> bool:
            return bool(plan.pulled_after) and self.read_bytes >= plan.pulled_after

        def init(self, _path: str) -> None:
            """Tell the other side that it is mounted."""
            print("ready", flush=True)

        def getattr(self, path: str, _handle: Any = None) -> dict[str, Any]:
            """Also of a card that is gone: the kernel still has it in its memory."""
            now = {"st_mtime": 1_700_000_000, "st_uid": os.getuid(), "st_gid": os.getgid()}
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2, **now}
            if path not in self.files:
                raise mfusepy.FuseOSError(errno.ENOENT)
            size = len(self.files[path])
            return {"st_mode": stat.S_IFREG | 0o644, "st_size": size, "st_nlink": 1, **now}

        def readdir(self, _path: str, _handle: int) -> list[str]:
            """Empty without an error, when the cable is pulled."""
            names = [] if self.gone else [path[1:] for path in self.files]
            return [".", "..", *names]

        def open(self, path: str, _flags: int) -> int:
            """Give the other content from the n-th opening on."""
            if self.gone:
                raise mfusepy.FuseOSError(errno.EIO)
            self.opened[path] += 1
            changed = plan.other_when_opened and self.opened[path] >= plan.other_when_opened
            handle = len(self.handles) + 1
            self.handles[handle] = (self.others if changed else self.files)[path]
            return handle

        def read(self, path: str, size: int, offset: int, handle: int) -> bytes:
            """Fail, stop short, or go away."""
            end = min(offset + size, len(self.files[path]))
            if self.gone or (plan.error_after and end > plan.error_after):
                raise mfusepy.FuseOSError(errno.EIO)
            wanted = min(size, plan.short) if plan.short else size
            found = self.handles[handle][offset : offset + wanted]
            self.read_bytes += len(found)
            return found

        def unlink(self, path: str) -> None:
            """Delete, or only say so."""
            if self.gone:
                raise mfusepy.FuseOSError(errno.EIO)
            if plan.locked:
                raise mfusepy.FuseOSError(errno.EROFS)
            if not plan.undead:
                del self.files[path]

    mfusepy.FUSE(
        Card(), place, foreground=True, nothreads=True, direct_io=True, hard_remove=True, entry_timeout=0,
        attr_timeout=0,
    )  # fmt: skip


if __name__ == "__main__":
    given = json.loads(sys.argv[2])
    given["files"] = {name: tuple(what) for name, what in given["files"].items()}
    serve(sys.argv[1], Plan(**given))
