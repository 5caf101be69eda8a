"""Whether the identity key is the one that was told: without a name, a check does not see it."""

from __future__ import annotations

from collections.abc import Sequence

from confere.acts.audit.events import Told
from confere.acts.audit.finding import Report
from confere.vault.catalog import Catalog
from confere.vault.identities import count_identities, key_commitment
from confere.vault.vault import CATALOG


def check_names(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    """Compare the names with the last event, which tells how many and a commitment, never a name."""
    with report.subject("identity key", "as its last event tells", CATALOG) as on:
        on.count = count_identities(catalog)
        events = [t for t in told if t.what == "names"]
        last = events[-1].of["count"] if events else 0
        about = f"identity key ({CATALOG})"
        if on.count != last:
            report.add_wrong(about, f"it has {on.count} names, and {last} were told")
        elif events and key_commitment(catalog) != events[-1].of["names_sha256"]:
            report.add_wrong(about, f"a name, code or note is not what {events[-1].name} tells")
