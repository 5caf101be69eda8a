"""A decoder's process as its parent holds it: started, listened to with an end to all patience, ended.

Nothing that the process does, says or fails to say is more than an error here.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import confere
from confere.errors import ConfereError, DecoderStopped, EnvironmentProblem
from confere.transcribe import framing
from confere.transcribe.sandbox import Confinement

#: No block of 30 s takes so long, on whatever disk: what takes longer hangs.
PATIENCE_S = 120.0
_PIPE_BYTES = 1 << 20  # as much as any account may ask for
_LAST_S = 1.0  # whoever closed the pipe has ended, or does it now
#: ``-P``: no module is taken from the folder in which somebody happened to start Confere.
_COMMAND = (sys.executable, "-P", "-m", "confere.transcribe.decoder_main")
#: The environment may hold secrets. A decoder needs of it where libraries are; it runs the code that runs
#: here, and has one thread.
_ENVIRONMENT = {
    "PYTHONPATH": str(Path(confere.__file__).parents[1]),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_INHERITED = ("LD_LIBRARY_PATH",)


class Child:
    """One such process. It ends with the thread that made it, with `stop`, or when this is forgotten."""

    def __init__(
        self,
        name: str,
        job: dict[str, Any],
        descriptors: Sequence[int] = (),
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Start it and wait until it is confined; ``name`` is for the errors, and never told to it.

        Raises what it tells, DecoderStopped, and EnvironmentProblem when it cannot be started.
        """
        self.name = name
        self._patience_s = patience_s
        self._process, self._asking = _start(descriptors)
        assert self._process.stdout is not None
        self._heard = self._process.stdout.fileno()
        self._ready = select.poll()
        self._ready.register(self._heard, select.POLLIN)
        self.stop = weakref.finalize(self, _end, os.getpid(), self._process, self._asking)
        with self.no_longer_than_it_is_right():
            self.send(framing.JOB, json.dumps({**job, "parent": os.getpid()}).encode())
            self.confinement = Confinement(**self.receive_json(framing.CONFINED))

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @contextmanager
    def no_longer_than_it_is_right(self) -> Iterator[None]:
        """Stop it when anything is raised; what it said that makes no sense is DecoderStopped."""
        try:
            yield
        except (ConfereError, OSError, MemoryError):
            self.stop()
            raise
        except Exception:  # noqa: BLE001  whatever nonsense leads to
            self.stop()
            raise DecoderStopped(self.name, "it said what no decoder says") from None
        except BaseException:
            self.stop()
            raise

    def send(self, kind: int, content: bytes | memoryview = b"") -> None:
        """Tell it something; what it does not hear any more is found out by listening."""
        with suppress(BrokenPipeError, ConnectionResetError):
            framing.send(self._asking.fileno(), kind, content)

    def receive_json(self, kind: int) -> dict[str, Any]:
        """Wait for a frame of JSON; raises as `receive` does."""
        said = json.loads(self.receive(kind)[1])
        if not isinstance(said, dict):
            raise TypeError
        return said

    def receive(self, *kinds: int) -> tuple[int, bytearray]:
        """Wait for a frame of one of some kinds.

        Raises the error that the process tells instead, DecoderStopped when it has ended or takes too
        long, and ValueError for any other frame.
        """
        until = time.monotonic() + self._patience_s
        kind, length = framing.HEADER.unpack(self._read(framing.HEADER.size, until))
        if length > framing.longest(kind):
            raise ValueError
        content = self._read(length, until)
        if kind == framing.FAILED:
            raise framing.raised(json.loads(content), self.name)
        if kind not in kinds:
            raise ValueError
        return kind, content

    def _read(self, length: int, until: float) -> bytearray:
        content = bytearray(length)
        left = memoryview(content)
        while left:
            wait_ms = (until - time.monotonic()) * 1000
            if wait_ms <= 0 or not self._ready.poll(wait_ms):
                raise DecoderStopped(self.name, f"nothing came of it for {self._patience_s:.0f} s")
            if not (count := os.readv(self._heard, [left])):
                raise DecoderStopped(self.name, self._how_it_ended())
            left = left[count:]
        return content

    def _how_it_ended(self) -> str:
        try:
            status = self._process.wait(_LAST_S)
        except subprocess.TimeoutExpired:
            return "it fell silent"
        if status < 0:
            return f"it was ended by the signal {signal.Signals(-status).name}"
        return "it ended before its time"


def confinement_here() -> Confinement:
    """Start such a process on this machine and return what holds for it; raises as `Child` does."""
    child = Child("the decoder", {"do": "confine"})
    child.stop()
    return child.confinement


def _start(descriptors: Sequence[int]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a fresh interpreter: nothing of this process's memory is in it."""
    ours, theirs = socket.socketpair()
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    try:
        process = subprocess.Popen(  # noqa: S603  our own interpreter, our own module
            _COMMAND,
            stdin=theirs.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # FFmpeg may print what it reads
            bufsize=0,
            pass_fds=descriptors,
            cwd="/",
            env=_ENVIRONMENT | inherited,
            start_new_session=True,  # Ctrl-C reaches whoever drafts, who then ends it in order
        )
    except OSError as error:
        ours.close()
        raise EnvironmentProblem(
            f"the process that decodes could not be started ({error.strerror})",
            "Perhaps memory ran out. Close other programs, and run the same command again.",
        ) from error
    finally:
        theirs.close()
    if sys.platform == "linux":
        import fcntl

        assert process.stdout is not None
        with suppress(OSError):  # then it works ahead by less
            fcntl.fcntl(process.stdout.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return process, ours


def _end(parent: int, process: subprocess.Popen[bytes], asking: socket.socket) -> None:
    if os.getpid() == parent:  # a fork of it has no child
        process.kill()
        with suppress(subprocess.TimeoutExpired):  # a disk that has gone away may hold it
            process.wait(_LAST_S)
    asking.close()
    if process.stdout is not None:
        process.stdout.close()
