"""The study's word list in the catalog: every version is kept, and the last one is in force."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confere.domain import WordEntry, WordStatus
from confere.errors import DamagedCatalog, NoSuchThing
from confere.vault.catalog import Catalog
from confere.vault.transcripts import NONCE_BYTES, commitment

#: The columns of a version, in the order of its commitment.
WORD_LIST = "number, entries, by, at"
_SELECT = f"SELECT {WORD_LIST} FROM word_lists"  # noqa: S608


@dataclass(frozen=True, slots=True)
class WordList:
    """One version of the list, from 1: its entries in their order, who made it, and when."""

    number: int
    entries: tuple[WordEntry, ...]
    by: str
    at: str


def current_words(catalog: Catalog) -> tuple[WordEntry, ...]:
    """Return the list in force; nothing before there is one."""
    row = catalog.row(f"{_SELECT} ORDER BY number DESC LIMIT 1")
    return _word_list(row).entries if row else ()


def current_version(catalog: Catalog) -> int:
    """Return the number of the version in force; 0 before there is one."""
    return int(catalog.value("SELECT coalesce(max(number), 0) FROM word_lists"))


def get_word_list(catalog: Catalog, number: int) -> WordList:
    """Return a version; raises NoSuchThing. Version 0 is the empty one before the first."""
    if number == 0:
        return WordList(0, (), "", "")
    row = catalog.row(f"{_SELECT} WHERE number = ?", (number,))
    if row is None:
        raise NoSuchThing("word list", str(number), "'confere words history' shows the versions.")
    return _word_list(row)


def list_word_lists(catalog: Catalog) -> list[WordList]:
    """Return every version, oldest first."""
    return [_word_list(row) for row in catalog.rows(f"{_SELECT} ORDER BY number")]


def add_word_list(
    catalog: Catalog, entries: Iterable[WordEntry], by: str, at: str
) -> tuple[int, str]:
    """Keep a new version, inside a transaction; return its number and the commitment to it."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    text = json.dumps(
        [[e.source, e.target, e.status.value, e.note] for e in entries], ensure_ascii=False
    )
    values = (current_version(catalog) + 1, text, by, at)
    catalog.run(
        f"INSERT INTO word_lists ({WORD_LIST}, nonce) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
        (*values, nonce),
    )
    return values[0], commitment(nonce, *values)


def _word_list(row: Any) -> WordList:
    try:
        entries = tuple(
            WordEntry(source, target, WordStatus(status), note)
            for source, target, status, note in json.loads(row["entries"])
        )
    except (ValueError, TypeError):
        raise DamagedCatalog(
            f"version {row['number']} of the word list is not in its form"
        ) from None
    return WordList(row["number"], entries, row["by"], row["at"])
