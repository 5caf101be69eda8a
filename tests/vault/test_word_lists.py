"""The word list in the catalog: versions that are only added, and what is told of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from confere.crypto.canonical import canonical_json
from confere.domain import WordEntry, WordStatus
from confere.errors import DamagedCatalog, NoSuchThing
from confere.vault.catalog import Catalog
from confere.vault.word_lists import (
    WordList,
    add_word_list,
    current_version,
    current_words,
    get_word_list,
    list_word_lists,
)

KEEP = WordEntry("maracatu", "", WordStatus.KEEP, 'a dance; "said" so')
AGENT = WordEntry("agente de saúde", "community health worker", WordStatus.REQUIRED)
POST = WordEntry("posto", "post", WordStatus.FORBIDDEN)
AT = "2026-11-22T18:04:05.250Z"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog."""
    catalog = Catalog.create(tmp_path / "catalog.db", bytes(range(32)))
    yield catalog
    catalog.close()


def refused(act: Callable[[], object]) -> bool:
    """Whether a rule of the catalog refuses something."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the driver's own, which only the vault imports
        return "a word list is never" in str(error)
    return False


def test_before_the_first_there_is_an_empty_one(catalog: Catalog) -> None:
    """Nobody need ask whether there is a list."""
    assert current_words(catalog) == ()
    assert current_version(catalog) == 0
    assert get_word_list(catalog, 0) == WordList(0, (), "", "")
    assert list_word_lists(catalog) == []


def test_every_version_is_kept(catalog: Catalog) -> None:
    """The last one is in force, the order of its entries is kept, and an empty one is one too."""
    lists = [(KEEP, AGENT), (POST, KEEP, AGENT), ()]
    made = [add_word_list(catalog, entries, "ivo", AT)[0] for entries in lists]
    assert made == [1, 2, 3]
    assert current_version(catalog) == 3
    assert current_words(catalog) == ()
    assert [v.entries for v in list_word_lists(catalog)] == lists
    assert get_word_list(catalog, 2) == WordList(2, lists[1], "ivo", AT)
    with pytest.raises(NoSuchThing):
        get_word_list(catalog, 4)


def test_what_is_told_of_it_holds_no_word(catalog: Catalog) -> None:
    """A commitment over what is stored; the same list again has another."""
    _, told = add_word_list(catalog, [AGENT], "ivo", AT)
    number, entries, by, at, nonce = catalog.rows(
        "SELECT number, entries, by, at, nonce FROM word_lists"
    )[0]
    assert entries == '[["agente de saúde", "community health worker", "required", ""]]'
    assert told == hashlib.sha256(nonce + canonical_json([number, entries, by, at])).hexdigest()
    assert add_word_list(catalog, [AGENT], "ivo", AT)[1] != told


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE word_lists SET entries = '[]'",
        "UPDATE word_lists SET by = 'vera'",
        "UPDATE word_lists SET number = 7",
        "DELETE FROM word_lists",
        "INSERT OR REPLACE INTO word_lists VALUES (1, '[]', 'vera', '', x'00')",
    ],
)
def test_a_version_is_never_changed(catalog: Catalog, statement: str) -> None:
    """The catalog itself refuses it."""
    add_word_list(catalog, [AGENT], "ivo", AT)
    assert refused(lambda: catalog.run(statement))
    assert current_words(catalog) == (AGENT,)


@pytest.mark.parametrize("entries", ["{", "7", '[["a"]]', '[["a", "b", "perhaps", ""]]'])
def test_what_was_written_past_the_software_is_told(catalog: Catalog, entries: str) -> None:
    """A row that holds no list is damage, with a message, and no crash."""
    catalog.run("INSERT INTO word_lists VALUES (1, ?, 'eve', '', x'00')", (entries,))
    with pytest.raises(DamagedCatalog, match="version 1 of the word list"):
        current_words(catalog)
