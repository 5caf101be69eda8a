"""What changed since somebody looked: which segments of a recording, and what was returned to whom."""

from __future__ import annotations

from typing import NamedTuple

from confere.vault.catalog import Catalog
from confere.vault.transcripts import NUMBER


class Cursor(NamedTuple):
    """How far somebody has seen: the last revision, comment, dismissal and resolved comment."""

    revisions: int = 0
    comments: int = 0
    dismissals: int = 0
    resolved: int = 0

    def __str__(self) -> str:
        return ".".join(map(str, self))

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Return what `str` was made of; raises ValueError."""
        numbers = [int(part) for part in text.split(".")]
        if len(numbers) != len(cls._fields) or min(numbers) < 0:
            raise ValueError(text)
        return cls(*numbers)


class Returned(NamedTuple):
    """A segment that a verifier gave back, and that nobody has corrected since."""

    recording_id: str
    segment_id: str
    by: str
    at: str
    reason: str
    kind: str
    severity: str
    number: int


def cursor_now(catalog: Catalog) -> Cursor:
    """Return how far everything is at this moment."""
    row = catalog.row(
        "SELECT (SELECT max(number) FROM revisions), (SELECT max(number) FROM comments),"
        " (SELECT max(number) FROM dismissals), (SELECT count(*) FROM resolved)"
    )
    return Cursor(*(value or 0 for value in tuple(row or (0, 0, 0, 0))))


def changed_segments(catalog: Catalog, recording_id: str, since: Cursor) -> list[str]:
    """Return the ids of the segments of a recording of which anything was decided or said since.

    Of a resolved comment only that something was resolved is known: then of all that have comments.
    """
    rows = catalog.rows(
        "SELECT DISTINCT r.segment_id FROM revisions r JOIN segments s ON s.id = r.segment_id"
        " WHERE r.number > ?2 AND s.recording_id = ?1"
        " UNION SELECT segment_id FROM comments WHERE recording_id = ?1 AND (number > ?3"
        "  OR ?5 < (SELECT count(*) FROM resolved))"
        " UNION SELECT segment_id FROM dismissals WHERE recording_id = ?1 AND number > ?4",
        (recording_id, *since),
    )
    return [row[0] for row in rows]


def returned_to(catalog: Catalog, name: str, limit: int) -> list[Returned]:
    """Return what was given back in recordings that somebody worked on, the newest first."""
    rows = catalog.rows(
        "SELECT s.recording_id, s.id, r.by, r.at, r.reason, r.kind, r.severity,"  # noqa: S608
        f" {NUMBER}"
        " FROM workers w JOIN segments s ON s.recording_id = w.recording_id"
        " AND s.state = 'needs work' AND s.merged_into IS NULL"
        " JOIN revisions r ON r.segment_id = s.id AND r.version = s.version"
        " WHERE w.name = ? AND r.decision = 'return' ORDER BY r.number DESC LIMIT ?",
        (name, limit),
    )
    return [Returned(*row) for row in rows]
