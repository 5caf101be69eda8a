"""How the machine is used: by rules, by a few trials, and as it was found the last time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType

import pytest

from confere.domain.settings import Drafting
from confere.errors import BadValue, ProgramMissing
from confere.models.store import BUNDLED
from confere.transcribe.machine import Case, Choice, choose, describe, remembered
from confere.transcribe.measure import Meter, Model, Plan, Speed, answer
from confere.transcribe.this_machine import Machine
from confere.vault import Storage

SIX = Machine("a processor", 6, "AVX2", 16 << 30, (), 0.1)
CPU = {"cpu": ["float32", "int8"]}
BOTH = {**CPU, "cuda": ["float16", "float32", "int8", "int8_float16"]}

HowFast = Callable[[Plan], float]


class FakeMeter:
    """A `Meter` whose trials take the time that a function says; 0 for a trial that fails."""

    def __init__(self, fast: HowFast, types: dict[str, list[str]]) -> None:
        self.fast, self.types = fast, types
        self.tried: list[tuple[Plan, int]] = []

    def __call__(self, *_: object) -> FakeMeter:
        return self

    def __enter__(self) -> FakeMeter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def compute_types(self) -> dict[str, list[str]]:
        return self.types

    def try_out(self, plan: Plan, audio_s: int) -> Speed | None:
        self.tried.append((plan, audio_s))
        speed = self.fast(plan)
        return Speed(audio_s, audio_s / speed, 0.0, 0) if speed else None


@pytest.fixture
def shelf(tmp_path: Path) -> Storage:
    """The account's state folder."""
    (tmp_path / "state").mkdir()
    return Storage(tmp_path / "state")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A model without weights, settings that leave all open, six processors."""
    (tmp_path / "model").mkdir()
    model = Model(tmp_path / "model", "small", "d" * 64, {})
    return Case(model, Drafting(), ("pt", "en"), SIX)


def chosen(
    case: Case,
    shelf: Storage,
    fast: HowFast = lambda plan: 10.0,
    types: dict[str, list[str]] = CPU,
) -> tuple[Choice, FakeMeter]:
    """What is chosen, and the trials that it took."""
    meter = FakeMeter(fast, types)
    return choose(case, shelf, [], meter=meter), meter  # type: ignore[arg-type]


def wanting(case: Case, **values: object) -> Case:
    """The case with other settings."""
    return replace(case, wanted=replace(case.wanted, **values))  # type: ignore[arg-type]


def test_the_fastest_share_of_the_processors_is_taken(case: Case, shelf: Storage) -> None:
    """Six processors: of one batch, of two, of six at a time, whichever hears most."""
    choice, meter = chosen(case, shelf, lambda plan: 10.0 + (plan.parallel == 2) * 3)

    assert {(plan.threads, plan.parallel) for plan, _ in meter.tried} == {(6, 1), (3, 2), (1, 6)}
    assert choice == Choice("cpu", "int8", 3, 2, 8, 1, 13.0)


def test_what_is_hardly_faster_is_left(case: Case, shelf: Storage) -> None:
    """A difference of three in a hundred is chance."""
    choice, _ = chosen(case, shelf, lambda plan: 10.0 + plan.parallel * 0.05)

    assert (choice.threads, choice.parallel) == (6, 1)


def test_nothing_that_is_measured_changes_a_draft(case: Case, shelf: Storage) -> None:
    """Device, type and batch are the same for every trial: a draft that was begun can be gone on with."""
    _, meter = chosen(case, shelf)

    assert len({(plan.device, plan.compute_type, plan.batch) for plan, _ in meter.tried}) == 1


def test_a_second_start_measures_nothing(case: Case, shelf: Storage) -> None:
    """What was found is kept for this model, machine and wish."""
    first, _ = chosen(case, shelf)
    second, meter = chosen(case, shelf, lambda plan: 99.0)

    assert second == first == remembered(case, shelf)
    assert meter.tried == []


@pytest.mark.parametrize(
    "other",
    [
        lambda case: wanting(case, threads=2),
        lambda case: wanting(case, compute_type="float32"),
        lambda case: replace(case, model=replace(case.model, digest="e" * 64)),
        lambda case: replace(case, languages=("pt",)),
        lambda case: replace(case, machine=replace(SIX, processor="another")),
        lambda case: replace(case, machine=replace(SIX, processors=8)),
        lambda case: replace(case, machine=replace(SIX, cards=("0000:01:00.0",))),
    ],
)
def test_another_model_machine_or_wish_is_measured(
    case: Case, shelf: Storage, other: Callable[[Case], Case]
) -> None:
    """What holds for one says nothing of another."""
    chosen(case, shelf)

    assert remembered(other(case), shelf) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: b"",
        lambda value: b"\xff\xfe not JSON",
        lambda value: b"[]",
        lambda value: json.dumps({"for": value["for"]}).encode(),
        lambda value: json.dumps({**value, "for": {**value["for"], "model": "x"}}).encode(),
        lambda value: _with(value, threads=0),
        lambda value: _with(value, threads=True),
        lambda value: _with(value, parallel=100_000),
        lambda value: _with(value, audio_s_per_s=-1.0),
        lambda value: _with(value, audio_s_per_s="fast"),
        lambda value: _with(value, device=["cpu"]),
        lambda value: _with(value, more=1),
    ],
)
def test_a_file_that_says_something_else_is_measured_anew(
    case: Case, shelf: Storage, spoil: Callable[[dict[str, dict[str, object]]], bytes]
) -> None:
    """Whatever lies there, it is replaced by what is true."""
    first, _ = chosen(case, shelf)
    text = spoil(json.loads(shelf.read(case.file_name())))
    shelf.write(case.file_name(), text, replace=True)

    assert remembered(case, shelf) is None
    again, meter = chosen(case, shelf)
    assert again == first
    assert meter.tried
    assert remembered(case, shelf) == first


def _with(value: dict[str, dict[str, object]], **changed: object) -> bytes:
    return json.dumps({**value, "choice": {**value["choice"], **changed}}).encode()


def test_a_slow_model_is_tried_once(case: Case, shelf: Storage) -> None:
    """Where a trial takes minutes, the first plan is taken, and its pace is known."""
    choice, meter = chosen(case, shelf, lambda plan: 1.0)

    assert [audio_s for _, audio_s in meter.tried] == [60]
    assert (choice.threads, choice.parallel, choice.audio_s_per_s) == (6, 1, 1.0)


def test_a_fast_model_is_tried_longer(case: Case, shelf: Storage) -> None:
    """Five minutes, more than a window, where that takes seconds."""
    _, meter = chosen(case, shelf, lambda plan: 40.0)

    assert [audio_s for _, audio_s in meter.tried] == [60, 300, 300, 300]


def test_a_busy_machine_is_measured_again_when_it_is_at_rest(case: Case, shelf: Storage) -> None:
    """What other programs slow down is told, and holds until they are at rest."""
    busy = replace(case, machine=replace(SIX, load=5.0))
    choice, meter = chosen(busy, shelf, lambda plan: 2.0)

    assert choice.busy
    assert len(meter.tried) == 1
    assert "with other programs at work" in describe(busy, choice)[0]
    assert remembered(busy, shelf) == choice
    assert remembered(case, shelf) is None


def test_what_the_study_wants_is_kept_to(case: Case, shelf: Storage) -> None:
    """Threads, batch, workers and type stand; only what is left open is chosen."""
    wishes = wanting(case, threads=2, batch=3, workers=2, compute_type="float32", device="cpu")
    choice, meter = chosen(wishes, shelf, types=BOTH)

    assert {plan.threads for plan, _ in meter.tried} == {2}
    assert (choice.device, choice.compute_type) == ("cpu", "float32")
    assert (choice.threads, choice.batch, choice.workers) == (2, 3, 2)


def test_a_graphics_card_comes_first(case: Case, shelf: Storage) -> None:
    """It computes in 16 bits, and takes larger batches."""
    choice, meter = chosen(case, shelf, lambda plan: 50.0, BOTH)

    assert len(meter.tried) == 1
    assert (choice.device, choice.compute_type, choice.batch) == ("cuda", "float16", 16)
    assert "the graphics card (float16)" in describe(case, choice)[0]


def test_short_of_memory_a_card_takes_small_weights(case: Case, shelf: Storage) -> None:
    """What fails in 16 bits is tried with 8-bit weights."""
    choice, _ = chosen(case, shelf, lambda p: 30.0 * (p.compute_type == "int8_float16"), BOTH)

    assert (choice.device, choice.compute_type) == ("cuda", "int8_float16")


def test_the_processor_takes_the_place_of_a_card_that_fails(case: Case, shelf: Storage) -> None:
    """A driver that is broken costs speed, not the night."""
    wishes = wanting(case, compute_type="float16")
    choice, _ = chosen(wishes, shelf, lambda p: 5.0 * (p.device == "cpu"), BOTH)

    assert (choice.device, choice.compute_type) == ("cpu", "int8")


def test_a_card_that_is_not_there_is_an_error(case: Case, shelf: Storage) -> None:
    """Whoever says cuda means it."""
    with pytest.raises(ProgramMissing, match="graphics card"):
        chosen(wanting(case, device="cuda"), shelf)


def test_a_type_that_the_machine_lacks_is_an_error(case: Case, shelf: Storage) -> None:
    """The hint names those that it has."""
    with pytest.raises(BadValue, match="float16") as raised:
        chosen(wanting(case, compute_type="float16"), shelf)
    assert "int8" in raised.value.hint


def test_nothing_that_works_is_told_without_a_pace(case: Case, shelf: Storage) -> None:
    """Then the worker that loads the model says what is wrong with it."""
    choice, _ = chosen(case, shelf, lambda plan: 0.0)

    assert choice.audio_s_per_s == 0
    assert "could not be measured" in describe(case, choice)[0]
    assert remembered(case, shelf) is None


@pytest.mark.parametrize(
    ("processors", "free_bytes", "model_bytes", "workers"),
    [
        (2, 8 << 30, 10, 1),
        (8, 8 << 30, 10, 2),
        (16, 32 << 30, 250 << 20, 4),
        (16, 4 << 30, 250 << 20, 2),
        (16, 4 << 30, 3 << 30, 1),
    ],
)
def test_workers_fit_processors_and_memory(
    case: Case, shelf: Storage, processors: int, free_bytes: int, model_bytes: int, workers: int
) -> None:
    """Four processors a recording, and the model once for each."""
    with (case.model.folder / "model.bin").open("wb") as file:
        file.truncate(model_bytes)
    machine = replace(SIX, processors=processors, free_bytes=free_bytes)
    choice, _ = chosen(replace(case, machine=machine), shelf)

    assert choice.workers == workers
    assert choice.workers * choice.threads * choice.parallel <= processors


def test_with_less_memory_than_before_fewer_recordings_are_drafted(
    case: Case, shelf: Storage
) -> None:
    """What was kept is not taken to be true of memory."""
    large = replace(case, machine=replace(SIX, processors=8))
    assert chosen(large, shelf)[0].workers == 2
    small = replace(large, machine=replace(large.machine, free_bytes=1 << 30))
    kept = remembered(small, shelf)

    assert kept is not None
    assert kept.workers == 1


@pytest.mark.parametrize(
    ("speed", "told"),
    [
        (4.3, "an hour of audio takes about 14 min, measured"),
        (600.0, "about 1 min"),
        (0.5, "about 2.0 h"),
    ],
)
def test_the_pace_is_told_in_plain_words(case: Case, speed: float, told: str) -> None:
    """Minutes, or hours where it is slow."""
    choice = Choice("cpu", "int8", 3, 2, 8, 1, speed)
    (line,) = describe(case, choice)

    assert line.startswith("small on the processor (int8, 2 batches at a time, AVX2): ")
    assert told in line


def test_several_recordings_at_a_time_share_the_night(case: Case) -> None:
    """It is said, when there are two."""
    choice = Choice("cpu", "int8", 3, 1, 8, 2, 4.0)
    assert describe(case, choice)[1] == "2 recordings at a time, about as fast each."


PRACTICE = Model(
    BUNDLED / "speech",
    "practice-speech",
    "d" * 64,
    json.loads((BUNDLED / "speech" / "manifest.json").read_bytes())["profile"],
)
SOUND = BUNDLED / "recordings" / "ZOOM0001.WAV"


def test_the_real_meter_hears_and_ends() -> None:
    """The practice model, in a process of its own, which is gone afterwards."""
    with Meter(PRACTICE, ("pt", "en"), [SOUND], 120) as meter:
        speed = meter.try_out(Plan("cpu", "int8", 1, 1, 8), 10)
        failed = meter.try_out(Plan("cpu", "float16", 1, 1, 8), 10)
        assert meter._process is not None
        process = meter._process

    assert speed is not None
    assert speed.audio_s == 10
    assert speed.wall_s > 0
    assert speed.processor_s > 0
    assert failed is None
    assert process.poll() is not None


def test_a_meter_that_dies_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What kills the process that measures leaves the one that asks alone."""
    monkeypatch.setattr("confere.transcribe.measure._COMMAND", ("false",))
    with Meter(PRACTICE, ("pt",), [SOUND], 10) as meter:
        assert meter.try_out(Plan("cpu", "int8", 1, 1, 8), 10) is None
        assert meter.compute_types() == {}


def test_the_process_that_measures_ends_with_whoever_asked() -> None:
    """In the middle of a trial, too: nobody would kill it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "confere.transcribe.measure"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    meter = Meter(PRACTICE, ("pt", "en"), [SOUND], 120)
    question = {**meter._task, "plan": asdict(Plan("cpu", "int8", 1, 1, 8)), "audio_s": 3600}
    told, _ = process.communicate(json.dumps(question) + "\n", timeout=60)

    assert told == ""
    assert process.returncode == 0


def test_what_can_be_computed_with_is_asked_of_the_engine() -> None:
    """The processor can do with 8 bits, here as everywhere."""
    types = answer({"compute_types": True})

    assert types is not None
    assert "int8" in types["cpu"]


def test_this_machine_is_known() -> None:
    """It has a processor and memory."""
    machine = Machine.look()

    assert machine.processor
    assert machine.processors >= 1
    assert machine.free_bytes > 1 << 20
