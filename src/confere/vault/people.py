"""A person's secrets, sealed with their passphrase: ``people/NAME.age``."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from confere.crypto import (
    ScryptIdentity,
    ScryptRecipient,
    SigningKey,
    X25519Identity,
    decrypt,
    derive_signing_key,
    encrypt,
    parse_identities,
)
from confere.domain import Person, Role
from confere.errors import BadValue, DamagedObject, NoSuchThing, WrongPassphrase
from confere.vault.storage import Storage

#: Each kind of signature a person makes, and its own key for it.
SIGNATURE_KINDS = ("roster", "event", "sign-off")
MIN_PASSPHRASE = 8  # characters; scrypt makes each guess cost about a second, not impossible
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_TAKEN = frozenset(
    {"docx", "webvtt", "json", "nvivo", "refi", "srt", "elan", "xliff", "tmx", "csv"}
)
_SEED = re.compile(r"^# signing-seed ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only one person holds."""

    name: str
    identity: X25519Identity = field(repr=False)
    seed: bytes = field(repr=False)

    @classmethod
    def make(cls, name: str) -> Secrets:
        """Make the secrets of somebody new."""
        return cls(name, X25519Identity.generate(), secrets.token_bytes(32))

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

    Kinds of export are refused, because ``confere export`` tells people and kinds apart by name.
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


def seal_secrets(storage: Storage, person: Secrets, passphrase: str, work_factor: int) -> None:
    """Write ``people/NAME.age``."""
    text = (
        f"# confere person 1 {person.name}\n# signing-seed {person.seed.hex()}\n{person.identity}\n"
    )
    sealed = encrypt(text.encode(), [ScryptRecipient(passphrase, work_factor)])
    storage.write(f"people/{person.name}.age", sealed)


def open_secrets(storage: Storage, name: str, passphrase: str) -> Secrets:
    """Open a person's secrets; raises NoSuchThing, WrongPassphrase or DamagedObject."""
    file = f"people/{check_name(name)}.age"
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
