"""The desk: who acts, on which open vault, by which clock."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from confere.domain import Person, Role
from confere.errors import NotAllowed, NotApproved, NotReady
from confere.vault import UnlockedVault, Vault
from confere.vault.catalog import Catalog
from confere.vault.destruction import finish_destroying
from confere.vault.events import Facts, events_of, latest_event, record_event, sign_event
from confere.vault.membership import finish, is_finished
from confere.vault.people import secrets_file
from confere.vault.roster import Roster

#: The events that tell a version of the roster: ``roster`` and ``roster_sha256`` are among their facts.
ROSTER_EVENTS = (
    "study created",
    "person added",
    "person removed",
    "person recovered",
    "machine certified",
    "machine removed",
    "roster found",
)
#: The events that tell the digest of a person's sealed secrets.
SECRETS_EVENTS = ("study created", "person added", "person recovered", "secrets sealed")
#: The events that tell which settings a lead approved.
SETTINGS_EVENTS = ("study created", "settings approved")


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Return a time as it is written everywhere: UTC, milliseconds, ``Z``."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03}Z"


@dataclass(frozen=True, slots=True)
class Desk:
    """What every act of a person needs."""

    vault: UnlockedVault
    clock: Callable[[], datetime] = utc_now

    @property
    def person(self) -> Person:
        """Who acts."""
        return self.vault.person

    @property
    def catalog(self) -> Catalog:
        """The open catalog."""
        return self.vault.catalog

    @property
    def roster(self) -> Roster:
        """Who is in the study."""
        return self.vault.locked.roster

    def now(self) -> str:
        """The time, as it is written."""
        return iso(self.clock())

    def require(self, act: str, *roles: Role) -> None:
        """Refuse unless the person has one of the roles; raises NotAllowed."""
        if not self.person.roles & set(roles):
            raise NotAllowed(self.person.name, act, tuple(roles))

    def require_approved_settings(self, act: str) -> None:
        """Refuse what makes a text final while nobody has approved the settings it goes by."""
        approved = latest_event(self.catalog, *SETTINGS_EVENTS)
        told = approved.value()["of"]["settings_sha256"] if approved else ""
        if told != self.vault.locked.settings_sha256:
            raise NotApproved(act)

    def tell(self, what: str, of: Facts) -> None:
        """Write what happened, signed by the person, inside the transaction of what it tells.

        Raises NotReady, so that nothing is done, for somebody taken out of the study meanwhile.
        """
        self.vault.require_current()
        event = sign_event(
            study=self.roster.study_id,
            at=self.now(),
            by=self.person.name,
            what=what,
            of=of,
            key=self.vault.signing_key("event"),
        )
        record_event(self.catalog, event)

    def roster_facts(self, version: int = 0) -> dict[str, str | int | bool]:
        """The facts by which an event tells a version of the roster, the newest if none is named."""
        roster = self.vault.locked.rosters()[version - 1]
        return {"roster": roster.version, "roster_sha256": roster.sha256}

    def secrets_sha256(self, name: str) -> str:
        """The digest of somebody's sealed secrets, as they lie in the vault."""
        return hashlib.sha256(self.vault.locked.storage.read(secrets_file(name))).hexdigest()


def sit_down(
    vault: Vault, name: str, passphrase: str, clock: Callable[[], datetime] = utc_now
) -> Desk:
    """Unlock the vault for somebody, and make good what was cut off before; raises as `unlock`."""
    desk = Desk(vault.unlock(name, passphrase), clock)
    try:
        put_right(desk)
    except BaseException:
        desk.vault.close()
        raise
    return desk


def put_right(desk: Desk) -> None:
    """Bring to its end what a kill or a power cut left half-way; changes nothing otherwise."""
    if not is_finished(desk.vault):
        # Somebody else at the roster, or in the catalog: the next one who comes does it.
        with contextlib.suppress(NotReady), desk.vault.locked.alone("roster"):
            finish(desk.vault)
    finish_destroying(desk.vault)
    if _untold(desk):
        # Or somebody is just about to tell it: then they are at the roster.
        with contextlib.suppress(NotReady), desk.vault.locked.alone("roster"):
            tell_found(desk)


def tell_created(desk: Desk) -> None:
    """Write the log's first event: the roster, the lead's secrets and the settings as they are."""
    name = desk.roster.leads[0]
    with desk.catalog.transaction():
        desk.tell(
            "study created",
            {
                **desk.roster_facts(),
                "practice": desk.roster.practice,
                "name": name,
                "secrets_sha256": desk.secrets_sha256(name),
                "settings_sha256": desk.vault.locked.settings_sha256,
            },
        )


def tell_found(desk: Desk) -> None:
    """Write into the log what is on the disk, authentic, and was not told: its event was cut off.

    The caller is alone at the roster.
    """
    if _was_just_made(desk):
        tell_created(desk)
    for version in _untold_versions(desk):
        with desk.catalog.transaction():
            desk.tell("roster found", desk.roster_facts(version))
    digest = desk.secrets_sha256(desk.person.name)
    if _told_secrets(desk) != digest:
        # They opened it with their passphrase, and it holds the keys that the roster tells.
        with desk.catalog.transaction():
            desk.tell("secrets sealed", {"name": desk.person.name, "secrets_sha256": digest})


def _was_just_made(desk: Desk) -> bool:
    """Whether the making of the vault was cut off before its event, and its lead is here to tell it."""
    nothing = latest_event(desk.catalog, *ROSTER_EVENTS) is None and desk.roster.version == 1
    return nothing and desk.person.name in desk.roster.leads


def _untold(desk: Desk) -> bool:
    mine = desk.secrets_sha256(desk.person.name)
    return bool(_untold_versions(desk)) or _told_secrets(desk) != mine


def _untold_versions(desk: Desk) -> list[int]:
    told = {e.value()["of"]["roster"] for e in events_of(desk.catalog, *ROSTER_EVENTS)}
    return [v for v in range(1, desk.roster.version + 1) if v not in told]


def _told_secrets(desk: Desk) -> str:
    for event in reversed(events_of(desk.catalog, *SECRETS_EVENTS)):
        of = event.value()["of"]
        if of["name"] == desk.person.name:
            return str(of["secrets_sha256"])
    return ""
