"""What waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from confere.acts.desk import Desk
from confere.acts.editing import all_editing
from confere.domain import Recording, State
from confere.vault import register, transcripts


class Stage(StrEnum):
    """Where a recording stands on its way, and so whom it waits for."""

    DRAFTING = "to be drafted"
    TROUBLE = "drafting failed"
    CORRECTION = "to be corrected"
    VERIFICATION = "to be verified"
    SIGNATURE = "to be signed"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One recording in the queue.

    ``counts`` says how many segments stand in which state, ``editing`` who has one of them open.
    """

    recording: Recording
    stage: Stage
    counts: Mapping[State, int]
    detail: str = ""
    editing: tuple[str, ...] = ()


def queue(desk: Desk) -> list[Waiting]:
    """Return every recording with what it waits for, in the order of offload."""
    counts = transcripts.count_states(desk.catalog)
    signed = transcripts.signed_recordings(desk.catalog)
    editing = {
        recording_id: tuple(sorted({name for names in segments.values() for name in names}))
        for recording_id, segments in all_editing(desk).items()
    }
    return [
        replace(
            _waiting(desk, recording, counts.get(recording.id), recording.id in signed),
            editing=editing.get(recording.id, ()),
        )
        for recording in register.list_recordings(desk.catalog)
    ]


def _waiting(
    desk: Desk, recording: Recording, counts: Mapping[State, int] | None, signed: bool
) -> Waiting:
    if counts is None:
        trouble = register.get_trouble(desk.catalog, recording.id)
        return Waiting(recording, Stage.TROUBLE if trouble else Stage.DRAFTING, {}, trouble)
    return Waiting(recording, _stage(counts, signed), counts)


def _stage(counts: Mapping[State, int], signed: bool) -> Stage:
    if signed:
        return Stage.SIGNED
    if any(counts.get(state) for state in (State.DRAFT, State.EDITED, State.NEEDS_WORK)):
        return Stage.CORRECTION
    return Stage.VERIFICATION if counts.get(State.CORRECTED) else Stage.SIGNATURE
