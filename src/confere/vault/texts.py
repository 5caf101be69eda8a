"""Both texts of every segment of a study, read in one go: for what has to look at all of them.

A transcript at a time would read every draft and every revision with it, which takes a hundred times as
long.
"""

from __future__ import annotations

from dataclasses import dataclass

from confere.domain import State
from confere.vault.catalog import Catalog
from confere.vault.transcripts import ORDER

_FIRST = (
    "(SELECT json_extract(r.before, '$.{0}') FROM revisions r WHERE r.segment_id = s.id"
    " AND json_type(r.before, '$.{0}') IS NOT NULL ORDER BY r.version LIMIT 1)"
)
_RESHAPED = "SELECT recording_id FROM segments WHERE parent IS NOT NULL OR merged_into IS NOT NULL"


@dataclass(frozen=True, slots=True)
class OpenText:
    """A segment of a transcript that is not signed, as it stands; ``position`` is its number."""

    recording_id: str
    position: int
    segment_id: str
    language: str
    state: State
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class DraftedText:
    """A segment that was never split or merged: its texts now, and as the machine drafted them."""

    recording_id: str
    segment_id: str
    language: str
    draft_source: str
    draft_target: str
    source: str
    target: str


def open_texts(catalog: Catalog, recording_id: str | None = None) -> list[OpenText]:
    """Return the segments of all transcripts that are not signed as they stand, or of one of them."""
    rows = catalog.rows(
        "SELECT recording_id, id, language, state, source, target FROM segments"  # noqa: S608
        " WHERE merged_into IS NULL AND recording_id NOT IN (SELECT recording_id FROM closed)"
        f" AND (?1 IS NULL OR recording_id = ?1) ORDER BY recording_id, {ORDER}",
        (recording_id,),
    )
    found: list[OpenText] = []
    for recording, id_, language, state, source, target in rows:
        follows = bool(found) and found[-1].recording_id == recording
        position = found[-1].position + 1 if follows else 1
        found.append(OpenText(recording, position, id_, language, State(state), source, target))
    return found


def drafted_texts(catalog: Catalog) -> list[DraftedText]:
    """Return every segment with its draft, but for transcripts in which any was split or merged."""
    rows = catalog.rows(
        "SELECT recording_id, id, language,"  # noqa: S608
        f" coalesce({_FIRST.format('source')}, source), coalesce({_FIRST.format('target')}, target),"
        " source, target FROM segments s"
        f" WHERE recording_id NOT IN ({_RESHAPED}) ORDER BY recording_id, position"
    )
    return [DraftedText(*row) for row in rows]


def reshaped_recordings(catalog: Catalog) -> list[str]:
    """Return the recordings in whose transcripts a segment was ever split or merged."""
    rows = catalog.rows(f"SELECT DISTINCT recording_id FROM ({_RESHAPED}) ORDER BY recording_id")  # noqa: S608
    return [row[0] for row in rows]
