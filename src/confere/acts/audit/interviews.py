"""The register of interviews against its events: what is written in each, and which recordings are whose."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from confere.acts.audit.events import Told
from confere.acts.audit.finding import Report
from confere.vault.catalog import Catalog
from confere.vault.register import ENTRY
from confere.vault.transcripts import commitment
from confere.vault.vault import CATALOG

_NAMES = ENTRY.split(", ")
_WORDS = (
    "site",
    "date",
    "participants",
    "notes",
    "interviewers",
    "interpreter",
    "languages",
    "consent",
)
_EMPTY = ("", "[]")


def check_interviews(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    """Check that each interview is what was told last, and each recording where it was told to belong."""
    with report.subject("interviews", "each as its last event tells", CATALOG) as on:
        on.count = _check_words(catalog, told, report)
        _check_places(catalog, told, report)


def _check_words(catalog: Catalog, told: Sequence[Told], report: Report) -> int:
    events: defaultdict[str, list[Told]] = defaultdict(list)
    for event in told:
        if event.what == "interview":
            events[event.of["interview"]].append(event)
    gone = _destroyed(catalog)
    rows = catalog.rows(f"SELECT {ENTRY}, nonce FROM interviews")  # noqa: S608
    for *values, nonce in rows:
        row = dict(zip(_NAMES, values, strict=True))
        about = f"interview {row['id']} ({CATALOG})"
        of_it = events.pop(row["id"], [])
        if [e.of["version"] for e in of_it] != list(range(1, row["version"] + 1)):
            report.add_wrong(about, f"is version {row['version']}, and {len(of_it)} were told")
        if nonce is None:
            if any(row[name] not in _EMPTY for name in _WORDS):
                report.add_wrong(about, "holds words that were told by no event")
            elif of_it and row["id"] not in gone:
                report.add_wrong(about, "was emptied, and none of its recordings destroyed")
        elif of_it:
            last = of_it[-1]
            if commitment(nonce, *values) != last.of["interview_sha256"]:
                report.add_wrong(about, f"is not what was told by {last.name}")
            elif row["changed_by"] != last.by:
                report.add_wrong(about, f"is somebody else's than {last.name} tells")
    for of_it in events.values():
        report.add_wrong(of_it[-1].name, "its interview is missing from the catalog")
    return len(rows)


def _destroyed(catalog: Catalog) -> frozenset[str]:
    """Return the interviews of which a recording was destroyed: with the last of them the words go."""
    rows = catalog.rows(
        "SELECT interview_id FROM recordings WHERE id IN (SELECT recording_id FROM destroyed)"
    )
    return frozenset(row[0] for row in rows)


def _check_places(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    """A recording belongs where it was told last, or where the machine's note put it."""
    placed: dict[str, Mapping[str, object]] = {
        t.of["recording"]: t.of for t in told if t.what == "belong"
    }
    for id_, interview, part, note in catalog.rows(
        "SELECT id, interview_id, part, note FROM recordings ORDER BY id"
    ):
        about = f"{CATALOG}, recording {id_}"
        with report.guarded(about):
            if id_ in placed:
                of = placed[id_]
                wanted, by = (of["interview"], of["part"]), "was told last"
            elif note:
                value = json.loads(note)
                wanted, by = (value["group"], value["part"]), "its offload note says"
            else:  # destroyed, and the note with it
                continue
            if (interview, part) != wanted:
                report.add_wrong(
                    about, f"belongs to another interview, or is another part, than {by}"
                )
