"""A drafted recording in a vault of its own, people of every role at their desks, and two who hurry."""

from __future__ import annotations

import random
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from confere import wiring
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.offload import Dock, offload_folder
from confere.acts.reading import open_transcript
from confere.acts.setup import add_person
from confere.acts.take_in import take_in
from confere.domain import Role
from confere.errors import MovedOn
from confere.intake.outcome import Silent
from confere.vault import Vault
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, SteppingClock, Study, make_study

LINES = [("pt", "A água chegou na porta."), ("en", "Good morning to all."), ("pt", "Não sei bem.")]
PEOPLE = ("ivo", "vera", "wanda", "lena")
WANDA = frozenset({Role.INTERPRETER, Role.VERIFIER})


def make(folder: Path) -> tuple[Study, str]:
    """Make a study with wanda, who has both roles, and one drafted recording."""
    study = make_study(folder / "vault", keys="x25519")
    write_tone(folder / "card" / "ZOOM0001.WAV", seconds=7, pitch_hz=300)
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, folder / "card", Silent(), keep=False)
    desk = study.desk()
    add_person(desk, "wanda", WANDA, PASSPHRASE)
    recording = take_in(desk)[0].id
    draft(desk, recording, FakeSpeechEngine(LINES), FakeTranslationEngine())
    desk.vault.close()
    return study, recording


@cache
def original() -> tuple[Study, str]:
    """The study that is only copied."""
    return make(Path(mkdtemp()))


def copy(folder: Path) -> tuple[Study, str]:
    """A copy of it."""
    study, recording = original()
    shutil.copytree(study.root, folder / "vault")
    return Study(folder / "vault", study.recovery_key, SteppingClock()), recording


def hurry(root: str, recording: str, name: str, edits: int, seed: int) -> tuple[list[str], int]:
    """Edit at random from what was seen, which may be old; return what was saved, and the conflicts.

    A process of its own. Every conflict must tell both texts and the one before; and then half of the
    time it is settled from there, as a person would.
    """
    chance = random.Random(seed)
    desk = Desk(Vault(Path(root)).unlock(name, PASSPHRASE), SteppingClock())
    seen = {s.id: s.version for s in open_transcript(desk, recording).transcript.segments}
    saved, conflicts = [], 0
    for number in range(edits):
        id_ = chance.choice(sorted(seen))
        typed = f"{name} {seed} {number}"
        try:
            made = correct(desk, recording, id_, Correction(source=typed, target=typed), seen[id_])
        except MovedOn as conflict:
            conflicts += 1
            assert conflict.mine == {"source": typed, "target": typed}
            assert conflict.theirs["target"] != typed
            assert conflict.theirs != conflict.base
            assert conflict.by
            seen[id_] = conflict.now
            continue
        saved.append(typed)
        seen[id_] = made.version
    desk.vault.close()
    return saved, conflicts
