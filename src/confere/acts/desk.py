"""The desk: who acts, on which open vault, by which clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from confere.domain import Person, Role
from confere.errors import NotAllowed
from confere.vault import UnlockedVault
from confere.vault.catalog import Catalog
from confere.vault.events import Facts, record_event, sign_event
from confere.vault.roster import Roster


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

    def tell(self, what: str, of: Facts) -> None:
        """Write what happened, signed by the person, inside the transaction of what it tells."""
        event = sign_event(
            study=self.roster.study_id,
            at=self.now(),
            by=self.person.name,
            what=what,
            of=of,
            key=self.vault.signing_key("event"),
        )
        record_event(self.catalog, event)
