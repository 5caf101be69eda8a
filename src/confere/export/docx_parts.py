"""Pieces of WordprocessingML that python-docx has no name for, and the packing of the file.

ECMA-376 part 1, chapter 17. Colours are six hex digits, widths are twentieths of a point.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from confere.export import languages
from confere.export.characters import printable

if TYPE_CHECKING:
    from docx.document import Document as DocumentObject

FONT = "Calibri"
INK, GREY, RULE, TINT, ALARM, ALARM_TINT = (
    "1A1A1A",
    "6B6B6B",
    "D5D5D5",
    "F3F1EC",
    "9C1C1C",
    "FBEAEA",
)

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first time a ZIP file can tell
_UNUSED_PARTS = frozenset(
    {
        RELATIONSHIP_TYPE.THUMBNAIL,
        RELATIONSHIP_TYPE.CUSTOM_XML,
        "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
    }
)


def blank() -> DocumentObject:
    """Return an empty document without the pictures and styles of python-docx's own template."""
    document = Document()
    for part in (document.part.package, document.part):
        for name in [n for n, rel in part.rels.items() if rel.reltype in _UNUSED_PARTS]:
            del part.rels[name]
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and not style.get(qn("w:default")):
            styles.remove(style)
    return document


def write_text(
    paragraph: Paragraph,
    text: str,
    *,
    language: str = "en",
    size: float = 10.5,
    colour: str = INK,
    bold: bool = False,
    italic: bool = False,
) -> Run:
    """Add a run with its language, so that no dictionary underlines a whole column."""
    run = paragraph.add_run(printable(text))
    run.font.size, run.font.bold, run.font.italic = Pt(size), bold, italic
    run.font.color.rgb = RGBColor.from_string(colour)
    if languages.right_to_left(language):
        _child(run._r.get_or_add_rPr(), "w:rtl")
        _ordered(paragraph._p.get_or_add_pPr(), "w:bidi", before=("w:spacing", "w:ind", "w:jc"))
    tag = languages.tag(language)
    _child(run._r.get_or_add_rPr(), "w:lang", val=tag, bidi=tag)
    return run


def spaced(paragraph: Paragraph, before: float = 0, after: float = 0) -> Paragraph:
    """Set the space around a paragraph, in points."""
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.1
    return paragraph


def add_field(paragraph: Paragraph, code: str, size: float, colour: str) -> None:
    """Add a field such as PAGE that the word processor fills in."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", "1"), ("end", "")):
        run = write_text(paragraph, "1" if kind == "shown" else "", size=size, colour=colour)
        if kind in {"begin", "separate", "end"}:
            _child(run._r, "w:fldChar", fldCharType=kind)
        elif text == code:
            _child(run._r, "w:instrText").text = code


def boxed(paragraph: Paragraph, tint: str, edge: str) -> Paragraph:
    """Put a paragraph on a tinted ground with a coloured edge to its left."""
    properties = paragraph._p.get_or_add_pPr()
    borders = _ordered(
        properties, "w:pBdr", before=("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")
    )
    _child(borders, "w:left", val="single", sz="24", space="8", color=edge)
    _ordered(properties, "w:shd", before=("w:tabs", "w:spacing", "w:ind", "w:jc")).attrib.update(
        _attributes(val="clear", color="auto", fill=tint)
    )
    return paragraph


def plain_table(document: DocumentObject, widths: Sequence[Length], rules: bool) -> Table:
    """Return an empty table of fixed column widths, with hairlines between its rows or none."""
    table: Table = document.add_table(rows=0, cols=len(widths))
    table.autofit = False
    properties = table._tbl.tblPr
    if rules:
        borders = _ordered(properties, "w:tblBorders", before=("w:tblLayout", "w:tblLook"))
        for side in ("top", "bottom", "insideH"):
            _child(borders, f"w:{side}", val="single", sz="4", space="0", color=RULE)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    return table


def add_row(table: Table, *, heading: bool = False, whole: bool = False) -> _Row:
    """Add a row; a ``heading`` is repeated on every page, a ``whole`` row is never broken."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    properties = row._tr.get_or_add_trPr()
    if whole:
        _child(properties, "w:cantSplit")
    if heading:
        _child(properties, "w:tblHeader")
    for cell, column in zip(row.cells, table.columns, strict=True):
        if column.width is not None:
            cell.width = column.width
    return row


def shade(cell: _Cell, tint: str) -> None:
    """Tint the ground of a cell."""
    _child(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill=tint)


def set_default_language(document: DocumentObject, code: str) -> None:
    """Set the language of everything that names none, and the font of everything."""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(10.5)
    fonts = normal.element.rPr.rFonts
    for script in ("w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), languages.tag(code))


def pack(document: DocumentObject, at: datetime | None) -> bytes:
    """Return the file, the same bytes for the same document on every machine.

    ``at`` is the time it says it was made, if any. Nothing is compressed, because compressors
    differ from one machine to the next; the parts of a transcript stay small without it.
    """
    _date(document, at)
    written, packed = BytesIO(), BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(parts.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system = 0  # otherwise it tells the kind of machine
            archive.writestr(entry, parts.read(name), zipfile.ZIP_STORED)
    return packed.getvalue()


def _date(document: DocumentObject, at: datetime | None) -> None:
    properties = document.core_properties
    if at is not None:
        properties.created = properties.modified = at.astimezone(UTC).replace(tzinfo=None)
        return
    element = properties._element
    for name in ("created", "modified"):
        for child in element.findall(qn(f"dcterms:{name}")):
            element.remove(child)


def _attributes(**values: str) -> dict[str, str]:
    return {qn(f"w:{name}"): value for name, value in values.items()}


def _child(parent: Any, tag: str, **values: str) -> Any:
    element = OxmlElement(tag)
    element.attrib.update(_attributes(**values))
    parent.append(element)
    return element


def _ordered(parent: Any, tag: str, before: tuple[str, ...]) -> Any:
    """Add a child where the schema wants it: ahead of the first of the ``before`` that is there."""
    element = OxmlElement(tag)
    follower = next((child for child in parent if child.tag in map(qn, before)), None)
    if follower is None:
        parent.append(element)
    else:
        follower.addprevious(element)
    return element
