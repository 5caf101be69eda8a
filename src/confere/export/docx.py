"""The reading copy: a page that says what this is, then both texts side by side.

A4, the source to the left and its translation to the right, time and speaker before them. Who, when,
which version and the digest of what was signed are on the first page; the recording's id and the page
number are on every page, and so is the word DRAFT or PRACTICE where it applies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from docx.enum.text import WD_TAB_ALIGNMENT
from docx.section import _Header
from docx.shared import Cm
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from confere.domain import clock
from confere.export import docx_parts as parts
from confere.export import languages
from confere.export.characters import one_line
from confere.export.notices import UNVERIFIED, notices
from confere.export.values import ExportFile, ExportInput, Line

if TYPE_CHECKING:
    from docx.document import Document as DocumentObject

_MARGIN = Cm(2.0)
_WIDTH = Cm(17.0)  # of an A4 page, between the margins
_COLUMNS = [Cm(2.4), Cm(7.3), Cm(7.3)]
_FACTS = [Cm(3.6), Cm(13.4)]
_NOTHING = "–"  # of a segment where nothing is said, so that its row is not taken for a fault
_LONGEST_WHOLE_ROW = 1500  # characters; a longer row may be broken, for it might not fit a page


def write(given: ExportInput) -> list[ExportFile]:
    """Return one file."""
    document = parts.blank()
    parts.set_default_language(document, "en")
    _lay_out(document, given)
    _title(document, given)
    _facts(document, given)
    _statement(document, given)
    _transcript(document, given)
    _properties(document, given)
    at = datetime.fromisoformat(given.signed_at) if given.signed_at else None
    return [ExportFile(f"{given.stem}.docx", parts.pack(document, at))]


def _lay_out(document: DocumentObject, given: ExportInput) -> None:
    """Set the page, and what stands at the top and the bottom of every page."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.0)
    section.header_distance = section.footer_distance = Cm(1.0)
    _header(section.header, given)
    footer = parts.spaced(section.footer.paragraphs[0])
    about = "Participants appear by code."
    if given.digest:
        about += f" SHA-256 of the signed transcript: {given.digest}"
    parts.write_text(footer, about, size=7.5, colour=parts.GREY)


