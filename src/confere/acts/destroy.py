"""End the retention of a recording: the lead's act, which nothing takes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from confere.acts.desk import Desk
from confere.domain import Interview, Recording, Role
from confere.errors import BadValue
from confere.vault import register, transcripts
from confere.vault.destruction import (
    Destruction,
    files_of,
    finish_destroying,
    forget,
    is_last_of_interview,
    same_sound,
)
from confere.vault.events import Facts, list_events

_WAIT_S = 60  # for whoever is changing the roster, which takes seconds


@dataclass(frozen=True, slots=True)
class Doomed:
    """What would be destroyed.

    ``segments`` is None without a draft, ``signed_at`` empty without a signature. ``last`` says that
    what is written of the interview goes too; ``same_sound`` names recordings of the same bytes,
    which stay.
    """

    recording: Recording
    interview: Interview
    segments: int | None
    signed_at: str
    files: tuple[str, ...]
    last: bool
    same_sound: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """One time that something of the recording was handed over."""

    at: str
    by: str
    kinds: str
    audio: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """What was destroyed, what could not be done yet (by name), and what had been handed over."""

    doomed: Doomed
    left: tuple[str, ...]
    exports: tuple[Export, ...]


def checked_reason(reason: str) -> str:
    """Return the reason as it will stand in the log; raises BadValue when there is none."""
    if not reason.strip():
        raise BadValue("destroying needs a reason", "It stays in the log for ever: name nobody.")
    return reason.strip()


def foresee(desk: Desk, given: str) -> Doomed:
    """Return what destroying a recording would destroy; raises NotAllowed, NoSuchThing, Destroyed.

    Damage to the recording does not hinder: whoever must destroy it must be able to.
    """
    desk.require("end the retention of a recording", Role.LEAD)
    recording_id = register.find_recording(desk.catalog, given)
    recording = register.get_recording(desk.catalog, recording_id)
    counts = transcripts.count_states(desk.catalog).get(recording_id)
    signed_at = [told["at"] for told in _told(desk, recording_id, "sign")]
    return Doomed(
        recording=recording,
        interview=register.get_interview(desk.catalog, recording.interview_id),
        segments=None if counts is None else sum(counts.values()),
        signed_at=signed_at[-1] if signed_at else "",
        files=tuple(files_of(desk.vault.locked.storage, recording_id)),
        last=is_last_of_interview(desk.catalog, recording_id),
        same_sound=tuple(same_sound(desk.catalog, recording_id)),
    )


def destroy(desk: Desk, given: str, reason: str) -> Ended:
    """Destroy a recording: its words in the catalog, its key, then the rest of its files.

    The moment is the transaction; cut off after it, the next unlocking finishes. Raises as `foresee`,
    and as `checked_reason`.
    """
    reason = checked_reason(reason)
    with desk.catalog.transaction():
        doomed = foresee(desk, given)
        recording_id = doomed.recording.id
        facts: Facts = {
            "recording": recording_id,
            "reason": reason,
            "files": len(doomed.files),
        }
        desk.tell("destroy", facts)
        told = _told(desk, recording_id, "destroy")[-1]
        forget(desk.catalog, Destruction(recording_id, told["at"], told["by"], reason))
    left = finish_destroying(desk.vault, _WAIT_S)
    return Ended(doomed, left, tuple(_exports(desk, recording_id)))


def _exports(desk: Desk, recording_id: str) -> list[Export]:
    return [
        Export(told["at"], told["by"], told["of"]["kinds"], told["of"]["audio"])
        for told in _told(desk, recording_id, "export")
    ]


def _told(desk: Desk, recording_id: str, what: str) -> list[dict[str, Any]]:
    """Return what the events of one kind say of a recording, in their order."""
    values = [event.value() for event in list_events(desk.catalog, recording_id)]
    return [value for value in values if value["what"] == what]
