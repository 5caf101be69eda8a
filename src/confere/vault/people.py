"""A person's secrets, sealed with their passphrase: ``people/NAME.age``."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from confere.crypto import (
    KeyIdentity,
    ScryptIdentity,
    ScryptRecipient,
    SigningKey,
    decrypt,
    derive_signing_key,
    encrypt,
    parse_identities,
)
from confere.crypto.keys import KeyKind, generate_identity
from confere.domain import Person, Role
from confere.errors import BadValue, DamagedObject, NoSuchThing, WrongPassphrase
from confere.vault.roster import RECOVERY
from confere.vault.storage import Storage

#: Each kind of signature a person makes, and its own key for it.
SIGNATURE_KINDS = ("roster", "event", "checkpoint", "sign-off")
MIN_PASSPHRASE = 8  # characters; scrypt makes each guess cost about a second, not impossible
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_TAKEN = frozenset(
    {"docx", "webvtt", "json", "nvivo", "refi", "srt", "elan", "xliff", "tmx", "csv", RECOVERY}
)
_SEED = re.compile(r"^# signing-seed ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only one person holds."""

    name: str
    identity: KeyIdentity = field(repr=False)
    seed: bytes = field(repr=False)

    @classmethod
    def make(cls, name: str, keys: KeyKind) -> Secrets:
        """Make the secrets of somebody new, with the study's kind of keys."""
        return cls(name, generate_identity(keys), secrets.token_bytes(32))

    def signing_key(self, kind: str) -> SigningKey:
        """Return this person's key for one kind of signature."""
        if kind not in SIGNATURE_KINDS:
            raise ValueError(kind)
        return derive_signing_key(self.seed, kind)

    def person(self, roles: frozenset[Role]) -> Person:
        """Return the public side, as the roster tells it."""
        keys = {kind: str(self.signing_key(kind).verify_key) for kind in SIGNATURE_KINDS}
        return Person(self.name, roles, str(self.identity.recipient), keys)


def check_name(name: str) -> str:
    """Return a person's name if it can be one; raises BadValue.

    Kinds of export are refused, because ``confere export`` tells people and kinds apart by name;
    and the name under which the recovery key signs.
    """
    if not _NAME.fullmatch(name) or name.lower() in _TAKEN:
        raise BadValue(
            f"'{name}' cannot be a person's name here",
            "Use 1 to 32 letters, digits, dots, hyphens or underscores, without accents or spaces.",
        )
    return name


def check_passphrase(passphrase: str) -> str:
    """Return a new passphrase if it is long enough; raises BadValue."""
    if len(passphrase) < MIN_PASSPHRASE:
        raise BadValue(
            f"the passphrase is shorter than {MIN_PASSPHRASE} characters",
            "Four or five words drawn at random are easy to keep and hard to guess.",
        )
    return passphrase


def secrets_file(name: str) -> str:
    """Return where a person's secrets lie."""
    return f"people/{check_name(name)}.age"


def new_secrets_file(name: str) -> str:
    """Return where secrets wait until the roster tells their keys; then they get their name."""
    return f"{secrets_file(name)}.next"


def seal_secrets(person: Secrets, passphrase: str, work_factor: int) -> bytes:
    """Return what a person's file holds: their secrets, sealed with their passphrase."""
    text = (
        f"# confere person 1 {person.name}\n# signing-seed {person.seed.hex()}\n{person.identity}\n"
    )
    return encrypt(text.encode(), [ScryptRecipient(passphrase, work_factor)])


def open_secrets(storage: Storage, name: str, passphrase: str, file: str = "") -> Secrets:
    """Open a person's secrets; raises NoSuchThing, WrongPassphrase or DamagedObject."""
    file = file or secrets_file(name)
    if not storage.exists(file):
        raise NoSuchThing("person", name, "'confere person list' shows who is in the study.")
    try:
        text = decrypt(storage.read(file), [ScryptIdentity(passphrase)]).decode()
    except WrongPassphrase:
        raise WrongPassphrase(f"the secrets of {name}") from None
    except DamagedObject as error:
        raise DamagedObject(error.message, file) from None
    seed = _SEED.search(text)
    identities = parse_identities(text)
    if seed is None or len(identities) != 1:
        raise DamagedObject("it does not hold a person's secrets", file)
    return Secrets(name, identities[0], bytes.fromhex(seed[1]))
