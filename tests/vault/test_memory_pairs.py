"""The verified pairs: which segments are among them, when, and what the index knows of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from confere.domain import Interview, Recording, Revision, Segment, State
from confere.vault import memory_pairs
from confere.vault.catalog import Catalog
from confere.vault.destruction import Destruction, forget
from confere.vault.memory_pairs import Origin, PairIndex, list_pairs, origin_of
from confere.vault.register import add_interview, add_recording
from confere.vault.transcripts import save_revision
from doubles.pages import all_bytes

KEY = bytes(range(32))
CANARY = "xqzx yqzy wqzw"
LONG = "Naquele tempo não tinha água encanada."


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog with two recordings without a segment."""
    catalog = Catalog.create(tmp_path / "catalog.db", KEY)
    with catalog.transaction():
        add_interview(catalog, Interview("i1"))
        for name in ("r1", "r2"):
            recording = Recording(name, "i1", 1, "a.wav", 1, name * 32, "b" * 64, 9, "", "")
            add_recording(catalog, recording, "{}")
    yield catalog
    catalog.close()


def put(
    catalog: Catalog,
    source: str,
    target: str = "It is so.",
    state: State = State.VERIFIED,
    *,
    recording: str = "r1",
    language: str = "pt",
) -> Segment:
    """Lay a segment out and, unless it is to stay a draft, bring it to a state."""
    position = int(catalog.value("SELECT count(*) FROM segments")) + 1
    item = Segment(
        f"s{position}", recording, position, 0, 1, "P01", language, source, target, State.DRAFT, 0
    )
    catalog.run(
        "INSERT INTO segments (id, recording_id, position, start_ms, end_ms, speaker, language,"
        " source, target, state) VALUES (?, ?, ?, 0, 1, 'P01', ?, ?, ?, 'draft')",
        (item.id, recording, position, language, source, target),
    )
    return item if state is State.DRAFT else move(catalog, item, state)


def move(catalog: Catalog, item: Segment, state: State, **changes: object) -> Segment:
    """Change a segment, with its revision."""
    changed = replace(item, state=state, version=item.version + 1, **changes)  # type: ignore[arg-type]
    decision = "verify" if state is State.VERIFIED else "correct"
    at = f"2026-11-22T18:00:{changed.version:02}.000Z"
    revision = Revision(item.id, "vera", at, decision, {}, {})
    with catalog.transaction():
        save_revision(catalog, changed, revision)
    return changed


def found(catalog: Catalog, text: str) -> list[str]:
    """Return the ids on the shortlist, sorted."""
    return sorted(pair.segment_id for pair in PairIndex(catalog).shortlist(text, "en"))


