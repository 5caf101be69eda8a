"""A night: window by window, two hundred recordings, failures, deaths; what is kept, what is tried again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from confere import wiring
from confere.acts.desk import Desk
from confere.acts.destroy import destroy
from confere.acts.draft import waiting
from confere.acts.night import draft_all, watch
from confere.acts.offload import Dock, offload_folder
from confere.acts.order import Answer, Order
from confere.acts.queue import Stage, queue
from confere.acts.take_in import take_in
from confere.domain import EngineRecord, SpokenSegment, Word
from confere.errors import (
    ConfereError,
    DamagedModel,
    DamagedObject,
    Destroyed,
    NotAudio,
    UnknownLanguage,
    WorkerLost,
)
from confere.intake.outcome import Silent
from confere.transcribe.decoding import Sound
from confere.transcribe.port import HeardWindow, Sides
from confere.vault import Vault, transcripts, windows
from doubles.clock import FakeClock
from doubles.drafting import AtOnce, Told, bench, length_ms
from doubles.engines import SPEECH_RECORD, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, Study

LENGTH_MS = 3_000
WINDOW_MS = 1_000


@dataclass
class Seconds:
    """Hears one sentence a second, a window each; ``before`` is called before every window of a recording."""

    before: Callable[[int], None] = lambda _number: None
    record: EngineRecord = SPEECH_RECORD
    heard: list[int] = field(default_factory=list)
    asked: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

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
        self.asked.append((tuple(words), sides))
        duration_ms = length_ms(sound)
        count = duration_ms // WINDOW_MS
        for number in range(int(after or 0) + 1, count + 1):
            self.before(number)
            self.heard.append(number)
            end_ms = number * WINDOW_MS
            word = Word(f"Frase{number}.", end_ms - 900, end_ms - 100, 0.123456789 * number % 1)
            spoken = SpokenSegment(
                end_ms - 900, end_ms - 100, "pt", word.text, (word,), -0.1, 0.01, ("loop",)
            )
            length = duration_ms if number == count else None
            yield HeardWindow(number, (spoken,), end_ms, str(number), length)


@pytest.fixture
def desk(study: Study, tmp_path: Path) -> Iterator[Desk]:
    """A lead, and one recording of three seconds."""
    write_tone(tmp_path / "card" / "1.wav", seconds=LENGTH_MS / 1000)
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, tmp_path / "card", Silent(), keep=False)
    at = study.desk("lena")
    take_in(at)
    yield at
    at.vault.close()


def only(desk: Desk) -> str:
    """The recording."""
    [one] = waiting(desk)
    return one.id


def multiply(desk: Desk, count: int) -> list[str]:
    """Make so many recordings of the one: the same sealed object under other names."""
    first = waiting(desk)[0]
    folder = desk.vault.locked.storage.root / "recordings"
    columns = [row["name"] for row in desk.catalog.rows("PRAGMA table_info(recordings)")]
    ids = [first.id]
    for number in range(1, count):
        id_ = f"{number:016}"
        shutil.copytree(folder / first.id, folder / id_)
        values = ", ".join({"id": "?1", "part": "?2", "sha256": "?1"}.get(c, c) for c in columns)
        desk.catalog.run(
            f"INSERT INTO recordings SELECT {values} FROM recordings WHERE id = ?3",
            (id_, number + 1, first.id),
        )
        ids.append(id_)
    return ids


def night(desk: Desk, engine: Any, hands: int = 1, told: Told | None = None) -> list[Any]:
    """Draft what waits, and return what became of each."""
    work = bench(desk, engine, FakeTranslationEngine()).work
    told = told or Told()
    returned = draft_all(desk, waiting(desk), [AtOnce()] * hands, work, told)
    assert [replace(each, draft=None) for each in told.outcomes] == returned
    return told.outcomes


def content(desk: Desk, recording: str) -> object:
    """What of a draft must not depend on how it was made."""
    return replace(transcripts.get_draft(desk.catalog, recording), drafted_at="")


def test_a_recording_is_drafted_window_by_window(desk: Desk) -> None:
    """Each window is kept before the next begins, and none is left when the draft is whole."""
    one = only(desk)
    kept: list[int] = []

    def before(_number: int) -> None:
        kept.append(len(windows.list_windows(desk.catalog, one)[1]))

    told = Told()
    [outcome] = night(desk, Seconds(before), told=told)
    assert kept == [0, 1, 2]
    assert windows.list_windows(desk.catalog, one) == ("", [])
    assert [s.text for s in outcome.draft.transcription.segments] == [
        "Frase1.", "Frase2.", "Frase3."
    ]  # fmt: skip
    assert outcome.draft.targets == ("say Frase1.", "say Frase2.", "say Frase3.")
    assert told.began == [one]
    assert told.went_to == [
        (one, 0, LENGTH_MS), (one, 1_000, LENGTH_MS), (one, 2_000, LENGTH_MS),
        (one, LENGTH_MS, LENGTH_MS),
    ]  # fmt: skip
    segments = transcripts.get_transcript(desk.catalog, one).segments
    assert [s.marks for s in segments] == [("loop",)] * 3


def test_a_night_that_was_cut_off_goes_on_behind_the_last_window(desk: Desk, study: Study) -> None:
    """Cut off before any window, the next night hears that one and those after; the draft is the same."""
    one = only(desk)
    multiply(desk, 4)
    whole = Seconds()
    bench_all = night(desk, whole, told=Told())
    drafts = {o.recording.id: content(desk, o.recording.id) for o in bench_all}
    assert len(set(map(repr, drafts.values()))) == 1
    assert one in drafts
    for cut in (1, 2, 3):
        copy = study_with(study, desk, cut)
        engine = Seconds(cut_at(cut))
        with pytest.raises(KeyboardInterrupt):
            night(desk, engine)
        again = Seconds()
        [outcome] = night(desk, again)
        assert engine.heard + again.heard == [1, 2, 3]
        assert content(desk, copy) == drafts[one]
        assert outcome.recording.id == copy


def cut_at(number: int) -> Callable[[int], None]:
    """Stop everything before a window."""

    def before(now: int) -> None:
        if now == number:
            raise KeyboardInterrupt

    return before


def study_with(study: Study, desk: Desk, number: int) -> str:
    """Give the vault one more recording that waits, and return it."""
    source = desk.catalog.value("SELECT id FROM recordings ORDER BY part LIMIT 1")
    folder = study.root / "recordings"
    id_ = f"c{number:015}"
    shutil.copytree(folder / source, folder / id_)
    columns = [row["name"] for row in desk.catalog.rows("PRAGMA table_info(recordings)")]
    values = ", ".join({"id": "?1", "part": "?2", "sha256": "?1"}.get(c, c) for c in columns)
    desk.catalog.run(
        f"INSERT INTO recordings SELECT {values} FROM recordings WHERE id = ?3",
        (id_, 100 + number, source),
    )
    return id_


def test_two_hundred_recordings_and_some_that_fail(desk: Desk) -> None:
    """Each failure is told and stands in the queue; a second night takes only what failed."""
    ids = multiply(desk, 200)
    broken = {ids[n]: error for n, error in zip((0, 7, 77, 199), _errors(), strict=True)}
    now: list[str] = []

    class Picky(Told):
        def begun(self, recording: Any) -> None:
            now[:] = [recording.id]
            super().begun(recording)

    def before(number: int) -> None:
        if number == 2 and now[0] in broken:
            raise broken[now[0]]

    told = Picky()
    outcomes = night(desk, Seconds(before), told=told)
    assert len(outcomes) == len(told.outcomes) == 200
    failed = {o.recording.id: o.error for o in outcomes if o.error is not None}
    assert set(failed) == set(broken)
    for id_, error in failed.items():
        if isinstance(broken[id_], ConfereError):
            assert type(error) is type(broken[id_])
            assert (error.message, error.hint) == (broken[id_].message, broken[id_].hint)
        else:
            assert error.message == "drafting failed (RuntimeError)"  # and not what it said
    shown = {w.recording_id: w.detail for w in queue(desk) if w.stage is Stage.TROUBLE}
    assert shown == {id_: error.message for id_, error in failed.items()}
    again = Seconds()
    assert {o.recording.id for o in night(desk, again)} == set(broken)
    assert again.heard == [2, 3] * 4  # their first windows were kept
    assert not [w for w in queue(desk) if w.stage in (Stage.TROUBLE, Stage.DRAFTING)]


def _errors() -> list[Any]:
    return [
        NotAudio("it", "broken"),
        DamagedObject("chunk 7 does not open", "audio.age"),
        UnknownLanguage(("pt",), "hi"),
        RuntimeError("Frase secreta"),
    ]


def test_other_words_or_engines_begin_anew(desk: Desk) -> None:
    """Windows by another word list or another model are of no use; those of the same are."""
    one = only(desk)
    with pytest.raises(KeyboardInterrupt):
        night(desk, Seconds(cut_at(3)))
    assert len(windows.list_windows(desk.catalog, one)[1]) == 2
    other = Seconds(cut_at(3), replace(SPEECH_RECORD, model_digest="5" * 64))
    with pytest.raises(KeyboardInterrupt):
        night(desk, other)
    assert other.heard == [1, 2]
    from confere.acts.words.changing import add_entry
    from confere.domain.words import WordEntry, WordStatus

    add_entry(desk, WordEntry("posto", "health post", WordStatus.REQUIRED))
    add_entry(desk, WordEntry("coisa", "thing", WordStatus.FORBIDDEN))
    last = Seconds(record=other.record)
    [outcome] = night(desk, last)
    assert last.heard == [1, 2, 3]
    assert last.asked == [(("posto",), "auto")]
    parameters = {**SPEECH_RECORD.parameters, "word_list": 2}
    assert outcome.draft.speech == replace(other.record, parameters=parameters)


class Deadly(AtOnce):
    """A hand whose process dies before it answers some of its orders."""

    def __init__(self, deaths: list[int]) -> None:
        self.deaths, self.orders = deaths, 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it, or die."""
        self.orders += 1
        if self.orders in self.deaths:
            future: Future[Any] = Future()
            future.set_exception(BrokenExecutor("gone"))
            return future
        return super().submit(fn, *args, **kwargs)


