"""How far a draft is: seen by others while it is made, with an estimate; and gone, or told as stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest

from confere.acts import draft as drafts
from confere.acts.desk import Desk
from confere.acts.draft import draft
from confere.acts.drafting import QUIET_FOR, Drafted
from confere.acts.queue import Stage, queue
from confere.domain import EngineRecord, Transcription
from confere.errors import NotAudio
from confere.transcribe.port import Progress
from confere.vault import drafting as kept
from confere.vault.catalog import Catalog
from doubles.engines import SPEECH_RECORD, TRANSLATION_RECORD, FakeSpeechEngine
from doubles.teams import LINES, Team

LENGTH_MS = 12_000


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
class SlowSpeech:
    """Hears a third at a time, each in so many seconds; ``look`` is called after each."""

    watch: Watch
    look: Callable[[], object]
    seconds: float = 40
    record: EngineRecord = SPEECH_RECORD

    def transcribe(
        self, audio: BinaryIO, *, languages: Sequence[str], progress: Progress
    ) -> Transcription:
        """Return the lines of a fake."""
        for third in range(3):
            progress(LENGTH_MS * third // 3, LENGTH_MS)
            self.look()
            self.watch.passes(self.seconds)
        return FakeSpeechEngine(LINES).transcribe(
            audio, languages=languages, progress=lambda *_: None
        )


@dataclass
class SlowTranslation:
    """Takes some seconds for whatever it is given at once."""

    watch: Watch
    look: Callable[[], object]
    seconds: float = 15
    source: str = "pt"
    target: str = "en"
    record: EngineRecord = TRANSLATION_RECORD
    given: list[int] = field(default_factory=list)

    def translate(self, sentences: Sequence[str]) -> tuple[str, ...]:
        """Return something for each."""
        self.look()
        self.given.append(len(sentences))
        self.watch.passes(self.seconds)
        return tuple(f"say {sentence}" for sentence in sentences)


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


def test_others_see_how_far_it_is(
    at: Desk,
    watch: Watch,
    seen: Callable[[str], Drafted | None],
    recordings: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before, in both stages with an estimate from the speed so far, and nothing of it afterwards."""
    monkeypatch.setattr(drafts, "TRANSLATED_AT_ONCE", 2)
    at.catalog.run("DELETE FROM draft_speeds")
    [one] = recordings[2:]
    shots: list[Drafted | None] = []
    assert seen(one) == Drafted("waiting")

    def look() -> None:
        shots.append(seen(one))

    draft(at, one, SlowSpeech(watch, look), SlowTranslation(watch, look), lambda *_: None)
    found = [(d.stage, d.done_ms, d.of_ms, d.left_ms) for d in shots if d]
    assert found == [
        ("transcribing", 0, 0, None),  # it has just begun, and nothing was drafted here before
        ("transcribing", 4_000, LENGTH_MS, 80_000),
        ("transcribing", 8_000, LENGTH_MS, 40_000),
        ("translating", 0, LENGTH_MS, None),
        ("translating", 9_000, LENGTH_MS, 5_000),
    ]
    assert {d.by for d in shots if d} == {"lena"}
    assert seen(one) is None
    assert kept.list_drafting(at.catalog) == {}
    assert kept.speed_of(at.catalog, os.uname().nodename) == (LENGTH_MS, 120_000, 30_000)


def test_the_next_is_estimated_from_the_last(
    at: Desk, watch: Watch, seen: Callable[[str], Drafted | None], recordings: list[str]
) -> None:
    """Before it begins, at its beginning, and of the translation while it is transcribed; of five."""
    here = os.uname().nodename
    at.catalog.run("DELETE FROM draft_speeds")
    kept.add_speed(at.catalog, here, kept.Speed(1, 1_000_000, 0))
    for _ in range(5):
        kept.add_speed(at.catalog, here, kept.Speed(60_000, 120_000, 30_000))
    kept.add_speed(at.catalog, "elsewhere", kept.Speed(1, 1_000_000, 0))
    [one] = recordings[2:]
    assert seen(one) == Drafted("waiting", left_ms=30_000)
    left: list[int | None] = []

    def look() -> None:
        it = seen(one)
        left.append(it.left_ms if it else None)

    draft(at, one, SlowSpeech(watch, look, 4), SlowTranslation(watch, look), lambda *_: None)
    # 24 s and 6 s at first; then three times as fast as the last ones.
    assert left == [30_000, 8_000 + 6_000, 4_000 + 6_000, 6_000]


def test_it_is_written_now_and_then(at: Desk, watch: Watch, recordings: list[str]) -> None:
    """However often an engine tells how far it is; and nobody who writes meanwhile is waited for."""
    told: list[int] = []
    put = kept.put_drafting

    class Chatty(SlowSpeech):
        """Tells every tenth of a second."""

        def transcribe(
            self, audio: BinaryIO, *, languages: Sequence[str], progress: Progress
        ) -> Transcription:
            """Return the lines of a fake."""
            for done in range(0, LENGTH_MS, 100):
                watch.passes(0.1)
                progress(done, LENGTH_MS)
            return FakeSpeechEngine(LINES).transcribe(
                audio, languages=languages, progress=lambda *_: None
            )

    def counted(catalog: Catalog, drafting: kept.Drafting) -> None:
        told.append(drafting.done_ms)
        put(catalog, drafting)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "put_drafting", counted)
        draft(
            at,
            recordings[2],
            Chatty(watch, lambda: None),
            SlowTranslation(watch, lambda: None),
            lambda *_: None,
        )
    assert told == [0, 2_900, 5_900, 8_900, 11_900, 0, 12_000]


def test_nobody_who_writes_is_waited_for(at: Desk, team: Team, recordings: list[str]) -> None:
    """What cannot be told just now is told later; who drafts goes on at once."""
    other = team["vera"]
    row = kept.Drafting(recordings[2], "lena", "here", 1, "transcribing", at.now(), at.now(), 1, 2)
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
        draft(
            at, one, SlowSpeech(watch, fails), SlowTranslation(watch, lambda: None), lambda *_: None
        )
    assert kept.list_drafting(at.catalog) == {}
    failed = next(w for w in queue(at) if w.recording_id == one)
    assert (failed.stage, failed.drafting and failed.drafting.stage) == (Stage.TROUBLE, "waiting")

    def row(machine: str, process: int) -> None:
        now = at.now()
        told = kept.Drafting(one, "lena", machine, process, "transcribing", now, now, 1_000, 2_000)
        kept.put_drafting(at.catalog, told)

    def stands() -> str:
        it = seen(one)
        assert it is not None
        return it.stage

    row(os.uname().nodename, os.getpid())
    assert stands() == "transcribing"
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    row(os.uname().nodename, child)
    assert stands() == "stopped"
    row("elsewhere", child)
    assert stands() == "transcribing"
    watch.passes(QUIET_FOR.total_seconds() + 1)
    assert stands() == "stopped"
