"""Interviews for whole days before a real vault: with sound, a draft and a name in the register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from confere import wiring
from confere.acts import interviews
from confere.acts.interviews import Details
from confere.acts.offload import Dock, offload_folder
from confere.acts.take_in import take_in
from confere.domain import EngineRecord, SpokenSegment, Word
from confere.intake.outcome import Silent
from confere.transcribe.decoding import Sound
from confere.transcribe.port import HeardWindow, Sides
from confere.vault import Vault
from confere.vault.register import get_recording
from doubles.clock import FakeClock
from doubles.drafting import draft, length_ms, only_window
from doubles.engines import SPEECH_RECORD, FakeTranslationEngine
from doubles.studies import MACHINE
from doubles.teams import Team


@dataclass(frozen=True)
class Line:
    """What somebody says: when, in which language, and how well the machine hears it."""

    start_ms: int
    end_ms: int
    text: str
    language: str = "pt"
    marks: tuple[str, ...] = ()


@dataclass
class HearingEngine:
    """Hears its lines, whatever is played to it."""

    lines: Sequence[Line]
    record: EngineRecord = field(default=SPEECH_RECORD)

    def windows(
        self,
        sound: Sound,
        *,
        languages: Sequence[str],
        words: Sequence[str] = (),
        sides: Sides = "auto",
        after: str | None = None,
    ) -> Iterator[HeardWindow]:
        """Yield the lines, with the true length of the audio."""
        yield only_window(length_ms(sound), [_segment(line) for line in self.lines])


def _segment(line: Line) -> SpokenSegment:
    words = line.text.split()
    step_ms = (line.end_ms - line.start_ms) // len(words)
    places = [line.start_ms + n * step_ms for n in range(len(words) + 1)]
    spoken = tuple(
        Word(word, start, end, 0.9)
        for word, start, end in zip(words, places, places[1:], strict=False)
    )
    return SpokenSegment(
        start_ms=line.start_ms,
        end_ms=line.end_ms,
        language=line.language,
        text=line.text,
        words=spoken,
        mean_log_probability=-0.1,
        no_speech_probability=0.01,
        marks=line.marks,
    )


def take_in_one(
    team: Team, card: Path, lines: Sequence[Line], targets: Mapping[str, str], details: Details
) -> str:
    """Offload the one recording of a card, draft it, and write where it was made; return its id."""
    dock = Dock(Vault(team.study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)
    lena = team["lena"]
    (taken,) = take_in(lena)
    draft(lena, taken.id, HearingEngine(lines), FakeTranslationEngine(targets))
    interviews.edit_interview(lena, get_recording(lena.catalog, taken.id).interview_id, details)
    return taken.id
