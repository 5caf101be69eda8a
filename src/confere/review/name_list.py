"""Names of the identity key as they come in: typed, or from a CSV file ``name, code, note``.

Nothing here ever says a name in an error: errors may be logged, and read over a shoulder.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

from confere.errors import BadNameList, BadValue
from confere.review import entries
from confere.review.checks.identity import can_be_found

COLUMNS: Final = ("name", "code", "note")
_NEEDED: Final = frozenset({"name", "code"})
_LONGEST: Final = 200  # characters


class NamedCode(NamedTuple):
    """A name, the code that stands for it, and a note."""

    name: str
    code: str
    note: str


def named(name: str, code: str, note: str) -> NamedCode:
    """Return what was typed as it is kept; raises BadValue, which tells no name."""
    cleaned = one_line(name)
    if not cleaned:
        raise BadValue("the name is empty")
    if max(len(cleaned), len(note)) > _LONGEST:
        raise BadValue(f"a name, or its note, has at most {_LONGEST} characters")
    if not can_be_found(cleaned):
        raise BadValue(
            "a check could not find this name: it has no word that tells anybody",
            "Initials and words such as 'da' or 'Dona' stand in every text. Give the name with them.",
        )
    return NamedCode(cleaned, _code(code), one_line(note))


def read_names(data: bytes) -> tuple[NamedCode, ...]:
    """Return the names of a CSV file: UTF-8, commas or semicolons, columns in any order.

    Raises BadNameList, which tells the line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadNameList(line, "the file is not in UTF-8") from None
    rows = _rows(text)
    line, header = next(rows, (1, []))
    columns = _columns(line, header)
    return tuple(_named(line, columns, row) for line, row in rows)


def one_line(typed: str) -> str:
    """Return a text as one line of composed text; raises BadValue."""
    try:
        return " ".join(entries.text(typed).split())
    except BadValue:
        raise BadValue("it holds a control character", "Type it instead of pasting it.") from None


def same(one: str, other: str) -> bool:
    """Whether two names are the same in any case."""
    return one.casefold() == other.casefold()


def _code(typed: str) -> str:
    try:
        return entries.speaker(typed)
    except BadValue:
        raise BadValue(
            "a code is 1 to 32 letters, digits, spaces, points, hyphens or underscores",
            "Such as P01: what stands in the texts instead of the name.",
        ) from None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().split("\n", 1)[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error:
        raise BadNameList(reader.line_num, "quotation marks do not match") from None


def _columns(line: int, header: list[str]) -> list[str]:
    names = [cell.strip().casefold() for cell in header]
    while names and not names[-1]:  # spreadsheets leave empty columns behind
        names.pop()
    if not set(names) >= _NEEDED or not set(names) <= set(COLUMNS) or len(set(names)) < len(names):
        raise BadNameList(line, "the first line does not name the columns name, code, note")
    return names


def _named(line: int, columns: list[str], row: list[str]) -> NamedCode:
    if any(cell.strip() for cell in row[len(columns) :]):
        raise BadNameList(line, f"there are more than {len(columns)} cells")
    cells = dict(zip(columns, row, strict=False))
    try:
        return named(cells.get("name", ""), cells.get("code", ""), cells.get("note", ""))
    except BadValue as error:
        raise BadNameList(line, error.message) from None
