"""Several people who sit at one vault at once, and recordings for them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from confere import wiring
from confere.acts import setup
from confere.acts.desk import Desk
from confere.acts.offload import Dock, offload_folder
from confere.acts.queue import Waiting, queue
from confere.acts.take_in import take_in
from confere.domain import Role
from confere.intake.outcome import Silent
from confere.vault import Vault
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, SteppingClock, Study

VERIFIER = frozenset({Role.VERIFIER})
BOTH = frozenset({Role.VERIFIER, Role.INTERPRETER})
LINES = (("pt", "Um."), ("en", "Two."), ("pt", "Três."), ("pt", "Quatro."))
#: As a check wants them.
TARGETS = {"Um.": "Just one.", "Três.": "Just three.", "Quatro.": "Just four."}


def join(study: Study) -> None:
    """Let the two come into a study who make it a team, unless they are there."""
    if "wanda" in Vault(study.root).roster.people:
        return
    lena = study.desk("lena")
    setup.add_person(lena, "wanda", VERIFIER, PASSPHRASE)
    setup.add_person(lena, "bia", BOTH, PASSPHRASE)
    lena.vault.close()


class Team:
    """Several people who sit at the same vault at once, each from when they are first asked for."""

    def __init__(self, study: Study) -> None:
        join(study)
        self.study = study
        self.desks: dict[str, Desk] = {}

    def __getitem__(self, name: str) -> Desk:
        if name not in self.desks:
            self.desks[name] = self.study.desk(name)
        return self.desks[name]

    def of(self, name: str, recording_id: str) -> Waiting:
        """Return how the queue shows a recording to somebody."""
        return next(w for w in queue(self[name]) if w.recording_id == recording_id)

    def close(self) -> None:
        """Let everybody leave."""
        for desk in self.desks.values():
            desk.vault.close()


@dataclass(frozen=True)
class Recorded:
    """The vault of a team whose recordings are there, and how late it is by then."""

    root: Path
    ids: tuple[str, ...]
    clock: SteppingClock

    def put_into(self, study: Study) -> list[str]:
        """Give a copy of it to a study at which nobody sits yet; return the recordings, oldest first."""
        shutil.rmtree(study.root)
        shutil.copytree(self.root, study.root)
        if isinstance(study.clock, SteppingClock):
            study.clock.now = self.clock.now
        return list(self.ids)


def three_recordings(team: Team, card: Path) -> list[str]:
    """Offload three recordings and let the machine draft the first two; return them oldest first."""
    for number in range(3):
        write_tone(card / f"{number}.wav", seconds=12, pitch_hz=300 + 50 * number)
    dock = Dock(Vault(team.study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)
    take_in(team["lena"])
    ids = [w.recording_id for w in queue(team["lena"])]
    for id_ in ids[:2]:
        engine = FakeSpeechEngine(LINES)
        draft(team["lena"], id_, engine, FakeTranslationEngine(TARGETS))
    return ids
