"""Ending the retention of a recording: what goes, in which order, and what stays.

Three steps, in an order that no kill can turn round. `forget` takes the words out of the catalog, in the
transaction that tells of it: that is the moment, and it can be read (`get_destruction`). Then
`finish_destroying` removes the recording's key and the rest of its folder, and writes every page of
the catalog anew, because a removed row may be read off an old page. Whoever unlocks next goes on.

What stays: id, digests, lengths, times, and who did what when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confere.errors import Destroyed, DiskFull, NotReady
from confere.vault.catalog import Catalog
from confere.vault.storage import PARTIAL, Storage

if TYPE_CHECKING:  # the vault opens the catalog that this reads
    from confere.vault.vault import UnlockedVault

#: What `finish_destroying` could not do yet, as a lead reads it.
FILES, PAGES = "its key and its files", "old pages of the catalog"

#: Everything that holds words of a recording; `?1` is its id. What hangs on another goes first.
_WORDS = (
    "DELETE FROM revisions WHERE segment_id IN (SELECT id FROM segments WHERE recording_id = ?1)",
    "DELETE FROM resolved WHERE comment_id IN (SELECT id FROM comments WHERE recording_id = ?1)",
    "DELETE FROM comments WHERE recording_id = ?1",
    "DELETE FROM dismissals WHERE recording_id = ?1",
    "DELETE FROM seeds WHERE recording_id = ?1",
    "DELETE FROM draws WHERE recording_id = ?1",
    "DELETE FROM assignments WHERE recording_id = ?1",
    "DELETE FROM drafting WHERE recording_id = ?1",
    "DELETE FROM windows WHERE recording_id = ?1",
    "DELETE FROM verifications WHERE recording_id = ?1",
    "DELETE FROM workers WHERE recording_id = ?1",
    "DELETE FROM progress WHERE recording_id = ?1",
    "DELETE FROM segments WHERE recording_id = ?1",
    "DELETE FROM drafts WHERE recording_id = ?1",
    "DELETE FROM played WHERE recording_id = ?1",
    "DELETE FROM reopened WHERE recording_id = ?1",
    "DELETE FROM sign_offs WHERE recording_id = ?1",
    "UPDATE recordings SET name = '', note = '', trouble = '' WHERE id = ?1",
    # An index takes words out of its pages when they go, but may keep the beginning of one as a
    # signpost between two pages. Built anew, it knows only what is left.
    "INSERT INTO segment_index (segment_index) SELECT 'rebuild' WHERE ?1 <> ''",
    "INSERT INTO pair_index (pair_index) SELECT 'rebuild' WHERE ?1 <> ''",
)
_KEPT = "id NOT IN (SELECT recording_id FROM destroyed)"


@dataclass(frozen=True, slots=True)
class Destruction:
    """That a recording was destroyed: when, by whom, and the reason that was given."""

    recording_id: str
    at: str
    by: str
    reason: str


def get_destruction(catalog: Catalog, recording_id: str) -> Destruction | None:
    """Return how a recording was destroyed; None while it is kept."""
    row = catalog.row("SELECT * FROM destroyed WHERE recording_id = ?", (recording_id,))
    return Destruction(**dict(row)) if row else None


def list_destructions(catalog: Catalog) -> list[Destruction]:
    """Return all of them, oldest first."""
    rows = catalog.rows("SELECT * FROM destroyed ORDER BY at, recording_id")
    return [Destruction(**dict(row)) for row in rows]


def require_kept(catalog: Catalog, recording_id: str) -> None:
    """Raise Destroyed when a recording's retention was ended."""
    gone = get_destruction(catalog, recording_id)
    if gone is not None:
        raise Destroyed(recording_id, gone.at, gone.by)


def same_sound(catalog: Catalog, recording_id: str) -> list[str]:
    """Return the other recordings that hold the same bytes, oldest first: they have keys of their own."""
    rows = catalog.rows(
        "SELECT id FROM recordings WHERE id <> ?1 AND sha256 = (SELECT sha256 FROM recordings"  # noqa: S608
        f" WHERE id = ?1) AND {_KEPT} ORDER BY offloaded_at, id",
        (recording_id,),
    )
    return [row["id"] for row in rows]


def is_last_of_interview(catalog: Catalog, recording_id: str) -> bool:
    """Whether no other recording of its interview is kept."""
    others = catalog.value(
        "SELECT count(*) FROM recordings WHERE id <> ?1 AND interview_id = (SELECT interview_id"  # noqa: S608
        f" FROM recordings WHERE id = ?1) AND {_KEPT}",
        (recording_id,),
    )
    return int(others) == 0


