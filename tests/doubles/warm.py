"""Commands from a warm interpreter: processes of their own, forked where everything is imported already.

A command typed in a session takes most of its time to start. Here one process has started; each command is
a fork of it, with the arguments, folder, environment and streams it is given, and ends as any process ends.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and both its streams together."""

    code: int
    output: str


class Warm:
    """The client's side: one process in which Confere is imported."""

    def __init__(self, ours: socket.socket) -> None:
        self._ours = ours

    def run(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], typed: str = ""
    ) -> Ended:
        """Run ``confere`` with the words, and wait for its end."""
        told = {"words": words, "folder": str(folder), "environment": dict(environment)}
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as output:
            stdin.write(typed.encode())
            stdin.seek(0)
            message = json.dumps(told).encode()
            socket.send_fds(self._ours, [message], [stdin.fileno(), output.fileno()])
            code = int(self._ours.recv(16))
            output.seek(0)
            return Ended(code, output.read().decode())


@contextlib.contextmanager
def warm() -> Iterator[Warm]:
    """Start the process; it ends with this."""
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    command = [sys.executable, __file__, str(theirs.fileno())]
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL):
        theirs.close()
        yield Warm(ours)
        ours.close()


def _next_command(ours: socket.socket) -> None:
    """Fork for each command; return in the fork alone, when it is as a new process would be."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(ours, 1 << 20, 2)
        if not message:
            sys.exit()
        stdin, output = descriptors
        if not (child := os.fork()):
            break
        for descriptor in (stdin, output):
            os.close(descriptor)
        ours.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
    told = json.loads(message)
    for descriptor, place in ((stdin, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, place)
    for descriptor in (stdin, output):
        os.close(descriptor)
    ours.close()
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.argv[:] = ["confere", *told["words"]]


if __name__ == "__main__":
    from confere.cli import COMMANDS, main

    for _, module, _ in COMMANDS:
        importlib.import_module(f"confere.cli.{module}")
    _next_command(socket.socket(fileno=int(sys.argv[1])))
    main()
