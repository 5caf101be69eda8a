"""The encrypted catalog: keys, damage, schema versions, transactions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confere.domain import Interview
from confere.errors import DamagedCatalog
from confere.vault.catalog import SCHEMA_VERSION, Catalog
from confere.vault.register import add_interview, get_interview

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A catalog with one interview in it, closed."""
    path = tmp_path / "catalog.db"
    catalog = Catalog.create(path, KEY)
    with catalog.transaction():
        add_interview(catalog, Interview("i1", "Recife", "2026-11-22", ("P01",), "by the river"))
    catalog.close()
    return path


def test_what_is_written_is_there_again(path: Path) -> None:
    """A catalog opened anew tells the same."""
    interview = get_interview(Catalog(path, KEY), "i1")
    assert interview == Interview("i1", "Recife", "2026-11-22", ("P01",), "by the river")


def test_it_is_private_and_not_readable(path: Path) -> None:
    """Its file is 0600 and holds nothing in the clear."""
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"river" not in path.read_bytes()
    assert not path.read_bytes().startswith(b"SQLite")


def test_a_wrong_key_is_told_and_prints_nothing(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """SQLCipher's own lines on the terminal are kept quiet."""
    with pytest.raises(DamagedCatalog):
        Catalog(path, bytes(32))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("damage", ["missing", "empty", "first page", "later page", "cut"])
def test_damage_is_told(path: Path, damage: str) -> None:
    """A missing, empty, spoiled or shortened file is a damaged catalog, not a crash."""
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        place = 100 if damage == "first page" else len(content) // 2
        content[place : place + 32] = os.urandom(32)
        path.write_bytes(content[: len(content) // 2] if damage == "cut" else content)
    with pytest.raises(DamagedCatalog):
        Catalog(path, KEY).check()


def test_every_flipped_page_is_found(path: Path) -> None:
    """Each page carries its own authentication, and the check reads them all."""
    content = path.read_bytes()
    for page in range(0, len(content), 4096):
        spoiled = bytearray(content)
        spoiled[page + 2000] ^= 1
        path.write_bytes(spoiled)
        with pytest.raises(DamagedCatalog):
            Catalog(path, KEY).check()
    path.write_bytes(content)
    Catalog(path, KEY).check()


def test_a_newer_schema_is_refused(path: Path) -> None:
    """An older Confere does not touch a newer catalog."""
    catalog = Catalog(path, KEY)
    catalog.run(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    catalog.close()
    with pytest.raises(DamagedCatalog, match="newer"):
        Catalog(path, KEY)


def test_an_older_schema_is_brought_up_step_by_step(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migrations run in the order of their numbers, each in its own transaction."""
    from confere.vault import catalog as module

    scripts = {
        f"migrations/{SCHEMA_VERSION + 1:04}.sql": "ALTER TABLE interviews ADD COLUMN weather TEXT;",
        f"migrations/{SCHEMA_VERSION + 2:04}.sql": "UPDATE interviews SET weather = 'rain';",
    }
    monkeypatch.setattr(module, "_script", scripts.__getitem__)
    monkeypatch.setattr(module, "SCHEMA_VERSION", SCHEMA_VERSION + 2)
    catalog = Catalog(path, KEY)
    assert catalog.value("PRAGMA user_version") == SCHEMA_VERSION + 2
    assert catalog.value("SELECT weather FROM interviews") == "rain"


def test_a_failed_migration_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays at the version it had."""
    from confere.vault import catalog as module

    broken = "ALTER TABLE interviews ADD COLUMN weather TEXT; SELECT nonsense FROM nowhere;"
    monkeypatch.setattr(module, "_script", lambda _name: broken)
    monkeypatch.setattr(module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    with pytest.raises(DamagedCatalog):
        Catalog(path, KEY)
    monkeypatch.undo()
    catalog = Catalog(path, KEY)
    assert catalog.value("PRAGMA user_version") == SCHEMA_VERSION
    assert "weather" not in [row["name"] for row in catalog.rows("PRAGMA table_info(interviews)")]


def test_a_transaction_is_all_or_nothing(path: Path) -> None:
    """What fails half-way leaves nothing."""
    catalog = Catalog(path, KEY)
    with pytest.raises(ZeroDivisionError), catalog.transaction():
        add_interview(catalog, Interview("i2"))
        1 / 0  # noqa: B018
    assert catalog.value("SELECT count(*) FROM interviews") == 1
