"""Dismissals and the identity key as rows: what the catalog itself refuses, and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from confere.domain import Interview, Recording
from confere.vault.catalog import Catalog
from confere.vault.dismissals import DismissalRow, add_dismissal, list_dismissals
from confere.vault.identities import Identity, list_identities, list_names, put_identities
from confere.vault.register import add_interview, add_recording
from confere.vault.transcripts import commitment

ROW = DismissalRow("r1", "s1", "ab" * 32, "numbers.differ", "error", "Said.", 0, "ivo", "t", "Why.")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog with two recordings."""
    catalog = Catalog.create(tmp_path / "catalog.db", bytes(range(32)))
    add_interview(catalog, Interview(id="i1"))
    for part, id_ in enumerate(("r1", "r2"), 1):
        add_recording(
            catalog,
            Recording(
                id=id_,
                interview_id="i1",
                part=part,
                name="",
                size_bytes=1,
                sha256=id_,
                sealed_sha256="",
                duration_ms=1,
                recorded_at="",
                offloaded_at="",
            ),
            note="",
        )
    yield catalog
    catalog.close()


def test_they_come_back_in_their_order(catalog: Catalog) -> None:
    """Of one recording, or of one of its segments."""
    rows = [
        ROW,
        replace(ROW, segment_id="s2"),
        replace(ROW, withdrawn=1, reason=""),
        replace(ROW, recording_id="r2"),
    ]
    for row in rows:
        add_dismissal(catalog, row)
    assert list_dismissals(catalog, "r1") == rows[:3]
    assert list_dismissals(catalog, "r1", "s1") == [rows[0], rows[2]]
    assert list_dismissals(catalog, "r2") == [rows[3]]
    assert list_dismissals(catalog, "r3") == []


def test_the_commitment_is_to_all_of_it(catalog: Catalog) -> None:
    """With a nonce that is kept beside it: the same dismissal twice gives two."""
    one, two = add_dismissal(catalog, ROW), add_dismissal(catalog, ROW)
    nonces = [row[0] for row in catalog.rows("SELECT nonce FROM dismissals ORDER BY number")]
    assert [len(nonce) for nonce in nonces] == [32, 32]
    assert [one, two] == [commitment(nonce, *astuple(ROW)) for nonce in nonces]
    assert one != two


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE dismissals SET reason = 'x'", "never edited"),
        ("UPDATE dismissals SET withdrawn = 1", "never edited"),
        ("DELETE FROM dismissals", "never removed"),
        ("REPLACE INTO dismissals SELECT * FROM dismissals", "never removed"),
    ],
)
def test_a_row_stays_what_it_is(catalog: Catalog, statement: str, why: str) -> None:
    """The rules stand in the catalog itself."""
    add_dismissal(catalog, ROW)
    with pytest.raises(sqlcipher.IntegrityError, match=why):
        catalog.run(statement)
    assert list_dismissals(catalog, "r1") == [ROW]


def test_a_signed_or_destroyed_recording_takes_none(catalog: Catalog) -> None:
    """Until a new version of what was signed is begun."""
    catalog.run(
        "INSERT INTO sign_offs (recording_id, version, signed, at) VALUES ('r1', 1, x'00', '')"
    )
    with pytest.raises(sqlcipher.IntegrityError, match="signed"):
        add_dismissal(catalog, ROW)
    catalog.run("INSERT INTO reopened VALUES ('r1', 1, 'lena', '', 'why', x'00')")
    add_dismissal(catalog, ROW)
    catalog.run("INSERT INTO destroyed (recording_id, at, by, reason) VALUES ('r2', '', '', '')")
    with pytest.raises(sqlcipher.IntegrityError, match="destroyed"):
        add_dismissal(catalog, replace(ROW, recording_id="r2"))


def test_a_name_has_one_code(catalog: Catalog) -> None:
    """The last that was given."""
    put_identities(catalog, [Identity("Zé", "P01", "a"), Identity("Ana", "P02")])
    put_identities(catalog, [Identity("Zé", "P03")])
    assert list_identities(catalog) == [Identity("Ana", "P02"), Identity("Zé", "P03")]
    assert list_names(catalog) == ("Ana", "Zé")
