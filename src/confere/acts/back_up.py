"""Back a vault up, and bring one back. What is copied is ciphertext, or public."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from confere.acts.desk import Desk
from confere.backup.bringing_back import bring_back
from confere.backup.copying import back_up as copy_to
from confere.backup.port import CopyStore
from confere.backup.state import read_manifest
from confere.backup.values import Outcome, Progress, SourceFile
from confere.crypto.checkpoint import open_checkpoint
from confere.domain import Role
from confere.errors import BadSignature, BadValue, OtherContents, RolledBack
from confere.vault import Pins, Storage, Vault
from confere.vault.log import log_origin
from confere.vault.study_keys import catalog_key
from confere.vault.vault import CATALOG, SETTINGS

#: Where the catalog is copied to before it is backed up; nothing reads what ends like this.
_SNAPSHOT = "catalog.copy.partial"
#: Files whose content is taken in one moment, so that they fit together.
_SMALL = ("roster", "people", "keys", "intake", "machines", "log")


def back_up(desk: Desk, store: CopyStore, progress: Progress, *, recheck: bool = False) -> Outcome:
    """Write into the log that a backup is made, and bring the copy in a store up to date.

    The event comes first, so that the copy holds it: a vault restored from its newest backup
    continues what was seen. Catalog, log, roster and notes are those of one moment; recordings never
    change. While it runs, nobody is added, removed or destroyed; offloading goes on. Raises
    NotAllowed, NotReady, OtherContents, and what copying raises.
    """
    desk.require("back up", Role.LEAD, Role.INTERPRETER, Role.VERIFIER)
    vault = desk.vault.locked
    _require_elsewhere(vault.storage.root, store)
    _require_newer(desk, store)
    with desk.catalog.transaction():
        desk.tell("backup", {"to": "s3" if store.where.startswith("s3://") else "folder"})
    with vault.alone("roster"), _one_moment(desk) as (files, checkpoint):
        return copy_to(
            files,
            store,
            study=desk.roster.study_id,
            made_at=desk.now(),
            checkpoint=checkpoint,
            recheck=recheck,
            may_go=_may_go(desk),
            progress=progress,
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
    keys = [roster.signers("checkpoint") for roster in reversed(desk.vault.locked.rosters())]
    for known in keys:
        with contextlib.suppress(BadSignature):
            origin = log_origin(desk.roster.study_id)
            checkpoint, _ = open_checkpoint(manifest.checkpoint, known, origin)
            break
    else:
        raise BadSignature("the checkpoint of the backup there")
    try:
        desk.vault.log.require_continues(checkpoint.size, checkpoint.root, "this vault")
    except RolledBack:
        raise OtherContents(
            store.where,
            f"a state of this vault that it does not continue ({checkpoint.size} log entries,"
            f" here are {desk.vault.log.size})",
            "It was left as it was. Restore from it, or back up to another place.",
        ) from None


@contextlib.contextmanager
def _one_moment(desk: Desk) -> Iterator[tuple[list[SourceFile], str]]:
    """Give the files of the vault as they are in one moment, and the log's checkpoint then."""
    vault, storage = desk.vault.locked, desk.vault.locked.storage
    storage.remove(_SNAPSHOT)
    try:
        # The order in which everybody takes the two: sealing, then the log.
        with vault.sealing(), desk.vault.log.alone():
            key = catalog_key(desk.vault.identities[desk.roster.period])
            desk.catalog.copy_to(storage.path(_SNAPSHOT), key)
            small = [
                _in_memory(storage, f"{folder}/{name}")
                for folder in _SMALL
                for name in storage.list(folder)
            ]
            small.append(_in_memory(storage, SETTINGS))
            recordings = _recordings(desk)
            checkpoint = desk.vault.log.note
        catalog = _on_disk(storage, CATALOG, _SNAPSHOT)
        yield [*recordings, catalog, *small], checkpoint
    finally:
        storage.remove(_SNAPSHOT)


def _recordings(desk: Desk) -> list[SourceFile]:
    """Every file of every recording; of audio that was taken in, the catalog knows the digest."""
    storage = desk.vault.locked.storage
    rows = desk.catalog.rows("SELECT id, sealed_sha256 FROM recordings")
    digests = {f"recordings/{row['id']}/audio.age": row["sealed_sha256"] for row in rows}
    names = [
        f"recordings/{recording}/{name}"
        for recording in storage.list("recordings")
        for name in storage.list(f"recordings/{recording}")
    ]
    return [_on_disk(storage, name, name, digests.get(name)) for name in names]


def _on_disk(storage: Storage, name: str, file: str, sha256: str | None = None) -> SourceFile:
    def open_() -> BinaryIO:
        return storage.open(file)

    return SourceFile(name, storage.path(file).stat().st_size, open_, sha256)


def _in_memory(storage: Storage, name: str) -> SourceFile:
    content = storage.read(name)

    def open_() -> BinaryIO:
        return io.BytesIO(content)

    return SourceFile(name, len(content), open_)


def _may_go(desk: Desk) -> Callable[[str], bool]:
    """Which names a backup may forget: notes and keys come and go, recordings only when destroyed."""
    destroyed = {row[0] for row in desk.catalog.rows("SELECT recording_id FROM destroyed")}

    def may_go(name: str) -> bool:
        folder, _, rest = name.partition("/")
        if folder == "recordings":
            return rest.partition("/")[0] in destroyed
        return folder in ("people", "keys", "intake", "machines")

    return may_go


def restore(
    store: CopyStore,
    folder: Path,
    pins: Pins,
    progress: Progress,
    *,
    leave_out_damaged: bool = False,
) -> tuple[Outcome, RolledBack | None]:
    """Bring a vault back into an absent or empty folder, and look at whether it is an older one.

    Returns what was done, and what this machine has to say if it has seen a newer state.
    """
    outcome = bring_back(store, folder, leave_out_damaged=leave_out_damaged, progress=progress)
    try:
        Vault(folder, pins).log()
    except RolledBack as older:
        return outcome, older
    return outcome, None
