"""What one decision needs of a transcript, read without the rest of it.

A segment is tied to what it was split off, split into or merged with. Its row says so, or its revisions,
or those of the other one: all are followed, so that what only one side tells is seen here too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from confere.domain import Coverage, Passage, Segment, State
from confere.errors import NoSuchThing
from confere.vault.catalog import Catalog
from confere.vault.register import get_recording
from confere.vault.transcripts import (
    MADE,
    ORDER,
    SEGMENT,
    read_revisions,
    read_segments,
    require_draft,
)

_STANDING = "FROM segments WHERE recording_id = ? AND merged_into IS NULL"
#: The segments that some are tied to, themselves included; `?1` is a JSON list of ids.
_TIED = """
WITH RECURSIVE tied (id) AS (
  SELECT value FROM json_each(?1)
  UNION SELECT s.parent FROM tied t JOIN segments s ON s.id = t.id WHERE s.parent IS NOT NULL
  UNION SELECT s.merged_into FROM tied t JOIN segments s ON s.id = t.id
    WHERE s.merged_into IS NOT NULL
  UNION SELECT s.id FROM tied t JOIN segments s ON s.parent = t.id
  UNION SELECT s.id FROM tied t JOIN segments s ON s.merged_into = t.id
  UNION SELECT link.value FROM tied t JOIN revisions r ON r.segment_id = t.id
    JOIN json_each(r.after) link ON link.key IN ('part', 'joined', 'parent', 'merged_into')
    WHERE r.decision IN ('split', 'merge', 'join', 'undo') AND link.value <> ''
)
SELECT id FROM tied
"""


def find_segment_id(catalog: Catalog, recording_id: str, given: str) -> str:
    """Return the id of the segment of a number (from 1) or an id, as `find_segment`.

    Raises NoSuchThing; Destroyed or NotReady of a recording that has no transcript.
    """
    get_recording(catalog, recording_id)
    require_draft(catalog, recording_id)
    if given.isascii() and given.isdigit() and given[0] != "0" and len(given) < 10:
        numbered = f"SELECT id {_STANDING} ORDER BY {ORDER} LIMIT 1 OFFSET ?"
        found = catalog.value(numbered, (recording_id, int(given) - 1))
        if found is not None:
            return str(found)
    found = catalog.value(f"SELECT id {_STANDING} AND id = ?", (recording_id, given.lower()))
    if found is None:
        raise NoSuchThing("segment", given, "'confere show' numbers them.")
    return str(found)


def next_segment_id(catalog: Catalog, segment: Segment) -> str | None:
    """Return the id of the segment after one that stands, or None after the last."""
    query = f"SELECT id {_STANDING} ORDER BY {ORDER} LIMIT 1 OFFSET ?"
    found = catalog.value(query, (segment.recording_id, segment.position))
    return None if found is None else str(found)


def get_passage(catalog: Catalog, recording_id: str, *segment_ids: str) -> Passage:
    """Return these segments with all that they are tied to; raises Destroyed, AlteredTranscript."""
    recording = get_recording(catalog, recording_id)
    tied = json.dumps([row[0] for row in catalog.rows(_TIED, (json.dumps(segment_ids),))])
    rows = catalog.rows(
        # The plus keeps SQLite from going through all segments of the recording instead.
        f"SELECT {SEGMENT} FROM segments WHERE +recording_id = ?2"  # noqa: S608
        f" AND id IN (SELECT value FROM json_each(?1)) ORDER BY {ORDER}",
        (tied, recording_id),
    )
    all_ = read_segments(recording_id, rows)
    # Of those that are there, as in a whole transcript: what one side alone tells shows up as such.
    there = json.dumps([s.id for s in all_])
    standing = [s for s in all_ if s.state is not State.MERGED]
    revisions = read_revisions(
        catalog.rows(
            f"SELECT {MADE} FROM revisions"  # noqa: S608
            " WHERE segment_id IN (SELECT value FROM json_each(?)) ORDER BY number",
            (there,),
        )
    )
    return Passage(
        recording=recording,
        segments=_numbered(catalog, standing),
        revisions=revisions,
        played=_played(catalog, recording_id, standing),
        merged=tuple(s for s in all_ if s.state is State.MERGED),
    )


def _numbered(catalog: Catalog, segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Give each its number: how many stand up to it."""
    number = (
        "SELECT count(*) FROM segments INDEXED BY segments_in_order"  # noqa: S608
        f" WHERE recording_id = ? AND merged_into IS NULL AND ({ORDER}) <="
        " (SELECT coalesce(place, position), start_ms, position FROM segments WHERE id = ?)"
    )
    return tuple(
        replace(s, position=catalog.value(number, (s.recording_id, s.id))) for s in segments
    )


def _played(
    catalog: Catalog, recording_id: str, segments: Sequence[Segment]
) -> dict[str, Coverage]:
    """Return who played what between the first of these segments and the last."""
    if not segments:
        return {}
    spans: dict[str, list[tuple[int, int]]] = {}
    rows = catalog.rows(
        "SELECT by, start_ms, end_ms FROM played"
        " WHERE recording_id = ? AND start_ms < ? AND end_ms > ?",
        (recording_id, max(s.end_ms for s in segments), min(s.start_ms for s in segments)),
    )
    for by, start_ms, end_ms in rows:
        spans.setdefault(by, []).append((start_ms, end_ms))
    return {by: Coverage.of(list_) for by, list_ in spans.items()}
