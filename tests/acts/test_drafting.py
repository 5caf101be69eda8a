"""How far a draft is: seen by others while it is made, with an estimate; and gone, or told as stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from confere.acts.desk import Desk
from confere.acts.draft import Chain
from confere.acts.drafting import QUIET_FOR, Drafted
from confere.acts.order import Answer
from confere.acts.queue import Stage, queue
from confere.acts.words.changing import add_entry
from confere.domain import EngineRecord
from confere.domain.words import WordEntry, WordStatus
from confere.errors import NotAudio, NotReady
from confere.transcribe.decoding import Sound
from confere.transcribe.port import HeardWindow, Sides
from confere.vault import drafting as kept
from doubles.drafting import AtOnce, Told, bench, draft
from doubles.engines import SPEECH_RECORD, FakeTranslationEngine
from doubles.teams import Team

LENGTH_MS = 12_000
HERE = os.uname().nodename


class Watch:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Thirds:
    """Hears a recording in three windows of silence; ``look`` is called before each."""

    look: Callable[[], object]
    record: EngineRecord = SPEECH_RECORD
    begun_after: list[str | None] = field(default_factory=list)

    def windows(
        self,
        sound: Sound,
        *,
        languages: Sequence[str],
        words: Sequence[str] = (),
        sides: Sides = "auto",
        after: str | None = None,
    ) -> Iterator[HeardWindow]:
        """Yield them."""
        self.begun_after.append(after)
        for third in range(int(after or 0) + 1, 4):
            self.look()
            done_ms = LENGTH_MS * third // 3
            yield HeardWindow(third, (), done_ms, str(third), LENGTH_MS if third == 3 else None)


@pytest.fixture
def watch() -> Watch:
    """The time."""
    return Watch()


@pytest.fixture
def at(team: Team, recordings: list[str], watch: Watch) -> Desk:
    """A lead who drafts, by that clock."""
    return Desk(team["lena"].vault, watch)


@pytest.fixture
def seen(team: Team, recordings: list[str], watch: Watch) -> Callable[[str], Drafted | None]:
    """How somebody else, in another process, sees a recording's draft."""
    other = Desk(team["ivo"].vault, watch)

    def look(recording: str) -> Drafted | None:
        return next(w.drafting for w in queue(other) if w.recording_id == recording)

    return look


