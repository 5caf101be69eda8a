"""Bring a model in from a folder, a stick or an ``.argosmodel`` file.

What is brought is copied under a temporary name, described by a manifest and only then renamed into
place, so that a pulled stick leaves nothing half-done. Only the files on ``shape``'s lists are taken, as
plain bytes; nothing of a stick is opened by name through a link, and nothing of it is ever run.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from confere.errors import BadValue, DamagedModel, DiskFull, NotAModel, StorageProblem
from confere.models import shape
from confere.models.contents import copy_allowed, files_of
from confere.models.manifest import (
    MANIFEST_NAME,
    FileEntry,
    Kind,
    ModelManifest,
    Scalar,
    read_manifest,
    write_manifest,
)
from confere.models.store import InstalledModel, ModelStore, Progress, check_files, file_digest

MANY = 90  # Whisper's multilingual models know 99 or 100 languages, the others one
_LANGUAGE_TOKEN = re.compile(r"<\|([a-z]{2,3})\|>")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")


def import_model(
    store: ModelStore,
    source: Path,
    name: str | None = None,
    progress: Progress = lambda done, total: None,
) -> InstalledModel:
    """Copy a model into the store and return it; ``progress`` is told bytes.

    ``source`` is a model folder, an ``.argosmodel`` file, or a folder that holds exactly one of these.
    A folder with a manifest must fit it. Raises NotAModel, DamagedModel, DiskFull, StorageProblem (a
    stick that was pulled, too), and BadValue when another model of that name is installed.
    """
    with disk_told(store.folder):
        return _import(store, _find(source), name, progress)


def _import(store: ModelStore, found: Path, name: str | None, progress: Progress) -> InstalledModel:
    with files_of(found) as files:
        kind = shape.looks_like(files)
        if kind is None:
            raise NotAModel(str(found))
        lacking = shape.missing(kind, files)
        if lacking is not None:
            raise DamagedModel(found.name, f"it has no {lacking}")
        with staging(store, kind) as folder:
            copy_allowed(files, kind, folder, progress)
            manifest = _manifest(found, folder, kind, store)
            return settle(store, folder, manifest if name is None else renamed(manifest, name))


def describe(
    folder: Path,
    kind: Kind,
    *,
    name: str,
    licence: str,
    origin: str,
    practice: bool = False,
    profile: Mapping[str, Scalar] | None = None,
    languages: tuple[str, ...] = (),
) -> ModelManifest:
    """Return the manifest of the files that lie in a folder.

    ``languages`` are read from the files unless they are given: a tokenizer may know more languages
    than its model was ever taught.
    """
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and shape.allowed(kind, path.relative_to(folder).as_posix())
    }
    return ModelManifest(
        name=name,
        kind=kind,
        languages=languages or _languages(folder, kind),
        licence=licence,
        practice=practice,
        origin=origin,
        files={
            relative: FileEntry(file_digest(path), path.stat().st_size)
            for relative, path in files.items()
        },
        profile=profile or {},
    )


def renamed(manifest: ModelManifest, name: str) -> ModelManifest:
    """Return the manifest under another name; raises BadValue for one that no folder should have."""
    if not name or _NOT_IN_NAMES.search(name) or not name[0].isalnum():
        raise BadValue(
            f"'{name}' cannot be the name of a model", "Use a-z, 0-9, and . _ - after the first."
        )
    return replace(manifest, name=name)


@contextmanager
def staging(store: ModelStore, kind: Kind) -> Iterator[Path]:
    """Yield a new folder beside the installed models; whatever is left of it goes at the end."""
    place = store.folder / kind
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def disk_told(place: Path) -> Iterator[None]:
    """Turn what the system says of a disk or a stick into DiskFull or StorageProblem."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(str(place)) from error
        where = str(error.filename or place)
        raise StorageProblem(where, error.strerror or type(error).__name__) from error


