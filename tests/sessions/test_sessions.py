"""The command line as whole sessions: each ``*.session`` file is typed and its output compared.

::

    $ confere queue --as ana          a command, run as a process of its own in an empty folder
    > a                               a line of its standard input
    RECORDING ...                     its output, both streams together; ... stands for anything
    [4]                               its exit code, if not 0

``<NAME:PATTERN>`` in an output matches the regular expression and keeps what it found; ``<NAME>`` in what
follows stands for it. Besides ``confere`` a session knows the methods of `Shell` that begin with an
underscore: ``$ tone``, ``$ speech``, ``$ write``, ``$ replace``, ``$ flip``, ``$ each`` and so on.
``$ after drafted`` goes on where ``starts/drafted.session`` ended, which is typed once.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from doubles.sounds import write_tone

SESSIONS = sorted(Path(__file__).parent.glob("*.session"))
STARTS = Path(__file__).parent / "starts"
_BIND = re.compile(r"<([A-Z]+):([^>]+)>")
_USE = re.compile(r"<([A-Z]+)>")


@dataclass
class Command:
    """One command of a session with what is typed, what must come out and how it must end."""

    line: str
    number: int
    typed: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    code: int = 0


def read_session(file: Path) -> Iterator[Command]:
    """Read the commands of a session file."""
    command: Command | None = None
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if line.startswith("$ "):
            if command:
                yield command
            command = Command(line[2:], number)
        elif command is None or line.startswith("#"):
            continue
        elif line.startswith("> ") or line == ">":
            command.typed.append(line[2:])
        elif re.fullmatch(r"\[\d+\]", line):
            command.code = int(line[1:-1])
        elif line.strip():
            command.output.append(line.strip())
    if command:
        yield command


class Shell:
    """Runs commands in a folder; keeps the names that outputs bound."""

    def __init__(self, folder: Path, starts: Starts) -> None:
        self.folder = folder
        self.starts = starts
        self.names: dict[str, str] = {}
        self.environment = {
            **os.environ,
            "CONFERE_VAULT": str(folder / "vault"),
            "XDG_STATE_HOME": str(folder / ".state"),
            "XDG_DATA_HOME": str(folder / ".data"),
            "COLUMNS": "200",
        }

    def play(self, file: Path) -> None:
        """Run every command of a session file."""
        for command in read_session(file):
            self.run(command)

    def run(self, command: Command) -> None:
        """Run one command and compare."""
        words = shlex.split(self._filled(command.line))
        own = getattr(self, f"_{words[0]}", None)
        if own is not None:
            own(*words[1:])
            return
        assert words[0] == "confere", f"line {command.number}: not a command of sessions"
        done = subprocess.run(
            [sys.executable, "-m", "confere", *words[1:]],
            cwd=self.folder,
            env=self.environment,
            input="".join(self._filled(line) + "\n" for line in command.typed),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        where = f"line {command.number}: {command.line}\n{done.stdout}"
        assert done.returncode == command.code, where
        self._compare(command.output, done.stdout, where)

    def _compare(self, expected: list[str], output: str, where: str) -> None:
        pattern = r"\s+".join(self._pattern(line) for line in expected)
        found = re.fullmatch(rf"\s*{pattern}\s*", output, re.DOTALL)
        assert found, f"{where}\nexpected:\n" + "\n".join(expected)
        self.names |= found.groupdict()

    def _pattern(self, line: str) -> str:
        """Return the regular expression of an expected line."""
        pieces: list[str] = []
        at = 0
        for bound in _BIND.finditer(line):
            pieces.append(self._plain(line[at : bound.start()]))
            pieces.append(f"(?P<{bound[1]}>{bound[2]})")
            at = bound.end()
        return "".join([*pieces, self._plain(line[at:])])

    def _plain(self, text: str) -> str:
        words = [r"\s+".join(map(re.escape, p.split(" "))) for p in self._filled(text).split("...")]
        return ".*?".join(words)

    def _filled(self, text: str) -> str:
        return _USE.sub(lambda use: self.names.get(use[1], use[0]), text)

    def _after(self, name: str) -> None:
        """Begin where another session ended: with what it left behind, and its names."""
        start = self.starts[name]
        shutil.copytree(start.folder, self.folder, dirs_exist_ok=True)
        self.names |= start.names

    def _tone(self, file: str, pitch_hz: str, seconds: str) -> None:
        write_tone(self.folder / file, float(seconds), float(pitch_hz))

    def _speech(self, name: str, file: str) -> None:
        """Copy a bundled recording."""
        from confere import models

        source = Path(models.__file__).parent / "practice" / "recordings" / name
        target = self.folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())

    def _each(self, state: str, *words: str) -> None:
        """Run a command for each segment in a state; SEGMENT stands for its number."""
        at = words.index("--as")
        who = words[at + 1]
        recording = next(word for word in words if re.fullmatch(r"[0-9a-z]{16}", word))
        line = f"confere show {recording} --json --as {who} --passphrase-file {who}.pw"
        shown = json.loads(self._output(shlex.split(line)[1:])[1])
        numbers = [str(s["segment"]) for s in shown["segments"] if s["state"] == state]
        assert numbers, f"no segment is '{state}'"
        for number in numbers:
            code, output = self._output([number if w == "SEGMENT" else w for w in words[1:]])
            assert code == 0, output

    def _output(self, words: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "confere", *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout if done.returncode == 0 else done.stderr

    def _write(self, file: str, *words: str) -> None:
        text = " ".join(words)
        target = self.folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n" if text else "", "utf-8")

    def _replace(self, file: str, old: str, new: str) -> None:
        target = self.folder / file
        content = target.read_text("utf-8")
        assert old in content
        target.write_text(content.replace(old, new), "utf-8")

    def _flip(self, pattern: str) -> None:
        (target,) = self.folder.glob(pattern)
        content = bytearray(target.read_bytes())
        content[-1] ^= 1
        target.write_bytes(content)

    def _spoil(self, pattern: str) -> None:
        """Overwrite 64 bytes of every 4 KiB of a file, which no page of a database survives."""
        (target,) = self.folder.glob(pattern)
        content = bytearray(target.read_bytes())
        for start in range(min(2048, len(content) // 2), len(content), 4096):
            content[start : start + 64] = bytes(len(content[start : start + 64]))
        target.write_bytes(content)

    def _truncate(self, file: str, size_bytes: str) -> None:
        target = self.folder / file
        target.write_bytes(target.read_bytes()[: int(size_bytes)])

    def _absent(self, pattern: str) -> None:
        assert not list(self.folder.glob(pattern)), f"{pattern} should not be there"

    def _present(self, pattern: str) -> None:
        assert list(self.folder.glob(pattern)), f"{pattern} should be there"


class Starts(dict[str, Shell]):
    """Sessions that others begin with, each typed when it is first asked for, and only copied."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Shell:
        folder = self.folder / name
        folder.mkdir()
        shell = Shell(folder, self)
        shell.play(STARTS / f"{name}.session")
        self[name] = shell
        return shell


@pytest.fixture(scope="session")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Starts:
    """Where sessions begin that do not begin with nothing."""
    return Starts(tmp_path_factory.mktemp("starts"))


@pytest.mark.parametrize("file", SESSIONS, ids=lambda file: file.stem)
def test_session(file: Path, tmp_path: Path, starts: Starts) -> None:
    """What is typed gives what the file says, line by line."""
    Shell(tmp_path, starts).play(file)


def test_there_are_sessions() -> None:
    """An empty folder of sessions would pass unnoticed."""
    assert len(SESSIONS) >= 4
