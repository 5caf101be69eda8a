"""``backup.json``: what one whole backup consists of, file by file.

Canonical JSON (RFC 8785)::

    {"kind": "confere/backup", "format": 1, "study": ID, "made_at": TIME, "checkpoint": TEXT,
     "files": [{"name": NAME, "stored": NAME, "size_bytes": N, "sha256": HEX64}, ...]}

``files`` is sorted by name; ``stored`` is the name in the store. No files at all: the place was taken for
this study, and no backup has been finished in it.

The manifest is not signed. It finds accidents: rot, lost files, copies cut short. Somebody who may write
to the store can change a file and the manifest with it; that is found by what the files themselves
carry, the signatures and the custody log of the vault, once it is back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from confere.backup.names import is_safe
from confere.crypto.canonical import canonical_json, parse_canonical
from confere.errors import DamagedCopy, DamagedObject

MANIFEST_NAME = "backup.json"
KIND = "confere/backup"
FORMAT = 1
VAULT_FOLDER = "vault/"  # in the store; everything below it is ours, nothing beside it is touched
MAX_MANIFEST_BYTES = 64 << 20  # some 250,000 files; more is not a manifest

_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS = {"kind", "format", "study", "made_at", "checkpoint", "files"}
_ENTRY_KEYS = {"name", "stored", "size_bytes", "sha256"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its name in the vault, its name in the store, length and SHA-256 of its bytes."""

    name: str
    stored: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. ``checkpoint`` is whatever its maker wants to know of it later, never a secret."""

    study: str
    made_at: str
    checkpoint: str = ""
    files: tuple[Entry, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether a backup was ever finished here."""
        return bool(self.files)

    @property
    def size_bytes(self) -> int:
        """The length of all files together."""
        return sum(entry.size_bytes for entry in self.files)

    def by_name(self) -> Mapping[str, Entry]:
        """The entries by their names in the vault."""
        return {entry.name: entry for entry in self.files}

    def stored_names(self) -> set[str]:
        """The names in the store that belong to this backup."""
        return {entry.stored for entry in self.files}

    def content(self) -> bytes:
        """The bytes of ``backup.json``."""
        files = [
            {
                "name": entry.name,
                "stored": entry.stored,
                "size_bytes": entry.size_bytes,
                "sha256": entry.sha256,
            }
            for entry in sorted(self.files, key=lambda entry: entry.name)
        ]
        return canonical_json(
            {
                "kind": KIND,
                "format": FORMAT,
                "study": self.study,
                "made_at": self.made_at,
                "checkpoint": self.checkpoint,
                "files": files,
            }
        )


def parse_manifest(content: bytes) -> Manifest:
    """Return the manifest of the bytes of ``backup.json``; raises DamagedCopy."""
    try:
        value = parse_canonical(content)
    except DamagedObject:
        raise DamagedCopy(MANIFEST_NAME, "is not canonical JSON") from None
    if not isinstance(value, dict) or set(value) != _KEYS or value["kind"] != KIND:
        _wrong("is not the list of a backup")
    if type(value["format"]) is not int or value["format"] != FORMAT:
        _wrong("has a format that this version does not know")
    texts = (value["study"], value["made_at"], value["checkpoint"])
    if not all(isinstance(text, str) for text in texts) or not isinstance(value["files"], list):
        _wrong("does not say what it must")
    files = tuple(_entry(each) for each in value["files"])
    _require_apart([entry.name for entry in files])
    _require_apart([entry.stored for entry in files])
    return Manifest(*texts, files)


def _entry(value: object) -> Entry:
    if not isinstance(value, dict) or set(value) != _ENTRY_KEYS:
        _wrong("has an entry that is none")
    name, stored, sha256 = value["name"], value["stored"], value["sha256"]
    size_bytes = value["size_bytes"]
    if not isinstance(name, str) or not is_safe(name):
        _wrong(f"names {name!r}, which no file of a vault is called")
    if not isinstance(stored, str) or not stored.startswith(VAULT_FOLDER) or not is_safe(stored):
        _wrong(f"says that {name!r} is kept outside the backup")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        _wrong(f"has no digest for {name!r}")
    if type(size_bytes) is not int or size_bytes < 0:
        _wrong(f"has no length for {name!r}")
    return Entry(name, stored, size_bytes, sha256)


def _require_apart(names: list[str]) -> None:
    """No name twice, and none that would have to be a file and a folder."""
    files = set(names)
    if len(files) < len(names):
        _wrong("names a file twice")
    for name in names:
        parts = name.split("/")
        if any("/".join(parts[:depth]) in files for depth in range(1, len(parts))):
            _wrong(f"names {name!r}, which lies below a file")


def _wrong(detail: str) -> NoReturn:
    raise DamagedCopy(MANIFEST_NAME, detail)
