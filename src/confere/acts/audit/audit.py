"""The audit: every check in its order, and the event that says that it was made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from confere.acts.audit.chain import Chain, check_roster_pin, check_rosters
from confere.acts.audit.dismissals import check_dismissals
from confere.acts.audit.events import Events, Row, Told, read_rows
from confere.acts.audit.files import check_files
from confere.acts.audit.finding import Report
from confere.acts.audit.interviews import check_interviews
from confere.acts.audit.log import Log, check_log
from confere.acts.audit.names import check_names
from confere.acts.audit.notes import Waiting, check_notes
from confere.acts.audit.older import OlderState, read_older
from confere.acts.audit.opening import Opened, open_for_audit
from confere.acts.audit.plans import check_plans
from confere.acts.audit.recordings import (
    check_recordings,
    check_recordings_alone,
    read_register,
)
from confere.acts.audit.signatures import verifying
from confere.acts.audit.standing import check_approved, check_secrets, check_settings
from confere.acts.audit.transcripts import check_transcripts
from confere.acts.audit.words import check_words
from confere.acts.desk import Desk, utc_now
from confere.errors import BadInput, ConfereError
from confere.vault import Pins, Storage, UnlockedVault, Vault
from confere.vault.catalog import Catalog
from confere.vault.vault import CATALOG, SETTINGS

#: Told what is being checked, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

_IN_THE_CATALOG = (
    "the events, and who signed them",
    "whether settings, people's files and recordings are those that were told",
    "transcripts and sign-offs",
)
_WITHOUT_SECRET = ("whether what is sealed opens", *_IN_THE_CATALOG)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of an audit. ``since`` are files or texts that tell of older states."""

    since: Sequence[str] = ()
    objects: bool = True
    progress: Progress = lambda what, done, of: None


@dataclass(slots=True)
class Audited:
    """What an audit found, and the log's size and root (hex) that it speaks of.

    ``told`` is whether it stands in the log itself.
    """

    report: Report
    log_size: int
    log_root: str
    told: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.report.wrong


def audit_in_public(root: Path, pins: Pins | None, order: Order) -> Audited:
    """Check what can be checked with no secret; says what it could not. Raises BadInput."""
    report = Report()
    ground = _ground(root, report)
    log = _check_public(ground, pins, order, report)
    for what in _WITHOUT_SECRET:
        report.add_not_checked(f"{what}: that needs a reader's passphrase (--as)")
    return _audited(report, log)


def audit(
    root: Path,
    pins: Pins | None,
    name: str,
    passphrase: str,
    order: Order,
    clock: Callable[[], datetime] = utc_now,
) -> Audited:
    """Check everything, as somebody who reads; then write into the log that it was done.

    Looks before it writes, and puts nothing right: what another opening would make good is still
    there to be seen. Raises NoSuchThing, NotAllowed and WrongPassphrase about the person, and
    BadInput about what was given; whatever is wrong with the vault is a finding.
    """
    report = Report()
    ground = _ground(root, report)
    opened = open_for_audit(ground.storage, ground.chain, name, passphrase, report)
    if opened is None or opened.catalog is None:
        log = _check_public(ground, pins, order, report)
        if opened is not None and opened.identities:
            _check_without_catalog(ground.storage, opened, order, report)
        for what in _IN_THE_CATALOG:
            report.add_not_checked(f"{what}: the catalog could not be opened")
        return _audited(report, log)
    try:
        log = _check_all(ground, pins, opened, order, report)
    finally:
        opened.catalog.close()
    done = _audited(report, log)
    if log.in_order:
        done.told = _tell(root, pins, opened, done, clock)
    else:
        report.add_not_checked("this audit is not in the custody log, which is not in order")
    return done


@dataclass(frozen=True, slots=True)
class _Ground:
    storage: Storage
    chain: Chain


def _ground(root: Path, report: Report) -> _Ground:
    """Read what everything else rests on; raises BadInput when there is no vault at all."""
    if not (root / SETTINGS).exists() and not (root / "roster").is_dir():
        hint = "Say where it is with --vault or CONFERE_VAULT."
        raise BadInput(f"there is no vault in {root}", hint)
    storage = Storage(root)
    check_settings(storage, report)
    return _Ground(storage, check_rosters(storage, report))


