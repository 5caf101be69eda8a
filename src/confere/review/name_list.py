"""Names of the identity key as they come in: typed, or from a CSV file ``name, code, note``.

Nothing here ever says a name in an error: errors may be logged, and read over a shoulder.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from confere.errors import BadNameList, BadValue
from confere.review import entries
from confere.review.checks.identity import can_be_found
from confere.review.csv_lines import read_cells

COLUMNS: Final = ("name", "code", "note")
_NEEDED: Final = ("name", "code")
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
    """Return the names of a CSV file; raises BadNameList, which tells the line."""
    lines = read_cells(data, COLUMNS, _NEEDED, BadNameList)
    return tuple(_named(line, cells) for line, cells in lines)


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


def _named(line: int, cells: dict[str, str]) -> NamedCode:
    try:
        return named(*(cells[column] for column in COLUMNS))
    except BadValue as error:
        raise BadNameList(line, error.message) from None
