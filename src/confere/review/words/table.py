"""The word list as a CSV file that spreadsheets read and write: ``source, target, status, note``.

Read as `csv_lines` tells. Written: UTF-8, commas, RFC 4180. What is read back from a written file is the
same list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from confere.domain import WordEntry
from confere.errors import BadValue, BadWordList
from confere.review.csv_lines import read_cells
from confere.review.words.entries import checked

COLUMNS: Final = ("source", "target", "status", "note")
_NEEDED: Final = ("source", "target", "status")


def read_csv(data: bytes) -> tuple[WordEntry, ...]:
    """Return the entries of a CSV file in their order; raises BadWordList naming the line."""
    return tuple(entry for _, entry in read_lines(data))


def read_lines(data: bytes) -> tuple[tuple[int, WordEntry], ...]:
    """Return the entries of a CSV file, each with its line from 1; raises BadWordList.

    Duplicates and contradictions are no errors here: ``problems`` tells them all at once.
    """
    lines = read_cells(data, COLUMNS, _NEEDED, BadWordList)
    return tuple((line, _entry(line, cells)) for line, cells in lines)


def write_csv(entries: Iterable[WordEntry]) -> bytes:
    """Return the bytes of the CSV file; the same list gives the same bytes."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((e.source, e.target, e.status.value, e.note) for e in entries)
    return written.getvalue().encode()


def _entry(line: int, cells: dict[str, str]) -> WordEntry:
    try:
        return checked(*(cells[column] for column in COLUMNS))
    except BadValue as error:
        raise BadWordList(line, error.message) from None
