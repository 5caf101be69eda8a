"""What this machine has seen of a vault: the newest roster and the newest checkpoint of its log.

Kept in the account's state folder, not in the vault. A vault that shows an older roster, or a log that
does not continue the one seen, was rolled back or rewritten, and is refused; so is another study's
vault in the place of one that is known. Only a first meeting has to be believed.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from confere.crypto.canonical import canonical_json
from confere.errors import AnotherStudy, DamagedVault
from confere.vault.storage import Storage

_DIGEST = r"([0-9a-f]{64})?"


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest that was seen: ``checkpoint`` is a log's root (hex) at a size."""

    roster: int = 0
    roster_sha256: str = ""
    log_size: int = 0
    log_root: str = ""


class Pins:
    """The memory of one account, study by study."""

    def __init__(self, state: Storage) -> None:
        self._state = state

    @property
    def state(self) -> Storage:
        """The account's state folder."""
        return self._state

    def seen(self, study_id: str) -> Seen:
        """Return what was seen of a study, which may be nothing; raises DamagedVault."""
        file = _file(study_id)
        if not self._state.exists(file):
            return Seen()
        try:
            return _seen(json.loads(self._state.read(file)))
        except (ValueError, TypeError, KeyError):
            raise DamagedVault(
                f"{self._state.root / file} (what this machine has seen)", "cannot be read"
            ) from None

    def keep_roster(self, study_id: str, version: int, sha256: str) -> None:
        """Remember a roster, if it is newer."""
        if version > self.seen(study_id).roster:
            self._keep(study_id, Seen(roster=version, roster_sha256=sha256))

    def keep_log(self, study_id: str, size: int, root: str) -> None:
        """Remember a checkpoint, if it is newer."""
        if size > self.seen(study_id).log_size:
            self._keep(study_id, Seen(log_size=size, log_root=root))

    def require_place(self, vault: Path, study_id: str) -> None:
        """Remember which study's vault lies where; raises AnotherStudy if it was another's.

        Otherwise whoever may write to the disk could put a study of their own in its place, and every
        later recording would be sealed to them.
        """
        there = self._study_at(vault)
        if there and there != study_id:
            raise AnotherStudy(str(vault), there, study_id)
        if not there:
            self.set_place(vault, study_id)

    def set_place(self, vault: Path, study_id: str) -> None:
        """Say which study's vault lies here from now on: it was just made, or brought back."""
        self._state.write(_place(vault), f"{study_id}\n".encode(), replace=True)

    def _study_at(self, vault: Path) -> str:
        file = _place(vault)
        if not self._state.exists(file):
            return ""
        return self._state.read(file).decode("ascii", "replace").strip()

    def begin_again(self, study_id: str, now: Seen) -> None:
        """Forget what was seen: a lead takes an older state, on purpose and in the log."""
        with self._alone(study_id):
            self._write(study_id, now)

    def _keep(self, study_id: str, newer: Seen) -> None:
        """Put what is newer beside what is not; another process may have been faster."""
        with self._alone(study_id):
            seen = self.seen(study_id)
            if newer.roster > seen.roster:
                seen = replace(seen, roster=newer.roster, roster_sha256=newer.roster_sha256)
            if newer.log_size > seen.log_size:
                seen = replace(seen, log_size=newer.log_size, log_root=newer.log_root)
            self._write(study_id, seen)

    def _write(self, study_id: str, seen: Seen) -> None:
        self._state.write(_file(study_id), canonical_json(asdict(seen)) + b"\n", replace=True)

    def _alone(self, study_id: str) -> FileLock:
        self._state.make_folder("seen")
        return FileLock(self._state.path(f"seen/.{study_id}.lock"), mode=0o600)


def _seen(value: dict[str, Any]) -> Seen:
    """Return what the file tells; raises ValueError, TypeError or KeyError for anything else."""
    seen = Seen(value["roster"], value["roster_sha256"], value["log_size"], value["log_root"])
    for number, digest in ((seen.roster, seen.roster_sha256), (seen.log_size, seen.log_root)):
        if type(number) is not int or number < 0 or not re.fullmatch(_DIGEST, digest):
            raise ValueError
        if bool(number) != bool(digest):
            raise ValueError
    return seen


def _place(vault: Path) -> str:
    """Where it is kept whose vault lies at a path; the path itself is not told."""
    return f"seen/places/{hashlib.sha256(str(vault.resolve()).encode()).hexdigest()[:32]}"


def _file(study_id: str) -> str:
    return f"seen/{study_id}.json"
