"""The front's side of a keeper, and the messages between the two."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from confere import errors
from confere.web import keeper as keeper_module
from confere.web import wire
from confere.web.errors import STATUSES, Refusal, refusal_of, status_of
from confere.web.keeper import Keeper
from doubles.serving import is_there
from doubles.studies import PASSPHRASE, Study

T = TypeVar("T")

#: Answers the first message, does as its argument says, and never heeds the end of the pair.
STUBBORN = """
import os, signal, socket, struct, sys, json
pair = socket.socket(fileno=os.dup(0))
pair.recv(65536)
def tell(message, raw=b""):
    text = json.dumps(message).encode()
    pair.sendall(struct.pack(">II", len(text), len(raw)) + text + raw)
tell({"id": 0, "answer": {"name": "ivo"}})
exec(sys.argv[1])
"""


def run(asked: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: beside a browser's tests this one has a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked).result()


def stubborn(monkeypatch: pytest.MonkeyPatch, then: str) -> None:
    """Let the next keeper be a process that does as it is told here."""
    monkeypatch.setattr(keeper_module, "COMMAND", (sys.executable, "-c", STUBBORN, then))


def test_a_process_that_does_not_end_is_killed(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locking never waits for something that hangs."""
    stubborn(monkeypatch, "while True: signal.pause()")
    monkeypatch.setattr(keeper_module, "PATIENCE_S", 0.0)

    async def lock() -> int:
        keeper = await Keeper.start(study.root, "ivo", PASSPHRASE)
        waiting = asyncio.create_task(keeper.ask("anything"))
        await asyncio.sleep(0)  # lets it ask
        await keeper.end()
        with pytest.raises(Refusal, match="nobody is signed in"):
            await waiting
        with pytest.raises(Refusal, match="nobody is signed in"):
            await keeper.ask("anything")
        return keeper.pid

    assert not is_there(run(lock()))


@pytest.mark.parametrize(
    "broken",
    [r"b'\xff' * 8", r"struct.pack('>II', 2, 0) + b'x{'", r"struct.pack('>II', 2, 0) + b'[]'"],
)
def test_a_keeper_that_talks_nonsense_has_nobody_signed_in(
    study: Study, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """Who waited is told; nothing hangs."""
    stubborn(monkeypatch, f"pair.recv(65536); pair.sendall({broken}); pair.recv(65536)")

    async def ask() -> None:
        keeper = await Keeper.start(study.root, "ivo", PASSPHRASE)
        with pytest.raises(Refusal, match="nobody is signed in"):
            await keeper.ask("anything")
        await keeper.end()

    run(ask())


def test_answers_find_who_asked_and_bytes_come_as_bytes(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever order; and what nobody waits for any more is forgotten."""
    stubborn(
        monkeypatch,
        "seen = b''\n"
        "while seen.count(b'ask') < 3 or b'forget' not in seen: seen += pair.recv(65536)\n"
        "tell({'id': 3}, b'sound'); tell({'id': 1, 'answer': 'late'}); tell({'id': 2, 'answer': 'text'})\n"
        "pair.recv(65536)",
    )

    async def ask() -> tuple[object, object]:
        keeper = await Keeper.start(study.root, "ivo", PASSPHRASE)
        given_up = asyncio.create_task(keeper.ask("first"))
        text = asyncio.create_task(keeper.ask("second"))
        sound = asyncio.create_task(keeper.sound("0123456789abcdef", 0, 4))
        await asyncio.sleep(0)
        given_up.cancel()
        answers = await text, await sound
        await keeper.end()
        return answers

    assert run(ask()) == ("text", b"sound")


def test_a_mistake_of_ours_is_told_without_its_words(study: Study) -> None:
    """The page gets nothing of it, the log its class and place; the person stays signed in."""

    async def ask() -> Refusal:
        keeper = await Keeper.start(study.root, "ivo", PASSPHRASE)
        with pytest.raises(Refusal) as told:
            await keeper.ask("a participant's name")
        with pytest.raises(Refusal, match="made a mistake"):
            await keeper.ask("transcript", no_such_argument="a participant's name")
        await keeper.end()
        return told.value

    refusal = run(ask())
    assert (refusal.code, refusal.status) == ("Fault", 500)
    assert refusal.where[0] == "KeyError"
    assert "keeper_main.py" in refusal.where[-1]
    assert "participant" not in json.dumps(refusal.as_json())
    assert "where" not in refusal.body()


# --- messages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"", b"\0", b"x" * 100_000])
def test_a_message_comes_as_it_was_sent(raw: bytes) -> None:
    """Any text in it, and bytes behind it; several in a row."""
    message = {"id": 1, "answer": {"text": "não\n\0\u2028 👩‍🌾"}}
    stream = io.BytesIO(wire.pack(message, raw) * 2)
    assert wire.read(stream) == (message, raw)
    assert wire.read(stream) == (message, raw)
    assert wire.read(stream) is None


def test_a_message_that_was_cut_off_is_none() -> None:
    """At whatever byte the other side ended; and so is what is no message at all."""
    packed = wire.pack({"id": 1}, b"sound")
    for end in range(len(packed)):
        assert wire.read(io.BytesIO(packed[:end])) is None
    for nonsense in (b"\xff" * 100, b"\0\0\0\2\0\0\0\0x{", b"\0\0\0\2\0\0\0\0[]"):
        assert wire.read(io.BytesIO(nonsense)) is None


# --- errors ---------------------------------------------------------------------------------------


def test_every_error_has_a_status_of_the_contract() -> None:
    """A new family without one would be told as a fault."""
    contract = (Path(__file__).parents[2] / "docs" / "web.md").read_text("utf-8")
    classes = [c for c in vars(errors).values() if isinstance(c, type)]
    families = [
        c for c in classes if issubclass(c, errors.ConfereError) and c.__mro__[1] is not Exception
    ]
    assert len(families) > 40
    for one in families:
        assert any(issubclass(one, family) for family, _ in STATUSES), one
        assert f"{status_of(one.__new__(one))} " in contract, one
    for family, status in STATUSES:
        assert status_of(family.__new__(family)) == status, family


def test_an_error_keeps_what_it_says_on_its_way() -> None:
    """From the keeper to the page: class, message, hint, and both texts of a conflict."""
    error = errors.MovedOn("12", 3, 5)
    error.mine, error.theirs, error.base = {"source": "a"}, {"source": "b"}, {"source": "c"}
    error.by, error.editing = "ivo", ("vera",)
    refusal = Refusal.from_json(json.loads(json.dumps(refusal_of(error).as_json())))
    assert refusal.status == 409
    assert refusal.body() == {
        "error": "MovedOn",
        "message": error.message,
        "hint": error.hint,
        "conflict": {
            "mine": {"source": "a"},
            "theirs": {"source": "b"},
            "base": {"source": "c"},
            "by": "ivo",
            "editing": ["vera"],
            "version": 5,
        },
    }
