"""The table of states."""

from __future__ import annotations

from pathlib import Path

import pytest

from confere.domain import Role, State
from confere.errors import MoveRefused, NotAllowed, Signed
from confere.review.states import (
    CHANGING,
    MAY,
    MOVES,
    SIGNED,
    Decision,
    diagram,
    moved,
    require_role,
)
from review.scenes import a_segment

ROOT = Path(__file__).parents[2]
EVERY_MOVE = [(state, decision) for state in State for decision in Decision]


def test_table_is_complete() -> None:
    """Every state has its row and every decision has its roles."""
    assert set(MOVES) == set(State)
    assert set(MAY) == set(Decision)


@pytest.mark.parametrize(("state", "decision"), EVERY_MOVE)
def test_moves(state: State, decision: Decision) -> None:
    """A move that is in the table leads where it says, and any other is refused."""
    segment = a_segment(state=state)
    if decision in MOVES[state]:
        assert moved(segment, decision) is MOVES[state][decision]
    else:
        with pytest.raises(Signed if state in SIGNED else MoveRefused):
            moved(segment, decision)


def test_only_verify_verifies_and_only_sign_locks() -> None:
    """No other decision leads to verified or to locked; a new version begins where the last one ended."""
    into = {(d, end) for moves in MOVES.values() for d, end in moves.items()}
    assert {d for d, end in into if end is State.VERIFIED} == {
        Decision.VERIFY,
        Decision.REOPEN,
    }
    assert {d for d, end in into if end is State.LOCKED} == {Decision.SIGN}
    assert {d for d, end in into if end is State.UNVERIFIED} == {Decision.SPARE}


def test_nothing_the_machine_wrote_can_be_verified_at_once() -> None:
    """Between the draft and the verification somebody has taken the segment as done."""
    assert {s for s in State if Decision.VERIFY in MOVES[s]} == {State.CORRECTED, State.VERIFIED}


def test_any_change_clears_verification() -> None:
    """A changed segment that was verified is verified no longer."""
    for decision in CHANGING:
        assert MOVES[State.VERIFIED][decision] in {State.EDITED, State.CORRECTED}


def test_from_a_signature_only_a_new_version_leads_on() -> None:
    """What was signed goes back to where it stood before, and only a new version does that."""
    before = {State.LOCKED: State.VERIFIED, State.UNVERIFIED: State.CORRECTED}
    assert set(before) == SIGNED
    for state, stood in before.items():
        assert MOVES[state] == {Decision.REOPEN: stood}
        assert [s for s in State if state in MOVES[s].values()] == [stood]


@pytest.mark.parametrize("decision", list(Decision))
@pytest.mark.parametrize("role", list(Role))
def test_roles(decision: Decision, role: Role) -> None:
    """A decision is taken by a person with one of its roles and by nobody else."""
    if role in MAY[decision]:
        require_role("Vera", {role, Role.FIELDWORKER}, decision)
    else:
        with pytest.raises(NotAllowed, match=f"Vera may not {decision}"):
            require_role("Vera", frozenset({role}), decision)


def test_fieldworker_and_lead_decide_nothing() -> None:
    """Bringing recordings in, or leading the study, is no right to say what was said.

    A lead may begin a new version of what was signed; what is then said in it is for others.
    """
    decide = {d: {Role.FIELDWORKER, Role.LEAD} & roles for d, roles in MAY.items()}
    assert {d: roles for d, roles in decide.items() if roles} == {Decision.REOPEN: {Role.LEAD}}


def test_diagram_is_drawn_from_the_table() -> None:
    """The diagram has an arrow for every move, and the documentation shows that very diagram."""
    drawn = diagram()
    for state, moves in MOVES.items():
        for decision, end in moves.items():
            arrow = f"{state} --> {end}".replace("needs work", "needs_work")
            assert any(arrow in line and decision in line for line in drawn.splitlines())
    assert f"```mermaid\n{drawn}```" in (ROOT / "docs/sign-off.md").read_text("utf-8")
