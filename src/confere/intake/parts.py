"""Which files of a recorder belong together, and which are no recordings at all.

Recorders cut long recordings: a Zoom writes ``ZOOM0004_LR-0001.WAV``, ``ZOOM0004_LR-0002.WAV``.
The rule: the same folder, the same stem before ``-NNNN``, the same extension, and the stem has a
number of its own. Without that last condition ``REC-0001`` and ``REC-0002``, two interviews, would
become one.

What is said here about a make of recorder is one value, a ``Profile``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from confere.domain import new_id
from confere.intake.source import SourceFile

_SIDE = (
    # project, mark and system files of recorders
    ".sys .hprj .zdt .zdt2 .mrk .edl .sfk .pkf .asd .reapeaks .tmk .gpk "
    # text, tables, settings
    ".txt .md .rtf .pdf .doc .docx .odt .xls .xlsx .csv .log .ini .cfg .json .xml .html "
    # pictures, archives, programs
    ".jpg .jpeg .png .gif .bmp .tif .tiff .heic .zip .gz .7z .rar .exe .dll .dmg .msi .lnk"
)
_SYSTEM_FOLDERS = (
    "$recycle.bin", "system volume information", "lost.dir", "lost+found",
    ".trashes", ".spotlight-v100", ".fseventsd", ".temporaryitems",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known about a make of recorder.

    ``split`` matches a file's stem and has the groups ``stem`` and ``number``. ``side_suffixes``
    are extensions of files that are never recordings; ``system_folders`` (lower case) hold what
    people threw away and what operating systems keep: nobody expects a recording taken from there.
    """

    name: str
    split: re.Pattern[str]
    side_suffixes: frozenset[str]
    system_folders: frozenset[str]

    def is_side_file(self, file: SourceFile) -> bool:
        """Whether a file is known to be no recording, so that no decoder ever sees it."""
        return file.suffix in self.side_suffixes or file.parts[-1].startswith("._")

    def in_system_folder(self, file: SourceFile) -> bool:
        """Whether a file lies in a wastebasket or in an operating system's own folder."""
        folders = {part.lower() for part in file.parts[:-1]}
        return bool(folders & self.system_folders) or any(f.startswith(".trash") for f in folders)


GENERIC = Profile(
    name="generic",
    split=re.compile(r"(?P<stem>.*\d.*)-(?P<number>\d{4})", re.DOTALL),
    side_suffixes=frozenset(_SIDE.split()),
    system_folders=frozenset(_SYSTEM_FOLDERS),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A file with its place in a recorded session: ``number`` counts from 1."""

    file: SourceFile
    group: str
    number: int


def group_parts(files: Iterable[SourceFile], profile: Profile) -> list[tuple[Part, ...]]:
    """Return the sessions in the order of their paths, each with its parts in the order of time.

    Every session gets a new random id: recorders count from 1 again on every card, so nothing on
    the card could serve. A gap in the numbers stays a gap: ``-0001`` and ``-0003`` are parts 1 and 3.
    """
    sessions: dict[tuple[object, ...], list[tuple[int, SourceFile]]] = {}
    for file in sorted(files, key=lambda f: f.parts):
        key, number = _place(file, profile)
        sessions.setdefault(key, []).append((number, file))
    return [_session(members) for members in sessions.values()]


def _place(file: SourceFile, profile: Profile) -> tuple[tuple[object, ...], int]:
    """Return what the parts of a session have in common, and this file's number."""
    match = profile.split.fullmatch(PurePosixPath(file.parts[-1]).stem)
    if match is None:
        return ("alone", file.parts), 1
    return ("split", file.parts[:-1], match["stem"], file.suffix), int(match["number"])


def _session(members: list[tuple[int, SourceFile]]) -> tuple[Part, ...]:
    group = new_id()
    ordered = sorted(members, key=lambda member: member[0])
    shift = 1 if ordered[0][0] == 0 else 0  # some recorders begin at -0000
    return tuple(Part(file, group, number + shift) for number, file in ordered)
