"""What the catalog itself refuses and allows when retention ends, and what its pages keep."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from confere.domain import Interview, Recording
from confere.errors import Destroyed, NotReady
from confere.vault import Storage
from confere.vault.catalog import SCHEMA_VERSION, Catalog
from confere.vault.destruction import (
    Destruction,
    files_of,
    forget,
    get_destruction,
    is_last_of_interview,
    list_destructions,
    require_kept,
    same_sound,
)
from confere.vault.register import add_interview, add_recording, find_recording, get_recording
from doubles.pages import all_bytes

KEY = bytes(range(32))
GONE = Destruction("r1", "2026-11-22T18:00:00.000Z", "lena", "withdrawn")
#: One row in every table that holds words of recording r1.
ROWS = {
    "drafts": "INSERT INTO drafts VALUES ('r1', 'words', '', x'00')",
    "segments": (
        "INSERT INTO segments (id, recording_id, position, start_ms, end_ms, speaker, language,"
        " source, target, state) VALUES ('s1', 'r1', 1, 0, 1, '', 'pt', 'words', 'words', 'draft')"
    ),
    "revisions": "INSERT INTO revisions (number, segment_id, version, by, at, decision, before,"
    " after, reason, nonce) VALUES (1, 's1', 1, 'ivo', '', 'correct', '', '', '', x'00')",
    "played": "INSERT INTO played VALUES (1, 'r1', 'vera', 0, 1, '')",
    "sign_offs": "INSERT INTO sign_offs VALUES ('r1', 1, x'00', '')",
}


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog with two recordings of one interview, and words of the first in every table."""
    catalog = Catalog.create(tmp_path / "catalog.db", KEY)
    with catalog.transaction():
        add_interview(catalog, Interview("i1", "Recife", "2026-11-22", ("P01",), "by the river"))
        for part in (1, 2):
            digest = str(part) * 64
            recording = Recording(f"r{part}", "i1", part, "a.wav", 1, digest, "b" * 64, 9, "", "")
            add_recording(catalog, recording, "{}")
        for statement in ROWS.values():
            catalog.run(statement)
    yield catalog
    catalog.close()


@pytest.mark.parametrize("table", ROWS)
def test_nothing_goes_while_it_is_kept(catalog: Catalog, table: str) -> None:
    """Not even with another recording destroyed."""
    with catalog.transaction():
        forget(catalog, Destruction("r2", "", "lena", "withdrawn"))
    with pytest.raises(sqlcipher.IntegrityError, match="never removed"):
        catalog.run(f"DELETE FROM {table}")
    assert catalog.value(f"SELECT count(*) FROM {table}") == 1


def test_everything_goes_with_it(catalog: Catalog) -> None:
    """After the transaction no table has a word of it, and the index agrees with the texts."""
    with catalog.transaction():
        forget(catalog, GONE)
    assert [catalog.value(f"SELECT count(*) FROM {table}") for table in ROWS] == [0] * 5
    assert tuple(catalog.row("SELECT name, note FROM recordings WHERE id = 'r1'") or ()) == ("", "")
    assert catalog.value("SELECT count(*) FROM segment_index_docsize") == 0
    for index in ("segment_index", "pair_index"):
        catalog.run(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize("table", [name for name in ROWS if name != "revisions"])
def test_nothing_comes_back(catalog: Catalog, table: str) -> None:
    """What was under way meanwhile is refused by the catalog itself."""
    with catalog.transaction():
        forget(catalog, GONE)
    with pytest.raises(sqlcipher.IntegrityError, match="was destroyed"):
        catalog.run(ROWS[table])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM destroyed",
        "UPDATE destroyed SET reason = 'another'",
        "UPDATE destroyed SET recording_id = 'r2'",
        "REPLACE INTO destroyed VALUES ('r1', '', 'somebody', 'another')",
    ],
)
def test_a_destruction_stays(catalog: Catalog, statement: str) -> None:
    """It cannot be taken back, changed or put over."""
    with catalog.transaction():
        forget(catalog, GONE)
    with pytest.raises(sqlcipher.IntegrityError, match="never"):
        catalog.run(statement)
    assert list_destructions(catalog) == [GONE]


def test_nothing_is_destroyed_twice_or_unknown(catalog: Catalog) -> None:
    """One row a recording, and only of one there is."""
    with catalog.transaction():
        forget(catalog, GONE)
    for destruction in (GONE, Destruction("r9", "", "lena", "")):
        with pytest.raises(sqlcipher.IntegrityError), catalog.transaction():
            forget(catalog, destruction)


def test_what_is_told_of_it(catalog: Catalog) -> None:
    """It is found by its number, and then says what happened; the other part says nothing."""
    assert not is_last_of_interview(catalog, "r1")
    with catalog.transaction():
        forget(catalog, GONE)
    assert get_destruction(catalog, "r1") == GONE
    assert get_destruction(catalog, "r2") is None
    assert find_recording(catalog, "r1") == "r1"
    require_kept(catalog, "r2")
    for look in (require_kept, get_recording):
        with pytest.raises(Destroyed, match="r1 was destroyed by lena at 2026") as error:
            look(catalog, "r1")
        assert "withdrawn" not in str(error.value)
    assert is_last_of_interview(catalog, "r2")
    assert same_sound(catalog, "r1") == []