def test_a_worker_that_dies_is_asked_again_and_then_given_up(desk: Desk) -> None:
    """One death costs a window and is not even told; a second at the same one fails the recording."""
    ids = multiply(desk, 3)
    engine = Seconds()
    work = bench(desk, engine, FakeTranslationEngine()).work
    hand: Executor = Deadly([2, 5, 6])
    outcomes = draft_all(desk, waiting(desk), [hand], work, Told())
    assert [type(o.error) for o in outcomes] == [type(None), WorkerLost, type(None)]
    assert [o.recording.id for o in outcomes] == ids
    assert engine.heard == [1, 2, 3, 1, 2, 3]


def test_what_hinders_every_recording_ends_the_night(desk: Desk) -> None:
    """A damaged model is no recording's trouble."""
    multiply(desk, 3)

    def before(_number: int) -> None:
        raise DamagedModel("small", "model.bin has another digest")

    with pytest.raises(DamagedModel, match=r"model\.bin"):
        night(desk, Seconds(before))
    assert len(waiting(desk)) == 3
    assert {w.stage for w in queue(desk)} == {Stage.DRAFTING}


def test_a_recording_destroyed_meanwhile_takes_no_window(desk: Desk) -> None:
    """What was under way is refused, and nothing of it is left; the others go on."""
    one, other = multiply(desk, 2)

    def before(number: int) -> None:
        if number == 3 and waiting(desk)[0].id == one:
            destroy(desk, one, "consent withdrawn")

    outcomes = night(desk, Seconds(before))
    assert isinstance(outcomes[0].error, Destroyed)
    assert outcomes[1].error is None
    assert windows.list_windows(desk.catalog, one) == ("", [])
    assert transcripts.has_draft(desk.catalog, other)


