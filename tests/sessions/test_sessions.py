"""The command line as whole sessions: each ``*.session`` file is typed and its output compared.

::

    $ confere queue --as ana          a command, a process of its own in a folder that was empty
    > a                               a line of its standard input
    RECORDING ...                     its output, both streams together; ... stands for anything
    [4]                               its exit code, if not 0

``<NAME:PATTERN>`` in an output matches the regular expression and keeps what it found; ``<NAME>`` in what
follows stands for it. Besides ``confere`` a session knows the methods of `Shell` that begin with an
underscore: ``$ tone``, ``$ speech``, ``$ write``, ``$ replace``, ``$ flip``, ``$ each`` and so on.
``$ after drafted`` goes on where ``starts/drafted.session`` ended, which is typed once.

The sessions named in `COLD` start every command as a shell does. The others fork theirs from an interpreter
that has everything imported already, which is half of the work.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from doubles.chosen import remember
from doubles.sounds import write_tone
from doubles.warm import Ended, warm

SESSIONS = sorted(Path(__file__).parent.glob("*.session"))
STARTS = Path(__file__).parent / "starts"
COLD = ("whole_job", "real_study", "bad_input", "keys")
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


def run_cold(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], typed: str = ""
) -> Ended:
    """Run ``confere`` as a shell does."""
    done = subprocess.run(
        [sys.executable, "-m", "confere", *words],
        cwd=folder,
        env=environment,
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Ended(done.returncode, done.stdout)


class Shell:
    """Runs commands in a folder; keeps the names that outputs bound."""

    def __init__(self, folder: Path, starts: Starts, confere: Callable[..., Ended]) -> None:
        self.folder = folder
        self.starts = starts
        self.confere = confere
        self.names: dict[str, str] = {}
        self.environment = {
            **os.environ,
            "CONFERE_VAULT": str(folder / "vault"),
            "XDG_STATE_HOME": str(folder / ".state"),
            "XDG_DATA_HOME": str(folder / ".data"),
            "XDG_DOCUMENTS_DIR": str(folder / "documents"),
            "COLUMNS": "200",
        }
        remember(folder / ".state")

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
        typed = "".join(self._filled(line) + "\n" for line in command.typed)
        ended = self.confere(words[1:], self.folder, self.environment, typed)
        where = f"line {command.number}: {command.line}\n{ended.output}"
        assert ended.code == command.code, where
        self._compare(command.output, ended.output, where)

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
        line = f"show {recording} --json --as {who} --passphrase-file {who}.pw"
        shown = json.loads(self._said(shlex.split(line)))
        numbers = [str(s["segment"]) for s in shown["segments"] if s["state"] == state]
        assert numbers, f"no segment is '{state}'"
        for number in numbers:
            self._said([number if w == "SEGMENT" else w for w in words[1:]])

    def _said(self, words: Sequence[str]) -> str:
        """Run a command that goes well; return what it says."""
        ended = self.confere(words, self.folder, self.environment)
        assert ended.code == 0, ended.output
        return ended.output

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

    def __init__(self, folder: Path, confere: Callable[..., Ended]) -> None:
        super().__init__()
        self.folder = folder
        self.confere = confere

    def __missing__(self, name: str) -> Shell:
        folder = self.folder / name
        folder.mkdir()
        self[name] = Shell(folder, self, self.confere)
        self[name].play(STARTS / f"{name}.session")
        return self[name]


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starts]:
    """Where sessions begin that do not begin with nothing; and what runs their commands."""
    with warm() as process:
        yield Starts(tmp_path_factory.mktemp("starts"), process.run)


@pytest.mark.parametrize("file", SESSIONS, ids=lambda file: file.stem)
def test_session(file: Path, tmp_path: Path, starts: Starts) -> None:
    """What is typed gives what the file says, line by line."""
    Shell(tmp_path, starts, run_cold if file.stem in COLD else starts.confere).play(file)


def test_there_are_sessions() -> None:
    """An empty folder of sessions would pass unnoticed, and so would a cold one of another name."""
    assert len(SESSIONS) >= 4
    assert {file.stem for file in SESSIONS} > set(COLD)
