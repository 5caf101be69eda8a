"""The manifest of a model: what it is, and the size and SHA-256 of every one of its files.

``manifest.json`` lies beside the files of an installed model::

    {"format": 1, "name": "small", "kind": "speech", "languages": ["*"],
     "licence": "MIT", "practice": false, "origin": "https://...", "profile": {},
     "files": {"model.bin": {"sha256": "...", "size_bytes": 483546902}, ...}}

A translation model's ``languages`` are its two, source first; ``"*"`` stands for all that Whisper
knows. ``profile`` says how a speech model wants to be run (``confere.transcribe.profile``) and holds
JSON scalars.

The digest of a model is the SHA-256 of its manifest in canonical form (RFC 8785): it names every byte
of the model, so a draft that records it can be made again with exactly that model.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from confere.errors import DamagedModel

FORMAT = 1
MANIFEST_NAME = "manifest.json"
MAX_MANIFEST_BYTES = 1 << 20  # a manifest is a few kilobytes; more is not one

Scalar = str | int | float | bool | None

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """What a model is for."""

    SPEECH = "speech"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a model: its SHA-256 in hexadecimal and its length."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """What a model is; ``files`` maps relative paths with ``/`` to their entries."""

    name: str
    kind: Kind
    languages: tuple[str, ...]
    licence: str
    practice: bool
    origin: str
    files: Mapping[str, FileEntry]
    profile: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """The length of all files together."""
        return sum(entry.size_bytes for entry in self.files.values())

    def as_json(self) -> dict[str, Any]:
        """The manifest as it is written to ``manifest.json``."""
        return {
            "format": FORMAT,
            "name": self.name,
            "kind": str(self.kind),
            "languages": list(self.languages),
            "licence": self.licence,
            "practice": self.practice,
            "origin": self.origin,
            "profile": dict(self.profile),
            "files": {
                path: {"sha256": entry.sha256, "size_bytes": entry.size_bytes}
                for path, entry in sorted(self.files.items())
            },
        }

    def digest(self) -> str:
        """SHA-256 of the canonical manifest, 64 hexadecimal digits."""
        from confere.crypto.canonical import canonical_json

        return hashlib.sha256(canonical_json(self.as_json())).hexdigest()


def read_manifest(folder: Path) -> ModelManifest:
    """Read ``manifest.json`` of a model folder; raises DamagedModel when it is not one."""
    path = folder / MANIFEST_NAME
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise DamagedModel(folder.name, f"{MANIFEST_NAME} is too long to be one")
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DamagedModel(folder.name, f"{MANIFEST_NAME} cannot be read") from error
    return parse_manifest(value, folder.name)


def write_manifest(folder: Path, manifest: ModelManifest) -> None:
    """Write ``manifest.json`` into a model folder that is not in use yet."""
    text = json.dumps(manifest.as_json(), ensure_ascii=False, indent=1) + "\n"
    (folder / MANIFEST_NAME).write_text(text, encoding="utf-8")


def parse_manifest(value: object, what: str) -> ModelManifest:
    """Return the manifest of a JSON value; ``what`` names the model in DamagedModel."""
    try:
        return _parse(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedModel(what, f"{MANIFEST_NAME} does not say what it must: {error}") from error


def is_safe_path(path: str) -> bool:
    """Whether a relative path of a manifest stays inside the model's folder."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and "\\" not in path and ".." not in parts


def _parse(value: Any) -> ModelManifest:
    if value["format"] != FORMAT:
        raise ValueError(f"format {value['format']!r} is not known")
    if not _NAME.fullmatch(value["name"]):
        raise ValueError("the name has characters that a folder's name should not have")
    files = {path: _entry(path, entry) for path, entry in value["files"].items()}
    if not files:
        raise ValueError("it names no files")
    kind = Kind(value["kind"])
    languages = tuple(str(language) for language in value["languages"])
    if kind is Kind.TRANSLATION and len(languages) != 2:
        raise ValueError("a translation model has two languages")
    profile = dict(value.get("profile", {}))
    if any(not isinstance(item, Scalar) for item in profile.values()):
        raise ValueError("the profile holds something else than JSON scalars")
    return ModelManifest(
        name=value["name"],
        kind=kind,
        languages=languages,
        licence=str(value["licence"]),
        # Anything but a clear no is a practice model: the mistake must fall on the safe side.
        practice=value["practice"] is not False,
        origin=str(value["origin"]),
        files=files,
        profile=profile,
    )


def _entry(path: str, entry: Any) -> FileEntry:
    if not is_safe_path(path):
        raise ValueError(f"{path!r} is not a path inside the model")
    if not _SHA256.fullmatch(entry["sha256"]):
        raise ValueError(f"the digest of {path} is not a SHA-256")
    size_bytes = entry["size_bytes"]
    if not isinstance(size_bytes, int) or size_bytes < 0:
        raise ValueError(f"the size of {path} is not a number of bytes")
    return FileEntry(sha256=entry["sha256"], size_bytes=size_bytes)
