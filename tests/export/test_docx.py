"""The reading copy, read back with python-docx and as a ZIP file."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from confere.export import ExportInput
from confere.export.characters import printable
from confere.export.docx import write
from confere.export.notices import DRAFT, PRACTICE
from export.samples import HOSTILE, ORDINARY, RECORDING, draft, hostile, signed


def opened(given: ExportInput) -> Any:
    """Return the document that is read back."""
    [file] = write(given)
    return Document(BytesIO(file.content))


def header_text(document: Any) -> str:
    """Return what stands at the top of every page."""
    [section] = document.sections
    assert not section.different_first_page_header_footer
    return "\n".join(paragraph.text for paragraph in section.header.paragraphs)


def facts(document: Any) -> dict[str, str]:
    """Return what the first page tells."""
    return {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}


def test_cover() -> None:
    """The first page tells what this is, whose work it is, and which signed file it comes from."""
    given = signed()
    told = facts(opened(given))
    assert told["Interview"] == given.interview.id
    assert told["Recording"] == f"{RECORDING.id}, part 2, 01:02:05"
    assert (told["Site"], told["Date"], told["Participants"]) == (
        "São Paulo",
        "2026-03-01",
        "P01, P02",
    )
    assert told["Languages"] == "Portuguese, translated into English"
    assert (told["Corrected by"], told["Verified by"]) == ("Inês", "Vera")
    assert told["Signed transcript"] == f"SHA-256 {given.digest}"
    assert told["Version"] == "version 1"
    assert "I verified this." in "".join(p.text for p in opened(given).paragraphs)


def test_rows() -> None:
    """Every segment is a row: time, speaker, what was said, its translation."""
    rows = [[cell.text for cell in row.cells] for row in opened(signed()).tables[1].rows]
    assert rows[0] == ["Time, speaker", "Portuguese", "English"]
    assert rows[1] == ["00:00:00\nI1\nin English", "Where were you?", "Where were you?"]
    assert rows[2] == ["00:00:05\nP01", *ORDINARY[1][2:]]


def test_a_draft_tells_what_the_machine_distrusts() -> None:
    """The marks stand beside the texts, by name."""
    given = draft()
    lines = (replace(given.lines[0], marks=("invention", "no-speech")), *given.lines[1:])
    rows = [row.cells[0].text for row in opened(replace(given, lines=lines)).tables[1].rows]
    assert rows[1].endswith("\ninvention\nno-speech") and "invention" not in rows[2]


def test_every_page() -> None:
    """The recording, the version and the page number are on every page, and so is the digest."""
    document = opened(signed())
    assert RECORDING.id in header_text(document) and "version 1" in header_text(document)
    header = document.sections[0].header._element
    fields = [element.text.strip() for element in header.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert signed().digest in document.sections[0].footer.paragraphs[0].text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (signed(), []),
        (draft(), [DRAFT]),
        (signed(practice=True), [PRACTICE]),
        (draft(practice=True), [DRAFT, PRACTICE]),
    ],
)
def test_warnings_on_every_page(given: ExportInput, said: list[str]) -> None:
    """A draft and a practice transcript say so at the top of every page, and nothing else does."""
    head = header_text(opened(given))
    assert [notice for notice in (DRAFT, PRACTICE) if notice in head] == said


def test_a_draft_claims_no_signature() -> None:
    """Nothing in a draft looks like a verification."""
    told = facts(opened(draft()))
    assert told["Verified by"] == "nobody yet"
    assert not {"Signed at", "Signed transcript"} & set(told)


def test_languages_of_the_text() -> None:
    """Every run says its language, so that a spelling checker knows which dictionary to take."""
    row = opened(signed()).tables[1].rows[2]
    tags = [
        element.get(qn("w:val"))
        for cell in row.cells[1:]
        for element in cell._tc.iter(qn("w:lang"))
    ]
    assert tags == ["pt-BR", "en-GB"]


def test_right_to_left() -> None:
    """A text in Urdu runs from right to left."""
    row = opened(draft([("ur", "P01", "پانی", "Water.")])).tables[1].rows[1]
    assert [len(list(cell._tc.iter(qn("w:bidi")))) for cell in row.cells] == [0, 1, 0]


def test_rows_stay_whole_and_the_heading_is_repeated() -> None:
    """The heading stands on every page, and only a row that may not fit a page is broken."""
    rows = opened(draft([*ORDINARY, ("pt", "P01", "palavra " * 500, "word " * 500)])).tables[1].rows
    assert [bool(row._tr.trPr.findall(qn("w:tblHeader"))) for row in rows] == [True] + [False] * 4
    whole = [
        bool(row._tr.trPr is not None and row._tr.trPr.findall(qn("w:cantSplit"))) for row in rows
    ]
    assert whole == [True] * 4 + [False]


def test_page() -> None:
    """The page is A4."""
    section = opened(signed()).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_hostile_text() -> None:
    """Whatever is in a text comes back the same, but for what no document can hold."""
    rows = opened(hostile()).tables[1].rows[1:]
    assert len(rows) == len(HOSTILE) + 1
    for text, row in zip(HOSTILE, rows, strict=False):
        assert row.cells[1].text == (printable(text) or "–")


def test_what_no_document_can_hold_is_seen() -> None:
    """A character that is illegal in XML is replaced by one that everybody sees."""
    assert printable("a\x00b\x1b\ud800c\uffff") == "a\ufffdb\ufffd\ufffdc\ufffd"
    assert printable("a\r\nb\rc\x85d\u2028e\tf") == "a\nb\nc\nd\ne\tf"


def test_properties_name_nobody() -> None:
    """The properties of the file tell what it is, and when it was signed, and name no person."""
    properties = opened(signed()).core_properties
    assert (properties.author, properties.last_modified_by) == ("", "")
    assert properties.created == properties.modified == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    assert properties.identifier == signed().digest
    assert RECORDING.id in properties.title
    assert opened(draft()).core_properties.comments == DRAFT


def test_archive() -> None:
    """The ZIP file holds fixed times and an order, and nothing from a template's past."""
    [file] = write(signed())
    with zipfile.ZipFile(BytesIO(file.content)) as archive:
        entries = archive.infolist()
        assert archive.testzip() is None
    names = [entry.filename for entry in entries]
    assert names == ["[Content_Types].xml", *sorted(names[1:])]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert not [name for name in names if "thumbnail" in name or "customXml" in name]


def test_relationships_resolve() -> None:
    """Every part that is declared or referred to is in the file."""
    [file] = write(hostile())
    with zipfile.ZipFile(BytesIO(file.content)) as archive:
        names = set(archive.namelist())
        types = archive.read("[Content_Types].xml").decode()
    declared = {part.split('"')[0].lstrip("/") for part in types.split('PartName="')[1:]}
    assert declared <= names
