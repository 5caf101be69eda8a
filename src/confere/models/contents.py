"""The files of a model that is brought in, from a folder or from a package, read as plain bytes."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from confere.errors import DamagedModel, NotAModel
from confere.models import shape
from confere.models.manifest import Kind
from confere.models.store import Progress

MAX_FILE_BYTES = 8 << 30  # the largest Whisper is 3 GB; a ZIP that unfolds to more is a bomb
_BLOCK_BYTES = 1 << 20

Opener = Callable[[], BinaryIO]


@contextmanager
def files_of(source: Path) -> Iterator[Mapping[str, tuple[int, Opener]]]:
    """Yield the files of a model by their paths in it: how long each is and how to open it."""
    if source.is_dir():
        yield {
            path.relative_to(source).as_posix(): (path.lstat().st_size, _opener(path))
            for path in sorted(source.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }
        return
    try:
        with zipfile.ZipFile(source) as archive:
            yield {
                member.filename.partition("/")[2]: (
                    member.file_size,
                    lambda member=member: archive.open(member),  # type: ignore[misc]
                )
                for member in archive.infolist()
                if not member.is_dir() and "/" in member.filename
            }
    except zipfile.BadZipFile as error:
        raise NotAModel(source.name, "it is no package, or a damaged one") from error


def _opener(path: Path) -> Opener:
    # The folder may change under our hands: what is a file now could be a link when it is opened.
    return lambda: os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def copy_allowed(
    files: Mapping[str, tuple[int, Opener]], kind: Kind, folder: Path, progress: Progress
) -> None:
    """Copy the files on ``shape``'s list; raises DamagedModel for one longer than it says."""
    wanted = {path: file for path, file in files.items() if shape.allowed(kind, path)}
    total, done = sum(size for size, _ in wanted.values()), 0
    for path, (size_bytes, open_file) in wanted.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        left = min(size_bytes, MAX_FILE_BYTES)
        with open_file() as source, target.open("xb") as copy:
            while block := source.read(_BLOCK_BYTES):
                left -= len(block)
                if left < 0:
                    raise DamagedModel(folder.name, f"{path} is longer than it says")
                copy.write(block)
                done += len(block)
                progress(done, total)


def unpack(archive: Path, kind: Kind, folder: Path, progress: Progress) -> None:
    """Copy the allowed files of an ``.argosmodel`` into a folder; raises NotAModel, DamagedModel."""
    with files_of(archive) as files:
        if shape.looks_like(files) is not kind:
            raise NotAModel(archive.name)
        copy_allowed(files, kind, folder, progress)
