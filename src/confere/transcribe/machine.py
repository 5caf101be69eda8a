"""How this machine is best used to hear speech: chosen by a few rules, and by measuring what they leave open.

The rules fix whatever could change a byte of a draft: the device, what is computed with, how large a batch
is. So a draft that was begun is gone on with after any change of mind. Measured is only how the processors
are shared out: many on one batch, or fewer each on several batches at once; which is faster depends on the
model, the processor and its memory, and differs by a third. What was measured is kept for this very model,
machine and wish, so that later starts take no time.

A graphics card is given 16-bit numbers and batches of 16 or more, 8-bit weights when its memory falls
short, and the processor takes its place when it fails. None was at hand to measure these rules on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from confere.domain.settings import Drafting
from confere.errors import BadValue, ProgramMissing
from confere.transcribe.measure import Meter, Model, Plan, Speed
from confere.transcribe.profile import profile_of
from confere.transcribe.this_machine import Machine

FORMAT = 1
SHORT_S, LONG_S = 60, 300  # of speech; a trial is as long as leaves it at TRIAL_S
TRIAL_S = 15.0
BUDGET_S = 90.0  # no trial is begun after so long
PATIENCE_S = 300.0  # for one trial: sound that takes five times its length is drafted by no night
BETTER_BY = 1.05  # what is asked for before a plan further down the list is taken
CARD_BATCH = 16
PROCESSORS_A_RECORDING = 4  # beyond them a batch gains less than a second recording does
WORKER_BYTES = 600 << 20  # a worker without its model: Python, the libraries, windows of sound
MEMORY_SHARE = 0.6  # of what is free; the rest is for whoever works at the laptop

Progress = Callable[[int, int], None]


class Shelf(Protocol):
    """Where small files of this account lie, by name."""

    def exists(self, name: str) -> bool:
        """Whether something has the name."""

    def read(self, name: str) -> bytes:
        """Return what is in a file."""

    def write(self, name: str, content: bytes, *, replace: bool = False) -> None:
        """Write a whole file."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How the machine is used: ``workers`` recordings at a time, of each ``parallel`` batches at once.

    A batch is of ``batch`` clips and takes ``threads`` processors. ``audio_s_per_s`` is how many seconds of a
    recording are heard in a second, measured; 0 when that failed. ``busy``: other programs were at work.
    """

    device: str
    compute_type: str
    threads: int
    parallel: int
    batch: int
    workers: int
    audio_s_per_s: float
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be chosen for: a model, what the study wants, its languages, and the machine."""

    model: Model
    wanted: Drafting
    languages: tuple[str, ...]
    machine: Machine

    def key(self) -> dict[str, Any]:
        """Everything that a measurement holds for, as JSON."""
        return {
            "format": FORMAT,
            "model": self.model.digest,
            "profile": dict(self.model.profile),
            "languages": list(self.languages),
            "engines": {
                name: version(name) for name in ("confere", "ctranslate2", "faster-whisper")
            },
            "processor": self.machine.processor,
            "processors": self.machine.processors,
            "cards": list(self.machine.cards),
            "wanted": {
                name: getattr(self.wanted, name)
                for name in ("device", "compute_type", "threads", "batch", "workers")
            },
        }

    def file_name(self) -> str:
        """The file that the choice for this is kept in."""
        text = json.dumps(self.key(), sort_keys=True)
        return f"speed-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"


def choose(
    case: Case,
    shelf: Shelf,
    sound: Sequence[Path],
    progress: Progress = lambda done, total: None,
    meter: Callable[..., Meter] = Meter,
) -> Choice:
    """Return how to use the machine: as remembered, or measured on ``sound``, recordings of ours.

    Measuring takes a minute and a half at most, or one trial of a model that is slower: then the first plan
    is taken. What was measured while other programs were at work holds as long as they are. ``progress`` is
    told the trials done and in all. Raises BadValue for a type that the machine does not compute with, and
    ProgramMissing for a graphics card that is not there.
    """
    kept = remembered(case, shelf)
    if kept is not None:
        return kept
    busy = case.machine.busy()
    with meter(case.model, case.languages, sound, PATIENCE_S) as asked:
        plans, tried = _plans(case, asked.compute_types()), {}
        for each in plans:
            tried = _try(asked, each, busy, progress)
            if tried:
                break
    plan = _best(tried) if tried else plans[-1][0]
    speed = tried[plan].audio_s_per_s if tried else 0.0
    choice = Choice(**asdict(plan), workers=_workers(case), audio_s_per_s=speed, busy=busy)
    if tried:
        text = json.dumps({"for": case.key(), "choice": asdict(choice)}, indent=1) + "\n"
        shelf.write(case.file_name(), text.encode(), replace=True)
    return choice


def remembered(case: Case, shelf: Shelf) -> Choice | None:
    """Return what was measured for just this, or None; a file that says something else is none.

    What was measured while other programs were at work is none, either, once they are not. Where
    memory has become scarce, fewer recordings are drafted at a time.
    """
    if not shelf.exists(case.file_name()):
        return None
    try:
        value = json.loads(shelf.read(case.file_name()))
        choice = Choice(**value["choice"])
        _check(choice)
    except (ValueError, TypeError, KeyError):
        return None
    if value["for"] != case.key() or (choice.busy and not case.machine.busy()):
        return None
    return replace(choice, workers=min(choice.workers, _workers(case)))