def test_another_object_than_was_sealed_is_not_drafted(desk: Desk) -> None:
    """A copy of an object that is not the one that was proven is told as damaged."""
    one = only(desk)
    path = desk.vault.locked.storage.root / "recordings" / one / "audio.age"
    path.write_bytes(path.read_bytes()[:-1])
    [outcome] = night(desk, Seconds())
    assert isinstance(outcome.error, DamagedObject)
    assert "not the one that was sealed" in outcome.error.message


def test_watching_takes_in_what_comes_and_leaves_what_failed(
    desk: Desk, study: Study, tmp_path: Path
) -> None:
    """What is offloaded meanwhile is drafted in the next round; what failed is not tried again."""
    first = only(desk)
    rounds: list[set[str]] = []
    engine = Seconds()

    def fail(_number: int) -> None:
        if not rounds:
            raise NotAudio("it")

    engine.before = fail

    def rest() -> bool:
        rounds.append({w.recording_id for w in queue(desk) if w.counts})
        if len(rounds) == 1:
            write_tone(tmp_path / "card" / "2.wav", seconds=2, pitch_hz=500)
            dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
            offload_folder(dock, tmp_path / "card", Silent(), keep=False)
        return len(rounds) < 3

    work = bench(desk, engine, FakeTranslationEngine()).work
    outcomes = watch(desk, [AtOnce()], work, Told(), rest)
    assert [type(o.error) for o in outcomes] == [NotAudio, type(None)]
    assert rounds[0] == set()
    assert rounds[1] == rounds[2] == {outcomes[1].recording.id}
    assert [w.id for w in waiting(desk)] == [first]


def test_orders_and_answers_survive_their_journey_to_the_bit(desk: Desk) -> None:
    """Bytes and back are the same order and the same answer; a stranger's bytes are neither."""
    from confere.acts.draft import Chain

    chain = Chain(desk, only(desk))
    order = chain.order()
    assert Order.from_bytes(order.to_bytes()) == order
    assert order.key not in repr(order)
    answer = Answer.from_bytes(
        bench(desk, Seconds(), FakeTranslationEngine()).work(order.to_bytes())
    )
    assert Answer.from_bytes(answer.to_bytes()) == answer
    assert answer.segments[0].words[0].probability == 0.123456789
    chain.take(answer)
    assert Order.from_bytes(chain.order().to_bytes()) == chain.order()
    chain.give_up()
    for stranger in (b"", b"[]", b"{}", b'{"format": 2}', b'{"format": 1}'):
        with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
            Answer.from_bytes(stranger)
