"""What the machine has drafted of a recording before its draft is whole: kept window by window.

A window is one transaction: after a kill or a power cut the draft goes on behind the last one that is
kept. All windows of a draft are made by one *plan* (engines, words, languages); those of another plan
are of no use to it.
"""

from __future__ import annotations

from confere.errors import NotReady
from confere.vault import register, transcripts
from confere.vault.catalog import Catalog


def list_windows(catalog: Catalog, recording_id: str) -> tuple[str, list[str]]:
    """Return the plan of the windows that are kept of a recording, and what they hold, in order.

    The plan is empty when there is none.
    """
    rows = catalog.rows(
        "SELECT plan, answer FROM windows WHERE recording_id = ? ORDER BY number", (recording_id,)
    )
    return (rows[0]["plan"] if rows else ""), [row["answer"] for row in rows]


def require_next(catalog: Catalog, recording_id: str, number: int, plan: str) -> None:
    """Raise NotReady unless a window is the next one of what is kept, and Destroyed, if it was.

    It is not when somebody else has taken the recording over: this laptop was closed for an hour.
    """
    register.get_recording(catalog, recording_id)
    plans = catalog.rows("SELECT plan FROM windows WHERE recording_id = ?", (recording_id,))
    is_next = len(plans) == number - 1 and all(row["plan"] == plan for row in plans)
    if not is_next or transcripts.has_draft(catalog, recording_id):
        raise NotReady(
            f"recording {recording_id} is being drafted elsewhere, too",
            "Let one of them go on; 'confere queue' tells how far it is.",
        )


def keep_window(catalog: Catalog, recording_id: str, number: int, plan: str, answer: str) -> None:
    """Keep one window, inside a transaction in which `require_next` was asked."""
    catalog.run("INSERT INTO windows VALUES (?, ?, ?, ?)", (recording_id, number, plan, answer))


def forget_windows(catalog: Catalog, recording_id: str) -> None:
    """Forget what is kept of a recording, because its draft is whole or begins anew."""
    catalog.run("DELETE FROM windows WHERE recording_id = ?", (recording_id,))