def _check_public(ground: _Ground, pins: Pins | None, order: Order, report: Report) -> Log:
    check_roster_pin(ground.chain, pins, report)
    log = check_log(ground.storage, ground.chain, pins, _older(ground, order), report)
    check_files(ground.storage, ground.chain, report)
    return log


def _older(ground: _Ground, order: Order) -> list[OlderState]:
    newest = ground.chain.newest
    if newest is None:
        return []
    return [state for given in order.since for state in read_older(given, newest.study_id)]


def _check_all(
    ground: _Ground, pins: Pins | None, opened: Opened, order: Order, report: Report
) -> Log:
    storage, chain, catalog = ground.storage, ground.chain, opened.catalog
    assert catalog is not None
    rows: list[Row] = []
    waiting: list[Waiting] = []
    with _standing_still(storage):
        log = _check_public(ground, pins, order, report)
        waiting = check_notes(storage, opened.study, report)
        with report.guarded(CATALOG):
            rows = read_rows(catalog)
    events = Events(rows, waiting, chain, log)
    with verifying(events.signed) as signatures:
        told = events.check(report)
        check_approved(storage, told, report)
        proved = opened.person.name if opened.proved else ""
        check_secrets(storage, chain, told, proved, report)
        with report.guarded(CATALOG):
            _check_recordings(ground, opened, catalog, told, waiting, order, report)
        events.tell_bad(signatures.bad(_of(order, "signatures")), report)
    with report.subject("catalog file", "every page authentic", CATALOG) as on:
        on.count = 1
        catalog.check()
    return log


def _check_recordings(
    ground: _Ground,
    opened: Opened,
    catalog: Catalog,
    told: Sequence[Told],
    waiting: Sequence[Waiting],
    order: Order,
    report: Report,
) -> None:
    register = read_register(catalog)
    check_recordings(
        ground.storage,
        opened.study,
        register,
        told,
        waiting,
        report,
        _of(order, "recordings"),
        objects=order.objects,
    )
    progress = _of(order, "transcripts")
    check_transcripts(catalog, ground.chain, register, told, report, progress)
    check_interviews(catalog, told, report)
    check_words(catalog, told, report)
    check_dismissals(catalog, told, report)
    check_names(catalog, told, report)
    check_plans(catalog, told, report)


def _check_without_catalog(storage: Storage, opened: Opened, order: Order, report: Report) -> None:
    check_notes(storage, opened.study, report)
    progress = _of(order, "recordings")
    check_recordings_alone(storage, opened.study, report, progress, objects=order.objects)


def _of(order: Order, what: str) -> Callable[[int, int], None]:
    return lambda done, of: order.progress(what, done, of)


@contextlib.contextmanager
def _standing_still(storage: Storage) -> Iterator[None]:
    """Let nobody write the log while log and events are read: one would be older than the other."""
    lock = FileLock(storage.path(".log.lock"), mode=0o600)
    try:
        lock.acquire(timeout=10)
    except (Timeout, OSError):  # a disk that cannot be written can still be audited
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _audited(report: Report, log: Log) -> Audited:
    return Audited(report, log.size, log.tree.root().hex())


def _tell(
    root: Path, pins: Pins | None, opened: Opened, done: Audited, clock: Callable[[], datetime]
) -> bool:
    """Write the event; a vault that is too broken to be opened gets none, which is told."""
    report = done.report
    try:
        vault = UnlockedVault(Vault(root, pins), opened.person, opened.secrets, opened.identities)
    except ConfereError as error:
        report.add_not_checked(f"this audit is not in the custody log: {error.message}")
        return False
    desk = Desk(vault, clock)
    try:
        with desk.catalog.transaction():
            facts: dict[str, str | int | bool] = {
                "wrong": len(report.wrong),
                "log_size": done.log_size,
                "log_root": done.log_root,
            }
            desk.tell("audit", facts)
    except ConfereError as error:
        report.add_not_checked(f"this audit is not in the custody log: {error.message}")
        return False
    finally:
        vault.close()
    return True
