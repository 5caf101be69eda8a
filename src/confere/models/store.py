"""The installed models: a folder of folders, and the practice models that ship with Confere.

::

    MODELS/speech/whisper-small/manifest.json, model.bin, ...
    MODELS/translation/translate-pt_en-1_9/manifest.json, metadata.json, model/model.bin, ...

A folder whose name begins with ``.`` is one that was not finished; nobody looks into it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from confere.errors import DamagedModel, ModelMissing, PracticeOnly
from confere.models import shape
from confere.models.manifest import MANIFEST_NAME, Kind, ModelManifest, Scalar, read_manifest

BUNDLED = Path(__file__).parent / "practice"

_BLOCK_BYTES = 1 << 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class InstalledModel:
    """A model on disk and what its manifest says; its bytes are not checked by having it."""

    path: Path
    manifest: ModelManifest

    @property
    def name(self) -> str:
        """The name a study's settings call it by."""
        return self.manifest.name

    @property
    def practice(self) -> bool:
        """Whether it understands the practice language only."""
        return self.manifest.practice

    @property
    def profile(self) -> Mapping[str, Scalar]:
        """How a speech model wants to be run."""
        return self.manifest.profile

    @cached_property
    def digest(self) -> str:
        """The digest of its manifest, 64 hexadecimal digits."""
        return self.manifest.digest()


class ModelStore:
    """The models of one machine.

    ``folder`` need not exist; ``bundled`` is where the practice models are.
    """

    def __init__(self, folder: Path, bundled: Path = BUNDLED) -> None:
        self.folder = folder
        self._bundled = bundled

    def installed(self) -> tuple[InstalledModel, ...]:
        """Every model that has a readable manifest, practice models first, then by name."""
        return tuple(model for _, model, _ in self._scan() if model is not None)

    def damaged(self) -> tuple[DamagedModel, ...]:
        """What is wrong with the folders whose manifest does not read."""
        return tuple(problem for _, _, problem in self._scan() if problem is not None)

    def find(self, name: str, kind: Kind) -> InstalledModel:
        """Return the model of that name; raises ModelMissing, or DamagedModel for its manifest."""
        others: list[str] = []
        for folder, model, problem in self._scan(kind):
            if model is not None and model.name == name:
                return model
            others += [] if model is None else [model.name]
            if problem is not None and folder.name == name:
                raise problem
        raise ModelMissing(name, tuple(others))

    def check(
        self, name: str, kind: Kind, progress: Progress = lambda done, total: None
    ) -> InstalledModel:
        """Return the model after comparing every byte of it with its manifest.

        ``progress`` is told bytes. Raises ModelMissing, DamagedModel naming the file.
        """
        model = self.find(name, kind)
        check_files(model, progress)
        return model

    def _scan(
        self, kind: Kind | None = None
    ) -> Iterator[tuple[Path, InstalledModel | None, DamagedModel | None]]:
        for folder in self._folders(kind):
            try:
                manifest = read_manifest(folder)
                if kind is not None and manifest.kind is not kind:
                    raise DamagedModel(manifest.name, f"it is a {manifest.kind} model")
            except DamagedModel as problem:
                yield folder, None, problem
            else:
                yield folder, InstalledModel(folder, manifest), None

    def _folders(self, kind: Kind | None) -> Iterator[Path]:
        kinds = list(Kind) if kind is None else [kind]
        # Practice models ship as practice/speech and practice/translation, one of each.
        yield from (
            self._bundled / each
            for each in kinds
            if (self._bundled / each / MANIFEST_NAME).exists()
        )
        for each in kinds:
            place = self.folder / each
            if place.is_dir():
                yield from sorted(
                    folder
                    for folder in place.iterdir()
                    if folder.is_dir() and not folder.name.startswith(".")
                )


def check_files(model: InstalledModel, progress: Progress = lambda done, total: None) -> None:
    """Compare every file of a model with its manifest; raises DamagedModel naming the file.

    This is done each time before a model is loaded and never remembered: a size and a time are
    easily put back by whoever changes a file, and 3 GB cost seconds beside a night of drafting.
    """
    check_lengths(model)
    done = 0
    for path, entry in model.manifest.files.items():
        done = _check_file(model, path, entry.sha256, entry.size_bytes, done, progress)


def check_lengths(model: InstalledModel) -> None:
    """Compare names and lengths only, without reading a byte; raises DamagedModel naming the file."""
    manifest = model.manifest
    lacking = shape.missing(manifest.kind, manifest.files)
    if lacking is not None:
        raise DamagedModel(manifest.name, f"it has no {lacking}")
    strays = sorted(set(_files_of(model.path)) - set(manifest.files) - {MANIFEST_NAME})
    for path in strays:
        # A loader takes what lies in the folder: a file nobody vouches for must not be there.
        if shape.allowed(manifest.kind, path) and path != "README.md":
            raise DamagedModel(manifest.name, f"{path} is not in its manifest")
    for path, entry in manifest.files.items():
        with _explained(model, path):
            if (model.path / path).stat().st_size != entry.size_bytes:
                raise DamagedModel(model.name, f"{path} has the wrong length")


def admit(model: InstalledModel, practice_vault: bool) -> None:
    """Let a practice model into a practice vault only; raises PracticeOnly."""
    if model.manifest.practice and not practice_vault:
        raise PracticeOnly(model.name)


def file_digest(path: Path, step: Callable[[int], None] = lambda size: None) -> str:
    """SHA-256 of a file in hexadecimal; ``step`` is told the bytes of each block read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            step(len(block))
    return digest.hexdigest()


def _check_file(
    model: InstalledModel, path: str, sha256: str, size_bytes: int, done: int, progress: Progress
) -> int:
    total = model.manifest.size_bytes
    read = 0

    def step(size: int) -> None:
        nonlocal read
        read += size
        progress(done + read, total)

    with _explained(model, path):
        if file_digest(model.path / path, step) != sha256:
            raise DamagedModel(model.name, f"{path} has a wrong digest")
    return done + size_bytes


@contextmanager
def _explained(model: InstalledModel, path: str) -> Iterator[None]:
    """Tell what the system says of a file as what is wrong with its model."""
    try:
        yield
    except FileNotFoundError as error:
        raise DamagedModel(model.name, f"{path} is missing") from error
    except OSError as error:
        raise DamagedModel(model.name, f"{path} cannot be read") from error


def _files_of(folder: Path) -> Iterator[str]:
    for base, _, names in os.walk(folder):
        for name in names:
            yield (Path(base) / name).relative_to(folder).as_posix()
