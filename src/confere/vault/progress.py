"""How far every recording is, as the queue reads it: counted along by the catalog itself.

The counts follow from segments and revisions (`migrations/0004.sql`), and nothing but the queue is
decided by them. What may be done is decided by whoever opens the transcript.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from confere.vault.catalog import Catalog


class Progress(NamedTuple):
    """One recording: what is known of it, and how many of its segments stand in which state.

    ``draft`` and the counts after it are None before the machine has drafted. ``stale`` are those of
    the corrected whose translation is older than its source. ``languages`` are separated by spaces.
    ``latest`` is when something was last decided in it, or when it was drafted.
    """

    recording_id: str
    interview_id: str
    part: int
    offloaded_at: str
    duration_ms: int
    trouble: str
    draft: int | None
    edited: int
    corrected: int
    needs_work: int
    verified: int
    locked: int
    stale: int
    languages: str
    latest: str
    signed: int


_PROGRESS = (
    "SELECT r.id, r.interview_id, r.part, r.offloaded_at, r.duration_ms, r.trouble, p.draft, p.edited,"
    " p.corrected, p.needs_work, p.verified, p.locked, p.stale, p.languages, p.latest,"
    " r.id IN (SELECT recording_id FROM closed)"
    " FROM recordings r LEFT JOIN progress p ON p.recording_id = r.id"
    " WHERE r.duplicate_of IS NULL AND r.id NOT IN (SELECT recording_id FROM destroyed)"
)
_ORDER = " ORDER BY r.offloaded_at, r.interview_id, r.part, r.id"
_AMONG = " AND r.id IN (SELECT value FROM json_each(?1))"
_NOT_AMONG = " AND r.id NOT IN (SELECT value FROM json_each(?1))"
_SPOKEN = " AND instr(' ' || p.languages || ' ', ' ' || ?2 || ' ')"
#: Leaves out most of what holds nothing for somebody; what it lets through is looked at again.
_FOR = (
    " AND (r.id IN (SELECT recording_id FROM assignments WHERE name = ?3)"
    " OR r.id IN (SELECT recording_id FROM comments WHERE instr(addressed, json_quote(?3)))"
    " OR p.locked = 0 AND (?4 AND p.draft + p.edited + p.needs_work + p.stale > 0"
    " OR ?5 AND (p.corrected + p.verified > 0 OR p.draft + p.edited + p.needs_work = 0)"
    " AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.name = ?3 AND w.recording_id = r.id)))"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which recordings: those where ``language`` is spoken, and that may concern ``name``, if given.

    ``corrects`` and ``verifies`` say what that person does.
    """

    name: str = ""
    corrects: bool = False
    verifies: bool = False
    language: str = ""


def list_progress(
    catalog: Catalog,
    wanted: Wanted,
    among: Sequence[str] = (),
    *,
    others: bool = False,
    limit: int = -1,
    offset: int = 0,
) -> list[Any]:
    """Return recordings that are kept and no duplicates, oldest first: rows in the order of `Progress`.

    Only those ``among`` some ids, or with ``others`` only those that are not.
    """
    query = _PROGRESS + (_NOT_AMONG if others else _AMONG)
    query += (_SPOKEN if wanted.language else "") + (_FOR if wanted.name else "")
    who = (wanted.name, wanted.corrects, wanted.verifies)
    values = (json.dumps(among), wanted.language, *who, limit, offset)
    return catalog.rows(f"{query}{_ORDER} LIMIT ?6 OFFSET ?7", values)


def count_recordings(catalog: Catalog) -> int:
    """Return how many recordings there are that are kept and no duplicates."""
    return int(
        catalog.value(
            "SELECT count(*) FROM recordings"
            " WHERE duplicate_of IS NULL AND id NOT IN (SELECT recording_id FROM destroyed)"
        )
    )


def list_workers(
    catalog: Catalog, names: Iterable[str], recording_ids: Sequence[str] | None = None
) -> dict[str, frozenset[str]]:
    """Return who of some people worked on any segment of a recording, for each that has any."""
    found: dict[str, frozenset[str]] = {}
    for name in names:
        rows = _of(catalog, "SELECT recording_id FROM workers WHERE name = ?", name, recording_ids)
        grown: dict[frozenset[str], frozenset[str]] = {}  # few groups of people, many recordings
        for (recording_id,) in rows:
            before = found.get(recording_id, _NOBODY)
            found[recording_id] = grown.get(before) or grown.setdefault(before, before | {name})
    return found


_NOBODY: frozenset[str] = frozenset()


def count_verifications(
    catalog: Catalog, name: str, recording_ids: Sequence[str] | None = None
) -> dict[str, int]:
    """Return how many segments of each unsigned recording somebody has verified, as it stands."""
    query = "SELECT recording_id, count(*) FROM verifications WHERE by = ?"
    rows = _of(catalog, query, name, recording_ids, " GROUP BY recording_id")
    return {row[0]: row[1] for row in rows}


def _of(
    catalog: Catalog, query: str, name: str, recording_ids: Sequence[str] | None, end: str = ""
) -> list[Any]:
    """Return the rows of a query about somebody, of some recordings or of all."""
    if recording_ids is None:
        return catalog.rows(query + end, (name,))
    among = " AND recording_id IN (SELECT value FROM json_each(?))"
    return catalog.rows(query + among + end, (name, json.dumps(recording_ids)))
