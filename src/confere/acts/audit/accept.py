"""A lead takes an older state of the vault on purpose: a backup was restored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from confere.acts.audit.chain import check_rosters, lost_versions
from confere.acts.audit.finding import Report
from confere.acts.audit.log import Log, lost_entries
from confere.acts.desk import sit_down, utc_now
from confere.domain import Role
from confere.errors import BadValue, NotReady
from confere.vault import Pins, Vault
from confere.vault.pins import Seen
from confere.vault.roster import roster_digest


def accept_older(
    root: Path,
    pins: Pins,
    name: str,
    passphrase: str,
    reason: str,
    clock: Callable[[], datetime] = utc_now,
) -> list[str]:
    """Write into the log that the vault shows an older state than was seen, and begin to watch anew.

    Returns what is lost, in words. The vault must be whole in itself: raises as `Vault` and
    `unlock` do; NotAllowed for anybody but a lead; NotReady when nothing is lost.
    """
    if not reason.strip():
        raise BadValue("accepting an older state needs a reason", "It stands in the custody log.")
    vault = Vault(root)  # without what this machine has seen: that is asked here
    study = vault.roster.study_id
    seen = pins.seen(study)
    lost = _lost(vault, seen)
    if not lost:
        raise NotReady(
            "the vault shows everything that this machine has seen",
            "There is nothing to accept. 'confere audit --as NAME' checks the vault.",
        )
    desk = sit_down(vault, name, passphrase, clock)
    try:
        desk.require("accept an older state", Role.LEAD)
        with desk.catalog.transaction():
            desk.tell(
                "older state accepted",
                {
                    "reason": reason.strip(),
                    "seen_roster": seen.roster,
                    "seen_log_size": seen.log_size,
                    "seen_log_root": seen.log_root,
                },
            )
        # Last: cut off before, the older state is still refused and can be accepted again.
        version, log = desk.roster.version, desk.vault.log
        digest = roster_digest(vault.storage, version)
        pins.begin_again(study, Seen(version, digest, log.size, log.tree.root().hex()))
    finally:
        desk.vault.close()
    return lost


def _lost(vault: Vault, seen: Seen) -> list[str]:
    log = vault.log()
    found = Log(log.entries, log.tree)
    return lost_versions(check_rosters(vault.storage, Report()), seen) + lost_entries(found, seen)
