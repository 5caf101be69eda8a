"""Messages between two processes of one machine: JSON, and raw bytes behind it. No pickles.

======  =====================================
bytes   what
======  =====================================
4       length of the JSON, big-endian
4       length of the raw bytes, big-endian
        the JSON, UTF-8: an object
        the raw bytes
======  =====================================
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

_LENGTHS = struct.Struct(">II")
#: An answer holds the words of some minutes of speech.
LIMIT_BYTES = 64 << 20

Message = tuple[dict[str, Any], bytes]


class Line:
    """One end of a line to another process; many threads may send, one receives."""

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._sending = threading.Lock()

    def send(self, message: Mapping[str, Any], raw: bytes = b"") -> bool:
        """Send a message; False when nobody is there any more."""
        text = json.dumps(message).encode()
        try:
            with self._sending:
                self._outgoing.write(_LENGTHS.pack(len(text), len(raw)) + text + raw)
                self._outgoing.flush()
        except (OSError, ValueError):  # ValueError: closed by us
            return False
        return True

    def receive(self) -> Message | None:
        """Wait for a message; None when the other end is gone, or says what is none."""
        try:
            lengths = self._incoming.read(_LENGTHS.size)
            text, raw = _LENGTHS.unpack(lengths)
            if text + raw > LIMIT_BYTES:
                return None
            body = self._incoming.read(text + raw)
            message = json.loads(body[:text])
        except (OSError, ValueError, struct.error):
            return None
        if len(body) != text + raw or not isinstance(message, dict):
            return None
        return message, body[text:]

    def close(self) -> None:
        """Close this end."""
        for stream in (self._outgoing, self._incoming):
            with contextlib.suppress(OSError, ValueError):
                stream.close()


class Child:
    """A process of ours at the other end of a line; it ends with us."""

    def __init__(self, module: str, arguments: Sequence[str]) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - this very Python, a module of ours
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.line = Line(self.process.stdout, self.process.stdin)

    def end(self) -> None:
        """End it, whatever it does: what it holds must not stay in memory."""
        self.process.kill()
        self.process.wait()
        self.line.close()


def to_parent() -> Line:
    """Return the child's end of the line, and end this process with its parent.

    Standard output becomes standard error, so that no library's word goes between the messages.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us
    _die_with_parent()
    line = Line(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return line


def _die_with_parent() -> None:
    """Be killed when the parent is; elsewhere than on Linux the line's end tells, between two orders."""
    if sys.platform != "linux":
        return
    import ctypes

    pr_set_pdeathsig = 1
    parent = os.getppid()
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it was quicker
        os._exit(1)
