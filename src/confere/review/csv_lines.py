"""A CSV file as spreadsheets write it: cells by their column's name, line by line.

UTF-8 with or without a byte order mark; commas, semicolons or tabs, as the first line has them (a
spreadsheet set to Portuguese writes semicolons); columns in any order; empty lines are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from confere.errors import BadInput

#: Makes the error of a line, from 1, and what is wrong with it.
Wrong: TypeAlias = Callable[[int, str], BadInput]


def read_cells(
    data: bytes, columns: Sequence[str], needed: Sequence[str], wrong: Wrong
) -> Iterator[tuple[int, dict[str, str]]]:
    """Return each line's number and its cells; a column that the file lacks is empty.

    Raises what ``wrong`` makes, without a word of the file.
    """
    rows = _rows(_decoded(data, wrong), wrong)
    try:
        line, header = next(rows)
    except StopIteration:
        raise wrong(1, "the file is empty") from None
    names = _names(line, header, columns, needed, wrong)
    for line, row in rows:
        if any(cell.strip() for cell in row[len(names) :]):
            raise wrong(line, f"there are more than {len(names)} cells")
        yield line, dict.fromkeys(columns, "") | dict(zip(names, row, strict=False))


def _decoded(data: bytes, wrong: Wrong) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = "the file is not in UTF-8; a spreadsheet calls what is needed 'CSV UTF-8'"
        raise wrong(line, detail) from None


def _rows(text: str, wrong: Wrong) -> Iterator[tuple[int, list[str]]]:
    """Return the lines that hold anything, with their numbers from 1."""
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error:
        raise wrong(reader.line_num, "quotation marks do not match") from None


def _names(
    line: int, header: list[str], columns: Sequence[str], needed: Sequence[str], wrong: Wrong
) -> list[str]:
    names = [cell.strip().casefold() for cell in header]
    while names and not names[-1]:  # spreadsheets leave empty columns behind
        names.pop()
    if unknown := set(names) - set(columns):
        raise wrong(line, f"{len(unknown)} of the columns are unknown")
    if missing := [name for name in needed if name not in names]:
        raise wrong(line, f"there is no column '{missing[0]}'")
    if len(set(names)) < len(names):
        raise wrong(line, "a column stands there twice")
    return names