def forget(catalog: Catalog, destruction: Destruction) -> None:
    """Take everything of a recording that has words out of the catalog, inside a transaction.

    Of its interview too, if no other recording of it is kept. Recordings of the same sound stay: the
    oldest stands for it from now on.
    """
    recording_id = destruction.recording_id
    catalog.run(
        "INSERT INTO destroyed (recording_id, at, by, reason) VALUES (?, ?, ?, ?)",
        (recording_id, destruction.at, destruction.by, destruction.reason),
    )
    catalog.run("INSERT INTO unwiped (recording_id) VALUES (?)", (recording_id,))
    for statement in _WORDS:
        catalog.run(statement, (recording_id,))
    if is_last_of_interview(catalog, recording_id):
        catalog.run(
            "UPDATE interviews SET site = '', date = '', participants = '[]', notes = '',"
            " interviewers = '[]', interpreter = '', languages = '[]', consent = '', nonce = NULL"
            " WHERE id = (SELECT interview_id FROM recordings WHERE id = ?)",
            (recording_id,),
        )
    _hand_on(catalog, recording_id)


def _hand_on(catalog: Catalog, recording_id: str) -> None:
    """Let the oldest of its duplicates be what the others are duplicates of."""
    heir = catalog.value(
        f"SELECT id FROM recordings WHERE duplicate_of = ? AND {_KEPT}"  # noqa: S608
        " ORDER BY offloaded_at, id",
        (recording_id,),
    )
    if heir is None:
        return
    catalog.run("UPDATE recordings SET duplicate_of = NULL WHERE id = ?", (heir,))
    catalog.run(
        f"UPDATE recordings SET duplicate_of = ? WHERE duplicate_of = ? AND {_KEPT}",  # noqa: S608
        (heir, recording_id),
    )


def files_of(storage: Storage, recording_id: str) -> list[str]:
    """Return every file of a recording, its key first; names of work in progress too."""
    found = []
    for folder in (f"recordings/{recording_id}", f"recordings/{recording_id}{PARTIAL}"):
        path = storage.path(folder)
        found += [f"{folder}/{e.name}" for e in sorted(path.iterdir())] if path.is_dir() else []
    notes = [f"intake/{recording_id}.age"]
    found += [note for note in notes if storage.exists(note)]
    return sorted(found, key=lambda file: not _holds_a_key(file))


def _holds_a_key(file: str) -> bool:
    return "key.age" in file.rpartition("/")[2]  # resealing that was killed leaves .key.age.NUMBER


def finish_destroying(opened: UnlockedVault, wait_s: float = 0) -> tuple[str, ...]:
    """Remove what is left of every destroyed recording; return what has to wait (`FILES`, `PAGES`).

    Also of one whose files came back, from a backup or by another hand. Waits so many seconds for
    whoever is at the roster.
    """
    left = []
    try:
        _remove_files(opened, wait_s)
    except NotReady:
        left.append(FILES)
    try:
        _wipe_pages(opened.catalog)
    except (NotReady, DiskFull):  # somebody reads in it, or there is no room for writing it anew
        left.append(PAGES)
    return tuple(left)


def _remove_files(opened: UnlockedVault, wait_s: float) -> None:
    storage = opened.locked.storage
    gone = [d.recording_id for d in list_destructions(opened.catalog)]
    gone = [recording_id for recording_id in gone if _has_files(storage, recording_id)]
    if not gone:
        return
    # Whoever removes a person reseals every key file, and would bring one back that goes meanwhile.
    with opened.locked.alone("roster", wait_s):
        for recording_id in gone:
            for file in files_of(storage, recording_id):
                if _holds_a_key(file):
                    storage.shred(file)
            storage.remove(f"recordings/{recording_id}")
            storage.remove(f"recordings/{recording_id}{PARTIAL}")
            storage.remove(f"intake/{recording_id}.age")


def _has_files(storage: Storage, recording_id: str) -> bool:
    folder = f"recordings/{recording_id}"
    return any(map(storage.exists, (folder, folder + PARTIAL, f"intake/{recording_id}.age")))


def _wipe_pages(catalog: Catalog) -> None:
    waiting = [row[0] for row in catalog.rows("SELECT recording_id FROM unwiped")]
    if not waiting:
        return
    catalog.wipe()
    with catalog.transaction():
        for recording_id in waiting:
            catalog.run("DELETE FROM unwiped WHERE recording_id = ?", (recording_id,))
