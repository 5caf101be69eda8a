"""The word list as a CSV file that spreadsheets read and write: ``source, target, status, note``.

Read: UTF-8 with or without a byte order mark; commas or semicolons, as the first line has them (a
spreadsheet set to Portuguese writes semicolons); columns in any order. Written: UTF-8, commas,
RFC 4180. What is read back from a written file is the same list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from confere.domain import WordEntry, WordStatus
from confere.errors import BadValue, BadWordList
from confere.review import entries as typed

COLUMNS: Final = ("source", "target", "status", "note")
_NEEDED: Final = frozenset({"source", "target", "status"})


def read_csv(data: bytes) -> tuple[WordEntry, ...]:
    """Return the entries of a CSV file in their order; raises BadWordList naming the line.

    Duplicates and contradictions are no errors here: ``problems`` tells them all at once.
    """
    text = _decoded(data)
    rows = _rows(text)
    try:
        line, header = next(rows)
    except StopIteration:
        raise BadWordList(1, "the file is empty") from None
    columns = _columns(line, header)
    return tuple(_entry(line, columns, row) for line, row in rows)


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
        raise BadWordList(line, "the file is not in UTF-8") from None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Return the lines that hold anything, with their numbers from 1."""
    first = text.lstrip().split("\n", 1)[0]
    separator = ";" if first.count(";") > first.count(",") else ","
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
    source, target, note = (_text(line, cells, name) for name in ("source", "target", "note"))
    status = _status(line, cells.get("status", ""))
    if not source:
        raise BadWordList(line, "the source is empty")
    if status is WordStatus.KEEP:
        if target and target != source:
            raise BadWordList(line, "a kept word has no other translation")
        target = ""
    elif not target:
        raise BadWordList(line, f"what is {status} needs a target")
    return WordEntry(source, target, status, note)


def _text(line: int, cells: Mapping[str, str], name: str) -> str:
    """Return a cell as one line of composed text."""
    try:
        return " ".join(typed.text(cells.get(name, "")).split())
    except BadValue:
        raise BadWordList(line, f"the {name} holds a control character") from None


def _status(line: int, cell: str) -> WordStatus:
    try:
        return WordStatus(cell.strip().casefold())
    except ValueError:
        known = ", ".join(WordStatus)
        raise BadWordList(line, f"the status is none of {known}") from None
