"""Two shelves that are not the vault: one in memory, one in a plain folder.

Both "seal" by turning every bit around and adding a first byte, so that sealed bytes are neither the
plaintext nor of its length. Both pass ``tests/contracts/test_shelf.py``.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from confere.domain import new_id
from confere.intake.note import OffloadNote
from confere.intake.port import Placement, SealedFacts, Shelf, Twin

_TURN = bytes(255 - value for value in range(256))
_FIRST = b"\x07"


def seal_bytes(plain: bytes) -> bytes:
    """Return what the doubles put on disk for a plaintext."""
    return _FIRST + plain.translate(_TURN)


def open_bytes(sealed: bytes) -> bytes:
    """Return the plaintext of what the doubles put on disk."""
    assert sealed[:1] == _FIRST
    return sealed[1:].translate(_TURN)


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording that is on a shelf: its note, its plaintext and its sealed bytes."""

    note: OffloadNote
    plain: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Shelved:
    """A shelf with two ways to look behind it, for tests.

    ``kept`` gives what is visible, by recording id; ``traces`` names everything that is there of
    recordings that are not; ``again`` gives the notes of what was found once more.
    """

    shelf: Shelf
    kept: Callable[[], Mapping[str, Kept]]
    traces: Callable[[], list[str]]
    again: Callable[[], list[OffloadNote]]


