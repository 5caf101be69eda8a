"""What is known about makes of recorders: one TOML file each, and no code.

A profile says how a recorder is recognised, where its audio lies, what its files' names mean and which
files are none of ours. `docs/recorders.md` describes the files. ``generic`` is the base of all of them:
it knows what computers leave on cards, and recognises nothing by itself.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from confere.domain.settings import line_of
from confere.errors import BadProfile, BadValue
from confere.intake.patterns import Named, NamePattern, compiled
from confere.intake.source import SourceFile

FORMAT = 1
GENERIC = "generic"

#: Lists the names in a folder of a recorder, given by its raw names from the root down, and which of
#: them are folders; empty for what is no folder.
ListNames = Callable[[tuple[str, ...]], Mapping[str, bool]]


@dataclass(frozen=True, slots=True)
class Marks:
    """What a recorder is recognised by; patterns in small letters, folders as their components."""

    labels: tuple[str, ...] = ()
    folders: tuple[tuple[str, ...], ...] = ()
    files: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known about one make of recorder.

    ``automatic``: a volume that looks like one may be emptied without anybody having named it.
    ``audio``: below which folders its recordings lie; empty for everywhere. ``side_suffixes`` are
    extensions of files that are never recordings; ``system_folders`` (small letters) hold what people
    threw away and what operating systems keep: nobody expects a recording taken from there.
    """

    name: str
    title: str
    automatic: bool
    marks: Marks
    audio: tuple[tuple[str, ...], ...]
    patterns: tuple[NamePattern, ...]
    side_suffixes: frozenset[str]
    system_folders: frozenset[str]

    def is_side_file(self, file: SourceFile) -> bool:
        """Whether a file is known to be no recording, so that no decoder ever sees it."""
        return file.suffix in self.side_suffixes or file.parts[-1].startswith("._")

    def in_system_folder(self, file: SourceFile) -> bool:
        """Whether a file lies in a wastebasket or in an operating system's own folder."""
        folders = {part.lower() for part in file.parts[:-1]}
        return bool(folders & self.system_folders) or any(f.startswith(".trash") for f in folders)

    def is_where_audio_lies(self, file: SourceFile) -> bool:
        """Whether a file lies below one of the folders that this recorder writes to."""
        folders = file.parts[:-1]
        return not self.audio or any(
            len(folders) >= len(place) and all(map(_fits, folders, place)) for place in self.audio
        )

    def named(self, file: SourceFile) -> Named | None:
        """Return what a file's name says, by the first pattern that fits."""
        stem = PurePosixPath(file.parts[-1]).stem
        return next(filter(None, (pattern.match(stem) for pattern in self.patterns)), None)

    def likeness(self, label: str, names: ListNames) -> int:
        """Return how much a volume looks like this recorder; 0 for not at all.

        Two makes share a folder's name now and then; then the label decides, and the number of marks.
        """
        by_label = any(_fits(label, pattern) for pattern in self.marks.labels) if label else False
        seen = sum(_is_there(names, mark, folder=True) for mark in self.marks.folders)
        seen += sum(_is_there(names, mark, folder=False) for mark in self.marks.files)
        return 100 * by_label + seen


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every make of recorder that this computer knows, ``generic`` apart."""

    generic: Profile
    makes: tuple[Profile, ...] = ()

    def recognise(self, label: str, names: ListNames) -> Profile:
        """Return the profile that a volume looks most like; ``generic`` when like none."""
        likeness = {make.name: make.likeness(label, names) for make in self.makes}
        alike = [make for make in self.makes if likeness[make.name]]
        return max(alike, key=lambda m: (likeness[m.name], m.automatic), default=self.generic)


def load(folders: Iterable[Path]) -> Profiles:
    """Read every ``*.toml`` of the folders; a later file of the same name takes the earlier's place.

    Raises BadProfile, naming file and line.
    """
    files: dict[str, Path] = {}
    for folder in folders:
        files |= {file.stem: file for file in sorted(folder.glob("*.toml"))}
    if GENERIC not in files:
        raise BadProfile(f"{GENERIC}.toml", 1, "the file is missing")
    base = _read(files.pop(GENERIC), None)
    return Profiles(base, tuple(_read(files[name], base) for name in sorted(files)))


def shipped() -> Path:
    """Return the folder of the profiles that come with Confere: in the package, or beside its source."""
    package = Path(__file__).parents[1]
    inside = package / "recorders"
    return inside if inside.is_dir() else package.parents[1] / "config" / "recorders"


@functools.cache
def generic() -> Profile:
    """Return what holds for every recorder."""
    return _read(shipped() / f"{GENERIC}.toml", None)


def _read(file: Path, base: Profile | None) -> Profile:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadProfile(str(file), 1, f"the file cannot be read ({error})") from None
    return parse(text, str(file), base)


# --- the files ------------------------------------------------------------------------------------

_TABLES: dict[str, dict[str, type]] = {
    "": {"format": int, "title": str, "automatic": bool},
    "recognise": {"labels": list, "folders": list, "files": list},
    "audio": {"folders": list},
    "names": {"patterns": list},
    "side": {"extensions": list, "folders": list},
}
_KINDS = {int: "a whole number", str: "text", bool: "true or false", list: "a list of texts"}


def parse(text: str, file: str, base: Profile | None) -> Profile:
    """Read the text of one file; what the base calls a side file is one here, too."""
    values = _checked(text, file)
    top, recognise, side = values[""], values["recognise"], values["side"]

    def each(table: str, key: str, read: Callable[[str], Any]) -> tuple[Any, ...]:
        taken = []
        for item in values[table].get(key, []):
            try:
                taken.append(read(item))
            except BadValue as error:
                at = _line_of_item(text, table, key, item)
                raise BadProfile(file, at, error.message) from None
        return tuple(taken)

    if top.get("format") != FORMAT:
        at = line_of(text, "", "format")
        raise BadProfile(file, at, f"format is {top.get('format')!r}; this version knows {FORMAT}")
    if not top.get("title"):
        raise BadProfile(file, line_of(text, "", "title"), "title is missing: what people call it")
    automatic = top.get("automatic", False)
    marks = Marks(
        tuple(label.lower() for label in recognise.get("labels", [])),
        each("recognise", "folders", _path),
        each("recognise", "files", _path),
    )
    if automatic and not (marks.labels or marks.folders or marks.files):
        at = line_of(text, "", "automatic")
        raise BadProfile(file, at, "automatic needs something under [recognise]")
    suffixes = each("side", "extensions", _extension)
    folders = frozenset(folder.lower() for folder in side.get("folders", []))
    return Profile(
        name=Path(file).stem,
        title=top["title"],
        automatic=automatic,
        marks=marks,
        audio=each("audio", "folders", _path),
        patterns=each("names", "patterns", compiled) + (base.patterns if base else ()),
        side_suffixes=frozenset(suffixes) | (base.side_suffixes if base else frozenset()),
        system_folders=folders | (base.system_folders if base else frozenset()),
    )


def _checked(text: str, file: str) -> dict[str, dict[str, Any]]:
    """Return the values by table, after every key and kind was found right."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BadProfile(file, int(line[1]) if line else 1, str(error)) from None
    tables: dict[str, dict[str, Any]] = {name: {} for name in _TABLES}
    for name, value in data.items():
        if isinstance(value, dict):
            if name not in _TABLES:
                raise BadProfile(file, line_of(text, name, ""), f"there is no table [{name}]")
            tables[name] = value
        else:
            tables[""][name] = value
    for table, values in tables.items():
        for key, value in values.items():
            at, where = line_of(text, table, key), f" under [{table}]" if table else ""
            kind = _TABLES[table].get(key)
            if kind is None:
                raise BadProfile(file, at, f"there is no key '{key}'{where}")
            texts = value if isinstance(value, list) else []
            if type(value) is not kind or not all(isinstance(t, str) and t for t in texts):
                raise BadProfile(file, at, f"{key} must be {_KINDS[kind]}")
    return tables