def whole(catalog: Catalog) -> None:
    """Assert that the index agrees with the segments."""
    catalog.run("INSERT INTO pair_index (pair_index, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize("source", [LONG, "Pois é."])
@pytest.mark.parametrize("state", State)
def test_only_what_is_verified_is_there(catalog: Catalog, source: str, state: State) -> None:
    """Verified or signed; nothing that one person alone has said, long or short."""
    put(catalog, source, state=state)
    there = state in (State.VERIFIED, State.LOCKED)
    assert found(catalog, source.lower()) == (["s1"] if there else [])
    assert list_pairs(catalog, "en", 9)[0] == there
    whole(catalog)


@pytest.mark.parametrize("source", [LONG, "Pois é."])
def test_what_loses_its_verification_is_gone_at_once(catalog: Catalog, source: str) -> None:
    """Returned, it is on no list; verified again with another text, it is there with that."""
    item = put(catalog, source)
    returned = move(catalog, item, State.NEEDS_WORK)
    assert found(catalog, source.lower()) == []
    whole(catalog)
    corrected = move(catalog, returned, State.CORRECTED, source="Sumiu.")
    move(catalog, corrected, State.VERIFIED)
    pairs = PairIndex(catalog).shortlist(source.lower(), "en")
    assert source not in [pair.source for pair in pairs]
    assert found(catalog, "sumiu") == ["s1"]
    whole(catalog)


def test_a_verified_text_that_changes_is_known_by_the_new_one(catalog: Catalog) -> None:
    """A change that keeps the state moves with the index, and leaves no old letters."""
    item = put(catalog, CANARY)
    move(catalog, item, State.VERIFIED, source=LONG)
    assert found(catalog, CANARY) == []
    assert found(catalog, LONG.lower()) == ["s1"]
    blocks = [bytes(r["block"]) for r in catalog.rows("SELECT block FROM pair_index_data")]
    assert not any(b"xqz" in block for block in blocks)
    whole(catalog)


@pytest.mark.parametrize(
    "text",
    [
        "naquele tempo não tinha agua encanda",  # mistyped
        "é, naquele tempo não tinha água",  # in part
        "encanada naquele tempo não tinha água",
    ],
)
def test_typing_errors_and_parts_are_on_the_list(catalog: Catalog, text: str) -> None:
    """Three letters in common here and there are enough."""
    put(catalog, LONG)
    put(catalog, "O motorista do ônibus sumiu.")
    assert "s1" in found(catalog, text)


@pytest.mark.parametrize("text", ["é", "não", "sim", "nao sei", "tá"])
def test_short_texts_are_found_by_their_length(catalog: Catalog, text: str) -> None:
    """Those that may be like it, whatever their letters; none that is far longer."""
    for source in ("É.", "Não.", "Sim!", "Não sei.", "Tá?", LONG):
        put(catalog, source)
    near = {"é": "s1", "não": "s2", "sim": "s3", "nao sei": "s4", "tá": "s5"}
    assert near[text] in found(catalog, text)
    assert "s6" not in found(catalog, text)


def test_letters_that_are_everywhere_are_asked_for_together(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text of nothing but common letters is still found; and common ones are asked for once."""
    monkeypatch.setattr(memory_pairs, "_COMMON", 3)
    for number in range(8):
        put(catalog, "não sei o que é", f"I do not know, {number}.")
    put(catalog, "outra coisa inteiramente")
    index = PairIndex(catalog)
    first = [pair.segment_id for pair in index.shortlist("não sei o que é", "en")]
    assert first == ["s8", "s7", "s6"]  # of too many, the newest
    assert [p.segment_id for p in index.shortlist("não sei o que é", "en")] == first


def test_the_same_pair_is_there_once(catalog: Catalog) -> None:
    """The newest stands for the others; the same words translated otherwise are another pair."""
    put(catalog, LONG, "One.")
    put(catalog, LONG, "One.", recording="r2")
    put(catalog, LONG, "Another.")
    assert found(catalog, LONG.lower()) == ["s2", "s3"]


def test_what_is_no_pair(catalog: Catalog) -> None:
    """Speech in the target language, a translation older than its source, and none at all."""
    put(catalog, LONG, LONG, language="en")
    put(catalog, LONG, "")
    move(catalog, put(catalog, LONG, "Old.", State.CORRECTED), State.VERIFIED, target_stale=True)
    assert found(catalog, LONG.lower()) == []
    assert list_pairs(catalog, "en", 9) == (0, [])


@pytest.mark.parametrize(
    "text", ['"""""""""', "rio OR NOT rio", "a\0b\0c\0d\0e\0f", "\udcff" * 9, "*" * 9, "rio" * 999]
)
def test_what_is_asked_for_is_never_syntax(catalog: Catalog, text: str) -> None:
    """Whatever stands in a text is looked for as letters."""
    put(catalog, LONG)
    assert found(catalog, text) == []


def test_who_verified_it_last(catalog: Catalog) -> None:
    """The last verification counts, not the first."""
    item = put(catalog, LONG)
    returned = move(catalog, item, State.NEEDS_WORK)
    move(catalog, move(catalog, returned, State.CORRECTED), State.VERIFIED)
    _, [pair] = list_pairs(catalog, "en", 1)
    assert origin_of(catalog, pair) == Origin(1, "vera", "2026-11-22T18:00:04.000Z")


def test_the_newest_are_listed_first(catalog: Catalog) -> None:
    """The count is of all."""
    for number in range(5):
        put(catalog, f"Frase {number}.")
    count, pairs = list_pairs(catalog, "en", 2)
    assert (count, [pair.segment_id for pair in pairs]) == (5, ["s5", "s4"])


def test_destroying_takes_the_pairs_along(catalog: Catalog, tmp_path: Path) -> None:
    """Of one recording, and not of another: no page has three letters of it."""
    put(catalog, CANARY)
    put(catalog, "xqz sim.")
    put(catalog, LONG, recording="r2")
    assert b"xqz" in all_bytes(tmp_path / "catalog.db", KEY)
    with catalog.transaction():
        forget(catalog, Destruction("r1", "", "lena", "withdrawn"))
    assert found(catalog, CANARY) == []
    assert found(catalog, "xqz sim") == []
    assert found(catalog, LONG.lower()) == ["s3"]
    whole(catalog)
    catalog.wipe()
    assert b"xqz" not in all_bytes(tmp_path / "catalog.db", KEY)


@pytest.mark.parametrize("way", ["rekey", "wipe", "copy"])
def test_a_catalog_written_anew_keeps_its_pairs(catalog: Catalog, tmp_path: Path, way: str) -> None:
    """After a change of keys, a wiping or in a copy: found as before, and kept in step."""
    item = put(catalog, LONG)
    put(catalog, "Pois é.")
    if way == "rekey":
        catalog.rekey(bytes(32))
    elif way == "wipe":
        catalog.wipe()
    else:
        with catalog.copy_to(tmp_path / "copy.partial", KEY) as write:
            write()
        catalog.close()
        catalog = Catalog(tmp_path / "copy.partial", KEY)
    assert found(catalog, LONG.lower()) == ["s1"]
    assert found(catalog, "pois é") == ["s2"]
    settings = catalog.rows("SELECT k, v FROM pair_index_config")
    assert ("secure-delete", 1) in [tuple(row) for row in settings]
    move(catalog, item, State.NEEDS_WORK)
    assert found(catalog, LONG.lower()) == []
    whole(catalog)
    catalog.check()
    catalog.close()


def test_an_older_catalog_learns_its_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was verified before there was a memory is in it after the first opening."""
    monkeypatch.setattr("confere.vault.catalog.SCHEMA_VERSION", 1)
    catalog = Catalog.create(tmp_path / "old.db", KEY)
    with catalog.transaction():
        add_interview(catalog, Interview("i1"))
        recording = Recording("r1", "i1", 1, "a.wav", 1, "a" * 64, "b" * 64, 9, "", "")
        add_recording(catalog, recording, "{}")
    for text, state in ((LONG, "verified"), (CANARY, "draft"), ("Pois é.", "locked")):
        catalog.run(
            "INSERT INTO segments (id, recording_id, position, start_ms, end_ms, speaker, language,"
            " source, target, state) VALUES (?1, 'r1', length(?1), 0, 1, '', 'pt', ?1, 'So.', ?2)",
            (text, state),
        )
    catalog.close()
    monkeypatch.undo()
    catalog = Catalog(tmp_path / "old.db", KEY)
    assert catalog.value("PRAGMA user_version") >= 2
    assert found(catalog, LONG.lower()) == [LONG]
    assert found(catalog, CANARY) == []
    assert found(catalog, "pois é") == ["Pois é."]
    whole(catalog)
    catalog.close()
