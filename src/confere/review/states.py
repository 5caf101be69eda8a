"""The states of a segment and the decisions that move it: the whole review workflow in one table.

Rules for this file: the workflow is data. A move that is not in ``MOVES`` does not exist, a role
that is not in ``MAY`` may not take the decision, and no other module compares states to decide what
may happen. *Which* person may (nobody verifies their own work) is decided in ``changes.py``.

A segment starts as the machine's ``draft``. Whoever changes its text, speaker or times *edits* it
(there is more to come) or *corrects* it (this is done); whoever finds it right as it stands
*accepts* it. Only what was corrected or accepted can be *verified*, by somebody else. A
verification may take the place of an earlier one, because the person who signs has verified every
segment. Any change after that clears it: the segment is edited or corrected again. A verifier who
is not content *returns* a segment with a reason; it then needs work, and the way is the same again.

A segment may be *split* in two or *merged* with the next one, which *joins* it and then is shown
nowhere; the last change can be taken back (*undo*). All of these leave a segment edited. A speaker's
code may be *renamed* in many segments at once: what was done stays done, but is verified again.

Signing *locks* every segment of a transcript at once. What the study's sampling plan does not ask for
may be signed without having been verified: it is *spared*, and stays marked as unverified for ever.
From there only a new version leads on: a signed transcript is *reopened*, whole, and each of its
segments then stands where it stood before the signature.

Every decision is one revision and one step of the segment's version, so that the state of a segment
follows from its revisions and this table alone.
"""

from __future__ import annotations

from collections.abc import Set
from enum import StrEnum

from confere.domain import Role, Segment, State
from confere.errors import MoveRefused, NotAllowed, Signed


class Decision(StrEnum):
    """What a person decides about a segment; the values stand in revisions and in the log."""

    EDIT = "edit"
    CORRECT = "correct"
    ACCEPT = "accept"
    VERIFY = "verify"
    RETURN = "return"
    SPLIT = "split"
    MERGE = "merge"
    JOIN = "join"
    RENAME = "rename"
    UNDO = "undo"
    SIGN = "sign"
    SPARE = "spare"
    REOPEN = "reopen"


#: Where a segment stands when its transcript is signed.
SIGNED = frozenset({State.LOCKED, State.UNVERIFIED})

#: The decisions that carry a change of text, speaker, language or times.
CHANGING = frozenset(
    {
        Decision.EDIT,
        Decision.CORRECT,
        Decision.SPLIT,
        Decision.MERGE,
        Decision.RENAME,
        Decision.UNDO,
    }
)
#: What the text of a segment can be changed by at any time before the signature.
_RESHAPED = {
    Decision.SPLIT: State.EDITED,
    Decision.MERGE: State.EDITED,
    Decision.JOIN: State.MERGED,
    Decision.UNDO: State.EDITED,
}

MOVES: dict[State, dict[Decision, State]] = {
    State.DRAFT: {
        Decision.EDIT: State.EDITED,
        Decision.CORRECT: State.CORRECTED,
        Decision.ACCEPT: State.CORRECTED,
        Decision.RENAME: State.DRAFT,
        **_RESHAPED,
    },
    State.EDITED: {
        Decision.EDIT: State.EDITED,
        Decision.CORRECT: State.CORRECTED,
        Decision.ACCEPT: State.CORRECTED,
        Decision.RETURN: State.NEEDS_WORK,
        Decision.RENAME: State.EDITED,
        **_RESHAPED,
    },
    State.CORRECTED: {
        Decision.EDIT: State.EDITED,
        Decision.CORRECT: State.CORRECTED,
        Decision.VERIFY: State.VERIFIED,
        Decision.RETURN: State.NEEDS_WORK,
        Decision.SPARE: State.UNVERIFIED,
        Decision.RENAME: State.CORRECTED,
        **_RESHAPED,
    },
    State.NEEDS_WORK: {
        Decision.EDIT: State.EDITED,
        Decision.CORRECT: State.CORRECTED,
        Decision.ACCEPT: State.CORRECTED,
        Decision.RENAME: State.NEEDS_WORK,
        **_RESHAPED,
    },
    State.VERIFIED: {
        Decision.EDIT: State.EDITED,
        Decision.CORRECT: State.CORRECTED,
        Decision.VERIFY: State.VERIFIED,
        Decision.RETURN: State.NEEDS_WORK,
        Decision.SIGN: State.LOCKED,
        Decision.RENAME: State.CORRECTED,
        **_RESHAPED,
    },
    State.MERGED: {Decision.UNDO: State.EDITED},
    State.LOCKED: {Decision.REOPEN: State.VERIFIED},
    State.UNVERIFIED: {Decision.REOPEN: State.CORRECTED},
}

MAY: dict[Decision, frozenset[Role]] = {
    Decision.EDIT: frozenset({Role.INTERPRETER, Role.VERIFIER}),
    Decision.CORRECT: frozenset({Role.INTERPRETER, Role.VERIFIER}),
    Decision.ACCEPT: frozenset({Role.INTERPRETER}),
    Decision.VERIFY: frozenset({Role.VERIFIER}),
    Decision.RETURN: frozenset({Role.VERIFIER}),
    **dict.fromkeys(
        (Decision.SPLIT, Decision.MERGE, Decision.JOIN, Decision.RENAME, Decision.UNDO),
        frozenset({Role.INTERPRETER, Role.VERIFIER}),
    ),
    Decision.SIGN: frozenset({Role.VERIFIER}),
    Decision.SPARE: frozenset({Role.VERIFIER}),
    Decision.REOPEN: frozenset({Role.VERIFIER, Role.LEAD}),
}


def moved(segment: Segment, decision: Decision) -> State:
    """Return the state that ``decision`` leads to; raises Signed or MoveRefused."""
    if segment.state in SIGNED and decision is not Decision.REOPEN:
        raise Signed(segment.recording_id)
    try:
        return MOVES[segment.state][decision]
    except KeyError:
        raise MoveRefused(segment.number, segment.state, decision) from None


def require_role(name: str, roles: Set[Role], decision: Decision) -> None:
    """Refuse a decision that none of a person's roles includes; raises NotAllowed."""
    allowed = MAY[decision]
    if not allowed & roles:
        raise NotAllowed(name, decision, tuple(sorted(allowed)))


def diagram() -> str:
    """Return the table as a Mermaid state diagram, as the documentation shows it."""
    lines = ["stateDiagram-v2", f"    [*] --> {_node(State.DRAFT)}"]
    lines += [f'    state "{state}" as {_node(state)}' for state in State if " " in state]
    for state, moves in MOVES.items():
        for end in dict.fromkeys(moves.values()):
            decisions = ", ".join(d for d, s in moves.items() if s is end)
            lines.append(f"    {_node(state)} --> {_node(end)} : {decisions}")
    lines += [f"    {_node(state)} --> [*]" for state in State if state in SIGNED]
    return "\n".join(lines) + "\n"


def _node(state: State) -> str:
    return state.replace(" ", "_")
