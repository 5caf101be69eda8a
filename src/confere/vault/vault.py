"""A vault: made, found, and opened by one person at a time.

Locked, it tells what is public (settings, roster) and takes recordings in. Unlocked, it has its catalog
and opens what is sealed to the study.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from filelock import FileLock, Timeout

from confere.crypto import (
    Identity,
    SigningKey,
    X25519Identity,
    derive_key,
    encrypt,
    parse_identities,
)
from confere.domain import Person, Role, new_id
from confere.domain.settings import Settings, parse, render
from confere.errors import BadInput, BadValue, DamagedVault, NotAllowed, NotReady, WrongKey
from confere.vault import objects
from confere.vault.catalog import Catalog
from confere.vault.people import Secrets, check_name, check_passphrase, open_secrets, seal_secrets
from confere.vault.roster import Roster, load_roster, roster_digest, write_roster
from confere.vault.storage import FOLDER_MODE, Storage

_SETTINGS = "confere.toml"
_CATALOG = "catalog.db"


@dataclass(frozen=True, slots=True)
class Created:
    """What making a vault gives: the vault and the recovery key, which is kept nowhere."""

    vault: Vault
    recovery_key: str


class Vault:
    """A vault on disk, locked: what can be known and done without any secret."""

    def __init__(self, root: Path) -> None:
        """Find a vault; raises BadInput when there is none, BadSetting, DamagedVault, BadSignature."""
        if not (root / _SETTINGS).is_file():
            raise BadInput(
                f"there is no vault in {root}",
                "Make one with 'confere init', or say where it is with --vault or CONFERE_VAULT.",
            )
        self.storage = Storage(root)
        text = self.storage.read(_SETTINGS).decode("utf-8", "replace")
        self.settings: Settings = parse(text, str(root / _SETTINGS))
        self.roster: Roster = load_roster(self.storage)

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
    ) -> Created:
        """Make a vault in a new or empty folder, with its first lead."""
        check_name(lead)
        check_passphrase(passphrase)
        if not study.strip():
            raise BadValue("a study needs a name")
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise BadValue(f"{root} is not empty", "A vault is made in a new or an empty folder.")
        root.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        root.chmod(FOLDER_MODE)
        storage = Storage(root)
        person, period, recovery = (
            Secrets.make(lead),
            X25519Identity.generate(),
            X25519Identity.generate(),
        )
        roster = Roster(
            study_id=new_id(),
            study_name=study.strip(),
            version=1,
            previous="",
            practice=practice,
            recovery=str(recovery.recipient),
            periods=(str(period.recipient),),
            people={lead: person.person(frozenset({Role.LEAD}))},
        )
        seal_secrets(storage, person, passphrase, settings.people.scrypt_work_factor)
        _write_study_key(storage, roster, period)
        write_roster(storage, roster, lead, person.signing_key("roster"))
        Catalog.create(storage.path(_CATALOG), _catalog_key(period)).close()
        for folder in ("recordings", "intake", "log"):
            storage.make_folder(folder)
        # Last: a folder without it is no vault, so an interrupted making is never taken for one.
        storage.write(_SETTINGS, render(settings).encode())
        return Created(cls(root), str(recovery))

    @contextlib.contextmanager
    def alone(self, at: str) -> Iterator[None]:
        """Be the only one at a work (``offload``, ``roster``); raises NotReady when another is."""
        lock = FileLock(self.storage.path(f".{at}.lock"), mode=0o600)
        try:
            with lock.acquire(timeout=0):
                yield
        except Timeout:
            raise NotReady(
                f"another Confere is at the {at} of this vault", "Wait until it has finished."
            ) from None

    def new_recording(self) -> objects.NewRecording:
        """Start a recording; the caller is alone at the offload."""
        return objects.NewRecording(self.storage, self.roster)

    def seal_to_study(self, content: bytes) -> bytes:
        """Seal something to the study and the recovery key; needs no secret."""
        return encrypt(content, self.roster.study_recipients)

    def unlock(self, name: str, passphrase: str) -> UnlockedVault:
        """Open the vault as somebody who reads.

        Raises NoSuchThing, WrongPassphrase, NotAllowed for a fieldworker, DamagedObject, DamagedCatalog.
        """
        secrets = open_secrets(self.storage, name, passphrase)
        person = self.roster.person(name)
        if secrets.person(person.roles) != person:
            raise WrongKey(f"what the roster says of {name}")
        if not person.reads:
            raise NotAllowed(name, "open the vault", ("interpreter", "verifier", "lead"))
        identities = [
            _open_study_key(self.storage, number, secrets.identity)
            for number in range(1, self.roster.period + 1)
        ]
        return UnlockedVault(self, person, secrets, identities)


class UnlockedVault:
    """A vault opened by one person. Locking it means ending the process: Python cannot wipe memory."""

    def __init__(
        self, vault: Vault, person: Person, secrets: Secrets, identities: list[X25519Identity]
    ) -> None:
        self.locked = vault
        self.person = person
        self._secrets = secrets
        self._identities = identities
        self.catalog = Catalog(vault.storage.path(_CATALOG), _catalog_key(identities[-1]))

    def close(self) -> None:
        """Close the catalog."""
        self.catalog.close()

    def signing_key(self, kind: str) -> SigningKey:
        """Return this person's key for a kind of signature."""
        return self._secrets.signing_key(kind)

    def open_audio(self, recording_id: str) -> BinaryIO:
        """Open a recording's audio: plaintext, seekable, never on disk."""
        return objects.open_audio(self.locked.storage, recording_id, self._identities)

    def open_object(self, file: str) -> bytes:
        """Open a small file that is sealed to the study."""
        identities = cast("list[Identity]", self._identities)
        return objects.open_object(self.locked.storage, file, identities)

    def add_person(self, name: str, roles: frozenset[Role], passphrase: str) -> Roster:
        """Add somebody: their secrets, the study's key for them if they read, the next roster.

        The caller is alone at the roster.
        """
        vault, storage = self.locked, self.locked.storage
        # Minutes may have passed at a prompt: sealing to an older roster would shut out whoever was
        # added meanwhile.
        vault.roster = load_roster(storage)
        check_name(name)
        check_passphrase(passphrase)
        if any(known.lower() == name.lower() for known in vault.roster.people):
            raise BadValue(f"'{name}' is in the study already")
        person = Secrets.make(name)
        roster = vault.roster.with_person(
            person.person(roles), roster_digest(storage, vault.roster.version)
        )
        # A name without a roster entry is nobody: what an interrupted try left is written anew.
        storage.remove(f"people/{name}.age")
        seal_secrets(storage, person, passphrase, vault.settings.people.scrypt_work_factor)
        _write_study_key(storage, roster, self._identities[-1])
        write_roster(storage, roster, self.person.name, self.signing_key("roster"))
        vault.roster = roster
        return roster


def _write_study_key(storage: Storage, roster: Roster, identity: X25519Identity) -> None:
    text = f"# confere study key {roster.period}\n{identity}\n"
    sealed = encrypt(text.encode(), roster.key_file_recipients)
    storage.write(f"keys/study-{roster.period}.age", sealed, replace=True)


def _open_study_key(storage: Storage, number: int, identity: X25519Identity) -> X25519Identity:
    file = f"keys/study-{number}.age"
    text = objects.open_object(storage, file, [cast(Identity, identity)]).decode("utf-8", "replace")
    identities = parse_identities(text)
    if len(identities) != 1:
        raise DamagedVault(file, "does not hold one study key")
    return identities[0]


def _catalog_key(period: X25519Identity) -> bytes:
    return derive_key(period.secret, "confere/v1/catalog")
