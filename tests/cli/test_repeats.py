"""A repeat is offered at its line, and only the key puts it there: at a terminal, and where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from confere.cli.repeats import KEY, taken

_OFFER = "How many people work here?"
_ASKS = f"""
from confere.cli.correct import _edit
from confere.cli.repeats import one_key
with one_key({_OFFER!r}):
    first = _edit("en", "How many?")
second = _edit("en", "Two.")
print()
print([first, second])
"""


def at_a_terminal(keys: str) -> str:
    """Return the last line that two questions print, with these keys typed at a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", _ASKS],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "dumb", "INPUTRC": os.devnull},
        start_new_session=True,
    ) as asking:
        os.close(theirs)
        shown = b""
        for question, answer in zip((b"How many?", b"Two."), keys.split("|"), strict=True):
            while question not in shown:  # readline is there, and the text in its line
                shown += os.read(ours, 1024)
            os.write(ours, answer.encode())
        try:
            while more := os.read(ours, 1024):
                shown += more
        except OSError:  # Linux tells the end of a terminal so
            pass
        asking.wait()
    os.close(ours)
    assert asking.returncode == 0, shown
    return shown.decode().strip().splitlines()[-1]


@pytest.mark.skipif(not Path("/dev/ptmx").exists(), reason="no terminals here")
@pytest.mark.parametrize(
    ("keys", "answers"),
    [
        ("\r|\r", ["How many?", "Two."]),
        ("\t\r|\r", [_OFFER, "Two."]),
        ("\t Really?\r|\r", [f"{_OFFER} Really?", "Two."]),
        (" And\t\r|\r", [_OFFER, "Two."]),
        ("\t\r|.\r", [_OFFER, "Two.."]),
    ],
)
def test_the_key_puts_it_into_the_line(keys: str, answers: list[str]) -> None:
    """Whatever stands there; it can still be edited, and the next line knows nothing of it."""
    assert at_a_terminal(keys) == repr(answers)


@pytest.mark.parametrize(
    ("answer", "offer", "put"),
    [
        (KEY, _OFFER, _OFFER),
        ("", _OFFER, ""),
        ("Tab", _OFFER, "Tab"),
        (KEY, "", KEY),
    ],
)
def test_a_line_of_the_key_alone_takes_it(answer: str, offer: str, put: str) -> None:
    """Where no terminal edits lines; and nothing else does."""
    assert taken(answer, offer) == put
