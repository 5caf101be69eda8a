"""Sampling plans in the catalog: what is in force, what a recording is bound to, whose seed was shown."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confere.vault.catalog import Catalog

EVERYTHING = 1000  # per mille


@dataclass(frozen=True, slots=True)
class Stated:
    """A plan that a lead stated, for what is drafted from then on. ``number`` counts from 1.

    ``share_permille`` of all segments are drawn, 1000: every segment is verified.
    """

    number: int
    share_permille: int
    bound_permille: int
    by: str
    at: str

    @property
    def full(self) -> bool:
        """Whether every segment is verified."""
        return self.share_permille == EVERYTHING


#: What holds while nobody has stated anything.
DEFAULT = Stated(0, EVERYTHING, 0, "", "")


@dataclass(frozen=True, slots=True)
class Binding:
    """What a recording was bound to before there was a draft of it.

    ``commitment`` is to its seed; ``sealed`` is the seed, an age file.
    """

    recording_id: str
    share_permille: int
    bound_permille: int
    commitment: str
    sealed: bytes = field(repr=False)
    at: str


@dataclass(frozen=True, slots=True)
class Shown:
    """That the seed of a recording was shown: by whom, when, and what was drawn with it then.

    ``after`` is the number of the catalog's last revision then. The rest are ids of the segments that
    stood then: ``marked`` and ``drawn`` overlap, ``rest`` is in neither.
    """

    recording_id: str
    seed: bytes
    after: int
    marked: frozenset[str]
    drawn: frozenset[str]
    rest: frozenset[str]
    by: str
    at: str

    @property
    def segments(self) -> frozenset[str]:
        """Every segment that stood then."""
        return self.marked | self.drawn | self.rest


def add_plan(catalog: Catalog, plan: Stated) -> None:
    """Keep a plan: from here it is in force."""
    values = (plan.number, plan.share_permille, plan.bound_permille, plan.by, plan.at)
    catalog.run(f"INSERT INTO plans ({_PLAN}) VALUES (?, ?, ?, ?, ?)", values)  # noqa: S608


def list_plans(catalog: Catalog) -> list[Stated]:
    """Return every plan that was stated, oldest first."""
    return [Stated(*row) for row in catalog.rows(f"SELECT {_PLAN} FROM plans ORDER BY number")]  # noqa: S608


def latest_plan(catalog: Catalog) -> Stated:
    """Return the plan that was stated last."""
    row = catalog.row(f"SELECT {_PLAN} FROM plans ORDER BY number DESC LIMIT 1")  # noqa: S608
    return Stated(*row) if row else DEFAULT


def add_binding(catalog: Catalog, binding: Binding) -> None:
    """Keep what a recording is bound to."""
    values = [getattr(binding, name) for name in _BINDING.split(", ")]
    catalog.run(f"INSERT INTO draws ({_BINDING}) VALUES (?, ?, ?, ?, ?, ?)", values)  # noqa: S608


def list_bindings(catalog: Catalog, recording_ids: Sequence[str] | None = None) -> list[Binding]:
    """Return those of some recordings, or all of them."""
    query = f"SELECT {_BINDING} FROM draws WHERE TRUE"  # noqa: S608
    return [Binding(*row) for row in catalog.rows(*_among(query, recording_ids))]


def get_binding(catalog: Catalog, recording_id: str) -> Binding | None:
    """Return what a recording is bound to; None: every segment of it is verified."""
    query = f"SELECT {_BINDING} FROM draws WHERE recording_id = ?"  # noqa: S608
    row = catalog.row(query, (recording_id,))
    return Binding(*row) if row else None


def add_shown(catalog: Catalog, shown: Shown) -> None:
    """Keep that a seed was shown, with what was drawn."""
    values = (
        shown.recording_id,
        shown.seed.hex(),
        shown.after,
        *(json.dumps(sorted(ids)) for ids in (shown.marked, shown.drawn, shown.rest)),
        shown.by,
        shown.at,
    )
    catalog.run(f"INSERT INTO seeds ({_SHOWN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608


def get_shown(catalog: Catalog, recording_id: str) -> Shown | None:
    """Return what was drawn for a recording; None while its seed is a secret."""
    row = catalog.row(f"SELECT {_SHOWN} FROM seeds WHERE recording_id = ?", (recording_id,))  # noqa: S608
    return _shown(row) if row else None


def list_shown(catalog: Catalog, recording_ids: Sequence[str] | None = None) -> list[Shown]:
    """Return what was drawn for those of some recordings, or of all, that are not signed."""
    query = (
        f"SELECT {_SHOWN} FROM seeds WHERE recording_id NOT IN (SELECT recording_id FROM closed)"  # noqa: S608
    )
    return [_shown(row) for row in catalog.rows(*_among(query, recording_ids))]


def list_every_shown(catalog: Catalog) -> list[Shown]:
    """Return all of them, signed or not, by recording."""
    rows = catalog.rows(f"SELECT {_SHOWN} FROM seeds ORDER BY recording_id")  # noqa: S608
    return [_shown(row) for row in rows]


def last_revision(catalog: Catalog) -> int:
    """Return the number of the last revision of any transcript, 0 if there is none."""
    return int(catalog.value("SELECT coalesce(max(number), 0) FROM revisions"))


def count_revisions(catalog: Catalog, recording_id: str, up_to: int) -> int:
    """Return how many revisions a transcript has up to one, by number."""
    return int(
        catalog.value(
            "SELECT count(*) FROM revisions r JOIN segments s ON s.id = r.segment_id"
            " WHERE s.recording_id = ? AND r.number <= ?",
            (recording_id, up_to),
        )
    )


def standing_segments(
    catalog: Catalog, recording_ids: Sequence[str]
) -> Mapping[str, Mapping[str, str]]:
    """Return id and state of every segment that stands, by recording."""
    query = (
        "SELECT recording_id, id, state FROM segments"
        " WHERE merged_into IS NULL AND recording_id IN (SELECT value FROM json_each(?))"
    )
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for recording_id, id_, state in catalog.rows(query, (json.dumps(recording_ids),)):
        found[recording_id][id_] = state
    return found


def changed_since(
    catalog: Catalog, recording_ids: Sequence[str], decisions: Iterable[str]
) -> Mapping[str, frozenset[str]]:
    """Return the segments about which such a decision, or an error, came after the seed was shown."""
    # CROSS JOIN: in this order, by the segments of each; otherwise SQLite may go through all revisions.
    query = (
        "SELECT DISTINCT d.recording_id, r.segment_id FROM seeds d"
        " CROSS JOIN segments s ON s.recording_id = d.recording_id"
        " CROSS JOIN revisions r ON r.segment_id = s.id AND +r.number > d.after"
        " WHERE d.recording_id IN (SELECT value FROM json_each(?))"
        " AND (r.kind <> '' OR r.decision IN (SELECT value FROM json_each(?)))"
    )
    return _by_recording(catalog, query, (json.dumps(recording_ids), json.dumps(list(decisions))))


def asked_about(catalog: Catalog, recording_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Return the segments that have an open comment."""
    query = (
        "SELECT recording_id, segment_id FROM comments"
        " WHERE recording_id IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS (SELECT 1 FROM resolved WHERE comment_id = comments.id)"
    )
    return _by_recording(catalog, query, (json.dumps(recording_ids),))


_PLAN = "number, share_permille, bound_permille, by, at"
_BINDING = "recording_id, share_permille, bound_permille, commitment, sealed, at"
_SHOWN = "recording_id, seed, after, marked, drawn, rest, by, at"


def _by_recording(
    catalog: Catalog, query: str, values: Sequence[str]
) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for recording_id, id_ in catalog.rows(query, values):
        found[recording_id].add(id_)
    return {recording_id: frozenset(ids) for recording_id, ids in found.items()}


def _among(query: str, recording_ids: Sequence[str] | None) -> tuple[str, Sequence[str]]:
    """Return a query, and its values, of some recordings or of all."""
    if recording_ids is None:
        return query, ()
    wanted = f"{query} AND recording_id IN (SELECT value FROM json_each(?))"  # noqa: S608
    return wanted, (json.dumps(recording_ids),)


def _shown(row: Any) -> Shown:
    recording_id, seed, after, marked, drawn, rest, by, at = row
    return Shown(
        recording_id,
        bytes.fromhex(seed),
        after,
        frozenset(json.loads(marked)),
        frozenset(json.loads(drawn)),
        frozenset(json.loads(rest)),
        by,
        at,
    )
