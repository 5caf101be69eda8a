"""What an offload would do with what is on a recorder, without doing any of it.

Everything is opened for reading, as the offload itself begins; nothing is written anywhere, and nothing
is waited for: a file that is still being recorded is seen as it is in this moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from confere.errors import ConfereError, SourceVanished
from confere.intake.first_look import first_look
from confere.intake.offload import Errand, collect
from confere.intake.outcome import AudioFacts, Findings, Outcome, Probe
from confere.intake.parts import Part, group_parts
from confere.intake.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that may be a recording: as audio, or why it is none."""

    part: Part
    facts: AudioFacts | None
    error: ConfereError | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """Which sessions there are, part by part, and what would stay."""

    findings: Findings
    sessions: tuple[tuple[Seen, ...], ...]
    left: tuple[Outcome, ...]


def survey(recorder: Recorder, probe: Probe, errand: Errand) -> Survey:
    """Look at a recorder; raises SourceVanished when it goes meanwhile."""
    haul = collect(recorder, errand)
    sessions = tuple(
        tuple(_look(part, recorder, probe) for part in parts)
        for parts in group_parts(haul.candidates, errand.profile)
    )
    recorder.check()  # what a recorder that is gone answers is no finding
    findings = errand.findings(recorder, haul.candidates, len(haul.left))
    return Survey(findings, sessions, haul.left)


def _look(part: Part, recorder: Recorder, probe: Probe) -> Seen:
    try:
        return Seen(part, first_look(recorder, part.file, probe))
    except SourceVanished:
        raise
    except ConfereError as error:
        return Seen(part, None, error)
