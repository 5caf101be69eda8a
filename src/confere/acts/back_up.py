"""Back a vault up, and bring one back. What is copied is ciphertext, or public.

What fits together is taken in one moment, under the locks of whoever changes it, and **no lock is held
while it is sent**: that may take days.

=================  =============================================================================
roster             held until all keys are in memory: nobody is added, removed or destroyed, so every
                   ``key.age`` is sealed to the key that the copy has
sealing, log       held until log, notes and the list of recordings are read and the catalog's
                   moment has begun; copying the catalog out of that moment needs no lock
=================  =============================================================================

The notes are read before that moment begins: one that is taken in meanwhile is in both, never in
neither. What is written after the moment is not in the copy, and the next backup brings it. A
recording that is destroyed while it is sent is either told (`BackedUp`), or ends the run with
ChangedUnderway; either way the next run ends it in the copy.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from confere.acts.desk import Desk
from confere.backup.bringing_back import bring_back
from confere.backup.copying import back_up as copy_to
from confere.backup.manifest import Manifest
from confere.backup.port import CopyStore
from confere.backup.state import read_manifest
from confere.backup.values import Outcome, Progress, SourceFile
from confere.crypto.checkpoint import Checkpoint, open_checkpoint
from confere.domain import Role
from confere.errors import (
    BadSignature,
    BadValue,
    ConfereError,
    DamagedVault,
    DiskFull,
    NotReady,
    OtherContents,
    RolledBack,
    StorageProblem,
)
from confere.vault import Pins, Storage, Vault
from confere.vault.catalog import COPY
from confere.vault.destruction import list_destructions
from confere.vault.log import log_origin
from confere.vault.membership import require_finished
from confere.vault.objects import key_file
from confere.vault.roster import Roster
from confere.vault.study_keys import catalog_key
from confere.vault.vault import CATALOG, SETTINGS

#: Folders of small files; ``intake`` is read by itself, first.
_SMALL = ("roster", "people", "keys", "machines", "log")
_WAIT_S = 60  # for whoever is changing the roster, which takes seconds


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup did, and what ended while it ran: that, only the next run ends in the copy.

    ``destroyed`` are recordings; ``keys_changed`` says that somebody was removed and the copy, or a
    part of it, still opens with the key they had.
    """

    outcome: Outcome
    destroyed: tuple[str, ...]
    keys_changed: bool


@dataclass(frozen=True, slots=True)
class _Moment:
    """The vault as it was in one moment."""

    files: list[SourceFile]
    checkpoint: str
    destroyed: frozenset[str]
    period: int
    finished: bool


def back_up(desk: Desk, store: CopyStore, progress: Progress, *, recheck: bool = False) -> BackedUp:
    """Write into the log that a backup is made, and bring the copy in a store up to date.

    The event comes first, so that the copy holds it: a vault restored from its newest backup
    continues what was seen. A place that cannot be used is found before anything is written.
    Raises NotAllowed, NotReady, OtherContents, and what copying raises.
    """
    desk.require("back up", Role.LEAD, Role.INTERPRETER, Role.VERIFIER)
    _require_elsewhere(desk.vault.locked.storage.root, store)
    with store.claim():
        _require_newer(desk, store)
    with desk.catalog.transaction():
        desk.tell("backup", {"to": "s3" if store.where.startswith("s3://") else "folder"})
    with _one_moment(desk) as moment:
        outcome = copy_to(
            moment.files,
            store,
            study=desk.roster.study_id,
            made_at=desk.now(),
            checkpoint=moment.checkpoint,
            recheck=recheck,
            may_go=_may_go(moment.destroyed),
            progress=progress,
        )
    destroyed = _destroyed(desk) - moment.destroyed
    damaged = tuple(name for name in outcome.damaged if _recording_of(name) not in destroyed)
    period = desk.vault.locked.refresh().period
    return BackedUp(
        replace(outcome, damaged=damaged),
        tuple(sorted(destroyed)),
        not moment.finished or period != moment.period,
    )


