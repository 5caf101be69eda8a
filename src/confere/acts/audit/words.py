"""Every version of the word list against its event."""

from __future__ import annotations

from collections.abc import Sequence

from confere.acts.audit.events import Told
from confere.acts.audit.finding import Report
from confere.vault.catalog import Catalog
from confere.vault.transcripts import commitment
from confere.vault.vault import CATALOG
from confere.vault.word_lists import WORD_LIST, get_word_list


def check_words(catalog: Catalog, told: Sequence[Told], report: Report) -> None:
    """Check that each version is what was told, by whom, and that none is missing or was put in."""
    with report.subject("word lists", "each version as its event tells", CATALOG) as on:
        events = {t.of["number"]: t for t in told if t.what == "words"}
        for *values, nonce in catalog.rows(f"SELECT {WORD_LIST}, nonce FROM word_lists"):  # noqa: S608
            on.count += 1
            number, _, by, _ = values
            event = events.pop(number, None)
            about = f"version {number} of the word list ({CATALOG})"
            if event is None:
                report.add_wrong(about, "was told by no event")
            elif commitment(nonce, *values) != event.of["words_sha256"]:
                report.add_wrong(about, f"is not what was told by {event.name}")
            elif by != event.by:
                report.add_wrong(about, f"is somebody else's than {event.name} tells")
            else:
                _check_count(catalog, number, event, about, report)
        for event in events.values():
            report.add_wrong(event.name, "its version of the word list is missing from the catalog")


def _check_count(catalog: Catalog, number: int, event: Told, about: str, report: Report) -> None:
    """Whoever wrote list and event themselves must have told the truth about its length."""
    with report.guarded(about):
        if len(get_word_list(catalog, number).entries) != event.of["entries"]:
            report.add_wrong(about, f"has not as many entries as {event.name} tells")
