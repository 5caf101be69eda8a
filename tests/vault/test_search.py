"""The search index: what is found, what is typed, and what keeps it in step with the segments."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.domain import Interview, Recording, Revision, Segment, State
from confere.errors import BadValue
from confere.vault.catalog import SCHEMA_VERSION, Catalog
from confere.vault.register import add_interview, add_recording
from confere.vault.search import Hit, as_query, search
from confere.vault.transcripts import save_revision

KEY = bytes(range(32))
TEXTS = {
    "s1": ("Não sei se a água é boa.", "I do not know whether the water is good."),
    "s2": ("A beira do rio encheu.", "The bank of the river flooded."),
    "s3": ("O rio e a beira.", "The river and the bank."),
    "s4": ("पानी नदी से आता है", "Water comes from the river."),
}


def segment(id_: str, position: int) -> Segment:
    """A drafted segment."""
    source, target = TEXTS[id_]
    return Segment(id_, "r1", position, 0, 1, "P01", "pt", source, target, State.DRAFT, 0)


def put(catalog: Catalog, item: Segment) -> None:
    """Lay a segment out."""
    catalog.run(
        "INSERT INTO segments (id, recording_id, position, start_ms, end_ms, speaker, language,"
        " source, target, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'draft')",
        (
            item.id, item.recording_id, item.position, item.start_ms, item.end_ms, item.speaker,
            item.language, item.source, item.target,
        ),
    )  # fmt: skip


def change(catalog: Catalog, item: Segment, source: str) -> Segment:
    """Give a segment another source text."""
    changed = replace(item, source=source, version=item.version + 1, state=State.CORRECTED)
    revision = Revision(item.id, "ivo", "", "correct", {"source": ""}, {"source": source})
    with catalog.transaction():
        save_revision(catalog, changed, revision)
    return changed


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog with the texts above."""
    catalog = Catalog.create(tmp_path / "catalog.db", KEY)
    with catalog.transaction():
        add_interview(catalog, Interview("i1"))
        recording = Recording("r1", "i1", 1, "a.wav", 1, "a" * 64, "b" * 64, 9, "", "")
        add_recording(catalog, recording, "{}")
        for position, id_ in enumerate(TEXTS, 1):
            put(catalog, segment(id_, position))
    yield catalog
    catalog.close()


def found(catalog: Catalog, words: str) -> list[str]:
    """Return the ids of what is found, sorted."""
    count, hits = search(catalog, words, 100)
    assert count == len(hits)
    return sorted(hit.segment_id for hit in hits)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("nao", ["s1"]),
        ("NÃO", ["s1"]),
        (unicodedata.normalize("NFD", "água"), ["s1"]),
        ("agua water", ["s1"]),
        ("rio", ["s2", "s3"]),
        ("beira rio", ["s2", "s3"]),
        ('"beira do rio"', ["s2"]),
        ("“beira do rio”", ["s2"]),
        ('"the river and" beira', ["s3"]),
        ("river", ["s2", "s3", "s4"]),
        ("पानी", ["s4"]),
        ("प", []),  # a consonant is no word
        ("ri", []),
        ("nothing", []),
    ],
)
def test_words_are_found(catalog: Catalog, words: str, ids: list[str]) -> None:
    """All the words in either text; capitals and accents do not matter; a phrase is in its order."""
    assert found(catalog, words) == ids


def test_hits_are_where_the_words_are(catalog: Catalog) -> None:
    """Spans of characters in each text; a phrase is one."""
    _, (hit,) = search(catalog, 'nao "the water"', 1)
    assert marked(hit) == (["Não"], ["the water"])
    assert (hit.recording_id, hit.position, hit.speaker) == ("r1", 1, "P01")


def marked(hit: Hit) -> tuple[list[str], list[str]]:
    """Return the words that are marked in either text."""
    return (
        [hit.source[a:b] for a, b in hit.source_hits],
        [hit.target[a:b] for a, b in hit.target_hits],
    )


def test_marks_of_its_own_do_not_confuse(catalog: Catalog) -> None:
    """A text that holds the very marks is shown as it is, with nothing marked."""
    change(catalog, segment("s1", 1), "o \x02gato\x03 preto")
    _, (hit,) = search(catalog, "preto", 9)
    assert (hit.source, hit.source_hits) == ("o \x02gato\x03 preto", ())