def _require_elsewhere(root: Path, store: CopyStore) -> None:
    """A copy inside the vault, or around it, would be copied into itself."""
    there = Path(store.where)
    if "://" not in store.where and (
        there.resolve().is_relative_to(root) or root.is_relative_to(there.resolve())
    ):
        raise BadValue("a backup cannot lie in the vault or around it", "Choose another folder.")


def _require_newer(desk: Desk, store: CopyStore) -> None:
    """Refuse to put an older state of the vault over the backup of a newer one."""
    manifest = read_manifest(store)
    if manifest is None or manifest.study != desk.roster.study_id or not manifest.checkpoint:
        return  # another study's place is refused by the copying itself
    checkpoint = _checkpoint(manifest, desk.vault.locked.rosters())
    if checkpoint is None:
        raise OtherContents(
            store.where,
            "a backup whose log was signed by nobody whom this vault knows",
            "It was left as it was. If this vault was once restored, that one may be newer: restore it "
            "into a folder of its own and look. If it was not, treat this as an incident.",
        )
    try:
        desk.vault.log.require_continues(checkpoint.size, checkpoint.root, "this vault")
    except RolledBack:
        raise OtherContents(
            store.where,
            f"a state of this vault that it does not continue ({checkpoint.size} log entries,"
            f" here are {desk.vault.log.size})",
            "It was left as it was. Restore from it, or back up to another place.",
        ) from None


def _checkpoint(manifest: Manifest, rosters: list[Roster]) -> Checkpoint | None:
    """Return the checkpoint of a backup if anybody signed it who ever was in the study."""
    origin = log_origin(manifest.study)
    for roster in reversed(rosters):
        with contextlib.suppress(BadSignature):
            return open_checkpoint(manifest.checkpoint, roster.signers("checkpoint"), origin)[0]
    return None


@contextlib.contextmanager
def _one_moment(desk: Desk) -> Iterator[_Moment]:
    """Give the vault as it is in one moment; see the top of this file."""
    vault, storage = desk.vault.locked, desk.vault.locked.storage
    with contextlib.ExitStack() as until_sent:
        with vault.alone("roster", _WAIT_S), contextlib.ExitStack() as until_read:
            desk.vault.require_current()
            finished = _finish(desk)  # and so what a killed backup left is gone
            until_sent.callback(storage.remove, COPY)
            # The order in which everybody takes the two: sealing, then the log.
            with vault.sealing(), desk.vault.log.alone():
                notes = _notes(storage)
                period = vault.roster.period
                key = catalog_key(desk.vault.identities[period])
                write_copy = until_read.enter_context(desk.catalog.copy_to(storage.path(COPY), key))
                names = [f"{folder}/{name}" for folder in _SMALL for name in storage.list(folder)]
                small = [_in_memory(storage, name) for name in [*names, SETTINGS]]
                recordings = storage.list("recordings")
                checkpoint = desk.vault.log.note
            with _explained():
                write_copy()
            destroyed = _destroyed(desk)
            kept = [recording for recording in recordings if recording not in destroyed]
            files = _recordings(desk, kept)
            until_read.close()
            catalog = until_sent.enter_context(_snapshot(storage))
        files = [*files, catalog, *small, *notes]
        yield _Moment(files, checkpoint, destroyed, period, finished)


