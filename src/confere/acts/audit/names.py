"""Whether the identity key has as many names as was told: without them, a check sees nothing."""

from __future__ import annotations

from collections.abc import Sequence

from confere.acts.audit.events import Told
from confere.acts.audit.finding import Report
from confere.vault.catalog import Catalog
from confere.vault.identities import count_identities
from confere.vault.vault import CATALOG


def check_names(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    """Compare the number of names with the last event that tells it; no event tells a name."""
    with report.subject("identity key", "with as many names as were told", CATALOG) as on:
        on.count = count_identities(catalog)
        events = [t for t in told if t.what == "names"]
        last = events[-1].of["count"] if events else 0
        if on.count != last:
            about = f"identity key ({CATALOG})"
            report.add_wrong(about, f"it has {on.count} names, and {last} were told")
