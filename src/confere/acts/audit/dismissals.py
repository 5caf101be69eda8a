"""Every dismissal of what a check saw against its event, and every event against its dismissal."""

from __future__ import annotations

from collections.abc import Sequence

from confere.acts.audit.events import Told
from confere.acts.audit.finding import Report
from confere.vault.catalog import Catalog
from confere.vault.dismissals import EVENTS, DismissalRow, list_committed
from confere.vault.vault import CATALOG


def check_dismissals(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    """Compare them by their commitments; of destroyed recordings there are no rows to be told of."""
    with report.subject("dismissals", "each as its event tells", CATALOG) as on:
        events = {t.of["dismissal_sha256"]: t for t in told if t.what in EVENTS}
        destroyed = {row[0] for row in catalog.rows("SELECT recording_id FROM destroyed")}
        for row, commitment in list_committed(catalog):
            on.count += 1
            event = events.pop(commitment, None)
            about = f"dismissal of {row.message_id} in segment {row.segment_id} ({CATALOG})"
            if event is None:
                report.add_wrong(about, "was told by no event: put in, or changed, by another hand")
            elif _of_event(event) != _of_row(row):
                report.add_wrong(about, f"is not what was told by {event.name}")
        for event in events.values():
            if event.of["recording"] not in destroyed:
                report.add_wrong(event.name, "its dismissal is missing from the catalog")


def _of_event(event: Told) -> tuple[str, ...]:
    of = event.of
    return event.what, event.by, of["recording"], of["segment"], of["message_id"], of["level"]


def _of_row(row: DismissalRow) -> tuple[str, ...]:
    return (
        row.told_as,
        row.by,
        row.recording_id,
        row.segment_id,
        row.message_id,
        row.level,
    )
