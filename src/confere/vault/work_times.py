"""When the machine drafted and when people decided: times and names, without a word of a text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from confere.vault.catalog import Catalog


class Decided(NamedTuple):
    """That somebody decided something, at a time (ISO 8601)."""

    by: str
    at: str
    decision: str


def list_decided(catalog: Catalog, leave_out: Iterable[str] = ()) -> dict[str, list[Decided]]:
    """Return the decisions on segments, some left out, by recording, in the order they were made."""
    found: dict[str, list[Decided]] = {}
    rows = catalog.rows(
        "SELECT s.recording_id, r.by, r.at, r.decision FROM revisions r"
        " JOIN segments s ON s.id = r.segment_id"
        " WHERE r.decision NOT IN (SELECT value FROM json_each(?)) ORDER BY r.number",
        (json.dumps(sorted(leave_out)),),
    )
    for recording_id, *decided in rows:
        found.setdefault(recording_id, []).append(Decided(*decided))
    return found


def list_drafted(catalog: Catalog) -> dict[str, str]:
    """Return when each recording was drafted."""
    rows = catalog.rows("SELECT recording_id, drafted_at FROM drafts")
    return {row["recording_id"]: row["drafted_at"] for row in rows}
