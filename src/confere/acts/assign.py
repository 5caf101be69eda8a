"""Take a recording, give it back, assign it: who does the next work, so that two do not do the same.

It blocks nobody: roles and independence alone decide what somebody may do. It is refused where they
make it pointless.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from confere.acts.desk import Desk
from confere.acts.queue import Stage, look_closely
from confere.domain import Person, Role
from confere.errors import BadValue, NotReady, Pointless
from confere.review.states import MAY, Decision
from confere.vault import register
from confere.vault.assignments import (
    Assignment,
    list_assignments,
    put_assignment,
    remove_assignment,
)


def take(desk: Desk, given: str, due: str = "") -> tuple[Assignment, list[Assignment]]:
    """Take a recording; return that, and who else has it.

    ``due`` is a day (ISO 8601), not past; empty leaves the one that was given before. Raises
    Pointless with the reason, BadValue, NoSuchThing, Destroyed.
    """
    return _put(desk, given, desk.person, due, "take")


def assign(desk: Desk, given: str, name: str, due: str = "") -> tuple[Assignment, list[Assignment]]:
    """Assign a recording to somebody: the lead's act; raises as `take`, and NotAllowed."""
    desk.require("assign recordings to others", Role.LEAD)
    return _put(desk, given, desk.roster.person(name), due, "assign")


def give_back(desk: Desk, given: str, name: str = "") -> str:
    """Give back what was taken or assigned; a lead also what somebody else has. Return its id.

    Raises NotReady when there is nothing to give back, NotAllowed, NoSuchThing, Destroyed.
    """
    name = name or desk.person.name
    if name != desk.person.name:
        desk.require("give back what somebody else has taken", Role.LEAD)
    with desk.catalog.transaction():
        recording_id = register.find_recording(desk.catalog, given)
        register.get_recording(desk.catalog, recording_id)
        if all(a.name != name for a in list_assignments(desk.catalog, [recording_id])):
            raise NotReady(f"{name} has not taken {recording_id}", "'confere queue' shows who has.")
        remove_assignment(desk.catalog, recording_id, name)
        desk.tell("give back", {"recording": recording_id, "name": name})
    return recording_id


def _put(
    desk: Desk, given: str, person: Person, due: str, what: str
) -> tuple[Assignment, list[Assignment]]:
    _require_day(due, desk.clock().date())
    with desk.catalog.transaction():
        recording_id = _require_sense(desk, given, person)
        there = list_assignments(desk.catalog, [recording_id])
        due = due or next((a.due for a in there if a.name == person.name), "")
        made = Assignment(recording_id, person.name, desk.person.name, desk.now(), due)
        put_assignment(desk.catalog, made)
        desk.tell(what, {"recording": recording_id, "name": person.name, "due": due})
    return made, [a for a in there if a.name != person.name and a.name in desk.roster.people]


def _require_day(due: str, today: date) -> None:
    if not due:
        return
    try:
        day = date.fromisoformat(due)
    except ValueError:
        day = None
    if day is None or day.isoformat() != due:
        raise BadValue(f"'{due}' is no day", "Write it as 2026-11-30: year, month, day.")
    if day < today:
        raise BadValue(f"{due} is past")


def _require_sense(desk: Desk, given: str, person: Person) -> str:
    """Return the recording's id, or refuse what could lead to nothing."""
    detail = look_closely(desk, given)
    waiting = detail.waiting
    if waiting.stage is Stage.SIGNED:
        raise Pointless(person.name, "it is signed, and nothing in it changes any more")
    if person.roles & MAY[Decision.ACCEPT]:
        return waiting.recording_id  # whatever comes back needs an interpreter
    if not person.roles & MAY[Decision.SIGN]:
        raise Pointless(person.name, f"{person.name} is neither interpreter nor verifier")
    worked_on: Iterable[str] = ()
    if detail.independence is not None:
        worked_on = detail.independence.signing.worked_on.get(person.name, ())
    if worked_on:
        numbers = ", ".join(worked_on)
        raise Pointless(
            person.name,
            f"{person.name} worked on segment {numbers}, and whoever signs has worked on none",
        )
    return waiting.recording_id