@pytest.fixture
def windows_take(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Has every window take so many seconds, as its worker tells."""

    def take(seconds: float) -> None:
        told = Teller_told

        def slowly(self: object, done_ms: int, took_ms: int) -> None:
            told(self, done_ms, round(seconds * 1000))

        monkeypatch.setattr("confere.acts.drafting.Teller.told", slowly)

    from confere.acts.drafting import Teller

    Teller_told: Callable[..., None] = Teller.told
    return take


def test_others_see_how_far_it_is(
    at: Desk,
    watch: Watch,
    seen: Callable[[str], Drafted | None],
    windows_take: Callable[[float], None],
    recordings: list[str],
) -> None:
    """Before, after each window with an estimate from the speed so far, and nothing of it afterwards."""
    at.catalog.run("DELETE FROM draft_speeds")
    windows_take(40)
    [one] = recordings[2:]
    shots: list[Drafted | None] = []
    assert seen(one) == Drafted("waiting")

    def look() -> None:
        shots.append(seen(one))

    draft(at, one, Thirds(look), FakeTranslationEngine())
    found = [(d.stage, d.done_ms, d.of_ms, d.left_ms) for d in shots if d]
    assert found == [
        ("drafting", 0, LENGTH_MS, None),  # it has just begun, and nothing was drafted here before
        ("drafting", 4_000, LENGTH_MS, 80_000),
        ("drafting", 8_000, LENGTH_MS, 40_000),
    ]
    assert {d.by for d in shots if d} == {"lena"}
    assert seen(one) is None
    assert kept.list_drafting(at.catalog) == {}
    assert kept.speed_of(at.catalog, HERE) == kept.Speed(LENGTH_MS, 120_000)


def test_the_next_is_estimated_from_the_last(
    at: Desk,
    watch: Watch,
    seen: Callable[[str], Drafted | None],
    windows_take: Callable[[float], None],
    recordings: list[str],
) -> None:
    """Before it begins and at its beginning, from five drafts with the same model; then from itself."""
    at.catalog.run("DELETE FROM draft_speeds")
    kept.add_speed(at.catalog, HERE, "new", kept.Speed(1, 1_000_000))
    kept.add_speed(at.catalog, HERE, "old", kept.Speed(1, 1_000_000))
    for _ in range(4):
        kept.add_speed(at.catalog, HERE, "new", kept.Speed(60_000, 150_000))
    kept.add_speed(at.catalog, "elsewhere", "new", kept.Speed(1, 1_000_000))
    windows_take(4)
    [one] = recordings[2:]
    assert seen(one) == Drafted("waiting", left_ms=30_000)
    left: list[int | None] = []

    def look() -> None:
        it = seen(one)
        left.append(it.left_ms if it else None)
        watch.passes(1)

    draft(at, one, Thirds(look), FakeTranslationEngine())
    assert left == [30_000, 8_000, 4_000]


def test_what_was_done_before_counts_as_done_and_not_as_fast(
    at: Desk,
    seen: Callable[[str], Drafted | None],
    windows_take: Callable[[float], None],
    recordings: list[str],
) -> None:
    """Who goes on with a draft tells all that is done, and estimates from what they did themselves."""
    at.catalog.run("DELETE FROM draft_speeds")
    windows_take(10)
    [one] = recordings[2:]
    shots: list[Drafted | None] = []

    def pulled() -> None:
        if len(shots) == 1:
            raise KeyboardInterrupt
        shots.append(seen(one))

    with pytest.raises(KeyboardInterrupt):
        draft(at, one, Thirds(pulled), FakeTranslationEngine())
    assert kept.list_drafting(at.catalog) == {}
    shots.clear()
    engine = Thirds(lambda: shots.append(seen(one)))
    draft(at, one, engine, FakeTranslationEngine())
    assert engine.begun_after == ["1"]
    found = [(d.done_ms, d.left_ms) for d in shots if d]
    assert found == [(4_000, None), (8_000, 10_000)]
    assert kept.speed_of(at.catalog, HERE) == kept.Speed(8_000, 20_000)


def test_nobody_who_writes_is_waited_for(at: Desk, team: Team, recordings: list[str]) -> None:
    """What cannot be told just now is told later; who drafts goes on at once."""
    other = team["vera"]
    row = kept.Drafting(recordings[2], "lena", "here", 1, at.now(), 1, 2, 1, 1)
    with other.catalog.transaction():
        kept.put_drafting(at.catalog, row)
    assert kept.list_drafting(at.catalog) == {}
    kept.put_drafting(at.catalog, row)
    assert kept.list_drafting(other.catalog) == {recordings[2]: row}
    assert at.catalog.value("PRAGMA busy_timeout") == 30_000


def test_what_failed_is_forgotten_and_what_was_killed_is_told(
    at: Desk, watch: Watch, seen: Callable[[str], Drafted | None], recordings: list[str]
) -> None:
    """An error leaves no progress behind; a process that is gone, or silent for long, has stopped."""
    [one] = recordings[2:]

    def fails() -> None:
        raise NotAudio("it")

    with pytest.raises(NotAudio):
        draft(at, one, Thirds(fails), FakeTranslationEngine())
    assert kept.list_drafting(at.catalog) == {}
    failed = next(w for w in queue(at) if w.recording_id == one)
    assert (failed.stage, failed.drafting and failed.drafting.stage) == (Stage.TROUBLE, "waiting")

    def row(machine: str, process: int) -> None:
        told = kept.Drafting(one, "lena", machine, process, at.now(), 1_000, 2_000, 1_000, 1)
        kept.put_drafting(at.catalog, told)

    def stands() -> str:
        it = seen(one)
        assert it is not None
        return it.stage

    row(HERE, os.getpid())
    assert stands() == "drafting"
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    row(HERE, child)
    assert stands() == "stopped"
    row("elsewhere", child)
    assert stands() == "drafting"
    watch.passes(QUIET_FOR.total_seconds() + 1)
    assert stands() == "stopped"


def test_two_do_not_draft_the_same(at: Desk, team: Team, recordings: list[str]) -> None:
    """Who comes second is told where it is drafted; once that has stopped, they go on."""
    [one] = recordings[2:]
    first = Chain(at, one)
    [second] = bench_outcomes(team["ivo"], one)
    assert isinstance(second, NotReady)
    assert f"is being drafted on {HERE}, by lena" in second.message
    assert kept.list_drafting(at.catalog)[one].by == "lena"
    first.give_up()
    assert bench_outcomes(team["ivo"], one) == [None]


def bench_outcomes(desk: Desk, one: str) -> list[object]:
    """Draft a recording as somebody, and return what went wrong."""
    from confere.acts.night import draft_all
    from confere.vault.register import get_recording

    work = bench(desk, Thirds(lambda: None), FakeTranslationEngine()).work
    outcomes = draft_all(desk, [get_recording(desk.catalog, one)], [AtOnce()], work, Told())
    return [outcome.error for outcome in outcomes]


def test_who_was_away_too_long_does_not_disturb_who_went_on(
    at: Desk, team: Team, watch: Watch, recordings: list[str]
) -> None:
    """A laptop that was closed for an hour is refused its window, and spoils nothing of the other's."""
    [one] = recordings[2:]
    asleep = Chain(at, one)
    late = bench(at, Thirds(lambda: None), FakeTranslationEngine())
    asleep.take(Answer.from_bytes(late.work(asleep.order().to_bytes())))
    answer = Answer.from_bytes(late.work(asleep.order().to_bytes()))
    watch.passes(QUIET_FOR.total_seconds() + 1)
    other = Desk(team["ivo"].vault, watch)
    awake = Chain(other, one)
    assert awake.done_ms == 4_000
    with_it = bench(other, Thirds(lambda: None), FakeTranslationEngine())
    awake.take(Answer.from_bytes(with_it.work(awake.order().to_bytes())))
    with pytest.raises(NotReady, match="elsewhere, too"):
        asleep.take(answer)
    last = Answer.from_bytes(with_it.work(awake.order().to_bytes()))
    assert awake.take(last) is not None
    with pytest.raises(NotReady, match="elsewhere, too"):
        asleep.take(answer)
    found = next(w for w in queue(at) if w.recording_id == one)
    assert (found.stage, found.detail) == (Stage.SIGNATURE, "")  # there is nothing to correct in it


def test_who_is_refused_forgets_nothing_of_who_drafts(
    at: Desk, team: Team, recordings: list[str]
) -> None:
    """With another word list its windows would be of no use; but they are not the second one's."""
    [one] = recordings[2:]
    first = Chain(at, one)
    late = bench(at, Thirds(lambda: None), FakeTranslationEngine())
    first.take(Answer.from_bytes(late.work(first.order().to_bytes())))
    add_entry(at, WordEntry("posto", "health post", WordStatus.REQUIRED))
    with pytest.raises(NotReady, match="is being drafted on"):
        Chain(team["ivo"], one)
    assert first.take(Answer.from_bytes(late.work(first.order().to_bytes()))) is None
    first.give_up()
    assert Chain(team["ivo"], one).done_ms == 0  # now they are, and it begins anew
