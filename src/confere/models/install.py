"""Fetch a model from its usual place, as the catalogue pins it.

Each file goes to ``NAME.part`` and goes on there when the line breaks, today or tomorrow. Only a file
with the right digest loses the ``.part``; a wrong one is deleted and refused. The model gets its name when
all of it is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from confere.errors import BadValue, DamagedModel, ModelMissing, NotPinned, Offline
from confere.models import bring
from confere.models.catalogue import PACKAGE_SUFFIX, CatalogueEntry
from confere.models.contents import unpack
from confere.models.manifest import FileEntry, Kind
from confere.models.store import InstalledModel, ModelStore, Progress, check_files, file_digest

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 3  # in a row without one new byte; a line that breaks now and then goes on for ever
TIMEOUT_S = 30.0


def install(
    store: ModelStore,
    entry: CatalogueEntry,
    *,
    mirror: str | None = None,
    progress: Progress = lambda done, total: None,
) -> InstalledModel:
    """Download, check and install a model; ``progress`` is told bytes of the whole model.

    ``mirror`` replaces the entry's host: ``http://127.0.0.1:8000`` stands in for it in tests, a server of
    the study's own in the field. The digests stay what they are. What is installed and whole already
    is returned at once. Raises NotPinned, Offline (what came so far is kept), DamagedModel for a wrong
    digest (what came is deleted), DiskFull, StorageProblem, BadValue when another model has the name.
    """
    if not entry.pinned:
        raise NotPinned(entry.name, entry.origin)
    there = _installed(store, entry)
    if there is not None:
        return there
    parts = store.folder / entry.kind / f".part-{entry.name}"
    with bring.disk_told(store.folder):
        parts.mkdir(parents=True, exist_ok=True)
        _fetch_all(entry, parts, (mirror or entry.host).rstrip("/"), progress)
        model = _settle(store, entry, parts)
        shutil.rmtree(parts)
    return model


def _installed(store: ModelStore, entry: CatalogueEntry) -> InstalledModel | None:
    try:
        model = store.find(entry.name, entry.kind)
        check_files(model)
    except (ModelMissing, DamagedModel):
        return None
    if model.manifest.origin != entry.origin:
        raise BadValue(
            f"another model is installed as '{entry.name}'",
            f"It came from {model.manifest.origin}. Remove {model.path} first.",
        )
    return model


def _fetch_all(entry: CatalogueEntry, parts: Path, base: str, progress: Progress) -> None:
    import httpx

    before = 0
    with httpx.Client(follow_redirects=True, timeout=TIMEOUT_S) as client:
        for name, wanted in entry.files.items():
            file = parts / name
            # It may be left from a day when the catalogue named another revision.
            if not file.exists() or file_digest(file) != wanted.sha256:
                part = parts / f"{name}.part"
                url = f"{base}/{entry.path}/{name}"
                _fetch(
                    client,
                    url,
                    part,
                    wanted,
                    lambda done, before=before: progress(before + done, entry.size_bytes),  # type: ignore[misc]
                )
                if file_digest(part) != wanted.sha256:
                    part.unlink()
                    raise DamagedModel(entry.name, f"{name} came with a wrong digest")
                part.rename(file)
            before += wanted.size_bytes
            progress(before, entry.size_bytes)


def _fetch(
    client: httpx.Client, url: str, part: Path, wanted: FileEntry, told: Callable[[int], None]
) -> None:
    """Bring a file to its full length, going on after every break; raises Offline."""
    import httpx

    attempts = 0
    while (have := _length(part)) < wanted.size_bytes:
        try:
            _fetch_rest(client, url, part, have, wanted.size_bytes, told)
            problem = "the connection ended too early"
        except httpx.HTTPError as error:
            problem = type(error).__name__
        attempts = 0 if _length(part) > have else attempts + 1
        if attempts == ATTEMPTS:
            raise Offline(f"{url} could not be fetched ({problem})")
    if have > wanted.size_bytes:
        part.unlink()
        raise Offline(f"{url} is longer than the catalogue says")


def _fetch_rest(
    client: httpx.Client, url: str, part: Path, have: int, size: int, told: Callable[[int], None]
) -> None:
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code not in (200, 206):
            raise Offline(f"{url} answered {response.status_code}")
        goes_on = have > 0 and response.headers.get("Content-Range", "").startswith(
            f"bytes {have}-"
        )
        # A server without ranges begins again, and so does the file.
        done = have if response.status_code == 206 and goes_on else 0
        with part.open("ab" if done else "wb") as file:
            # As it arrives: what httpx would hold back to fill a block is lost when the line breaks.
            for block in response.iter_bytes():
                file.write(block)
                done += len(block)
                told(min(done, size))
                if done > size:
                    return


def _length(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _settle(store: ModelStore, entry: CatalogueEntry, parts: Path) -> InstalledModel:
    with bring.staging(store, entry.kind) as folder:
        for name in entry.files:
            if name.endswith(PACKAGE_SUFFIX):
                unpack(parts / name, Kind.TRANSLATION, folder, lambda done, total: None)
            else:
                (parts / name).replace(folder / name)
        manifest = bring.describe(
            folder, entry.kind, name=entry.name, licence=entry.licence, origin=entry.origin
        )
        if entry.kind is Kind.TRANSLATION and manifest.languages != entry.languages:
            raise DamagedModel(entry.name, f"it translates {' to '.join(manifest.languages)}")
        return bring.settle(store, folder, manifest)
