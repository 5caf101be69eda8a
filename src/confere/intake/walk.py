"""Walking a recorder: every regular file, and what is left alone with the reason.

A hostile card can hold links to the laptop's own files, devices, pipes, a million entries, folders
nested without end. None of that is an error: it is left, and reported.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from confere.intake.names import printable
from confere.intake.source import Identity, SourceFile

#: Opens a folder, given by its raw names from the root down, as a descriptor.
OpenFolder = Callable[[tuple[str, ...]], AbstractContextManager[int]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a recorder may hold before the rest is left alone: far above any real one."""

    depth: int = 16  # folders below the root
    entries: int = 50_000  # files and folders in all
    name_bytes: int = 765  # 255 UTF-16 units of a FAT name, in UTF-8
    file_bytes: int = 64 << 30  # 64 GiB: a day of 96 kHz stereo; more is a sparse trap


class Unsafe(StrEnum):
    """Why something on a recorder is not even looked into."""

    LINK = "a symbolic link"
    SPECIAL = "not a regular file"
    NAME = "the name is too long"
    SIZE = "larger than any recording"
    DEPTH = "the folders are nested too deeply"
    ENTRIES = "too many files; the rest was not looked at"
    MOUNT = "another file system"
    UNREADABLE = "the folder cannot be read"


@dataclass(frozen=True, slots=True)
class Listing:
    """What a walk found: regular files, and what was left alone with the reason, both by path."""

    files: tuple[SourceFile, ...]
    unsafe: tuple[tuple[str, Unsafe], ...]


def walk(open_folder: OpenFolder, device: int, limits: Limits) -> Listing:
    """List what lies below the root and on its device; folders that cannot be read are reported."""
    return _Walk(device, limits).run(open_folder)


@dataclass
class _Walk:
    """A walk under way."""

    device: int
    limits: Limits
    files: list[SourceFile] = field(default_factory=list)
    unsafe: list[tuple[str, Unsafe]] = field(default_factory=list)
    folders: list[tuple[str, ...]] = field(default_factory=lambda: [()])

    def run(self, open_folder: OpenFolder) -> Listing:
        """Go through the folders until none is left or the budget of entries is spent."""
        budget = self.limits.entries
        while self.folders:
            folder = self.folders.pop()
            try:
                found = _entries(open_folder, folder, budget + 1)
            except OSError:
                self.unsafe.append((_shown(folder), Unsafe.UNREADABLE))
                continue
            if len(found) > budget:
                self.unsafe.append((_shown(folder), Unsafe.ENTRIES))
            for name, facts in found[:budget]:
                self._sort((*folder, name), facts)
            budget -= min(len(found), budget)
        files = sorted(self.files, key=lambda file: file.parts)
        return Listing(tuple(files), tuple(sorted(self.unsafe)))

    def _sort(self, parts: tuple[str, ...], facts: os.stat_result) -> None:
        """Put one entry where it belongs."""
        reason = self._objection(parts, facts)
        if reason is not None:
            self.unsafe.append((_shown(parts), reason))
        elif stat.S_ISDIR(facts.st_mode):
            self.folders.append(parts)
        else:
            self.files.append(SourceFile(parts, Identity.of(facts)))

    def _objection(self, parts: tuple[str, ...], facts: os.stat_result) -> Unsafe | None:
        """Return why an entry is left alone, or nothing."""
        folder, regular = stat.S_ISDIR(facts.st_mode), stat.S_ISREG(facts.st_mode)
        checks = (
            (stat.S_ISLNK(facts.st_mode), Unsafe.LINK),
            (not folder and not regular, Unsafe.SPECIAL),
            (facts.st_dev != self.device, Unsafe.MOUNT),
            (len(os.fsencode(parts[-1])) > self.limits.name_bytes, Unsafe.NAME),
            (folder and len(parts) > self.limits.depth, Unsafe.DEPTH),
            (regular and facts.st_size > self.limits.file_bytes, Unsafe.SIZE),
        )
        return next((reason for applies, reason in checks if applies), None)


def _entries(
    open_folder: OpenFolder, folder: tuple[str, ...], at_most: int
) -> list[tuple[str, os.stat_result]]:
    """Return names and facts of a folder's entries; a folder without end is read no further."""
    found: list[tuple[str, os.stat_result]] = []
    with open_folder(folder) as descriptor, os.scandir(descriptor) as entries:
        for entry in entries:
            if len(found) == at_most:
                break
            with suppress(FileNotFoundError):  # in a watched folder things come and go
                found.append((entry.name, entry.stat(follow_symlinks=False)))
    return found


def _shown(parts: tuple[str, ...]) -> str:
    return "/".join(printable(part) for part in parts) or "."
