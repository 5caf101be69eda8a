"""What the events say lies in the vault now: the settings, everybody's sealed secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from confere.acts.audit.chain import Chain
from confere.acts.audit.events import Told
from confere.acts.audit.finding import Report
from confere.acts.desk import SECRETS_EVENTS, SETTINGS_EVENTS
from confere.domain.settings import parse
from confere.vault import Storage
from confere.vault.people import secrets_file
from confere.vault.vault import SETTINGS


def check_settings(storage: Storage, report: Report) -> None:
    """The settings can be read."""
    with report.subject("settings file", "well-formed", SETTINGS) as on:
        on.count = 1
        parse(storage.read(SETTINGS).decode("utf-8", "replace"), SETTINGS)


def check_approved(storage: Storage, told: Sequence[Told], report: Report) -> None:
    """The settings are those that a lead last approved."""
    holds = "as it stands"
    with report.subject("settings approved by a lead", holds, SETTINGS) as on:
        on.count = 1
        approved = next((t for t in reversed(told) if t.what in SETTINGS_EVENTS), None)
        if approved is None:
            report.add_wrong(SETTINGS, "was approved by no event")
        elif hashlib.sha256(storage.read(SETTINGS)).hexdigest() != approved.of["settings_sha256"]:
            report.add_wrong(
                SETTINGS,
                f"was changed since {approved.by} approved it at {approved.at}. "
                "A lead reads it, and approves it: confere settings approve",
            )


def check_secrets(
    storage: Storage, chain: Chain, told: Sequence[Told], proved: str, report: Report
) -> None:
    """Everybody's sealed secrets are those that were told.

    ``proved`` is whose secrets were opened just now and hold the keys that the roster tells.
    """
    latest = {t.of["name"]: t for t in told if t.what in SECRETS_EVENTS}
    with report.subject("people", "each with sealed secrets as they were told", "people") as on:
        for name in chain.newest.people if chain.newest else {}:
            on.count += 1
            file = secrets_file(name)
            event = latest.get(name)
            if event is None:
                report.add_attention(file, "was told by no event: adding this person was cut off")
            elif not storage.exists(file):
                continue  # told among the files
            elif hashlib.sha256(storage.read(file)).hexdigest() != event.of["secrets_sha256"]:
                if name == proved:
                    detail = "was sealed anew and its event cut off; the next unlocking tells it"
                    report.add_attention(file, detail)
                else:
                    report.add_wrong(
                        file,
                        f"is not the file that was told by {event.name}. If {name} changed their "
                        "passphrase and was cut off, their next unlocking says so",
                    )
