"""What an event says is believed only from the custody log, and from who might say it."""

from __future__ import annotations

from confere.acts.desk import Desk
from confere.domain import Role
from confere.vault.events import Event


def place_in_log(desk: Desk, event: Event, *roles: Role) -> int | None:
    """Return where an event stands in the custody log; None if it is not theirs who it says.

    ``roles``: one of them they must have had at some time. Exactly when, an audit looks at.
    """
    by, vault = event.value()["by"], desk.vault
    event.check()
    people = [r.people[by] for r in vault.locked.rosters() if by in r.people]
    allowed = not roles or any(p.roles & set(roles) for p in people)
    if not allowed or event.key not in {p.verify_keys["event"] for p in people}:
        return None
    place = vault.log.find(event.entry)
    if place is None:  # told by somebody else since this desk looked
        vault.log.refresh()
        place = vault.log.find(event.entry)
    return place
