"""The roster, version by version, as far as it can be read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from confere.acts.audit.finding import Report
from confere.errors import ConfereError, DamagedVault
from confere.vault import Pins, Storage
from confere.vault.log import checkpoint_rosters
from confere.vault.pins import Seen
from confere.vault.roster import Roster, check_chain, read_unchecked

_NAME = re.compile(r"([1-9][0-9]*)\.note")


@dataclass(slots=True)
class Chain:
    """Every version that can be read, checked or not, with the digest of its file."""

    versions: dict[int, Roster] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)

    @property
    def newest(self) -> Roster | None:
        """The newest version that can be read."""
        return self.versions[max(self.versions)] if self.versions else None

    def counting(self) -> list[Roster]:
        """The versions by whose keys a checkpoint counts, newest first."""
        return checkpoint_rosters([self.versions[v] for v in sorted(self.versions)])

    def keys_of(self, name: str, kind: str) -> set[str]:
        """Every key of a kind that somebody has had."""
        had = [r.people[name] for r in self.versions.values() if name in r.people]
        return {p.verify_keys[kind] for p in had if kind in p.verify_keys}


def check_rosters(storage: Storage, report: Report) -> Chain:
    """Check every version against the one before it; what is broken is told and read all the same.

    Reading on is safe: nothing is believed for it, and later findings are told apart.
    """
    chain = Chain()
    with report.subject(
        "versions of the roster", "each signed by a lead of the one before", "roster"
    ) as on:
        names = [_NAME.fullmatch(name) for name in storage.list("roster")]
        there = sorted(int(match[1]) for match in names if match)
        on.count = len(there)
        if not there:
            report.add_wrong("roster", "is missing: nobody can be known to be in the study")
        for missing in sorted(set(range(1, max(there, default=0) + 1)) - set(there)):
            report.add_wrong(f"roster/{missing}.note", "is missing")
        for version in there:
            with report.guarded(f"roster/{version}.note"):
                note = storage.read(f"roster/{version}.note")
                chain.digests[version] = hashlib.sha256(note).hexdigest()
                chain.versions[version] = read_unchecked(f"roster/{version}.note", note)
        _check_signatures(storage, there, report)
        for version, roster in chain.versions.items():
            before = chain.digests.get(version - 1)
            if before is not None and roster.previous != before:
                about = f"roster/{version - 1}.note"
                report.add_wrong(about, f"is not the file that roster/{version}.note follows")
    return chain


def _check_signatures(storage: Storage, there: list[int], report: Report) -> None:
    """Check the chain from the first version on; where it breaks, nothing after it can be trusted."""
    notes = []
    for version in range(1, len(there) + 1):
        name = f"roster/{version}.note"
        try:
            notes.append((name, storage.read(name)))
            if version == len(there):
                check_chain(notes)
        except ConfereError:
            break
    else:
        return
    for end in range(1, len(notes) + 1):
        name = notes[end - 1][0]
        try:
            check_chain(notes[:end])
        except ConfereError as error:
            report.add_wrong(name, error.message)
            if end < len(there):
                later = f"roster/{end + 1}.note" + (" and later" if end + 1 < len(there) else "")
                report.add_not_checked(f"the signature on {later}, which rests on {name}")
            return


def check_roster_pin(chain: Chain, pins: Pins | None, report: Report) -> None:
    """Compare with the newest version that this machine has seen."""
    newest = chain.newest
    if pins is None or newest is None:
        return
    with report.guarded("what this machine has seen"):
        for lost in lost_versions(chain, pins.seen(newest.study_id)):
            report.add_wrong("roster", lost)


def lost_versions(chain: Chain, seen: Seen) -> list[str]:
    """Return what of the roster was seen and is not there any more, in words."""
    newest = max(chain.digests, default=0)
    if seen.roster > newest:
        return [
            f"this machine has seen version {seen.roster}, and the newest is {newest}: "
            "the vault shows an older state"
        ]
    if seen.roster and chain.digests.get(seen.roster) != seen.roster_sha256:
        return [f"its version {seen.roster} is not the one that this machine has seen"]
    return []


def require_newest(chain: Chain) -> Roster:
    """Return the newest version; raises DamagedVault when there is none."""
    if chain.newest is None:
        raise DamagedVault("the roster", "cannot be read")
    return chain.newest
