"""Who has taken which recording, as it stands; the events keep the story."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from confere.vault.catalog import Catalog


class Assignment(NamedTuple):
    """That somebody does the next work on a recording. ``due`` is a day (ISO 8601), or empty.

    ``by`` is who gave it to them: themselves, if they took it.
    """

    recording_id: str
    name: str
    by: str
    at: str
    due: str


_COLUMNS = "recording_id, name, by, at, due"


def list_assignments(
    catalog: Catalog, recording_ids: Sequence[str] | None = None
) -> list[Assignment]:
    """Return all of them, or those of some recordings, in the order in which they were made."""
    where, values = "", []
    if recording_ids is not None:
        where = "WHERE recording_id IN (SELECT value FROM json_each(?)) "
        values = [json.dumps(recording_ids)]
    rows = catalog.rows(
        f"SELECT {_COLUMNS} FROM assignments {where}ORDER BY at, name",  # noqa: S608
        values,
    )
    return [Assignment(*row) for row in rows]


def list_due(catalog: Catalog, names: Iterable[str]) -> list[str]:
    """Return the recordings that some people have with a day to them: the earliest, then the oldest."""
    rows = catalog.rows(
        "SELECT r.id FROM assignments a JOIN recordings r ON r.id = a.recording_id WHERE a.due <> ''"
        " AND a.name IN (SELECT value FROM json_each(?)) GROUP BY r.id"
        " ORDER BY min(a.due), r.offloaded_at, r.interview_id, r.part, r.id",
        (json.dumps(list(names)),),
    )
    return [row[0] for row in rows]


def put_assignment(catalog: Catalog, assignment: Assignment) -> None:
    """Write one, in the place of an earlier one to the same person."""
    catalog.run(
        f"INSERT INTO assignments ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT DO UPDATE SET by = excluded.by, at = excluded.at, due = excluded.due",
        assignment,
    )


def remove_assignment(catalog: Catalog, recording_id: str, name: str) -> None:
    """Take it away again; nothing happens when there is none."""
    catalog.run("DELETE FROM assignments WHERE recording_id = ? AND name = ?", (recording_id, name))
