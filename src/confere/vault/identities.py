"""The identity key: real names and nicknames, each with the code that stands for it.

It is no record: what is removed or changed is gone, overwritten with zeros in its page (the catalog's
`secure_delete`), and no event ever tells a name. An event tells a commitment to the key as it stands,
so that a name which somebody took out by hand is missed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field

from confere.crypto.canonical import canonical_json
from confere.vault.catalog import Catalog
from confere.vault.transcripts import NONCE_BYTES, commitment


@dataclass(frozen=True, slots=True)
class Identity:
    """A name as it may be said, the code that stands for it (P01), and a note."""

    name: str = field(repr=False)
    code: str
    note: str = field(default="", repr=False)


def list_identities(catalog: Catalog) -> list[Identity]:
    """Return the whole key, by code and then by name."""
    rows = catalog.rows("SELECT name, code, note FROM identities ORDER BY code, name")
    return [Identity(*row) for row in rows]


def list_names(catalog: Catalog) -> tuple[str, ...]:
    """Return the names alone, which is what the checks are given."""
    return tuple(row[0] for row in catalog.rows("SELECT name FROM identities ORDER BY name"))


def count_identities(catalog: Catalog) -> int:
    """Return how many names the key has."""
    return int(catalog.value("SELECT count(*) FROM identities"))


def key_commitment(catalog: Catalog) -> str:
    """Return what an event tells of the whole key: a digest (hex) that nobody can guess a name from.

    Each name, code and note is hashed with 32 random bytes, which go with it; then all of these, in
    the order of their digits. So the digest stays as good as random when the names are gone.
    """
    rows = catalog.rows("SELECT nonce, name, code, note FROM identities")
    each = sorted(commitment(nonce, *values) for nonce, *values in rows)
    return hashlib.sha256(canonical_json(each)).hexdigest()


def put_identities(catalog: Catalog, identities: Iterable[Identity]) -> None:
    """Keep names with their codes; a name that is there gets the new code and note."""
    for identity in identities:
        catalog.run(
            "REPLACE INTO identities (name, code, note, nonce) VALUES (?, ?, ?, ?)",
            (*astuple(identity), secrets.token_bytes(NONCE_BYTES)),
        )


def remove_identity(catalog: Catalog, name: str) -> None:
    """Take a name out of the key."""
    catalog.run("DELETE FROM identities WHERE name = ?", (name,))