def _header(header: _Header, given: ExportInput) -> None:
    line = parts.spaced(header.paragraphs[0], after=4)
    line.style = "Normal"  # the template's style for headers has tab stops of its own
    stops = line.paragraph_format.tab_stops
    stops.add_tab_stop(_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    parts.write_text(
        line,
        f"{one_line(given.study)} · recording {given.recording_id} · {_version(given)}\tpage ",
        size=8.5,
        colour=parts.GREY,
    )
    parts.add_field(line, "PAGE", 8.5, parts.GREY)
    parts.write_text(line, " of ", size=8.5, colour=parts.GREY)
    parts.add_field(line, "NUMPAGES", 8.5, parts.GREY)
    for notice in notices(given):
        warning = parts.boxed(header.add_paragraph(), parts.ALARM_TINT, parts.ALARM)
        parts.write_text(parts.spaced(warning), notice, size=12, colour=parts.ALARM, bold=True)
    if notices(given):
        parts.spaced(header.add_paragraph())  # keeps the text of the page off the warning


def _version(given: ExportInput) -> str:
    return f"version {given.version}" + (", unsigned" if given.draft else "")


def _title(document: DocumentObject, given: ExportInput) -> None:
    study = parts.spaced(document.add_paragraph(), before=6)
    parts.write_text(study, one_line(given.study), size=11, colour=parts.GREY)
    title = parts.spaced(document.add_paragraph(style="Title"), after=10)
    for border in title.style.element.xpath(".//w:pBdr"):  # type: ignore[union-attr]
        border.getparent().remove(border)
    where = ", ".join(filter(None, (given.interview.site, given.interview.date)))
    words = f"Interview, {one_line(where)}" if where else "Interview transcript"
    parts.write_text(title, words, size=22, bold=True)


def _facts(document: DocumentObject, given: ExportInput) -> None:
    table = parts.plain_table(document, _FACTS, rules=True)
    for label, value in _stated(given):
        cells = parts.add_row(table, whole=True).cells
        parts.write_text(_first(cells[0]), label, size=9.5, colour=parts.GREY)
        parts.write_text(_first(cells[1]), one_line(value), size=9.5)


def _stated(given: ExportInput) -> Iterator[tuple[str, str]]:
    """Yield what the first page tells, in its order; what is not known is left out."""
    interview, source = given.interview, languages.name(given.source_language)
    facts = [
        ("Interview", interview.id),
        ("Recording", f"{given.recording_id}, part {given.part}, {clock(given.duration_ms)[:8]}"),
        ("Site", interview.site),
        ("Date", interview.date),
        ("Participants", ", ".join(interview.participants)),
        ("Languages", f"{source}, translated into {languages.name(given.target_language)}"),
        ("Drafted by", " and ".join(dict.fromkeys(given.models))),
        ("Corrected by", ", ".join(given.correctors)),
        ("Version", _version(given)),
        ("Verified by", _verified_by(given)),
        ("Signed at", given.signed_at.replace("T", " ").replace("Z", " UTC")),
        ("Signed transcript", f"SHA-256 {given.digest}" if given.digest else ""),
    ]
    yield from ((label, value) for label, value in facts if value)


def _verified_by(given: ExportInput) -> str:
    if not given.unverified:
        return given.verified_by or "nobody yet"
    verified = len(given.lines) - given.unverified
    return f"{given.verified_by}: {verified} of {len(given.lines)} segments, by the study's sampling plan"


def _statement(document: DocumentObject, given: ExportInput) -> None:
    if given.statement:
        box = parts.boxed(document.add_paragraph(), parts.TINT, parts.GREY)
        parts.spaced(box, before=10).paragraph_format.left_indent = Cm(0.4)
        parts.write_text(box, f"“{given.statement}”", size=9.5, italic=True)
        parts.write_text(box, f"\n{given.verified_by}", size=9.5)


def _transcript(document: DocumentObject, given: ExportInput) -> None:
    parts.spaced(document.add_paragraph(), after=4)
    if not given.lines:
        words = "Nothing is said in this recording."
        parts.write_text(document.add_paragraph(), words, italic=True)
        return
    table = parts.plain_table(document, _COLUMNS, rules=True)
    headings = (
        "Time, speaker",
        *map(languages.name, (given.source_language, given.target_language)),
    )
    for cell, heading in zip(
        parts.add_row(table, heading=True, whole=True).cells, headings, strict=True
    ):
        parts.shade(cell, parts.TINT)
        parts.write_text(_first(cell), heading, size=9.5, bold=True)
    for line in given.lines:
        whole = max(len(line.source), len(line.target)) <= _LONGEST_WHOLE_ROW
        _segment(parts.add_row(table, whole=whole).cells, line, given)


def _segment(cells: tuple[_Cell, ...], line: Line, given: ExportInput) -> None:
    """Fill the row of one segment; a language that is not the column's own is named.

    So is that nobody verified it, where a sampling plan left it out; in a draft, what the machine distrusts.
    """
    margin = _first(cells[0])
    parts.write_text(margin, clock(line.start_ms)[:8], size=8.5, colour=parts.GREY)
    parts.write_text(margin, f"\n{one_line(line.speaker)}", size=9.5, bold=True)
    if line.language != given.source_language:
        spoken = f"\nin {languages.name(line.language)}"
        parts.write_text(margin, spoken, size=8.5, colour=parts.GREY)
    if line.unverified:
        parts.write_text(margin, f"\n{UNVERIFIED}", size=8.5, colour=parts.ALARM, bold=True)
    for mark in line.marks:
        parts.write_text(margin, f"\n{mark}", size=8.5, colour=parts.ALARM)
    translated = line.language != given.target_language
    parts.write_text(
        _first(cells[1]),
        line.source or _NOTHING,
        language=line.language,
        colour=parts.INK if translated else parts.GREY,
    )
    parts.write_text(_first(cells[2]), line.target or _NOTHING, language=given.target_language)


def _first(cell: _Cell) -> Paragraph:
    return parts.spaced(cell.paragraphs[0], before=2, after=3)


def _properties(document: DocumentObject, given: ExportInput) -> None:
    """Fill the properties of the file: they say what it is and name nobody."""
    properties = document.core_properties
    properties.author = properties.last_modified_by = ""
    properties.comments = "; ".join(notices(given))
    title = f"Transcript of recording {given.recording_id}, {_version(given)}"
    properties.title = one_line(title)
    properties.subject = one_line(given.study)[:255]
    properties.identifier = given.digest
    properties.language = languages.tag("en")
