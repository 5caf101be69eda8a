"""Where a word was said: the search index over the texts of every segment."""

from __future__ import annotations

import re
from dataclasses import dataclass

from confere.errors import BadValue
from confere.vault.catalog import Catalog

#: Where a hit begins and ends in what the index gives back; no text of speech holds these two.
_BEGIN, _END = "\x02", "\x03"
_QUOTES = '"“”„«»'
_TERM = re.compile(f"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|([^\\s{_QUOTES}]+)")

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One segment in which the words occur, as it stands now.

    ``source_hits`` and ``target_hits`` say where: spans of characters, half-open, in order.
    """

    recording_id: str
    position: int
    segment_id: str
    start_ms: int
    end_ms: int
    speaker: str
    language: str
    state: str
    source: str
    target: str
    source_hits: Spans
    target_hits: Spans


def search(catalog: Catalog, words: str, limit: int) -> tuple[int, list[Hit]]:
    """Return in how many segments all the words occur, and the best of them, best first.

    Capitals and accents do not matter. Words between quotation marks are a phrase. Raises BadValue
    when there is no word to look for.
    """
    query = (as_query(words),)
    count = catalog.value("SELECT count(*) FROM segment_index WHERE segment_index MATCH ?", query)
    rows = catalog.rows(
        "SELECT s.*, highlight(segment_index, 0, ?2, ?3) AS source_marked,"
        " highlight(segment_index, 1, ?2, ?3) AS target_marked"
        " FROM segment_index JOIN segments s ON s.number = segment_index.rowid"
        " JOIN recordings r ON r.id = s.recording_id"
        " WHERE segment_index MATCH ?1 ORDER BY rank, r.offloaded_at, r.id, s.position LIMIT ?4",
        (*query, _BEGIN, _END, limit),
    )
    return int(count), [_hit(dict(row)) for row in rows]


def as_query(words: str) -> str:
    """Return what a person typed as a query of the index, in which nothing of it is syntax.

    Every word and every phrase is quoted; what holds no letter and no digit is left out. Raises
    BadValue when nothing is left.
    """
    # A byte that is no text, typed at a terminal, cannot be looked for.
    plain = words.encode("utf-8", "replace").decode().replace("\0", " ")
    terms = [phrase or word for phrase, word in _TERM.findall(plain)]
    quoted = [f'"{term}"' for term in terms if any(c.isalnum() for c in term)]
    if not quoted:
        raise BadValue(
            "there is no word to look for",
            "Give one or more words; a phrase goes between quotation marks.",
        )
    return " ".join(quoted)


def _hit(row: dict[str, object]) -> Hit:
    source, target = str(row["source"]), str(row["target"])
    return Hit(
        recording_id=str(row["recording_id"]),
        position=int(str(row["position"])),
        segment_id=str(row["id"]),
        start_ms=int(str(row["start_ms"])),
        end_ms=int(str(row["end_ms"])),
        speaker=str(row["speaker"]),
        language=str(row["language"]),
        state=str(row["state"]),
        source=source,
        target=target,
        source_hits=_spans(str(row["source_marked"]), source),
        target_hits=_spans(str(row["target_marked"]), target),
    )


def _spans(marked: str, text: str) -> Spans:
    """Read where the index put its marks; none if the text has such marks of its own."""
    pieces = re.split(f"[{_BEGIN}{_END}]", marked)
    if "".join(pieces) != text:
        return ()
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    # Pieces lie by turns outside and inside a hit.
    return tuple((ends[i], ends[i + 1]) for i in range(1, len(pieces), 2))
