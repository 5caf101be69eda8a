"""What the machine is drafting, and how fast it was: told to people who wait, and decided by nobody."""

from __future__ import annotations

from typing import NamedTuple

from confere.vault.catalog import Catalog

#: So many drafts of a machine tell how fast it is.
_KEPT = 5


class Drafting(NamedTuple):
    """How far the draft of one recording was when it was last heard of.

    ``process`` is its number on the computer ``machine``. ``done_ms`` of ``of_ms`` of the recording are
    done, ``of_ms`` is 0 where that is not known; ``fresh_ms`` of them since that process began with it,
    which took ``took_ms``.
    """

    recording_id: str
    by: str
    machine: str
    process: int
    seen_at: str
    done_ms: int
    of_ms: int
    fresh_ms: int
    took_ms: int


class Speed(NamedTuple):
    """How long drafting took on a machine, for so much audio."""

    audio_ms: int
    took_ms: int

    def of(self, audio_ms: int) -> int:
        """Return how long so much audio would take, in milliseconds."""
        return audio_ms * self.took_ms // self.audio_ms


def put_drafting(catalog: Catalog, drafting: Drafting) -> None:
    """Keep how far a draft is; not at all while somebody else writes: what follows tells more."""
    catalog.run_unless_busy(
        "INSERT OR REPLACE INTO drafting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", drafting
    )


def remove_drafting(catalog: Catalog, recording_id: str, machine: str, process: int) -> None:
    """Forget how far a process is with a draft; nothing happens when another one is at it."""
    catalog.run(
        "DELETE FROM drafting WHERE recording_id = ? AND machine = ? AND process = ?",
        (recording_id, machine, process),
    )


def list_drafting(catalog: Catalog) -> dict[str, Drafting]:
    """Return what is said to be drafted, by recording."""
    rows = catalog.rows("SELECT * FROM drafting")
    return {row["recording_id"]: Drafting(*row) for row in rows}


def add_speed(catalog: Catalog, machine: str, model: str, speed: Speed) -> None:
    """Keep how long a draft took on a machine with a model, and no more than the last few."""
    catalog.run(
        "INSERT INTO draft_speeds (machine, model, audio_ms, took_ms) VALUES (?, ?, ?, ?)",
        (machine, model, *speed),
    )
    catalog.run(
        "DELETE FROM draft_speeds WHERE machine = ?1 AND number NOT IN"
        " (SELECT number FROM draft_speeds WHERE machine = ?1 ORDER BY number DESC LIMIT ?2)",
        (machine, _KEPT),
    )


def has_speed(catalog: Catalog, machine: str, model: str) -> bool:
    """Whether it is kept how fast a machine drafts with a model."""
    told = "SELECT 1 FROM draft_speeds WHERE machine = ? AND model = ?"
    return catalog.row(told, (machine, model)) is not None


def speed_of(catalog: Catalog, machine: str) -> Speed | None:
    """Return the last few drafts of a machine with the model it used last, added up; None for none."""
    row = catalog.row(
        "SELECT sum(audio_ms), sum(took_ms) FROM draft_speeds WHERE machine = ?1 AND model ="
        " (SELECT model FROM draft_speeds WHERE machine = ?1 ORDER BY number DESC LIMIT 1)",
        (machine,),
    )
    return Speed(*row) if row is not None and row[0] else None
