"""The custody of one recording, or of one interview with all its recordings: what happened, in its order.

For leads: it tells who read what, and when. What it shows is checked as it is read; that nothing was left
out, a proof shows (`audit.proof`), and that all of it is whole, an audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from confere.acts.desk import Desk
from confere.domain import Role
from confere.errors import BadSignature, NoSuchThing
from confere.vault import interviews, register
from confere.vault.events import Event, events_of, list_events


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: when, by whom, what, and its facts.

    ``place`` is its number in the custody log, None before it is there. ``holds`` is whether its signature
    does.
    """

    id: str
    at: str
    by: str
    what: str
    of: Mapping[str, Any]
    place: int | None
    holds: bool


@dataclass(frozen=True, slots=True)
class Custody:
    """What was asked about, by id, and what happened to it; ``recordings`` are those it speaks of."""

    interview: str
    recordings: tuple[str, ...]
    happenings: tuple[Happening, ...]


def custody(desk: Desk, given: str) -> Custody:
    """Return the custody of a recording, destroyed or not, or else of an interview.

    Raises NotAllowed, NoSuchThing.
    """
    desk.require("read the custody of a recording", Role.LEAD)
    with desk.catalog.moment():
        try:
            id_ = ""
            recordings: tuple[str, ...] = (register.find_recording(desk.catalog, given),)
        except NoSuchThing:
            id_ = interviews.find_interview(desk.catalog, given)
            recordings = interviews.every_recording(desk.catalog, id_)
        events = [event for one in recordings for event in list_events(desk.catalog, one)]
        if id_:
            written = events_of(desk.catalog, "interview")
            events += [e for e in written if e.value()["of"]["interview"] == id_]
    return Custody(id_, recordings, tuple(_in_order(desk, events)))


def _in_order(desk: Desk, events: Iterable[Event]) -> list[Happening]:
    found = [_happening(desk, event) for event in events]
    return sorted(found, key=lambda one: (one.place is None, one.place or 0, one.at))


def _happening(desk: Desk, event: Event) -> Happening:
    value = event.value()
    try:
        event.check()
        holds = True
    except BadSignature:
        holds = False
    place = desk.vault.log.find(event.entry)
    return Happening(
        value["id"], value["at"], value["by"], value["what"], value["of"], place, holds
    )
