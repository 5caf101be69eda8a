"""A backup back into a folder, as the vault it was."""

from __future__ import annotations

from pathlib import Path

from confere.backup.folder import FolderStore
from confere.backup.manifest import Entry, Manifest
from confere.backup.port import CopyStore, SourceFault
from confere.backup.state import finished_manifest
from confere.backup.values import Counted, Counter, Outcome, Progress, silent
from confere.errors import CopyDiffers, DamagedCopy, OtherContents

LAST = "confere.toml"  # a folder without it is no vault, so nobody opens a half-restored one


def bring_back(
    store: CopyStore,
    folder: Path,
    *,
    leave_out_damaged: bool = False,
    progress: Progress = silent,
) -> Outcome:
    """Copy a backup into a folder that is absent, empty, or half-restored from the same backup.

    Each file is digested on its way and read back from the disk; ``confere.toml`` comes last. Folders
    are 0700 and files 0600. Running it again goes on where it stopped, since a file is in the folder
    whole or not at all. With ``leave_out_damaged`` a file that the store no longer has whole is
    left out and told as ``damaged``: all the others are better than none.

    Raises NoSuchThing where there is no backup, DamagedCopy naming the file (nothing of it is in the
    folder), OtherContents, CopyDiffers, and what the stores raise.
    """
    manifest = finished_manifest(store)
    target = FolderStore(folder)
    damaged = []
    with target.claim():
        try:
            there = _already_there(target, manifest)
            target.make_private()
            missing = [entry for entry in manifest.files if entry.name not in there]
            missing.sort(key=lambda entry: entry.name == LAST)
            told = Counter(progress)
            told.expect(2 * sum(entry.size_bytes for entry in missing))
            for entry in missing:
                try:
                    _fetch(store, target, entry, told)
                except DamagedCopy:
                    if not leave_out_damaged:
                        raise
                    damaged.append(entry.name)
        finally:
            target.tidy()
    copied = [entry for entry in missing if entry.name not in damaged]
    return Outcome(
        target.where,
        len(manifest.files) - len(damaged),
        manifest.size_bytes - sum(e.size_bytes for e in manifest.files if e.name in damaged),
        tuple(entry.name for entry in copied),
        sum(entry.size_bytes for entry in copied),
        damaged=tuple(damaged),
    )


def _already_there(target: FolderStore, manifest: Manifest) -> set[str]:
    """Return the names that are restored; raises OtherContents for anything else in the folder."""
    expected = manifest.by_name()
    for name in (listed := target.names()):
        entry = expected.get(name)
        if (
            entry is None
            or listed[name].size_bytes != entry.size_bytes
            or target.digest(name) != (entry.sha256, entry.size_bytes)
        ):
            raise OtherContents(
                target.where,
                f"{name}, which is not of this backup",
                "Give a folder that is empty or not there yet.",
            )
    return set(listed)


def _fetch(store: CopyStore, target: FolderStore, entry: Entry, told: Counter) -> None:
    with store.open(entry.stored) as stream:
        try:
            target.put(entry.name, Counted(stream, told.add), entry.size_bytes, entry.sha256)
        except SourceFault as fault:
            raise DamagedCopy(entry.name, fault.detail) from fault
    if target.digest(entry.name, told.add) != (entry.sha256, entry.size_bytes):
        target.remove(entry.name)
        raise CopyDiffers(entry.name, f"what {target.where} gives back is something else")
