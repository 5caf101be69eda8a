"""A cluster on this machine: real processes, real certificates; nothing sleeps, everything has an end."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from confere.wiring.cluster import TlsFiles
from confere.wiring.cluster.certificates import make_certificates

TESTS = Path(__file__).parents[1]
#: Nothing here takes so long unless it hangs.
PATIENCE_S = 120.0
WORKERS = ("ana", "rui", "eva")


class Started:
    """A process whose output is listened to from its beginning to its end."""

    def __init__(self, arguments: Sequence[str], scratch: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(TESTS), "TMPDIR": str(scratch)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self.pid = self._process.pid
        self._lines: list[str] = []
        self._told, self._ended = 0, False
        self._more = threading.Condition()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def said(self) -> str:
        """All that it has said."""
        with self._more:
            return "".join(self._lines)

    def until(self, pattern: str) -> re.Match[str]:
        """Listen until it says this, or has; what is told once is not told again."""
        with self._more:
            while self._more.wait_for(self._has_more, PATIENCE_S):
                if self._told == len(self._lines):
                    break
                self._told += 1
                if found := re.search(pattern, self._lines[self._told - 1]):
                    return found
        raise AssertionError(f"it never said {pattern!r}, but:\n{self.said}")

    def wait(self) -> int:
        """Wait for its end; returns its status."""
        status = self._process.wait(PATIENCE_S)
        self._listener.join(PATIENCE_S)
        return status

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Send a signal, and wait for the end."""
        self._process.send_signal(number)
        return self.wait()

    def end(self) -> None:
        """End it, if it has not ended."""
        self._process.kill()
        self.wait()

    def _has_more(self) -> bool:
        return self._told < len(self._lines) or self._ended

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                with self._more:
                    self._lines.append(line)
                    self._more.notify_all()
        with self._more:
            self._ended = True
            self._more.notify_all()


@dataclass
class Cluster:
    """A scheduler, the certificates of everybody, and the workers that were started."""

    url: str
    certificates: Path
    objects: Path
    scratch: Path
    scheduler: Started
    started: list[Started] = field(default_factory=list)

    def files(self, name: str) -> TlsFiles:
        """The files of a member."""
        return files_of(self.certificates, name)

    def worker(self, name: str, count: int = 1) -> tuple[Started, list[int]]:
        """Start a worker at the bench of the tests; returns it, ready, and its benches' processes."""
        worker = self.start_worker(name, self.files(name), count)
        return worker, [int(worker.until(r"bench is process (\d+)")[1]) for _ in range(count)]

    def start_worker(
        self, name: str, files: TlsFiles, count: int = 1, patience_s: float = PATIENCE_S
    ) -> Started:
        """Start one, and do not wait for it."""
        arguments = [self.url, str(self.objects), name, str(count), str(patience_s), *paths(files)]
        return self.start("doubles.cluster_worker", *arguments)

    def start(self, *arguments: str) -> Started:
        """Start a process of the cluster."""
        process = Started(arguments, self.scratch)
        self.started.append(process)
        return process

    def end_workers(self) -> None:
        """End all but the scheduler."""
        while self.started:
            self.started.pop().end()


def files_of(folder: Path, name: str) -> TlsFiles:
    """The files of a member in a folder of certificates."""
    return TlsFiles(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")


def paths(files: TlsFiles) -> list[str]:
    """The same as arguments."""
    return [str(files.authority), str(files.certificate), str(files.key)]


def options(files: TlsFiles) -> list[str]:
    """The same as options."""
    return [
        *("--tls-ca", str(files.authority)),
        *("--tls-cert", str(files.certificate)),
        *("--tls-key", str(files.key)),
    ]


@contextlib.contextmanager
def a_cluster(folder: Path) -> Iterator[Cluster]:
    """A scheduler with certificates for the workers of `WORKERS`; ends with all it has."""
    certificates, objects, scratch = (folder / n for n in ("certificates", "objects", "scratch"))
    make_certificates(certificates, WORKERS)
    objects.mkdir()
    scratch.mkdir()
    own = options(files_of(certificates, "scheduler"))
    scheduler = Started(("confere", "cluster", "scheduler", "--port", "0", *own), scratch)
    try:
        url = scheduler.until(r"tls://\S+")[0]
        cluster = Cluster(url, certificates, objects, scratch, scheduler)
        yield cluster
        cluster.end_workers()
    finally:
        scheduler.end()


class Pipe:
    """A named pipe between a test and an order that waits."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._path = path
        self._open = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # no end is ever missing

    def hear(self) -> str:
        """Wait until something is written into it."""
        ready, _, _ = select.select([self._open], [], [], PATIENCE_S)
        assert ready, f"nothing came through {self._path.name}"
        return os.read(self._open, 100).decode()

    def say(self) -> None:
        """Write something into it."""
        os.write(self._open, b".")

    def close(self) -> None:
        """Let go."""
        os.close(self._open)


def memory_holds(pid: int, patterns: Sequence[bytes]) -> list[bytes]:
    """Return which patterns a process's memory holds; raises PermissionError where that is not told."""
    found: set[bytes] = set()
    head = re.compile(
        r"^([0-9a-f]+)-([0-9a-f]+) rw.*\n(?:\w+:.*\n)*?Rss: +([0-9]+) kB$", re.MULTILINE
    )
    regions = head.findall(Path(f"/proc/{pid}/smaps").read_text())
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for first, last, resident in regions:
            if resident == "0":
                continue
            start, end = int(first, 16), int(last, 16)
            with contextlib.suppress(OSError, ValueError, OverflowError):
                memory.seek(start)
                content = memory.read(end - start)
                found.update(pattern for pattern in patterns if pattern in content)
    return sorted(found)


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it is no corpse."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true: Callable[[], bool]) -> None:
    """Look again and again, for as long as patience lasts."""
    looked = threading.Event()
    for _ in range(int(PATIENCE_S / 0.02)):
        if true():
            return
        looked.wait(0.02)
    raise AssertionError("it never came to be")
