"""A vault's files to a store: incremental, checked, and at no moment without a whole backup.

What lies in a store::

    backup.json                                 the manifest: what the newest backup consists of
    vault/recordings/ID/audio.age               a file that never changes, under its name
    vault/catalog.db.2c26b46b68ffc68f           a file that may: with the first digits of its SHA-256

**Nothing that the manifest names is ever overwritten**: a changed file is put beside its older version. So
a backup that breaks off, wherever that is, leaves the one before it whole, and ``backup.json``, replaced
in one step, is the moment at which the new one exists. The order of a run, and why:

1. The manifest is read. In a new place one without files is written first: so the place is ours before
   anything is put there, and nobody's ``vault`` folder is ever taken for rubbish.
2. What is missing is put: first what never changes, which is most of it, then the rest in the order
   given. Each file is digested on its way out and then **read back from the place**.
3. The manifest replaces the one before it. If another run was faster, this one is refused, and what
   the other made stays.
4. Only now what the manifest does not name is removed: older versions, what broken runs left, and above
   all the ``key.age`` of a destroyed recording. Removed before step 3, it would take the older backup
   with it should the power go in between. A run that dies in step 4 was not done and never said so;
   the next one removes whatever is left. So: **the retention of a recording is over in a backup as soon
   as one run after its end has returned**, and in every place a backup was made to, one by one.

What is believed unread is said in ``plan``. ``check`` reads everything and repairs nothing;
``recheck=True`` reads everything and puts again what is rotten.

Two runs to the same place: a folder is locked, and the second is refused at once. An object store has no
locks, so there the slower one is refused, in step 3 or at the next look of step 4, and neither breaks
what the other finished. (One window is left in an object store: between a look at the manifest and the few
removals that follow it, another whole run must begin, take a left-over for its own and end. ``check`` finds
that, and the next run mends it.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from confere.backup.manifest import VAULT_FOLDER, Entry, Manifest, parse_manifest
from confere.backup.names import is_safe, require_safe
from confere.backup.plan import Plan, Task
from confere.backup.port import CopyStore, SourceFault
from confere.backup.state import manifest_content, replace_manifest, take_place
from confere.backup.values import Counted, Counter, Outcome, Progress, SourceFile, silent
from confere.errors import (
    BadValue,
    ChangedUnderway,
    CopyDiffers,
    CopyUnderway,
    DamagedStore,
    FilesVanished,
    MissingCopy,
)

#: How many files are removed between two looks at the manifest, which may have megabytes.
REMOVED_AT_A_LOOK = 64


def back_up(
    files: Iterable[SourceFile],
    store: CopyStore,
    *,
    study: str,
    made_at: str,
    checkpoint: str = "",
    recheck: bool = False,
    may_go: Callable[[str], bool] = lambda name: True,
    progress: Progress = silent,
) -> Outcome:
    """Bring the copy of a vault up to date and return what was done.

    ``may_go`` is asked about each name that the backup has and ``files`` has not: a vault that lost
    recordings by accident must not take their last copies with it. ``progress`` is told bytes; each
    file that is sent counts twice, for the way out and for the reading back.

    A file that never changes and yet cannot be read, or has not its digest, is left out and told as
    ``damaged``; what the backup had of it is kept. One bad block must not keep the other recordings
    from being copied.

    Raises OtherContents (another study's files, or nobody's, are there), FilesVanished, CopyUnderway,
    ChangedUnderway (a file changed while it was copied), CopyDiffers (what was read back is not what
    was put), DamagedCopy (the manifest there is malformed) and what the store raises.
    """
    sources = _each_once(files)
    with store.claim():
        before = take_place(store, study, made_at)
        older = parse_manifest(before)
        _require_none_vanished(older, sources, may_go)
        told = Counter(progress)
        plan = Plan(store, older, told, recheck=recheck)
        settled = _send(store, plan, [each for each in sources if each.sha256 is not None], told)
        changing = _send(store, plan, [each for each in sources if each.sha256 is None], told)
        kept = tuple(entry for entry in older.files if entry.name in settled.damaged)
        newer = Manifest(study, made_at, checkpoint, settled.entries + changing.entries + kept)
        content = replace_manifest(store, newer, before)
        removed = _remove_rest(store, set(plan.listed) - newer.stored_names(), content)
    return Outcome(
        store.where,
        len(newer.files),
        newer.size_bytes,
        tuple(entry.name for entry in settled.copied + changing.copied),
        sum(entry.size_bytes for entry in settled.copied + changing.copied),
        removed,
        settled.damaged,
    )


def _each_once(files: Iterable[SourceFile]) -> list[SourceFile]:
    sources = list(files)
    for source in sources:
        require_safe(VAULT_FOLDER + source.name)
    if len({source.name for source in sources}) < len(sources) or not sources:
        raise BadValue("a backup is made of files, each named once")
    return sources


def _require_none_vanished(
    older: Manifest, sources: list[SourceFile], may_go: Callable[[str], bool]
) -> None:
    gone = {entry.name for entry in older.files} - {source.name for source in sources}
    vanished = sorted(name for name in gone if not may_go(name))
    if vanished:
        raise FilesVanished(tuple(vanished))


@dataclass(frozen=True, slots=True)
class _Sent:
    """What became of some files: those that the store has now, those of them that were put."""

    entries: tuple[Entry, ...]
    copied: tuple[Entry, ...]
    damaged: tuple[str, ...]


def _send(store: CopyStore, plan: Plan, sources: list[SourceFile], told: Counter) -> _Sent:
    """Put what is not there yet and read it back.

    What may change is digested only here, when the long part is over: so little time is left for it
    to change between being digested and being put.
    """
    tasks = [plan.task(source) for source in sources]
    told.expect(2 * sum(task.entry.size_bytes for task in tasks if task.send))
    entries, copied, damaged = [], [], []
    for task in tasks:
        try:
            if task.send:
                _put(store, task, told)
                _read_back(store, task, told)
                copied.append(task.entry)
        except SourceFault as fault:
            if task.source.sha256 is None:
                raise ChangedUnderway(task.source.name, f"it {fault.detail}") from fault
            damaged.append(task.source.name)
        else:
            entries.append(task.entry)
    return _Sent(tuple(entries), tuple(copied), tuple(damaged))


def _put(store: CopyStore, task: Task, told: Counter) -> None:
    try:
        stream = task.source.open()
    except (OSError, DamagedStore) as error:
        raise SourceFault("cannot be opened") from error
    with stream:
        source = Counted(stream, told.add)
        store.put(task.entry.stored, source, task.entry.size_bytes, task.entry.sha256)


def _read_back(store: CopyStore, task: Task, told: Counter) -> None:
    try:
        found = store.digest(task.entry.stored, told.add)
    except MissingCopy:  # another run took it for rubbish, which it may where there are no locks
        raise CopyUnderway(store.where) from None
    if found != (task.entry.sha256, task.entry.size_bytes):
        raise CopyDiffers(task.source.name, f"what {store.where} gives back is something else")


def _remove_rest(store: CopyStore, rest: set[str], content: bytes) -> tuple[str, ...]:
    """Remove what was there before this run and is not in its manifest, while that manifest stands."""
    removed = []
    ours = sorted(name for name in rest if is_safe(name))  # other names were never ours
    for number, stored in enumerate(ours):
        if number % REMOVED_AT_A_LOOK == 0 and manifest_content(store) != content:
            # Another run's backup stands there now, and may need what this one does not. What is
            # left over is not said to be gone: whoever ends a retention runs this again.
            raise CopyUnderway(store.where)
        store.remove(stored)
        removed.append(stored)
    return tuple(removed)
