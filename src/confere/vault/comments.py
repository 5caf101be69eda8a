"""Comments on segments: written once, resolved once, gone only with their recording."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from confere.errors import NoSuchThing
from confere.vault.catalog import Catalog
from confere.vault.transcripts import NONCE_BYTES, NUMBER, commitment

#: The columns of a comment, in the order of its commitment.
COMMENT = "id, recording_id, segment_id, by, at, addressed, text"
_OPEN = "NOT EXISTS (SELECT 1 FROM resolved WHERE comment_id = comments.id)"
_SELECT = (
    f"SELECT {', '.join('c.' + name for name in COMMENT.split(', '))},"  # noqa: S608
    f" {NUMBER} AS position, coalesce(r.by, '') AS resolved_by, coalesce(r.at, '') AS resolved_at"
    " FROM comments c JOIN segments s ON s.id = c.segment_id"
    " LEFT JOIN resolved r ON r.comment_id = c.id"
)


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote about a segment, to whom (by name, perhaps nobody), and who resolved it.

    ``position`` is the segment's number as it is now. ``resolved_by`` is empty while it is open.
    """

    id: str
    recording_id: str
    segment_id: str
    by: str
    at: str
    addressed: tuple[str, ...]
    text: str
    position: int
    resolved_by: str = ""
    resolved_at: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has resolved it."""
        return not self.resolved_by


def add_comment(catalog: Catalog, comment: Comment) -> str:
    """Keep a comment; return its commitment."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    values = (
        comment.id,
        comment.recording_id,
        comment.segment_id,
        comment.by,
        comment.at,
        json.dumps(comment.addressed, ensure_ascii=False),
        comment.text,
    )
    catalog.run(
        f"INSERT INTO comments ({COMMENT}, nonce) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (*values, nonce),
    )
    return commitment(nonce, *values)


def resolve_comment(catalog: Catalog, comment_id: str, by: str, at: str) -> None:
    """Keep that a comment was resolved."""
    catalog.run("INSERT INTO resolved (comment_id, by, at) VALUES (?, ?, ?)", (comment_id, by, at))


def find_comment(catalog: Catalog, given: str) -> Comment:
    """Return the comment whose id begins so; raises NoSuchThing when there is not exactly one."""
    rows = catalog.rows(
        f"{_SELECT} WHERE substr(c.id, 1, length(?1)) = ?1 LIMIT 2", (given.lower(),)
    )
    if len(rows) != 1 or not given:
        kind = "comment" if not rows else "single comment beginning with"
        raise NoSuchThing(kind, given, "'confere comment list' shows them with their ids.")
    return _comment(rows[0])


def list_comments(catalog: Catalog, recording_id: str | None = None) -> list[Comment]:
    """Return all of them, or those of one recording, in the order in which they were written."""
    where, values = ("WHERE c.recording_id = ? ", [recording_id]) if recording_id else ("", [])
    return [_comment(row) for row in catalog.rows(f"{_SELECT} {where}ORDER BY c.number", values)]


def count_open(
    catalog: Catalog, name: str, recording_ids: Sequence[str] | None = None
) -> dict[str, int]:
    """Return how many open comments are addressed to somebody, for each recording that has any."""
    where, values = "", [name]
    if recording_ids is not None:
        where = " AND recording_id IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(recording_ids))
    rows = catalog.rows(
        "SELECT recording_id, count(*) FROM comments"  # noqa: S608
        f" WHERE instr(addressed, json_quote(?)) AND {_OPEN}{where} GROUP BY recording_id",
        values,
    )
    return {row[0]: row[1] for row in rows}


def _comment(row: Any) -> Comment:
    values = dict(row)
    values["addressed"] = tuple(json.loads(values["addressed"]))
    return Comment(**values)
