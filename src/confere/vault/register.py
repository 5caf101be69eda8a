"""Interviews and recordings in the catalog."""

from __future__ import annotations

import json
from typing import Any

from confere.domain import Interview, Recording
from confere.errors import NoSuchThing
from confere.vault.catalog import Catalog
from confere.vault.destruction import require_kept

#: The columns of what is written of an interview, in the order of its commitment.
ENTRY = (
    "id, site, date, participants, notes, interviewers, interpreter, languages, consent, version,"
    " changed_by, changed_at"
)
LISTS = ("participants", "interviewers", "languages")

#: The columns of a recording.
RECORDING = (
    "id, interview_id, part, name, size_bytes, sha256, sealed_sha256, duration_ms,"
    " recorded_at, offloaded_at"
)
#: What holds for a recording that is kept, and no duplicate of another one.
ORIGINAL = "duplicate_of IS NULL AND id NOT IN (SELECT recording_id FROM destroyed)"


def add_interview(catalog: Catalog, interview: Interview) -> None:
    """Add an interview; one with the same id stays as it is (parts share theirs)."""
    catalog.run(
        "INSERT OR IGNORE INTO interviews (id, site, date, participants, notes)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            interview.id,
            interview.site,
            interview.date,
            json.dumps(interview.participants),
            interview.notes,
        ),
    )


def get_interview(catalog: Catalog, interview_id: str) -> Interview:
    """Return an interview; raises NoSuchThing."""
    row = catalog.row(f"SELECT {ENTRY} FROM interviews WHERE id = ?", (interview_id,))  # noqa: S608
    if row is None:
        raise NoSuchThing("interview", interview_id)
    return interview_of(row)


def interview_of(row: Any) -> Interview:
    """Return the interview of a row of `ENTRY`."""
    lists: dict[str, Any] = {name: tuple(json.loads(row[name])) for name in LISTS}
    words = {n: row[n] for n in ("site", "date", "notes", "interpreter", "consent", "version")}
    return Interview(id=row["id"], **words, **lists)


def add_recording(catalog: Catalog, recording: Recording, note: str) -> None:
    """Add a recording with the note of its offload; the same content twice is marked as such.

    Of one that was destroyed it is no duplicate: nothing is left there to fall back on.
    """
    earlier = catalog.value(
        f"SELECT id FROM recordings WHERE sha256 = ? AND {ORIGINAL}",  # noqa: S608
        (recording.sha256,),
    )
    columns = RECORDING.split(", ")
    values = [getattr(recording, column.strip()) for column in columns]
    marks = ", ".join("?" for _ in range(len(columns) + 2))
    catalog.run(
        f"INSERT INTO recordings ({RECORDING}, note, duplicate_of) VALUES ({marks})",  # noqa: S608
        [*values, note, earlier],
    )


def get_recording(catalog: Catalog, recording_id: str) -> Recording:
    """Return a recording by its id; raises NoSuchThing, and Destroyed for one that was."""
    row = catalog.row(f"SELECT {RECORDING} FROM recordings WHERE id = ?", (recording_id,))  # noqa: S608
    if row is None:
        raise NoSuchThing("recording", recording_id, "'confere queue' lists them.")
    require_kept(catalog, recording_id)
    return Recording(**dict(row))


def find_recording(catalog: Catalog, given: str) -> str:
    """Return the id that begins with what a person typed; raises NoSuchThing when not exactly one.

    Those that were destroyed are found too: their custody can still be proved.
    """
    rows = catalog.rows(
        "SELECT id FROM recordings WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2", (given.lower(),)
    )
    if len(rows) != 1 or not given:
        hint = "'confere queue' lists them; the first few characters are enough."
        kind = "recording" if not rows else "single recording beginning with"
        raise NoSuchThing(kind, given, hint)
    return str(rows[0]["id"])


def list_recordings(catalog: Catalog) -> list[Recording]:
    """Return all recordings in the order of their offload, duplicates and destroyed ones left out."""
    rows = catalog.rows(
        f"SELECT {RECORDING} FROM recordings WHERE {ORIGINAL}"  # noqa: S608
        " ORDER BY offloaded_at, interview_id, part, id"
    )
    return [Recording(**dict(row)) for row in rows]


def duplicates(catalog: Catalog) -> dict[str, str]:
    """Return which recordings hold the same content as an earlier one: later id to earlier id."""
    rows = catalog.rows(
        "SELECT id, duplicate_of FROM recordings WHERE duplicate_of IS NOT NULL ORDER BY id"
    )
    return {row["id"]: row["duplicate_of"] for row in rows}


def is_known(catalog: Catalog, recording_id: str) -> bool:
    """Whether a recording has been taken in, be it kept or destroyed since."""
    return catalog.row("SELECT 1 FROM recordings WHERE id = ?", (recording_id,)) is not None


def set_duration(catalog: Catalog, recording_id: str, duration_ms: int) -> None:
    """Keep how long a recording turned out to be; raises Destroyed."""
    require_kept(catalog, recording_id)
    catalog.run("UPDATE recordings SET duration_ms = ? WHERE id = ?", (duration_ms, recording_id))


def set_trouble(catalog: Catalog, recording_id: str, trouble: str) -> None:
    """Keep why a recording could not be drafted; an empty text clears it. Raises Destroyed."""
    require_kept(catalog, recording_id)
    catalog.run("UPDATE recordings SET trouble = ? WHERE id = ?", (trouble, recording_id))
