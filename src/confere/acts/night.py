"""The night: everything that waits is drafted, window by window, by as many hands as there are.

A hand is an executor (`concurrent.futures.Executor`) that drafts one recording at a time: a process of
this machine, or a worker elsewhere. Only here are the vault and its keys; a hand is given one window of one
recording and the key of that one. A recording that fails stops no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from typing import Protocol

from confere.acts.desk import Desk
from confere.acts.draft import Chain, tell_trouble, waiting
from confere.acts.drafting import is_under_way
from confere.acts.order import Answer, OtherEngines
from confere.domain import Draft, Recording, Role
from confere.errors import (
    ClusterProblem,
    ConfereError,
    DamagedCatalog,
    DamagedModel,
    DiskFull,
    ModelMissing,
    PracticeOnly,
    Refused,
    WorkerLost,
)

#: What a hand runs: an order in, an answer out (`confere.acts.order`).
Work = Callable[[bytes], bytes]

#: These are no recording's: with them every other would fail, too, so the night ends.
_FOR_ALL = (
    ModelMissing, DamagedModel, PracticeOnly, DiskFull, DamagedCatalog, ClusterProblem,
)  # fmt: skip
#: A worker that dies at a window twice is killed by it, as when memory runs out.
_DEATHS = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording: its draft, or the error that stands in the queue.

    The draft is told to the listener only, and not held any longer.
    """

    recording: Recording
    draft: Draft | None
    error: ConfereError | None


class Listener(Protocol):
    """Is told how the night goes."""

    def begun(self, recording: Recording) -> None:
        """A hand has taken it."""
        ...

    def went(self, recording: Recording, done_ms: int, of_ms: int) -> None:
        """So much of it is done; ``of_ms`` is 0 where that is not known."""
        ...

    def ended(self, outcome: Outcome) -> None:
        """It is drafted, or failed."""
        ...


def draft_all(
    desk: Desk,
    recordings: Iterable[Recording],
    hands: Sequence[Executor],
    work: Work,
    listener: Listener,
) -> list[Outcome]:
    """Draft these recordings and return what became of each, in the order in which they ended.

    What goes wrong with one is kept with it, so that the queue shows it; the windows that were done
    stay, and whoever drafts it again begins behind them. Raises what would hinder every recording (a
    model that is missing or damaged, a full disk); NotAllowed.
    """
    desk.require("draft", Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
    return _Night(desk, deque(recordings), hands, work, listener).through()


def watch(
    desk: Desk,
    hands: Sequence[Executor],
    work: Work,
    listener: Listener,
    rest: Callable[[], bool],
) -> list[Outcome]:
    """Draft what waits, and whatever comes in, as long as ``rest`` says so; it is asked in between.

    What fails is not tried again until it is asked for anew: a restart tries it. Nor is what somebody
    else drafts just now; once they have stopped, it is. Raises as `draft_all`.
    """
    from confere.acts.take_in import take_in

    outcomes: list[Outcome] = []
    failed: set[str] = set()
    while True:
        take_in(desk)
        todo = [
            one for one in waiting(desk) if one.id not in failed and not is_under_way(desk, one.id)
        ]
        outcomes += draft_all(desk, todo, hands, work, listener)
        failed |= {each.recording.id for each in outcomes if each.error is not None}
        if not rest():
            return outcomes


class _Night:
    def __init__(
        self,
        desk: Desk,
        todo: deque[Recording],
        hands: Sequence[Executor],
        work: Work,
        listener: Listener,
    ) -> None:
        self._desk, self._todo, self._work, self._listener = desk, todo, work, listener
        self._free = list(hands)
        self._under_way: dict[Future[bytes], _Going] = {}
        self._outcomes: list[Outcome] = []

    def through(self) -> list[Outcome]:
        """Go on until nothing is left."""
        try:
            while True:
                while self._free and self._todo:
                    self._begin(self._free.pop(), self._todo.popleft())
                if not self._under_way:
                    return self._outcomes
                done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(future, self._under_way.pop(future))
        except BaseException:
            for going in self._under_way.values():
                going.chain.give_up()
            raise

    def _begin(self, hand: Executor, recording: Recording) -> None:
        try:
            chain = Chain(self._desk, recording.id)
        except ConfereError as error:
            if isinstance(error, _FOR_ALL):
                raise
            if not isinstance(error, Refused):  # then the recording is as it was
                tell_trouble(self._desk, recording.id, error)
            self._free.append(hand)
            self._end(Outcome(recording, None, error))
            return
        self._listener.begun(recording)
        self._submit(_Going(hand, recording, chain))

    def _submit(self, going: _Going) -> None:
        self._listener.went(going.recording, going.chain.done_ms, going.recording.duration_ms)
        order = going.chain.order().to_bytes()
        self._under_way[going.hand.submit(self._work, order)] = going

    def _take(self, future: Future[bytes], going: _Going) -> None:
        """Keep what a hand answered, and have it go on with the same recording or with another."""
        chain = going.chain
        try:
            made = chain.take(_read(future.result()))
            going.deaths = 0
        except OtherEngines:
            chain.begin_anew()
            made = None
        except BrokenExecutor:
            going.deaths += 1
            if going.deaths >= _DEATHS:
                self._fail(going, WorkerLost())
                return
            made = None
        except ConfereError as error:
            if isinstance(error, _FOR_ALL):
                chain.give_up()
                raise
            self._fail(going, error)
            return
        except BaseException:
            chain.give_up()
            raise
        if made is None:
            self._submit(going)
            return
        self._free.append(going.hand)
        self._listener.went(going.recording, chain.done_ms, chain.done_ms)
        self._end(Outcome(going.recording, made, None))

    def _fail(self, going: _Going, error: ConfereError) -> None:
        going.chain.fail(error)
        self._free.append(going.hand)
        self._end(Outcome(going.recording, None, error))

    def _end(self, outcome: Outcome) -> None:
        self._listener.ended(outcome)
        # Of two hundred drafts not one is held: each is megabytes, and lies in the catalog.
        self._outcomes.append(replace(outcome, draft=None))


def _read(answer: bytes) -> Answer:
    try:
        return Answer.from_bytes(answer)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfereError("a worker answered with something that is no window") from None


@dataclass(slots=True)
class _Going:
    """A recording in a hand."""

    hand: Executor
    recording: Recording
    chain: Chain
    deaths: int = 0