def _check(choice: Choice) -> None:
    """Raise ValueError for what no measuring leads to."""
    counts = (choice.threads, choice.parallel, choice.batch, choice.workers)
    texts = (choice.device, choice.compute_type)
    if not all(type(each) is int and 1 <= each <= 256 for each in counts):
        raise ValueError("not so many")
    if not all(isinstance(each, str) for each in texts) or not choice.audio_s_per_s > 0:
        raise ValueError("not so fast")


def _try(meter: Meter, plans: Sequence[Plan], busy: bool, progress: Progress) -> dict[Plan, Speed]:
    """Return how fast the plans are that did not fail: all, or as many as there is time for."""
    progress(0, len(plans))
    first = meter.try_out(plans[0], SHORT_S)
    if first is None:
        return {}
    tried = {plans[0]: first}
    if busy:
        return tried  # comparing would tell what the others do
    audio_s = int(min(LONG_S, max(SHORT_S, first.audio_s_per_s * TRIAL_S)))
    spent_s = first.wall_s
    for done, plan in enumerate(plans if audio_s > SHORT_S else plans[1:], 1):
        if len(plans) == 1 or spent_s + first.wall_s * audio_s / SHORT_S > BUDGET_S:
            break
        progress(min(done, len(plans)), len(plans))
        speed = meter.try_out(plan, audio_s)
        if speed is not None:
            tried[plan] = speed
            spent_s += speed.wall_s
    progress(len(plans), len(plans))
    return tried


def _best(tried: dict[Plan, Speed]) -> Plan:
    """Return the fastest plan, or an earlier one that is nearly as fast."""
    best, *others = tried
    for plan in others:
        if tried[plan].audio_s_per_s > BETTER_BY * tried[best].audio_s_per_s:
            best = plan
    return best


def _plans(case: Case, known: dict[str, list[str]]) -> list[list[Plan]]:
    """Return lists of plans: one of the first list that works at all is taken.

    The first of a list is what is taken unmeasured.
    """
    wanted = case.wanted
    if wanted.device == "cuda" and "cuda" not in known:
        raise ProgramMissing(
            "a graphics card that can compute for Confere",
            'Its driver and the CUDA libraries may be missing. With [drafting] device = "auto" the'
            " processor drafts.",
        )
    lists = []
    if "cuda" in known and wanted.device != "cpu":
        batch = wanted.batch or max(CARD_BATCH, _profile_batch(case))
        threads = wanted.threads or min(4, case.machine.processors)
        types = _types(wanted.compute_type, ("float16", "int8_float16", "float32"), known["cuda"])
        lists += [[Plan("cuda", each, threads, 1, batch)] for each in types]
    if wanted.device != "cuda":
        batch = wanted.batch or _profile_batch(case)
        able = known.get("cpu", ["int8"])
        # What a card would have computed with, the processor in its place need not know.
        type_ = "auto" if lists and wanted.compute_type not in able else wanted.compute_type
        types = _types(type_, ("int8", "float32"), able)[:1]
        lists += [
            [Plan("cpu", each, threads, parallel, batch) for threads, parallel in _shares(case)]
            for each in types
        ]
    return lists


def _types(wanted: str, preferred: Sequence[str], known: Sequence[str]) -> list[str]:
    if wanted == "auto":
        return [each for each in preferred if each in known] or [preferred[-1]]
    if wanted not in known:
        raise BadValue(
            f"this machine does not compute with '{wanted}'",
            f"[drafting] compute_type can be auto, {' or '.join(known)}.",
        )
    return [wanted]


def _shares(case: Case) -> list[tuple[int, int]]:
    """Return how the processors of one worker may be shared out: threads of a batch, batches at once."""
    processors = max(1, case.machine.processors // _workers(case))
    if case.wanted.threads:
        most = max(1, processors // case.wanted.threads)
        return [(case.wanted.threads, parallel) for parallel in sorted({most, 1}, reverse=True)]
    shares = [(processors, 1)]
    while shares[-1][0] > 1:
        threads = shares[-1][0] // 2
        shares.append((threads, processors // threads))
    return shares


def _workers(case: Case) -> int:
    """Return how many recordings are drafted at a time: as many as fit into memory, if not told."""
    if case.wanted.workers:
        return case.wanted.workers
    size_bytes = sum(path.stat().st_size for path in case.model.folder.glob("*.bin"))
    room = case.machine.free_bytes * MEMORY_SHARE / (WORKER_BYTES + 2 * size_bytes)
    return max(1, min(case.machine.processors // PROCESSORS_A_RECORDING, int(room)))


def _profile_batch(case: Case) -> int:
    return profile_of(case.model.profile, case.model.name).batch


def describe(case: Case, choice: Choice) -> list[str]:
    """Return, in a line or two, what drafts how, and how long an hour of audio takes."""
    where = "the graphics card" if choice.device == "cuda" else "the processor"
    how = [choice.compute_type]
    if choice.parallel > 1:
        how.append(f"{choice.parallel} batches at a time")
    if choice.device == "cpu" and case.machine.instructions:
        how.append(case.machine.instructions)
    lines = [f"{case.model.name} on {where} ({', '.join(how)}): {_pace(choice)}"]
    if choice.workers > 1:
        lines.append(f"{choice.workers} recordings at a time, about as fast each.")
    return lines


def _pace(choice: Choice) -> str:
    if choice.audio_s_per_s <= 0:
        return "how long it takes could not be measured"
    minutes = 60 / choice.audio_s_per_s
    takes = f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
    busy = ", with other programs at work" if choice.busy else ""
    return f"an hour of audio takes about {takes if minutes >= 1 else '1 min'}, measured{busy}"