def _line_of_item(text: str, table: str, key: str, item: str) -> int:
    """Return the line on which an item of a list stands."""
    first = line_of(text, table, key)
    lines = text.splitlines()[first - 1 :]
    return next((first + i for i, line in enumerate(lines) if item in line), first)


def _path(text: str) -> tuple[str, ...]:
    parts = tuple(text.lower().split("/"))
    if any(part in ("", ".", "..") for part in parts):
        raise BadValue(f"'{text}' is no path from the recorder's root, such as STEREO/FOLDER01")
    return parts


def _extension(text: str) -> str:
    if not re.fullmatch(r"\.[^./]+", text):
        raise BadValue(f"'{text}' is no extension, such as .hprj")
    return text.lower()


# --- looking at a volume --------------------------------------------------------------------------


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.lower(), pattern)


def _is_there(
    names: ListNames, pattern: Sequence[str], *, folder: bool, below: tuple[str, ...] = ()
) -> bool:
    """Whether something of the kind lies at a path below a folder."""
    here = names(below)
    first, rest = pattern[0], pattern[1:]
    fitting = [name for name in sorted(here) if _fits(name, first)]
    if not rest:
        return any(here[name] is folder for name in fitting)
    return any(
        _is_there(names, rest, folder=folder, below=(*below, name))
        for name in fitting
        if here[name]
    )