def settle(store: ModelStore, folder: Path, manifest: ModelManifest) -> InstalledModel:
    """Check a staged folder against its manifest and rename it into place.

    The same model again is no error, and heals an installed one that is damaged. Raises BadValue when
    a different model has the name.
    """
    write_manifest(folder, manifest)
    check_files(InstalledModel(folder, manifest))
    home = store.folder / manifest.kind / manifest.name
    if home.exists():
        _make_room(home, manifest)
    for path in [*folder.rglob("*"), folder]:
        _sync(path)
    folder.chmod(0o755)  # mkdtemp's 0700 would hide the models from the machine's other accounts
    folder.rename(home)
    _sync(home.parent)
    return InstalledModel(home, manifest)


def _find(source: Path) -> Path:
    """Return the model folder or package at a path, or the only one right below it."""
    if not source.exists():
        raise NotAModel(str(source), "it does not exist")
    if source.is_file() or shape.looks_like(path.name for path in source.iterdir()):
        return source
    below = [
        path
        for path in sorted(source.iterdir())
        if not path.is_symlink()
        and (
            path.suffix == ".argosmodel"
            or (path.is_dir() and shape.looks_like(each.name for each in path.iterdir()))
        )
    ]
    if len(below) != 1:
        raise NotAModel(str(source), f"it holds {len(below)} models" if below else "")
    return below[0]


def _manifest(found: Path, folder: Path, kind: Kind, store: ModelStore) -> ModelManifest:
    """The manifest that came along, or one made of what is known about such files."""
    if found.is_dir() and (found / MANIFEST_NAME).exists():
        manifest = read_manifest(found)
    else:
        manifest = _recognised(
            describe(
                folder,
                kind,
                name=_name(found, folder, kind),
                licence="not stated",
                origin="imported",
            )
        )
    weights = _weights(manifest)
    for model in store.installed():
        # A practice model is one still, without its manifest or with another.
        if model.practice and weights & _weights(model.manifest):
            manifest = replace(manifest, practice=True, profile=model.profile)
    return manifest


def _recognised(manifest: ModelManifest) -> ModelManifest:
    """The manifest with the catalogue's name for it, when the catalogue knows these weights."""
    from confere.models.catalogue import catalogue

    for entry in catalogue():
        if entry.kind is manifest.kind and entry.weights_digest() in _weights(manifest):
            return replace(manifest, name=entry.name, licence=entry.licence, origin=entry.origin)
    return manifest


def _weights(manifest: ModelManifest) -> set[str]:
    return {each.sha256 for path, each in manifest.files.items() if path.endswith("model.bin")}


def _name(found: Path, folder: Path, kind: Kind) -> str:
    if kind is Kind.TRANSLATION:
        return "translate-{}_{}".format(*_languages(folder, kind))
    name = _NOT_IN_NAMES.sub("-", found.name.lower()).strip("-._")
    return name.removeprefix("faster-whisper-") or "speech"


def _languages(folder: Path, kind: Kind) -> tuple[str, ...]:
    try:
        if kind is Kind.TRANSLATION:
            value = json.loads((folder / "metadata.json").read_bytes())
            return (str(value["from_code"]), str(value["to_code"]))
        value = json.loads((folder / "tokenizer.json").read_bytes())
        tokens = (str(token["content"]) for token in value["added_tokens"])
        found = {match[1] for token in tokens if (match := _LANGUAGE_TOKEN.fullmatch(token))}
        return ("*",) if len(found) >= MANY else tuple(sorted(found)) or ("en",)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedModel(folder.name, "its languages cannot be read") from error


def _make_room(home: Path, manifest: ModelManifest) -> None:
    try:
        there = read_manifest(home)
        if there.digest() != manifest.digest():
            raise BadValue(
                f"another model is installed as '{manifest.name}'",
                "Give this one a name of its own: drafts say by name and digest what wrote them.",
            )
    except DamagedModel:
        pass
    shutil.rmtree(home)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
