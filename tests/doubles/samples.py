"""Recordings under a sampling plan, with a draw that a test knows: odd segments are drawn, even ones not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from confere import wiring
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.offload import Dock, offload_folder
from confere.acts.plan import state_plan
from confere.acts.take_in import take_in
from confere.acts.verify import verify
from confere.domain import new_id
from confere.intake.outcome import Silent
from confere.review import sampling
from confere.review.sampling import Plan
from confere.vault import Vault
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE
from doubles.teams import Team

SEED = bytes(range(32))
SHARE, BOUND = 500, 600  # per mille: five drawn without an error are enough, or six with one
SEGMENTS = 12
DRAWN = tuple(str(n) for n in range(1, SEGMENTS + 1, 2))
REST = tuple(str(n) for n in range(2, SEGMENTS + 1, 2))
#: In the target language, so that the checks have nothing to compare.
LINE = ("en", "We went to the river.")
SAT = "sat in the room"


def take_one_in(team: Team, card: Path, pitch_hz: int = 300) -> str:
    """Offload a recording that the machine has not seen; return its id."""
    write_tone(card / "a.wav", seconds=3 * SEGMENTS, pitch_hz=pitch_hz)
    dock = Dock(Vault(team.study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)
    (taken,) = take_in(team["lena"])
    return taken.id


def fix_draw(patch: pytest.MonkeyPatch, recording_id: str) -> None:
    """Let every seed be the one that is known, and segments get ids that are drawn in turn."""
    patch.setattr(sampling, "new_seed", lambda: SEED)
    ids = _ids_in_turn(recording_id)
    patch.setattr("confere.acts.draft.new_id", lambda: next(ids))


def _ids_in_turn(recording_id: str) -> Iterator[str]:
    plan = Plan(SHARE, BOUND, sampling.commit(SEED))
    wanted = True
    while True:
        id_ = new_id()
        if bool(sampling.draw(plan, SEED, recording_id, [id_]).drawn) is wanted:
            yield id_
            wanted = not wanted


def drafted(
    team: Team, card: Path, patch: pytest.MonkeyPatch, by: str = "lena", share: int = SHARE
) -> str:
    """State a plan, take a recording in and draft it; return its id."""
    state_plan(team["lena"], share, BOUND if share < 1000 else 0)
    recording_id = take_one_in(team, card)
    fix_draw(patch, recording_id)
    draft_it(team[by], recording_id)
    return recording_id


def draft_it(desk: Desk, recording_id: str) -> None:
    """Draft a recording into segments that say all the same."""
    engine = FakeSpeechEngine((LINE,) * SEGMENTS)
    draft(desk, recording_id, engine, FakeTranslationEngine())


def accept_all(team: Team, recording_id: str, by: str = "ivo") -> None:
    """Take every segment as it stands."""
    for number in range(1, SEGMENTS + 1):
        correct(team[by], recording_id, str(number), Correction())


def verify_them(desk: Desk, recording_id: str, *numbers: str) -> None:
    """Verify some segments."""
    for number in numbers:
        verify(desk, recording_id, number, unplayed_reason=SAT)
