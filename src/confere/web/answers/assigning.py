"""Who has a recording: taking it, giving it back, giving it to somebody; and who may do which of it."""

from __future__ import annotations

from typing import Any

from confere.acts import assign as acts
from confere.acts.desk import Desk
from confere.acts.queue import corrects, verifies, waiting_of
from confere.domain import Role
from confere.review.states import MAY, Decision
from confere.vault import register
from confere.web.sitting import Sitting


def take(sitting: Sitting, recording: str, due: str) -> dict[str, Any]:
    """Take a recording."""
    made, _ = acts.take(sitting.desk, recording, due)
    return has(sitting.desk, made.recording_id)


def assign(sitting: Sitting, recording: str, name: str, due: str) -> dict[str, Any]:
    """Give a recording to somebody, with the day on which it is due."""
    made, _ = acts.assign(sitting.desk, recording, name, due)
    return has(sitting.desk, made.recording_id)


def give_back(sitting: Sitting, recording: str, name: str) -> dict[str, Any]:
    """Give back a recording that was taken; a lead also what somebody else has."""
    return has(sitting.desk, acts.give_back(sitting.desk, recording, name))


def has(desk: Desk, recording_id: str) -> dict[str, Any]:
    """Return who has a recording now."""
    original = register.duplicates(desk.catalog).get(recording_id, recording_id)
    return {"taken": taken(waiting_of(desk, original).taken)}


def taken(all_: Any) -> list[dict[str, str]]:
    """Return those who have a recording."""
    return [{"name": a.name, "due": a.due} for a in all_]


def may(desk: Desk) -> dict[str, Any]:
    """Return what who asks may do with any recording, and to whom a lead can give one."""
    person = desk.person
    lead = Role.LEAD in person.roles
    people = sorted(desk.roster.people.values(), key=lambda each: each.name)
    return {
        "takes": corrects(person) or verifies(person),
        "assigns": lead,
        "reopens": bool(person.roles & MAY[Decision.REOPEN]),
        "workers": [
            {"name": p.name, "roles": sorted(p.roles)} for p in people if corrects(p) or verifies(p)
        ]
        if lead
        else [],
    }
