"""The real models that Confere knows, from ``catalogue.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from confere.errors import NoSuchThing
from confere.models.manifest import FileEntry, Kind

CATALOGUE = Path(__file__).with_name("catalogue.toml")
PACKAGE_SUFFIX = ".argosmodel"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model, where it lies and what its files must be.

    ``files`` maps names below ``host/path`` to their lengths and digests; it is empty when nobody
    vouched for them yet. ``languages`` are as in a manifest.
    """

    name: str
    kind: Kind
    languages: tuple[str, ...]
    licence: str
    host: str
    path: str
    files: dict[str, FileEntry]

    @property
    def pinned(self) -> bool:
        """Whether it can be installed: every file has its digest."""
        return bool(self.files)

    @property
    def origin(self) -> str:
        """Where it comes from, with its revision."""
        return f"{self.host}/{self.path}"

    @property
    def size_bytes(self) -> int:
        """How much is downloaded."""
        return sum(entry.size_bytes for entry in self.files.values())

    def weights_digest(self) -> str | None:
        """The SHA-256 of a speech model's weights, by which an imported one is recognised."""
        entry = self.files.get("model.bin")
        return None if entry is None else entry.sha256


@cache
def catalogue(file: Path = CATALOGUE) -> tuple[CatalogueEntry, ...]:
    """Every known model, in the file's order."""
    with file.open("rb") as opened:
        values = tomllib.load(opened)
    return tuple(
        CatalogueEntry(
            name=value["name"],
            kind=Kind(value["kind"]),
            languages=tuple(value["languages"]),
            licence=value["licence"],
            host=value["host"],
            path=value["path"],
            files={
                each["path"]: FileEntry(each["sha256"], each["size_bytes"])
                for each in value.get("files", [])
            },
        )
        for value in values["model"]
    )


def look_up(name: str) -> CatalogueEntry:
    """Return the entry of a name; raises NoSuchThing."""
    for entry in catalogue():
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in catalogue())
    raise NoSuchThing("model in the catalogue", name, f"There are: {known}.")
