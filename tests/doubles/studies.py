"""A whole small study for tests: a practice vault with its people, quick to open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from confere.acts.desk import Desk, sit_down
from confere.acts.setup import add_person, create_study
from confere.crypto.keys import KeyKind
from confere.domain import ErrorKind, Judgement, Role, Severity
from confere.domain.settings import Drafting, People, Review, Settings
from confere.vault import Machine, Vault

MACHINE = Machine(b"\x07" * 32)
PASSPHRASE = "four words drawn blindly"
SETTINGS = Settings(
    people=People(scrypt_work_factor=10),
    drafting=Drafting(speech_model="practice-speech", translation_model="practice-translation"),
    review=Review(player="silent"),
)
PEOPLE = {
    "vera": frozenset({Role.VERIFIER}),
    "ivo": frozenset({Role.INTERPRETER}),
    "fabio": frozenset({Role.FIELDWORKER}),
}


#: An error as a verifier judges it, where a test asks for any.
WRONG = Judgement(ErrorKind.MISTRANSLATION, Severity.MAJOR)


class SteppingClock:
    """A clock that goes on by one second at every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True)
class Study:
    """A vault on disk, its recovery key, and a way to sit down at it as somebody."""

    root: Path
    recovery_key: str
    clock: Callable[[], datetime]

    def desk(self, name: str = "lena") -> Desk:
        """Unlock the vault as a person. The catalog is closed when the test's process ends."""
        return sit_down(Vault(self.root), name, PASSPHRASE, self.clock)


def make_study(root: Path, practice: bool = True, keys: KeyKind = "hybrid") -> Study:
    """Make a study with a lead (lena), a verifier (vera), an interpreter (ivo) and a fieldworker."""
    created = create_study(
        root,
        study="Prova",
        lead="lena",
        passphrase=PASSPHRASE,
        settings=SETTINGS,
        practice=practice,
        keys=keys,
        machine=MACHINE,
    )
    study = Study(root, str(created.recovery.identity), SteppingClock())
    desk = study.desk()
    for name, roles in PEOPLE.items():
        add_person(desk, name, roles, PASSPHRASE)
    desk.vault.close()
    return study
