"""The life of a laptop and its cards, drawn by Hypothesis: whatever happens, in any order, nothing is lost.

``CONFERE_LIVES=10000`` lets it live that often; a run of the tests has a few.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from confere.errors import DiskFull, SourceVanished
from confere.intake.offload import Errand, offload
from confere.intake.outcome import SAFE
from confere.intake.recorder import Deletion
from confere.intake.transfer import Tools
from doubles.card import audio, files_of, probe, record
from doubles.clock import FakeClock
from doubles.faults import NEVER, FaultyRecorder, FaultyShelf, Trip
from doubles.shelf import DiskShelf

CARDS = ("one", "two")
LAPTOPS = ("north", "south")
NAMES = ("A.WAV", "B.WAV", "DIR/A.WAV")  # every card counts from 1
CONTENTS = [audio(300, 1), audio(300, 2), audio(300, 1)[:-1] + b"\0", audio(70_000, 3)]

FAILURES: dict[str, Callable[[], BaseException]] = {
    "pulled": lambda: SourceVanished("the card"),
    "read error": lambda: OSError(errno.EIO, "Input/output error"),
    "disk full": lambda: DiskFull("the vault"),
    "killed": KeyboardInterrupt,
}


class Life(RuleBasedStateMachine):
    """Two cards, two laptops. What was ever recorded is on a card, or kept whole and noted."""

    @initialize()
    def begin(self) -> None:
        """Buy two laptops and two cards."""
        self.folder = Path(tempfile.mkdtemp(dir=_memory()))
        self.shelves = [DiskShelf(self.folder / laptop) for laptop in LAPTOPS]
        self.clocks = [FakeClock(), FakeClock()]
        self.recorded: set[bytes] = set()
        self.destroyed: set[bytes] = set()
        for name in CARDS:
            (self.folder / name).mkdir()

    def teardown(self) -> None:
        """Throw everything away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(
        card=st.sampled_from(CARDS), name=st.sampled_from(NAMES), content=st.sampled_from(CONTENTS)
    )
    def insert(self, card: str, name: str, content: bytes) -> None:
        """Record something, unless the name is taken: no recorder writes over its own files."""
        if not (self.folder / card / name).exists():
            record(self.folder / card, name, content)
            self.recorded.add(content)
            self.destroyed.discard(content)

    @rule(
        card=st.sampled_from(CARDS),
        keep=st.booleans(),
        failure=st.sampled_from(sorted(FAILURES)),
        at=st.none() | st.integers(0, 40),
        laptop=st.integers(0, 1),
    )
    def plug_in(self, card: str, keep: bool, failure: str, at: int | None, laptop: int) -> None:
        """Offload a card; something may go wrong at any operation. What the receipt says is true."""
        trip = Trip(NEVER if at is None else at, FAILURES[failure])
        tools = Tools(FaultyShelf(self.shelves[laptop], trip), probe, self.clocks[laptop])
        try:
            with FaultyRecorder(self.folder / card, card) as recorder:
                recorder.trip = trip
                receipt = offload(recorder, tools, Errand("study", "laptop", keep_source=keep))
        except (OSError, SourceVanished, KeyboardInterrupt, DiskFull):
            assert at is not None
            return
        left = files_of(self.folder / card)
        for outcome in receipt.outcomes:
            assert (outcome.deletion is Deletion.DELETED) <= (outcome.path not in left)
            assert outcome.fate in SAFE or outcome.path in left
            assert not keep or outcome.path in left
        if at is None and not keep:
            assert not left

    @rule(laptop=st.integers(0, 1), days=st.integers(-9000, 9000))
    def set_clock(self, laptop: int, days: int) -> None:
        """A laptop wakes up in another year."""
        self.clocks[laptop].jump(days)

    @rule(
        laptop=st.integers(0, 1),
        number=st.integers(0, 5),
        how=st.sampled_from(["destroyed", "damaged"]),
    )
    def lose(self, laptop: int, number: int, how: str) -> None:
        """A kept recording ends, by a lead or by a bad block: that alone is lost, if nobody else has it."""
        shelf = self.shelves[laptop]
        kept = sorted(shelf.contents())
        if not kept:
            return
        folder = shelf.kept / kept[number % len(kept)]
        self.destroyed.add(shelf.contents()[folder.name].plain)
        if how == "destroyed":
            shutil.rmtree(folder)
        else:
            file = folder / "audio"
            file.write_bytes(file.read_bytes()[:-1] + b"\xff\xff")

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every content is on a card or kept; nothing is half-done."""
        on_cards = {c for card in CARDS for c in files_of(self.folder / card).values()}
        kept = {
            item.plain
            for shelf in self.shelves
            for item in shelf.contents().values()
            if hashlib.sha256(item.plain).hexdigest() == item.note.sha256
        }
        assert self.recorded - self.destroyed <= on_cards | kept
        assert not any(shelf.traces() for shelf in self.shelves)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=int(os.environ.get("CONFERE_LIVES", "25")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
