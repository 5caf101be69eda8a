"""Everything in a store read again, against its manifest."""

from __future__ import annotations

from confere.backup.manifest import VAULT_FOLDER, Entry
from confere.backup.port import CopyStore, StoredFacts
from confere.backup.state import finished_manifest
from confere.backup.values import Counter, Problem, Progress, silent
from confere.errors import DamagedCopy


def check(store: CopyStore, progress: Progress = silent) -> list[Problem]:
    """Return what is missing, altered or extra, by name; nothing is changed.

    ``progress`` is told bytes. Raises NoSuchThing or DamagedCopy when there is no readable manifest to
    compare with, and what the store raises when it cannot be reached.
    """
    manifest = finished_manifest(store)
    listed = store.names(VAULT_FOLDER.rstrip("/"))
    told = Counter(progress)
    told.expect(manifest.size_bytes)
    problems = []
    for entry in sorted(manifest.files, key=lambda entry: entry.name):
        detail = _wrong_with(store, entry, listed.get(entry.stored), told)
        if detail is not None:
            problems.append(Problem(entry.name, detail))
    for stored in sorted(set(listed) - manifest.stored_names()):
        problems.append(Problem(stored, "is extra: the manifest does not name it"))
    return problems


def _wrong_with(
    store: CopyStore, entry: Entry, facts: StoredFacts | None, told: Counter
) -> str | None:
    if facts is None:
        return "is missing"
    if facts.size_bytes != entry.size_bytes:
        return f"is altered: {facts.size_bytes} bytes instead of {entry.size_bytes}"
    try:
        found = store.digest(entry.stored, told.add)
    except DamagedCopy as error:
        return error.message
    return None if found == (entry.sha256, entry.size_bytes) else "is altered: another digest"
