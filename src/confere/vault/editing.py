"""Who has a segment open to edit it: told to others, and stopping nobody."""

from __future__ import annotations

from collections.abc import Mapping

from confere.vault.catalog import Catalog


def set_editing(catalog: Catalog, segment_id: str, by: str, at: str) -> None:
    """Keep that somebody has a segment open since or again at a time."""
    catalog.run(
        "INSERT INTO editing (segment_id, by, at) VALUES (?, ?, ?)"
        " ON CONFLICT (segment_id, by) DO UPDATE SET at = excluded.at",
        (segment_id, by, at),
    )


def clear_editing(catalog: Catalog, segment_id: str, by: str) -> None:
    """Forget that somebody has a segment open."""
    catalog.run("DELETE FROM editing WHERE segment_id = ? AND by = ?", (segment_id, by))


def clear_before(catalog: Catalog, before: str) -> None:
    """Forget what is older than a time."""
    catalog.run("DELETE FROM editing WHERE at < ?", (before,))


def list_editing(catalog: Catalog, since: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return who has which segment open since a time: names by segment, by recording."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    rows = catalog.rows(
        "SELECT s.recording_id, e.segment_id, e.by FROM editing e JOIN segments s ON s.id = e.segment_id"
        " WHERE e.at >= ? ORDER BY e.segment_id, e.by",
        (since,),
    )
    for recording_id, segment_id, by in rows:
        names = found.setdefault(recording_id, {})
        names[segment_id] = (*names.get(segment_id, ()), by)
    return found
