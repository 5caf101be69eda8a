"""How soon a recorder that is plugged in is read, and what waiting for one costs.

    python benchmarks/watching.py [--times 5] [--idle-s 60]

Starts the real ``confere offload --watch`` on a study of its own, and (as root, on Linux) plugs a recorder
in again and again: an image with an ext4 file system, mounted below /run/media, with a recording of long
ago. The time runs from the call of mount to the first byte that is read of the recording. Then nothing is
plugged in, and after that a recorder with 300 files that stay on it (``--keep``), for ``--idle-s`` seconds
each: the processor time that the watcher takes meanwhile. Read the load beside the wall-clock times. To
reach: under 2 s; under 0.5 % of a core.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from doubles.sounds import write_tone
from doubles.studies import make_study

LONG_AGO_S = 1_600_000_000  # 2020
FILES_LEFT = 300

# The command itself, with one addition: the moment of the first reading of each file is told.
WATCHER = """
import sys, time
from confere.intake.source import OpenedSource
read, seen = OpenedSource._read, set()
def timed(self, size_bytes):
    if self not in seen:
        seen.add(self)
        print("READ", time.monotonic(), file=sys.stderr, flush=True)
    return read(self, size_bytes)
OpenedSource._read = timed
from confere.cli import main
sys.argv = ["confere", "offload", "--watch", *sys.argv[1:]]
main()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, help="recorders plugged in (default: 5)")
    parser.add_argument("--idle-s", type=float, default=60, help="of idling (default: 60)")
    options = parser.parse_args()
    if sys.platform != "linux" or os.geteuid() != 0:
        sys.exit("Only root, on Linux, can plug in a recorder that is a file.")
    with tempfile.TemporaryDirectory(prefix="confere-watching-") as folder:
        make_study(Path(folder) / "vault")
        print(f"load {os.getloadavg()[0]:.1f}")
        soon(Path(folder), options.times)
        idle(Path(folder), options.idle_s)


def soon(folder: Path, times: int) -> None:
    """Print from the mounting to the first byte, for the first recorder and for those after it."""
    waits = []
    with watching(folder) as watcher:
        watcher.next("Watching")
        for number in range(times):
            image = card(folder, f"card-{number}", 1)
            begun = time.monotonic()
            with plugged_in(image, "H5_SD"):
                waits.append(watcher.next("READ") - begun)
                watcher.next("on the recorder: deleted")
            watcher.next("Gone")
    later = sorted(waits[1:]) or waits
    print(f"first byte of the first recorder after {waits[0]:.2f} s", end="")
    print(
        f", of {len(later)} later ones: median {later[len(later) // 2]:.2f} s, max {later[-1]:.2f} s"
    )


def idle(folder: Path, seconds: float) -> None:
    """Print the processor time of a watcher that has nothing to do."""
    with watching(folder, "--keep") as watcher:
        watcher.next("Watching")
        time.sleep(3)  # the process has begun
        print(f"nothing plugged in: {watcher.share(seconds):.3f} % of a core over {seconds:g} s")
        with plugged_in(card(folder, "full", FILES_LEFT), "H6_SD"):
            watcher.next("custody log", waiting_s=300)
            time.sleep(1)
            share = watcher.share(seconds)
        print(
            f"a recorder with {FILES_LEFT} files left: {share:.3f} % of a core over {seconds:g} s"
        )


class Watcher:
    """The command, running."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._heard: list[str] = []
        self._new = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._new:
                self._heard.append(line)
                self._new.notify()

    def next(self, word: str, waiting_s: float = 30) -> float:
        """Wait for a line with a word, and return its moment if it tells one."""
        with self._new:
            while True:
                while self._heard:
                    line = self._heard.pop(0)
                    if word in line:
                        return float(line.split()[1]) if word == "READ" else 0.0
                if not self._new.wait(waiting_s):
                    ended = self._process.poll()
                    sys.exit(f"the watcher did not say '{word}' (ended: {ended})")

    def share(self, seconds: float) -> float:
        """Return the processor time taken meanwhile, in per cent of one core."""
        before, begun = self._processor_s(), time.monotonic()
        time.sleep(seconds)
        return 100 * (self._processor_s() - before) / (time.monotonic() - begun)

    def _processor_s(self) -> float:
        threads = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


@contextmanager
def watching(folder: Path, *options: str) -> Iterator[Watcher]:
    environment = {
        **os.environ,
        "CONFERE_VAULT": str(folder / "vault"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHER, *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        watcher = Watcher(process)
        yield watcher
    finally:
        process.terminate()
        process.wait()


def card(folder: Path, name: str, files: int) -> Path:
    """Make an image with recordings of long ago."""
    content = folder / f"{name}.content"
    for number in range(files):
        file = write_tone(
            content / "STEREO" / "FOLDER01" / f"ZOOM{number:04}.WAV",
            seconds=1,
            pitch_hz=200 + number + 1000 * time.monotonic() % 100,
        )
        os.utime(file, (LONG_AGO_S, LONG_AGO_S))
    image = folder / f"{name}.image"
    with image.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-d", str(content), str(image)], check=True)
    return image


@contextmanager
def plugged_in(image: Path, label: str) -> Iterator[Path]:
    place = Path("/run/media/confere-watching") / label
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-o", "loop,nosuid,nodev,noexec", str(image), str(place)], check=True)
    try:
        yield place
    finally:
        while subprocess.run(["umount", str(place)], capture_output=True).returncode != 0:
            time.sleep(0.05)  # it is still being looked at
        place.rmdir()
        place.parent.rmdir()


if __name__ == "__main__":
    main()
