"""The age project's test vectors: where they lie, and what one of them says."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from confere.crypto import Identity, ScryptIdentity, parse_identities

REPOSITORY = Path(__file__).resolve().parents[2]
COMMITTED = REPOSITORY / "tests" / "vectors" / "age"
BESIDE = Path(os.environ.get("CONFERE_AGE_TESTKIT") or REPOSITORY.parent / "shared" / "age-testkit")

KNOWN_KEYS = {
    "armored",
    "comment",
    "compressed",
    "expect",
    "file key",
    "identity",
    "passphrase",
    "payload",
}


@dataclass(frozen=True)
class Vector:
    """A sealed file, who tries to open it, and what must come of it."""

    name: str
    expect: str
    payload: str | None  # SHA-256, in hex, of everything released
    identities: tuple[Identity, ...]
    sealed: bytes


def read_vector(path: Path) -> Vector | None:
    """A vector, or None when it is about what Confere does not do, such as armor."""
    text, _, sealed = path.read_bytes().partition(b"\n\n")
    pairs = [line.partition(": ")[::2] for line in text.decode().splitlines()]
    values = dict(pairs)
    keys = [key for key, _ in pairs]
    if not KNOWN_KEYS.issuperset(keys) or "armored" in values:
        return None
    if values.get("compressed") == "zlib":
        sealed = zlib.decompress(sealed)
    identities: list[Identity] = []
    for key, value in pairs:
        if key == "identity":
            identities += parse_identities(value)
        elif key == "passphrase":
            identities.append(ScryptIdentity(value))
    return Vector(path.name, values["expect"], values.get("payload"), tuple(identities), sealed)


def read_folder(folder: Path) -> list[Vector]:
    """The vectors of a folder that concern us, by name; none when there is no such folder."""
    if not folder.is_dir():
        return []
    found = (read_vector(path) for path in sorted(folder.iterdir()) if path.is_file())
    return [vector for vector in found if vector is not None]