def _finish(desk: Desk) -> bool:
    """Bring an unfinished removal to its end before it is copied, if that can be now."""
    try:
        require_finished(desk.vault)
    except NotReady:  # somebody has the catalog open; a copy is better than none
        desk.vault.locked.storage.remove(COPY)
        return False
    return True


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Say which disk is full: one that a backup makes no room on by itself."""
    try:
        yield
    except DiskFull:
        raise DiskFull("the vault, for a second copy of the catalog") from None


@contextlib.contextmanager
def _snapshot(storage: Storage) -> Iterator[SourceFile]:
    """Hold the copy of the catalog open, without a name where the system allows that.

    So a backup that is killed while it sends leaves nothing in the vault.
    """
    with storage.open(COPY) as held:
        with contextlib.suppress(StorageProblem):  # Windows removes nothing that is open
            storage.remove(COPY)

        def open_() -> BinaryIO:
            held.seek(0)
            return os.fdopen(os.dup(held.fileno()), "rb", buffering=0)

        yield SourceFile(CATALOG, os.fstat(held.fileno()).st_size, open_)


def _notes(storage: Storage) -> list[SourceFile]:
    """The notes that wait. One that goes while this looks is in the catalog already."""
    notes = []
    for name in storage.list("intake"):
        with contextlib.suppress(DamagedVault):
            notes.append(_in_memory(storage, f"intake/{name}"))
    return notes


def _recordings(desk: Desk, recordings: list[str]) -> list[SourceFile]:
    """Every file of some recordings. The keys, which are resealed when somebody is removed, are read.

    Of audio the catalog knows the digest, but for a recording that no reader has taken in. That one is
    digested in each run, and sent once more when it has been taken in: rare, and no harm.
    """
    storage = desk.vault.locked.storage
    rows = desk.catalog.rows("SELECT id, sealed_sha256 FROM recordings")
    digests = {f"recordings/{row['id']}/audio.age": row["sealed_sha256"] for row in rows}
    names = [
        f"recordings/{recording}/{file}"
        for recording in recordings
        for file in storage.list(f"recordings/{recording}")
    ]
    return [
        _in_memory(storage, name)
        if name == key_file(_recording_of(name))
        else _on_disk(storage, name, digests.get(name))
        for name in names
    ]


def _on_disk(storage: Storage, name: str, sha256: str | None) -> SourceFile:
    """A file that nobody changes, though it may be destroyed while this runs: then it is not there."""
    path = storage.path(name)
    return SourceFile(name, path.stat().st_size, lambda: path.open("rb", buffering=0), sha256)


def _in_memory(storage: Storage, name: str) -> SourceFile:
    content = storage.read(name)

    def open_() -> BinaryIO:
        return io.BytesIO(content)

    return SourceFile(name, len(content), open_)


def _destroyed(desk: Desk) -> frozenset[str]:
    return frozenset(gone.recording_id for gone in list_destructions(desk.catalog))


def _recording_of(name: str) -> str:
    """Return the id in a file's name; nothing for a file that is of no recording."""
    folder, _, rest = name.partition("/")
    return rest.partition("/")[0] if folder == "recordings" else ""


def _may_go(destroyed: frozenset[str]) -> Callable[[str], bool]:
    """Which names a backup may forget: notes and keys come and go, recordings only when destroyed."""

    def may_go(name: str) -> bool:
        folder = name.partition("/")[0]
        return (
            folder in ("people", "keys", "intake", "machines") or _recording_of(name) in destroyed
        )

    return may_go


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back, and the vault that it is.

    ``problem`` is why the vault does not open here as it is: above all that this machine has seen a
    newer state of it, or another one. ``first_sight`` says that this machine had never seen the study.
    """

    outcome: Outcome
    roster: Roster | None
    first_sight: bool
    problem: ConfereError | None


def restore(
    store: CopyStore,
    folder: Path,
    pins: Pins,
    progress: Progress,
    *,
    leave_out_damaged: bool = False,
) -> Restored:
    """Bring a vault back into an absent or empty folder, and compare it with what was seen."""
    outcome = bring_back(store, folder, leave_out_damaged=leave_out_damaged, progress=progress)
    try:
        unseen = Vault(folder).roster  # compared with nothing, and so nothing is remembered yet
        first_sight = not pins.seen(unseen.study_id).roster
        pins.set_place(folder, unseen.study_id)
        vault = Vault(folder, pins)
        vault.log()
    except ConfereError as problem:
        return Restored(outcome, None, first_sight=False, problem=problem)
    return Restored(outcome, vault.roster, first_sight, None)