class MemoryShelf:
    """A shelf in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.underway: dict[str, MemoryPlacement] = {}
        self.again: list[OffloadNote] = []

    def begin(self) -> Placement:
        """Start a new recording under a new id."""
        placement = MemoryPlacement(self, new_id())
        self.underway[placement.recording_id] = placement
        return placement

    def may_hold(self, size_bytes: int, beginning: bytes) -> bool:
        """Look through everything."""
        return any(_begins(item.plain, size_bytes, beginning) for item in self.kept.values())

    def find(self, sha256: str, size_bytes: int) -> Twin | None:
        """Look through everything, as it is now."""
        return _twin(self.kept, sha256, size_bytes)

    def keep_again(self, note: OffloadNote) -> None:
        """Put it to the others."""
        self.again.append(note)


class MemoryPlacement:
    """One recording on its way into memory."""

    def __init__(self, shelf: MemoryShelf, recording_id: str) -> None:
        self.recording_id = recording_id
        self._shelf = shelf
        self._sealed = bytearray(_FIRST)
        self._complete = False

    def write(self, data: bytes | memoryview, /) -> int:
        """Take plaintext in any portion."""
        _in_order(not self._complete)
        self._sealed += bytes(data).translate(_TURN)
        return len(data)

    def seal(self) -> SealedFacts:
        """End the writing."""
        _in_order(not self._complete)
        self._complete = True
        return _facts(bytes(self._sealed))

    def read_back(self) -> BinaryIO:
        """Open the plaintext."""
        _in_order(self._complete)
        return io.BytesIO(open_bytes(bytes(self._sealed)))

    def keep(self, note: OffloadNote) -> None:
        """Make the recording visible."""
        _in_order(self._complete)
        sealed = bytes(self._sealed)
        self._shelf.kept[self.recording_id] = Kept(note, open_bytes(sealed), sealed)
        self._shelf.underway.pop(self.recording_id, None)

    def abandon(self) -> None:
        """Forget the recording, unless it is kept."""
        self._shelf.underway.pop(self.recording_id, None)


class DiskShelf:
    """A shelf in a folder: ``half/ID/`` while it is on its way, ``kept/ID/`` afterwards."""

    def __init__(self, root: Path) -> None:
        self.half, self.kept = root / "half", root / "kept"
        self.half.mkdir(parents=True)
        self.kept.mkdir()

    def begin(self) -> Placement:
        """Start a new recording under a new id."""
        return DiskPlacement(self, new_id())

    def may_hold(self, size_bytes: int, beginning: bytes) -> bool:
        """Look through everything."""
        return any(_begins(item.plain, size_bytes, beginning) for item in self.contents().values())

    def find(self, sha256: str, size_bytes: int) -> Twin | None:
        """Look through everything, as it is now."""
        return _twin(self.contents(), sha256, size_bytes)

    def keep_again(self, note: OffloadNote) -> None:
        """Write it beside the first."""
        file = self.kept / note.recording_id / f"again-{new_id()}"
        with file.open("w", encoding="utf-8") as opened:
            opened.write(note.to_json())
            opened.flush()
            os.fsync(opened.fileno())

    def again(self) -> list[OffloadNote]:
        """Return the notes of what was found once more."""
        files = sorted(self.kept.glob("*/again-*"))
        return [OffloadNote.from_json(file.read_text(encoding="utf-8")) for file in files]

    def contents(self) -> dict[str, Kept]:
        """Return what is visible."""
        return {folder.name: _read(folder) for folder in self.kept.iterdir()}

    def traces(self) -> list[str]:
        """Return the names of what is half-done."""
        return [path.name for path in self.half.iterdir()]


class DiskPlacement:
    """One recording on its way to a disk."""

    def __init__(self, shelf: DiskShelf, recording_id: str) -> None:
        self.recording_id = recording_id
        self._home = shelf.half / recording_id
        self._place = shelf.kept / recording_id
        self._home.mkdir()
        try:
            self._file = (self._home / "audio").open("xb", buffering=0)
        except OSError:
            self._home.rmdir()
            raise
        self._first = _FIRST

    def write(self, data: bytes | memoryview, /) -> int:
        """Take plaintext in any portion."""
        _in_order(not self._file.closed)
        block = self._first + bytes(data).translate(_TURN)
        self._first = b""
        _write_all(self._file, block)
        return len(data)

    def seal(self) -> SealedFacts:
        """End the writing and sync."""
        _in_order(not self._file.closed)
        _write_all(self._file, self._first)
        os.fsync(self._file.fileno())
        self._file.close()
        return _facts((self._home / "audio").read_bytes())

    def read_back(self) -> BinaryIO:
        """Open the plaintext from disk."""
        _in_order(self._file.closed)
        return io.BytesIO(open_bytes((self._home / "audio").read_bytes()))

    def keep(self, note: OffloadNote) -> None:
        """Write the note and move the folder to its place."""
        _in_order(self._file.closed)
        try:
            (self._home / "note").write_text(note.to_json(), encoding="utf-8")
            self._home.rename(self._place)
        except OSError:
            shutil.rmtree(self._home, ignore_errors=True)
            raise

    def abandon(self) -> None:
        """Remove the folder, unless it is kept."""
        self._file.close()
        shutil.rmtree(self._home, ignore_errors=True)


def memory_shelf(_folder: Path) -> Shelved:
    """Make a shelf in memory."""
    shelf = MemoryShelf()
    return Shelved(shelf, lambda: shelf.kept, lambda: list(shelf.underway), lambda: shelf.again)


def disk_shelf(folder: Path) -> Shelved:
    """Make a shelf in a folder."""
    shelf = DiskShelf(folder / "shelf")
    return Shelved(shelf, shelf.contents, shelf.traces, shelf.again)


def _begins(plain: bytes, size_bytes: int, beginning: bytes) -> bool:
    return len(plain) == size_bytes and plain.startswith(beginning)


def _twin(kept: Mapping[str, Kept], sha256: str, size_bytes: int) -> Twin | None:
    for recording_id, item in kept.items():
        found = (hashlib.sha256(item.plain).hexdigest(), len(item.plain))
        if found == (sha256, size_bytes) and _facts(item.sealed).sha256 == item.note.sealed_sha256:
            return Twin(recording_id, _facts(item.sealed))
    return None


def _facts(sealed: bytes) -> SealedFacts:
    return SealedFacts(hashlib.sha256(sealed).hexdigest(), len(sealed))


def _read(folder: Path) -> Kept:
    sealed = (folder / "audio").read_bytes()
    note = OffloadNote.from_json((folder / "note").read_text(encoding="utf-8"))
    return Kept(note, open_bytes(sealed), sealed)


def _write_all(file: io.FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _in_order(allowed: bool) -> None:
    if not allowed:
        raise RuntimeError("a placement is used out of order")
