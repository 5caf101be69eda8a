"""Where a word was said: the search index over the texts of every segment.

A study may have millions of segments, and a common word stands in most of them. So nothing is done for
every hit: they are counted up to a bound, and only the newest few hundred are compared with each
other. FTS5's own ranking (bm25) reads every hit of every word before it gives the first.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from confere.errors import BadValue
from confere.vault.catalog import Catalog
from confere.vault.transcripts import NUMBER

#: Where a hit begins and ends in what the index gives back; no text of speech holds these two.
_BEGIN, _END = "\x02", "\x03"
_QUOTES = '"“”„«»'
_TERM = re.compile(f"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|([^\\s{_QUOTES}]+)")

#: Hits are counted so far and no further.
MOST_COUNTED = 10_000
_COMPARED = 500  # the newest hits, of which the best are shown

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
    """Return in how many segments all the words occur, counted to 10,000, and the best, best first.

    The best are the shortest, because those say little else, and of equals the newest; where there are
    more than 500, of the newest 500 (or of the newest ``limit``). Capitals and accents do not
    matter. Words between quotation marks are a phrase. Raises BadValue when there is no word.
    """
    query = as_query(words)
    count = catalog.value(
        "SELECT count(*) FROM (SELECT 1 FROM segment_index WHERE segment_index MATCH ? LIMIT ?)",
        (query, MOST_COUNTED),
    )
    best = catalog.rows(
        "SELECT s.number FROM (SELECT rowid AS number FROM segment_index"
        " WHERE segment_index MATCH ? ORDER BY rowid DESC LIMIT ?) AS newest"
        " JOIN segments s ON s.number = newest.number"
        " ORDER BY length(s.source) + length(s.target), s.number DESC LIMIT ?",
        (query, max(limit, _COMPARED), limit),
    )
    return int(count), _read(catalog, query, [int(row["number"]) for row in best])


def _read(catalog: Catalog, query: str, numbers: list[int]) -> list[Hit]:
    """Read those segments, and where in them the words are; in the order of the numbers."""
    rows = catalog.rows(
        f"SELECT s.*, {NUMBER} AS shown, highlight(segment_index, 0, ?2, ?3) AS source_marked,"  # noqa: S608
        " highlight(segment_index, 1, ?2, ?3) AS target_marked"
        " FROM segment_index JOIN segments s ON s.number = segment_index.rowid"
        " WHERE segment_index MATCH ?1"
        " AND segment_index.rowid IN (SELECT value FROM json_each(?4))",
        (query, _BEGIN, _END, json.dumps(numbers)),
    )
    by_number = {row["number"]: _hit(dict(row)) for row in rows}
    # One that was destroyed since the first look is not there any more.
    return [by_number[number] for number in numbers if number in by_number]


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
        position=int(str(row["shown"])),
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