def test_the_best_come_first_and_no_more_than_asked(catalog: Catalog) -> None:
    """The count says how many there are; a short text that is all about it comes before a long one."""
    change(catalog, segment("s3", 3), "rio")
    count, hits = search(catalog, "rio", 1)
    assert (count, [hit.segment_id for hit in hits]) == (2, ["s3"])


@pytest.mark.parametrize(
    "typed",
    [
        "rio AND", "NOT rio", "rio OR beira", "source:rio", "rio*", "^rio", "NEAR(rio beira, 2)",
        "(rio", '"rio', 'rio"', '""rio""', "rio;--", "{rio}", "-rio", "rio\0beira", "\udcff rio",
        " ".join(["rio"] * 3000),
    ],
)  # fmt: skip
def test_what_is_typed_is_never_syntax(catalog: Catalog, typed: str) -> None:
    """Whatever is typed is looked for as words."""
    count, hits = search(catalog, typed, 10)
    assert count == len(hits)


@pytest.mark.parametrize("typed", ["", "   ", '""', "*", "!?", "—"])
def test_without_a_word_nothing_is_looked_for(catalog: Catalog, typed: str) -> None:
    """It says so, and does not show everything or nothing."""
    with pytest.raises(BadValue, match="no word"):
        search(catalog, typed, 10)


@given(st.text(min_size=1, max_size=40))
def test_any_text_makes_a_query_of_quoted_terms(typed: str) -> None:
    """Outside the quotation marks there is nothing but single spaces."""
    try:
        query = as_query(typed)
    except BadValue:
        return
    assert set("".join(query.split('"')[::2])) <= {" "}
    assert "\0" not in query


def test_a_change_moves_with_the_index(catalog: Catalog) -> None:
    """The old words are found no more, the new ones at once; the index agrees with the texts."""
    change(catalog, segment("s1", 1), "Uma palavra nova.")
    assert found(catalog, "nao") == []
    assert found(catalog, "palavra") == ["s1"]
    catalog.run("INSERT INTO segment_index (segment_index, rank) VALUES ('integrity-check', 1)")


def test_what_left_the_index_left_its_bytes(catalog: Catalog) -> None:
    """A word that was corrected away is in no row of the index's own tables."""
    changed = change(catalog, segment("s1", 1), "xqzcanario")
    assert b"xqzcanario" in index_bytes(catalog)
    change(catalog, changed, "Outra.")
    assert b"xqzcanario" not in index_bytes(catalog)


def index_bytes(catalog: Catalog) -> bytes:
    """Return what the index keeps: its pages, and the signposts between them."""
    blocks = [row["block"] for row in catalog.rows("SELECT block FROM segment_index_data")]
    terms = [bytes(row["term"]) for row in catalog.rows("SELECT term FROM segment_index_idx")]
    return b"".join(blocks + terms)


def test_a_copy_under_another_key_keeps_the_index(catalog: Catalog) -> None:
    """After a change of keys: the same is found, the rules hold, and removing is still complete."""
    settings = catalog.rows("SELECT k, v FROM segment_index_config")
    rules = catalog.rows("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    catalog.rekey(bytes(32))
    assert [tuple(r) for r in catalog.rows("SELECT k, v FROM segment_index_config")] == [
        tuple(r) for r in settings
    ]
    assert ("secure-delete", 1) in [tuple(r) for r in settings]
    now = catalog.rows("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    assert [r[0] for r in now] == [r[0] for r in rules]
    assert len(now) > 20
    assert catalog.value("PRAGMA user_version") == SCHEMA_VERSION
    assert found(catalog, "nao") == ["s1"]
    change(catalog, segment("s1", 1), "xqzcanario")
    assert found(catalog, "nao") == []
    assert found(catalog, "xqzcanario") == ["s1"]
    catalog.run("INSERT INTO segment_index (segment_index, rank) VALUES ('integrity-check', 1)")
    with pytest.raises(Exception, match="never removed"):
        catalog.run("DELETE FROM segments")
    with pytest.raises(Exception, match="only with a revision"):
        catalog.run("UPDATE segments SET source = 'x' WHERE id = 's2'")
