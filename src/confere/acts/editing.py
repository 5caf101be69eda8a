"""Say that one is editing a segment, and see who else is: it tells, and stops nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta

from confere.acts.desk import Desk, iso
from confere.domain import Role
from confere.errors import NoSuchThing
from confere.vault import editing, passages, register

#: After so long without a sign of life nobody is thought to be editing.
OPEN_FOR = timedelta(minutes=10)


def begin_editing(desk: Desk, given: str, number: str) -> None:
    """Tell that the person who acts has a segment open; again, that they still have."""
    desk.require("edit", Role.INTERPRETER, Role.VERIFIER)
    with desk.catalog.transaction():
        segment_id = _find(desk, given, number)
        editing.clear_before(desk.catalog, _since(desk))
        editing.set_editing(desk.catalog, segment_id, desk.person.name, desk.now())


def end_editing(desk: Desk, given: str, number: str) -> None:
    """Tell that they have it open no longer; of a segment that is gone, nothing needs to be told."""
    with contextlib.suppress(NoSuchThing), desk.catalog.transaction():
        editing.clear_editing(desk.catalog, _find(desk, given, number), desk.person.name)


def all_editing(desk: Desk) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return who is editing, the person who acts as well: names by segment, by recording."""
    return editing.list_editing(desk.catalog, _since(desk))


def others_editing(desk: Desk, recording_id: str, segment_id: str) -> tuple[str, ...]:
    """Return who else has a segment open."""
    names = all_editing(desk).get(recording_id, {}).get(segment_id, ())
    return tuple(name for name in names if name != desk.person.name)


def _find(desk: Desk, given: str, number: str) -> str:
    recording_id = register.find_recording(desk.catalog, given)
    return passages.find_segment_id(desk.catalog, recording_id, number)


def _since(desk: Desk) -> str:
    return iso(desk.clock() - OPEN_FOR)
