"""What a run has to send: the rules of incremental copying, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from confere.backup.manifest import VAULT_FOLDER, Entry, Manifest
from confere.backup.port import CopyStore, digest_of
from confere.backup.values import Counter, SourceFile
from confere.errors import ChangedUnderway, DamagedCopy, DamagedStore

DIGITS = 16  # of the SHA-256, in the stored name of a file that may change: 64 bits


@dataclass(frozen=True, slots=True)
class Task:
    """One file of the vault, what the manifest will say of it, and whether it must be sent."""

    source: SourceFile
    entry: Entry
    send: bool


class Plan:
    """Compares files with the manifest before and with what the store lists.

    A file that the manifest has with the same name, length and digest is believed when the store
    lists it with that length. Any other stored file was left by a broken run: it is read and
    digested before it is believed. With ``recheck`` nothing is believed unread.
    """

    def __init__(self, store: CopyStore, older: Manifest, told: Counter, *, recheck: bool) -> None:
        self.listed = store.names(VAULT_FOLDER.rstrip("/"))
        self._store = store
        self._older = older.by_name()
        self._told = told
        self._recheck = recheck

    def task(self, source: SourceFile) -> Task:
        """Return what is to be done about one file. Raises DamagedCopy, ChangedUnderway."""
        entry = entry_of(source)
        older = self._older.get(source.name)
        if older is not None and older.stored == entry.stored and older != entry:
            # Only a file that never changes keeps its name in the store, so one of the two is
            # wrong. Which one nobody can tell here, and nothing is overwritten on a guess.
            raise DamagedCopy(
                source.name, "is another one than the vault's, though it never changes"
            )
        return Task(source, entry, send=not self._is_there(entry, vouched=older == entry))

    def _is_there(self, entry: Entry, *, vouched: bool) -> bool:
        facts = self.listed.get(entry.stored)
        if facts is None or facts.size_bytes != entry.size_bytes:
            return False
        if vouched and not self._recheck:
            return True
        self._told.expect(entry.size_bytes)
        try:
            found = self._store.digest(entry.stored, self._told.add)
            return found == (entry.sha256, entry.size_bytes)
        except DamagedStore:
            return False


def entry_of(source: SourceFile) -> Entry:
    """Return what the manifest will say of a file; reads one that may change."""
    stored = VAULT_FOLDER + source.name
    if source.sha256 is not None:
        return Entry(source.name, stored, source.size_bytes, source.sha256)
    try:
        with source.open() as stream:
            found = digest_of(stream)
    except OSError as error:
        detail = f"cannot be read ({error.strerror or type(error).__name__})"
        raise ChangedUnderway(source.name, detail) from error
    return Entry(source.name, f"{stored}.{found.sha256[:DIGITS]}", found.size_bytes, found.sha256)
