"""Dismissals: that somebody found right what a check had seen, or took that back. Rows are only added.

A finding's key is a digest of short texts, which can be guessed: it stays here, and the event tells
a commitment.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import astuple, dataclass

from confere.vault.catalog import Catalog
from confere.vault.transcripts import NONCE_BYTES, commitment

#: The columns of a dismissal, in the order of its commitment.
DISMISSAL = (
    "recording_id, segment_id, finding, message_id, level, message, withdrawn, by, at, reason"
)

#: The events that tell one: that something is right, or is open again.
EVENTS = ("dismiss", "raise again")


@dataclass(frozen=True, slots=True)
class DismissalRow:
    """A dismissal as it is kept: ``finding`` is the key of what was seen, ``withdrawn`` 0 or 1."""

    recording_id: str
    segment_id: str
    finding: str
    message_id: str
    level: str
    message: str
    withdrawn: int
    by: str
    at: str
    reason: str

    @property
    def told_as(self) -> str:
        """The name of the event that tells it."""
        return EVENTS[self.withdrawn]


def add_dismissal(catalog: Catalog, row: DismissalRow) -> str:
    """Keep one; return its commitment."""
    nonce, values = secrets.token_bytes(NONCE_BYTES), astuple(row)
    marks = ", ".join("?" for _ in (*values, nonce))
    catalog.run(
        f"INSERT INTO dismissals ({DISMISSAL}, nonce) VALUES ({marks})",  # noqa: S608
        (*values, nonce),
    )
    return commitment(nonce, *values)


def list_dismissals(
    catalog: Catalog, recording_id: str, segment_id: str | None = None
) -> list[DismissalRow]:
    """Return those of a recording, or of one of its segments, in the order in which they were made."""
    where, values = "recording_id = ?", [recording_id]
    if segment_id is not None:
        where, values = f"{where} AND segment_id = ?", [recording_id, segment_id]
    query = f"SELECT {DISMISSAL} FROM dismissals WHERE {where} ORDER BY number"  # noqa: S608
    return [DismissalRow(*row) for row in catalog.rows(query, values)]


def list_committed(
    catalog: Catalog, recording_id: str | None = None
) -> Iterator[tuple[DismissalRow, str]]:
    """Yield those of a recording, or all, each with the commitment that its event tells."""
    where, values = ("", []) if recording_id is None else ("WHERE recording_id = ?", [recording_id])
    query = f"SELECT {DISMISSAL}, nonce FROM dismissals {where} ORDER BY number"  # noqa: S608
    for *row, nonce in catalog.rows(query, values):
        yield DismissalRow(*row), commitment(nonce, *row)
