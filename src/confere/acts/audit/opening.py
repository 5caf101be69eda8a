"""Open the vault for an audit: whatever can be opened, changing nothing."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from confere.acts.audit.chain import Chain, require_newest
from confere.acts.audit.finding import Report
from confere.crypto import KeyIdentity
from confere.domain import Person
from confere.errors import (
    DamagedCatalog,
    DamagedStore,
    NotAllowed,
    NotReady,
    WrongKey,
    WrongPassphrase,
)
from confere.vault import Storage
from confere.vault.catalog import Catalog
from confere.vault.people import Secrets, new_secrets_file, open_secrets, secrets_file
from confere.vault.study_keys import catalog_key, open_study_key, resealed_to, study_key_file
from confere.vault.vault import CATALOG


@dataclass(slots=True)
class Opened:
    """What could be opened: the study's keys by period, and the catalog if it opens."""

    person: Person
    secrets: Secrets
    identities: dict[int, KeyIdentity] = field(default_factory=dict)
    catalog: Catalog | None = None
    #: Whether the secrets were opened and hold the keys that the roster tells.
    proved: bool = False

    @property
    def study(self) -> list[KeyIdentity]:
        """The study's keys, newest first."""
        return [self.identities[period] for period in sorted(self.identities, reverse=True)]


def open_for_audit(
    storage: Storage, chain: Chain, name: str, passphrase: str, report: Report
) -> Opened | None:
    """Open what there is; what is broken becomes a finding, and None is given if nothing opens.

    Raises NoSuchThing, NotAllowed for somebody who opens nothing, WrongPassphrase.
    """
    person = require_newest(chain).person(name)
    if not person.reads:
        raise NotAllowed(name, "open the vault", ("interpreter", "verifier", "lead"))
    opened = _open_secrets(storage, person, passphrase, report)
    if opened is not None:
        with report.subject("study keys", "as the roster tells", "keys") as on:
            _open_keys(storage, chain, opened, report)
            on.count = len(opened.identities)
        opened.catalog = _open_catalog(storage, opened, report)
    return opened


def _open_secrets(
    storage: Storage, person: Person, passphrase: str, report: Report
) -> Opened | None:
    file = secrets_file(person.name)
    waiting = new_secrets_file(person.name)
    if storage.exists(waiting):
        with contextlib.suppress(WrongPassphrase, DamagedStore):
            fresh = open_secrets(storage, person.name, passphrase, waiting)
            if fresh.person(person.roles) == person:
                return Opened(person, fresh, proved=True)
    if not storage.exists(file):
        return None  # told among the files
    try:
        secrets = open_secrets(storage, person.name, passphrase)
    except WrongPassphrase:
        raise WrongPassphrase(f"{file} (or that file is damaged)") from None
    except (DamagedStore, WrongKey) as error:
        report.add_wrong(file, error.message)
        return None
    proved = secrets.person(person.roles) == person
    if not proved:
        report.add_wrong(file, f"holds other keys than the roster tells of {person.name}")
    return Opened(person, secrets, proved=proved)


def _open_keys(storage: Storage, chain: Chain, opened: Opened, report: Report) -> None:
    newest = require_newest(chain)
    oldest = newest.period
    with contextlib.suppress(DamagedStore):  # told among the files
        oldest = min(resealed_to(storage), newest.period)
    for period in range(oldest, newest.period + 1):
        file = study_key_file(period)
        if storage.exists(file):
            with report.guarded(file):
                opened.identities[period] = open_study_key(
                    storage, newest, period, opened.secrets.identity
                )


def _open_catalog(storage: Storage, opened: Opened, report: Report) -> Catalog | None:
    if not opened.identities or not storage.exists(CATALOG):
        report.add_not_checked(f"{CATALOG} and all that is in it: nothing at hand opens it")
        return None
    failed = DamagedCatalog("")
    for period in sorted(opened.identities, reverse=True):
        try:
            return Catalog(storage.path(CATALOG), catalog_key(opened.identities[period]))
        except DamagedCatalog as error:
            failed = error
        except NotReady as error:
            report.add_wrong(CATALOG, error.message)
            return None
    report.add_wrong(CATALOG, f"does not open: {failed.message}")
    report.add_not_checked(f"what is in {CATALOG}: it does not open")
    return None
