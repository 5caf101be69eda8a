"""The word list as a CSV file that spreadsheets read and write: ``source, target, status, note``.

Read: UTF-8 with or without a byte order mark; commas, semicolons or tabs, as the first line has them (a
spreadsheet set to Portuguese writes semicolons); columns in any order. Written: UTF-8, commas,
RFC 4180. What is read back from a written file is the same list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from confere.domain import WordEntry
from confere.errors import BadValue, BadWordList
from confere.review.words.entries import checked

COLUMNS: Final = ("source", "target", "status", "note")
_NEEDED: Final = frozenset({"source", "target", "status"})


def read_csv(data: bytes) -> tuple[WordEntry, ...]:
    """Return the entries of a CSV file in their order; raises BadWordList naming the line."""
    return tuple(entry for _, entry in read_lines(data))


def read_lines(data: bytes) -> tuple[tuple[int, WordEntry], ...]:
    """Return the entries of a CSV file, each with its line from 1; raises BadWordList.

    Duplicates and contradictions are no errors here: ``problems`` tells them all at once.
    """
    rows = _rows(_decoded(data))
    try:
        line, header = next(rows)
    except StopIteration:
        raise BadWordList(1, "the file is empty") from None
    columns = _columns(line, header)
    return tuple((line, _entry(line, columns, row)) for line, row in rows)


def write_csv(entries: Iterable[WordEntry]) -> bytes:
    """Return the bytes of the CSV file; the same list gives the same bytes."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((e.source, e.target, e.status.value, e.note) for e in entries)
    return written.getvalue().encode()


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = "the file is not in UTF-8; a spreadsheet calls what is needed 'CSV UTF-8'"
        raise BadWordList(line, detail) from None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Return the lines that hold anything, with their numbers from 1."""
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error:
        raise BadWordList(reader.line_num, "quotation marks do not match") from None


def _columns(line: int, header: list[str]) -> list[str]:
    names = [cell.strip().casefold() for cell in header]
    while names and not names[-1]:  # spreadsheets leave empty columns behind
        names.pop()
    if unknown := set(names) - set(COLUMNS):
        raise BadWordList(line, f"{len(unknown)} of the columns are unknown")
    if missing := _NEEDED - set(names):
        raise BadWordList(line, f"there is no column '{min(missing)}'")
    if len(set(names)) < len(names):
        raise BadWordList(line, "a column stands there twice")
    return names


def _entry(line: int, columns: list[str], row: list[str]) -> WordEntry:
    if any(cell.strip() for cell in row[len(columns) :]):
        raise BadWordList(line, f"there are more than {len(columns)} cells")
    cells = dict(zip(columns, row, strict=False))
    values = (cells.get(name, "") for name in COLUMNS)
    try:
        return checked(*values)
    except BadValue as error:
        raise BadWordList(line, error.message) from None