def test_the_index_keeps_no_beginning_of_a_word(catalog: Catalog) -> None:
    """Signposts between two pages of the index are cut from words; after it, only from those left."""
    dice = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    living = set()
    with catalog.transaction():
        for name in ("r3", "r4"):
            recording = Recording(name, "i1", 3, "a.wav", 1, name * 32, "b" * 64, 9, "", "")
            add_recording(catalog, recording, "{}")
        for position in range(2000):
            words = ["".join(dice.choices(letters, k=8)) for _ in range(12)]
            owner = f"r{position % 2 + 3}"
            living |= set(words) if owner == "r4" else set()
            catalog.run(
                "INSERT INTO segments (id, recording_id, position, start_ms, end_ms, speaker,"
                " language, source, target, state) VALUES (?, ?, ?, 0, 1, '', 'pt', ?, '', 'draft')",
                (f"x{position}", owner, position, " ".join(words)),
            )
    with catalog.transaction():
        forget(catalog, Destruction("r3", "", "lena", "withdrawn"))
    beginnings = {word[:n].encode() for word in living for n in range(9)} | {
        b"words"[:n] for n in range(6)
    }
    signposts = [bytes(r["term"]) for r in catalog.rows("SELECT term FROM segment_index_idx")]
    assert len(signposts) > 20
    # The first byte says which index of the table it is of.
    assert [s for s in signposts if s[1:] not in beginnings] == []


# --- the pages ----------------------------------------------------------------------------------


def test_wiping_leaves_no_old_page(catalog: Catalog, tmp_path: Path) -> None:
    """What was removed is off the file and its log; what was kept is there, with every rule."""
    path = tmp_path / "catalog.db"
    long = "xqzcanario " * 5000  # overflow pages, too
    with catalog.transaction():
        catalog.run("UPDATE recordings SET note = ?", (long,))
        catalog.run("UPDATE interviews SET notes = 'xqzkept', version = 1")
    assert b"xqzcanario" in all_bytes(path, KEY)
    with catalog.transaction():
        catalog.run("UPDATE recordings SET note = ''")
    rules = [r[0] for r in catalog.rows("SELECT sql FROM sqlite_master ORDER BY type, name")]
    catalog.wipe()
    assert b"xqzcanario" not in all_bytes(path, KEY)
    assert b"xqzkept" in all_bytes(path, KEY)
    assert path.with_name("catalog.db-wal").stat().st_size == 0
    assert [
        r[0] for r in catalog.rows("SELECT sql FROM sqlite_master ORDER BY type, name")
    ] == rules
    assert catalog.value("PRAGMA user_version") == SCHEMA_VERSION
    catalog.check()


def test_wiping_waits_for_a_reader(catalog: Catalog, tmp_path: Path) -> None:
    """Somebody's reading is not torn from under them; afterwards it can be done."""
    reader = Catalog(tmp_path / "catalog.db", KEY)
    reader.run("BEGIN")
    reader.rows("SELECT * FROM recordings")
    with pytest.raises(NotReady, match="open"):
        catalog.wipe()
    assert catalog.value("PRAGMA busy_timeout") == 30_000
    reader.run("COMMIT")
    catalog.wipe()
    assert len(reader.rows("SELECT * FROM recordings")) == 2
    reader.close()


# --- the files ----------------------------------------------------------------------------------


def test_the_key_comes_first(tmp_path: Path) -> None:
    """Whatever lies about under a recording's number, a half-written key too, keys before all else."""
    storage = Storage(tmp_path)
    for name in ("audio.age", "key.age", "signed-1.age"):
        storage.write(f"recordings/r1/{name}", b"sealed")
    (tmp_path / "recordings" / "r1" / ".key.age.4711").write_bytes(b"half")
    storage.write("recordings/r1.partial/key.age", b"sealed")
    storage.write("intake/r1.age", b"note")
    storage.write("recordings/r2/key.age", b"sealed")
    files = files_of(storage, "r1")
    assert len(files) == 6
    assert all("key.age" in file for file in files[:3])
    assert not any("r2" in file for file in files)
    assert files_of(storage, "r3") == []


def test_shredding_writes_over_the_file_itself(tmp_path: Path) -> None:
    """Seen through a second name of the same file: as long as before, and other bytes."""
    storage = Storage(tmp_path)
    storage.write("key.age", b"the key " * 100)
    (tmp_path / "second").hardlink_to(tmp_path / "key.age")
    storage.shred("key.age")
    assert not (tmp_path / "key.age").exists()
    assert len((tmp_path / "second").read_bytes()) == 800
    assert b"the key" not in (tmp_path / "second").read_bytes()
    storage.shred("key.age")  # absent is fine


def test_shredding_follows_no_link(tmp_path: Path) -> None:
    """A link in the place of a key is removed; what it points to is not touched."""
    storage = Storage(tmp_path)
    storage.write("folder/kept", b"kept")
    (tmp_path / "key.age").symlink_to(tmp_path / "folder" / "kept")
    storage.shred("key.age")
    assert not (tmp_path / "key.age").is_symlink()
    assert storage.read("folder/kept") == b"kept"
