"""The register of interviews in the catalog: what is written of each, and which recordings are whose."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from dataclasses import dataclass

from confere.domain import Interview, Recording
from confere.errors import NoSuchThing
from confere.vault.catalog import Catalog
from confere.vault.destruction import require_kept
from confere.vault.register import ENTRY, LISTS, ORIGINAL, RECORDING, interview_of
from confere.vault.transcripts import NONCE_BYTES, commitment


@dataclass(frozen=True, slots=True)
class Filed:
    """An interview as the register has it: who wrote the last version of it, and its recordings in order.

    The recordings are those that are kept, duplicates left out.
    """

    interview: Interview
    by: str
    at: str
    recordings: tuple[Recording, ...]


def write_interview(catalog: Catalog, interview: Interview, by: str, at: str) -> str:
    """Write the next version of what is known of an interview; return the commitment to it.

    ``interview.version`` is that next version. What stood there before is gone.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    fields = {name: getattr(interview, name, "") for name in ENTRY.split(", ")}
    for name in LISTS:
        fields[name] = json.dumps(fields[name], ensure_ascii=False)
    fields |= {"changed_by": by, "changed_at": at}
    names = list(fields)[1:]
    catalog.run(
        f"UPDATE interviews SET {', '.join(f'{n} = ?' for n in names)}, nonce = ?"  # noqa: S608
        " WHERE id = ?",
        [*(fields[n] for n in names), nonce, interview.id],
    )
    return commitment(nonce, *fields.values())


def find_interview(catalog: Catalog, given: str) -> str:
    """Return the id that begins with what a person typed; raises NoSuchThing when not exactly one."""
    rows = catalog.rows(
        "SELECT id FROM interviews WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2", (given.lower(),)
    )
    if len(rows) != 1 or not given:
        hint = "'confere interview list' lists them; the first few characters are enough."
        raise NoSuchThing("single interview beginning with" if rows else "interview", given, hint)
    return str(rows[0]["id"])


def get_filed(catalog: Catalog, interview_id: str) -> Filed:
    """Return an interview with its recordings; raises NoSuchThing."""
    found = list_interviews(catalog, interview_id)
    if not found:
        raise NoSuchThing("interview", interview_id)
    return found[0]


def list_interviews(catalog: Catalog, interview_id: str = "") -> list[Filed]:
    """Return every interview, or one: by site and date, those without them in the order of their offload."""
    where = " AND interview_id = ?1" if interview_id else " AND ?1 = ''"
    rows = catalog.rows(
        f"SELECT {RECORDING} FROM recordings WHERE {ORIGINAL}{where}"  # noqa: S608
        " ORDER BY part, offloaded_at, id",
        (interview_id,),
    )
    recordings: defaultdict[str, list[Recording]] = defaultdict(list)
    for row in rows:
        recordings[row["interview_id"]].append(Recording(**dict(row)))
    found = [
        Filed(interview_of(row), row["changed_by"], row["changed_at"], tuple(recordings[row["id"]]))
        for row in catalog.rows(
            f"SELECT {ENTRY} FROM interviews WHERE id = ?1 OR ?1 = ''",  # noqa: S608
            (interview_id,),
        )
    ]
    return sorted(found, key=_order)


def move_recording(catalog: Catalog, recording_id: str, interview_id: str, part: int) -> None:
    """Let a recording be a part of an interview; raises Destroyed."""
    require_kept(catalog, recording_id)
    catalog.run(
        "UPDATE recordings SET interview_id = ?, part = ? WHERE id = ?",
        (interview_id, part, recording_id),
    )


def _order(filed: Filed) -> tuple[str, ...]:
    it = filed.interview
    first = min((r.offloaded_at for r in filed.recordings), default="")
    return it.site.casefold(), it.date, first, it.id


def every_recording(catalog: Catalog, interview_id: str) -> tuple[str, ...]:
    """Return the ids of all recordings of an interview, destroyed ones and duplicates too."""
    rows = catalog.rows(
        "SELECT id FROM recordings WHERE interview_id = ? ORDER BY part, offloaded_at, id",
        (interview_id,),
    )
    return tuple(row[0] for row in rows)
