"""A vault: made, found, and opened by one person at a time.

Locked, it tells what is public (settings, roster, log) and takes recordings in. Unlocked, it has its
catalog and opens what is sealed to the study. Who is in it, and how that changes, is in `membership`.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from confere.crypto import KeyIdentity, SigningKey, encrypt
from confere.crypto.keys import KeyKind, generate_identity
from confere.domain import Person, Role, new_id
from confere.domain.settings import Settings, parse, render
from confere.errors import (
    BadInput,
    BadValue,
    DamagedCatalog,
    DamagedObject,
    DamagedVault,
    DiskFull,
    NotAllowed,
    NotReady,
    RolledBack,
    StorageProblem,
    WrongKey,
    WrongPassphrase,
)
from confere.vault import objects
from confere.vault.catalog import Catalog
from confere.vault.events import settle
from confere.vault.log import CustodyLog
from confere.vault.machine import Machine
from confere.vault.people import (
    Secrets,
    check_name,
    check_passphrase,
    new_secrets_file,
    open_secrets,
    seal_secrets,
    secrets_file,
)
from confere.vault.pins import Pins
from confere.vault.recovery import RecoveryKey
from confere.vault.roster import Roster, load_rosters, write_roster
from confere.vault.storage import FOLDER_MODE, Storage
from confere.vault.study_keys import (
    RESEALED,
    catalog_key,
    open_study_keys,
    resealed_to,
    write_study_key,
)

SETTINGS = "confere.toml"
CATALOG = "catalog.db"
_SEALING_WAIT_S = 60


@dataclass(frozen=True, slots=True)
class Created:
    """What making a vault gives: the vault and the recovery key, which is kept nowhere."""

    vault: Vault
    recovery: RecoveryKey


class Vault:
    """A vault on disk, locked: what can be known and done without any secret."""

    def __init__(self, root: Path, pins: Pins | None = None) -> None:
        """Find a vault, and compare its roster with what this machine has seen.

        Raises BadInput when there is none, BadSetting, DamagedVault, BadSignature, RolledBack,
        AnotherStudy.
        """
        if not (root / SETTINGS).is_file():
            raise BadInput(
                f"there is no vault in {root}",
                "Make one with 'confere init', or say where it is with --vault or CONFERE_VAULT.",
            )
        self.storage = Storage(root)
        text = self.storage.read(SETTINGS)
        self.settings_sha256 = hashlib.sha256(text).hexdigest()
        self.settings: Settings = parse(text.decode("utf-8", "replace"), str(root / SETTINGS))
        self.pins = pins
        self._rosters: list[Roster] = []
        self.refresh()
        if pins is not None:
            with contextlib.suppress(StorageProblem, DiskFull):  # as for the roster
                pins.require_place(root, self.roster.study_id)

    @classmethod
    def create(
        cls,
        root: Path,
        *,
        study: str,
        lead: str,
        passphrase: str,
        settings: Settings,
        practice: bool = False,
        keys: KeyKind = "hybrid",
        sheets: int = 0,
        machine: Machine | None = None,
        pins: Pins | None = None,
    ) -> Created:
        """Make a vault in a new or empty folder, or one where a making was cut off; with its first lead.

        ``machine`` is certified at once: the one that sits here. ``sheets`` splits the recovery key.
        """
        check_name(lead)
        check_passphrase(passphrase)
        if not study.strip():
            raise BadValue("a study needs a name")
        _require_empty(root)
        recovery = RecoveryKey.make(keys, sheets)
        root.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        root.chmod(FOLDER_MODE)
        storage = Storage(root)
        person, period = Secrets.make(lead, keys), generate_identity(keys)
        roster = Roster(
            study_id=new_id(),
            study_name=study.strip(),
            version=1,
            previous="",
            practice=practice,
            recovery=recovery.public,
            periods=(str(period.recipient),),
            people={lead: person.person(frozenset({Role.LEAD}))},
            machines={machine.name: machine.keys} if machine else {},
        )
        sealed = seal_secrets(person, passphrase, settings.people.scrypt_work_factor)
        storage.write(secrets_file(lead), sealed)
        write_study_key(storage, roster, 1, period)
        storage.write(RESEALED, b"1\n")
        write_roster(storage, roster, lead, person.signing_key("roster"))
        Catalog.create(storage.path(CATALOG), catalog_key(period)).close()
        for folder in ("recordings", "intake", "log"):
            storage.make_folder(folder)
        # Last: a folder without it is no vault, so an interrupted making is never taken for one.
        storage.write(SETTINGS, render(settings).encode())
        if pins is not None:
            pins.set_place(root, roster.study_id)
        return Created(cls(root, pins), recovery)

    # --- the roster ---------------------------------------------------------------------------

    @property
    def roster(self) -> Roster:
        """The newest version that was read."""
        return self._rosters[-1]

    def refresh(self, *, wholly: bool = False) -> Roster:
        """Read the roster again if there is a newer one, and return it.

        ``wholly`` reads every version again, as at the opening: an older one in its place is found.
        Raises DamagedVault, BadSignature, and RolledBack when it is older than, or not the
        continuation of, what this machine has seen.
        """
        known = len(self._rosters)
        there = [self.storage.exists(f"roster/{known + more}.note") for more in (0, 1)]
        if known and not wholly and there == [True, False]:
            return self.roster
        rosters = load_rosters(self.storage, () if wholly else self._rosters)
        if known and (len(rosters) < known or rosters[known - 1].sha256 != self.roster.sha256):
            raise RolledBack("the roster", f"its version {known} was there a moment ago")
        if self.pins is not None:
            rosters = self._compared(rosters, self.pins)
        self._rosters = rosters
        return self.roster

    def _compared(self, rosters: list[Roster], pins: Pins) -> list[Roster]:
        """Compare with what this machine has seen, and remember what is newer."""
        seen = pins.seen(rosters[-1].study_id)
        if seen.roster > len(rosters):
            # Perhaps another process wrote and saw a newer one after it was read here.
            rosters = load_rosters(self.storage, rosters)
        newest = rosters[-1]
        if seen.roster > newest.version:
            detail = f"version {seen.roster} was seen, the newest is {newest.version}"
            raise RolledBack("the roster", detail)
        if seen.roster and rosters[seen.roster - 1].sha256 != seen.roster_sha256:
            detail = f"its version {seen.roster} is not the one that was seen"
            raise RolledBack("the roster", detail)
        # A machine that cannot remember it has lost a watchman, not a recording.
        with contextlib.suppress(StorageProblem, DiskFull):
            pins.keep_roster(newest.study_id, newest.version, newest.sha256)
        return rosters

    def rosters(self) -> list[Roster]:
        """Return every version of the roster there is by now, oldest first."""
        self.refresh()
        return self._rosters

    def keys_of(self, name: str, kind: str) -> set[str]:
        """Return every key of a kind that somebody has had: who left or was recovered signed too."""
        versions = [r.people[name] for r in self.rosters() if name in r.people]
        return {person.verify_keys[kind] for person in versions}

    def log(self) -> CustodyLog:
        """Read the custody log, compared with what this machine has seen of it."""
        return CustodyLog(self.storage, self.rosters, self.pins)

    # --- work without a secret ----------------------------------------------------------------

    @contextlib.contextmanager
    def alone(self, at: str, wait_s: float = 0) -> Iterator[None]:
        """Be the only one at a work (``offload``, ``roster``); raises NotReady when another is."""
        lock = FileLock(self.storage.path(f".{at}.lock"), mode=0o600)
        try:
            with lock.acquire(timeout=wait_s):
                yield
        except Timeout:
            raise NotReady(
                f"another Confere is at the {at} of this vault", "Wait until it has finished."
            ) from None

    def new_recording(self) -> objects.NewRecording:
        """Start a recording; the caller is alone at the offload."""
        return objects.NewRecording(self.storage, self.roster.keys)

    def place(
        self,
        recording: objects.NewRecording,
        note: bytes,
        remember: Callable[[objects.Placed], None],
    ) -> None:
        """Give a recording its place, sealed to the study as the roster tells it in this moment."""
        with self.sealing():
            recording.place(note, self.refresh(), remember)

    def leave_note(self, file: str, note: bytes) -> None:
        """Leave one more note for the readers, sealed as one of a new recording is."""
        with self.sealing():
            self.storage.write(file, encrypt(note, self.refresh().study_recipients))

    def sealing(self) -> contextlib.AbstractContextManager[None]:
        """Nobody changes the roster while something is sealed to it, nor the other way round."""
        return self.alone("sealing", _SEALING_WAIT_S)

    # --- opening ------------------------------------------------------------------------------

    def unlock(self, name: str, passphrase: str) -> UnlockedVault:
        """Open the vault as somebody who reads.

        Raises NoSuchThing, WrongPassphrase, NotAllowed for a fieldworker, DamagedObject,
        DamagedVault, DamagedCatalog, NotReady when the study's keys are changed in this moment, and
        what the custody log raises when it is not in order.
        """
        self.refresh()  # minutes may have passed at the prompt for the passphrase
        secrets = self._secrets(name, passphrase)
        person = self.roster.person(name)
        if not person.reads:
            raise NotAllowed(name, "open the vault", ("interpreter", "verifier", "lead"))
        before = self._keys_state()
        try:
            identities = open_study_keys(self.storage, self.roster, secrets.identity)
            return UnlockedVault(self, person, secrets, identities)
        except (DamagedVault, DamagedObject, DamagedCatalog, WrongKey):
            if self._keys_state() == before:
                raise
            raise NotReady(
                "the study's keys were changed in this moment", "Run the command again."
            ) from None

    def _keys_state(self) -> tuple[int, int, int]:
        """What tells, compared with an earlier one, whether the keys were changed in between."""
        catalog = self.storage.path(CATALOG)
        which = catalog.stat().st_ino if catalog.exists() else 0
        return self.refresh().version, resealed_to(self.storage), which

    def _secrets(self, name: str, passphrase: str) -> Secrets:
        """Open somebody's secrets: those whose keys the roster tells.

        New ones wait under another name until the roster tells them; cut off just then, they get
        their name here.
        """
        waiting = new_secrets_file(name)
        if name in self.roster.people and self.storage.exists(waiting):
            with contextlib.suppress(WrongPassphrase):
                fresh = open_secrets(self.storage, name, passphrase, waiting)
                if self._is_in_roster(fresh):
                    with contextlib.suppress(StorageProblem):  # another process was faster
                        self.storage.rename(waiting, secrets_file(name))
                    return fresh
        secrets = open_secrets(self.storage, name, passphrase)
        self.roster.person(name)
        if not self._is_in_roster(secrets):
            raise WrongKey(f"what the roster says of {name}")
        return secrets

    def _is_in_roster(self, secrets: Secrets) -> bool:
        person = self.roster.person(secrets.name)
        return secrets.person(person.roles) == person


def _require_empty(root: Path) -> None:
    """Raise BadValue unless a vault can be made here; what a making that was cut off left, goes.

    That opens for nobody: its recovery key was not shown yet, and nothing was ever put into it.
    """
    if not root.exists():
        return
    if (root / SETTINGS).exists():
        raise BadValue(
            f"there is a vault in {root} already",
            "Was its making cut off before the recovery key was shown? Then nothing is in it yet:"
            " remove the folder and make it anew.",
        )
    if not root.is_dir() or not _is_cut_off(root):
        raise BadValue(f"{root} is not empty", "A vault is made in a new or an empty folder.")
    storage = Storage(root)
    for entry in list(root.iterdir()):
        storage.remove(entry.name)


def _is_cut_off(root: Path) -> bool:
    """Whether there is nothing but what a making writes before the settings, its last file.

    Without its settings a vault in use is damaged, not cut off: it has a log, or recordings.
    """
    database = {CATALOG, *(f"{CATALOG}-{of}" for of in ("journal", "wal", "shm"))}
    made = {"people", "keys", "roster"} | database
    empty = {"recordings", "intake", "log"}
    return all(
        entry.name in made
        or entry.name.startswith(f".{SETTINGS}.")
        or (entry.name in empty and not any(entry.iterdir()))
        for entry in root.iterdir()
    )


class UnlockedVault:
    """A vault opened by one person. Locking it means ending the process: Python cannot wipe memory."""

    def __init__(
        self,
        vault: Vault,
        person: Person,
        secrets: Secrets,
        identities: Mapping[int, KeyIdentity],
    ) -> None:
        self.locked = vault
        self.person = person
        self.secrets = secrets
        #: The study's keys by period: the newest, and what is not resealed yet.
        self.identities = dict(identities)
        self.log = vault.log()
        self.catalog = self._open_catalog()
        try:
            self.catalog.after_commit(self.settle)
            self.settle()
        except BaseException:
            self.close()  # while it is open, nobody can give it another key
            raise

    def _open_catalog(self) -> Catalog:
        """Open it with the newest key; or with an older one, if a change of keys was cut off."""
        path = self.locked.storage.path(CATALOG)
        newest, *older = sorted(self.identities, reverse=True)
        try:
            return Catalog(path, catalog_key(self.identities[newest]))
        except DamagedCatalog:
            for period in older:
                with contextlib.suppress(DamagedCatalog):
                    return Catalog(path, catalog_key(self.identities[period]))
            raise

    def close(self) -> None:
        """Close the catalog."""
        self.catalog.close()

    def require_current(self) -> None:
        """Raise NotReady when the roster has moved on from what this was opened with.

        Somebody taken out, or recovered with new keys, signs nothing any more; and nothing is sealed
        by who has not got the study's newest key.
        """
        roster = self.locked.refresh()
        if roster.people.get(self.person.name) != self.person:
            raise NotReady(
                f"{self.person.name} was taken out of the study, or was given new keys",
                "Nothing was changed. Ask a lead.",
            )
        if roster.period not in self.identities:
            raise NotReady(
                "the study's keys were changed meanwhile",
                "Nothing was lost. Run the command again.",
            )

    def settle(self) -> None:
        """Bring the events that are not in the custody log yet into it."""
        settle(self.catalog, self.log, self.person.name, self.signing_key("checkpoint"))

    def signing_key(self, kind: str) -> SigningKey:
        """Return this person's key for a kind of signature."""
        return self.secrets.signing_key(kind)

    def sign_off_key(self, passphrase: str) -> SigningKey:
        """Return this person's key for sign-offs, out of their secrets, opened anew with a passphrase.

        Whoever finds a vault left open cannot sign in somebody's name. Raises WrongPassphrase.
        """
        secrets = open_secrets(self.locked.storage, self.person.name, passphrase)
        if secrets.person(self.person.roles) != self.person:
            raise WrongKey(f"what the roster says of {self.person.name}")
        return secrets.signing_key("sign-off")

    @property
    def study_identities(self) -> list[KeyIdentity]:
        """The study's keys, newest first."""
        return [self.identities[period] for period in sorted(self.identities, reverse=True)]

    def open_audio(self, recording_id: str) -> BinaryIO:
        """Open a recording's audio: plaintext, seekable, never on disk."""
        return objects.open_audio(self.locked.storage, recording_id, self.study_identities)

    def open_object(self, file: str) -> bytes:
        """Open a small file that is sealed to the study."""
        return objects.open_object(self.locked.storage, file, self.study_identities)

    def recording_key(self, recording_id: str) -> KeyIdentity:
        """Open a recording's own key: what is sealed to it dies with it."""
        return objects.recording_key(self.locked.storage, recording_id, self.study_identities)
