"""Offloading a whole recorder or folder, once: list, let settle, group, transfer, report.

One file's failure never stops the others. Three things end a run: the disk is full, the recorder is
gone, somebody pressed Ctrl+C. Then too everything is told: the files that were taken before are in
the receipt, and those that were not reached, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from confere.domain import new_id
from confere.errors import (
    BadInput,
    ConfereError,
    DiskFull,
    EnvironmentProblem,
    Interrupted,
    SourceVanished,
)
from confere.intake.outcome import Fate, Findings, Outcome, Progress, Silent
from confere.intake.parts import Part, group_parts
from confere.intake.profiles import GENERIC, Profile, generic
from confere.intake.receipt import Receipt
from confere.intake.recorder import Recorder
from confere.intake.settle import QuietPeriod, timestamp
from confere.intake.source import SourceFile
from confere.intake.transfer import Job, Tools, transfer

QUIET_S = 2.0  # FAT tells times in steps of 2 s
PATIENCE_S = 10.0  # how long a single run waits for files that are still being written


@dataclass(frozen=True, slots=True)
class Errand:
    """What an offload is for and how it is to be done. ``study`` and ``machine`` are names.

    ``only_where_audio_lies``: nobody named the recorder, so nothing is taken but what lies in the
    folders that its make records to. ``old_s``: see `QuietPeriod`.
    """

    study: str
    machine: str
    keep_source: bool = False
    quiet_s: float = QUIET_S
    patience_s: float = PATIENCE_S
    profile: Profile = field(default_factory=generic)
    only_where_audio_lies: bool = False
    old_s: float | None = None

    def receipt(
        self,
        receipt_id: str,
        recorder: Recorder,
        begun: str,
        ended: str,
        outcomes: Iterable[Outcome],
    ) -> Receipt:
        """Return the receipt of one run."""
        return Receipt(
            receipt_id,
            self.study,
            self.machine,
            recorder.label,
            begun,
            ended,
            tuple(outcomes),
            device=recorder.identity,
            kind=self._make,
        )

    def findings(
        self, recorder: Recorder, candidates: Sequence[SourceFile], others: int
    ) -> Findings:
        """Return what the first look at a recorder found."""
        size_bytes = sum(file.size_bytes for file in candidates)
        device, files = str(recorder.identity), len(candidates)
        return Findings(recorder.label, device, self._make, files, size_bytes, others)

    @property
    def _make(self) -> str:
        return "" if self.profile.name == GENERIC else self.profile.title


@dataclass(frozen=True, slots=True)
class Haul:
    """What is on a recorder: files that may be recordings, and what is left without a look."""

    candidates: tuple[SourceFile, ...]
    left: tuple[Outcome, ...]


def offload(
    recorder: Recorder, tools: Tools, errand: Errand, progress: Progress | None = None
) -> Receipt:
    """Take every recording across and return the receipt, unsigned.

    Raises SourceVanished when the recorder goes before the first transfer. What goes wrong later is
    in the receipt's outcomes.
    """
    begun, receipt_id = timestamp(tools.clock), new_id()
    progress = progress or Silent()
    settled, others = wait_until_settled(recorder, tools, errand, progress)
    sessions = group_parts(settled, errand.profile)
    taken = take(sessions, receipt_id, recorder, tools, errand, progress)
    ended = timestamp(tools.clock)
    return errand.receipt(receipt_id, recorder, begun, ended, [*taken, *others])


def collect(recorder: Recorder, errand: Errand) -> Haul:
    """Walk the recorder and part what may be a recording from what is certainly none.

    Anything with an unknown extension is a candidate, because recorders invent extensions; whether
    it is audio, the probe decides. Only what is known to be text, pictures, projects or programs is
    kept away from the decoder.
    """
    listing, profile = recorder.walk(), errand.profile
    candidates: list[SourceFile] = []
    left = [Outcome(path, 0, Fate.UNSAFE, error=_unsafe(path, why)) for path, why in listing.unsafe]
    for file in listing.files:
        if profile.in_system_folder(file):
            left.append(Outcome(file.path, file.size_bytes, Fate.SYSTEM_FOLDER))
        elif profile.is_side_file(file):
            left.append(Outcome(file.path, file.size_bytes, Fate.SIDE_FILE))
        elif errand.only_where_audio_lies and not profile.is_where_audio_lies(file):
            left.append(Outcome(file.path, file.size_bytes, Fate.ELSEWHERE))
        else:
            candidates.append(file)
    return Haul(tuple(candidates), tuple(left))


def wait_until_settled(
    recorder: Recorder, tools: Tools, errand: Errand, progress: Progress
) -> tuple[list[SourceFile], list[Outcome]]:
    """Return the settled files, and the outcomes of all that is left, after at most the patience."""
    clock, quiet = tools.clock, QuietPeriod(errand.quiet_s, errand.old_s)
    deadline_s = clock.monotonic() + errand.patience_s
    told = False
    while True:
        haul = collect(recorder, errand)
        if not told:
            progress.found(errand.findings(recorder, haul.candidates, len(haul.left)))
            told = True
        settled = quiet.look(haul.candidates, clock)
        unsettled = sorted(set(haul.candidates).difference(settled), key=lambda f: f.parts)
        if not unsettled or clock.monotonic() >= deadline_s:
            break
        clock.wait(errand.quiet_s)
    return settled, [*map(_unsettled, unsettled), *haul.left]


def take(
    sessions: Iterable[Sequence[Part]],
    receipt_id: str,
    recorder: Recorder,
    tools: Tools,
    errand: Errand,
    progress: Progress,
) -> list[Outcome]:
    """Transfer the parts one after the other, until all are done or nothing can go on."""
    jobs = [Job(part, receipt_id, errand.keep_source) for parts in sessions for part in parts]
    if jobs:
        progress.planned(len(jobs), sum(job.source.size_bytes for job in jobs))
    outcomes: list[Outcome] = []
    stopped: ConfereError | None = None
    for job in jobs:
        if stopped is None:
            progress.started(job.source, job.source.size_bytes)
            outcome = _transfer(job, recorder, tools, progress)
            stopped = _stop(outcome, recorder)
        else:
            outcome = _unreached(job, stopped)
        progress.finished(outcome)
        outcomes.append(outcome)
    return outcomes


def _transfer(job: Job, recorder: Recorder, tools: Tools, progress: Progress) -> Outcome:
    """Transfer one file, whatever happens."""
    problem: ConfereError
    try:
        return transfer(job, recorder, tools, progress)
    except KeyboardInterrupt:  # what was taken before it must still get its receipt
        problem = Interrupted()
    except Exception as error:  # noqa: BLE001  a mistake of ours must not cost the other files
        # Not the error's own message: it may quote what it was working on.
        problem = EnvironmentProblem(
            f"{job.source.path}: an unexpected error ({type(error).__name__})",
            "It was not deleted. Please report this.",
        )
    return Outcome(job.source.path, job.source.size_bytes, Fate.FAILED, error=problem)


def _stop(outcome: Outcome, recorder: Recorder) -> ConfereError | None:
    """Return why the run cannot go on after this outcome, or nothing."""
    if isinstance(outcome.error, DiskFull | Interrupted):
        return outcome.error
    try:
        recorder.check()
    except SourceVanished as gone:
        return gone
    return None


def _unsettled(file: SourceFile) -> Outcome:
    error = BadInput(
        f"{file.path} is still being written", "End the recording, then run this again."
    )
    return Outcome(file.path, file.size_bytes, Fate.UNSETTLED, error=error)


def _unreached(job: Job, why: ConfereError) -> Outcome:
    return Outcome(job.source.path, job.source.size_bytes, Fate.NOT_REACHED, error=why)


def _unsafe(path: str, why: str) -> ConfereError:
    return ConfereError(f"{path}: {why}", "It was left alone.")
