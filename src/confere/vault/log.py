"""The custody log on disk: ``log/leaves`` and ``log/checkpoint``, public, and saying nothing.

An entry is SHA-256(salt ‖ the event's canonical bytes), 32 bytes, one behind the other in ``log/leaves``.
They are the leaves of an RFC 6962 tree; the checkpoint is its size and root, signed by whoever added the
last ones. Entries behind the checkpoint's size are work that was cut off before it was signed: they
count for nothing, and the next writer overwrites them.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence

from filelock import FileLock, Timeout

from confere.crypto import SigningKey
from confere.crypto.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint, write_proof
from confere.crypto.merkle import HASH_BYTES, Tree
from confere.errors import (
    BadProof,
    BadSignature,
    DamagedVault,
    DiskFull,
    NotReady,
    RolledBack,
    StorageProblem,
)
from confere.vault.pins import Pins, Seen
from confere.vault.roster import RECOVERY, Roster
from confere.vault.storage import Storage

LEAVES = "log/leaves"
CHECKPOINT = "log/checkpoint"
SALT_BYTES = 32
_WAIT_S = 60  # for another process that is writing
_LOOK_EVERY_S = 0.002  # whether it still is: less than it takes to write


def log_origin(study_id: str) -> str:
    """Return how a study's checkpoints name their log."""
    return f"confere/{study_id}"


def log_entry(salt: bytes, event: bytes) -> bytes:
    """Return the entry of an event: without the salt, nobody can guess an event from it."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + event).digest()


def checkpoint_rosters(rosters: Sequence[Roster]) -> list[Roster]:
    """Return the versions by whose keys a checkpoint counts, newest first.

    The newest; a lead who makes a new version signs the checkpoint first, so it counts by that one
    too. Whoever holds the recovery key cannot: a version that it signed lets the one before it count.
    """
    counting = [rosters[-1]]
    for older in reversed(rosters[:-1]):
        if counting[-1].signed_by != RECOVERY:
            break
        counting.append(older)
    return counting


class CustodyLog:
    """The log as far as its checkpoint goes, checked: signature, root, and what was seen before."""

    def __init__(
        self, storage: Storage, rosters: Callable[[], Sequence[Roster]], pins: Pins | None
    ) -> None:
        """Read it; an absent one is empty. ``rosters`` gives every version there is by now.

        Raises DamagedVault, BadSignature, BadProof, RolledBack.
        """
        self._storage = storage
        self._rosters = rosters
        self._pins = pins
        self._study = rosters()[-1].study_id
        self._forget()
        self.refresh()

    def _forget(self) -> None:
        """Know nothing of the log."""
        self.entries: list[bytes] = []
        self.tree = Tree()
        self.note = ""
        self.signer = ""
        self._index: dict[bytes, int] = {}
        #: Whether it is us who write it in this moment.
        self.held = False

    @property
    def size(self) -> int:
        """How many entries the checkpoint covers."""
        return len(self.entries)

    def find(self, entry: bytes) -> int | None:
        """Return the number of an entry, from 0, or None."""
        return self._index.get(entry)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who writes the log, and see what others wrote; raises NotReady."""
        lock = FileLock(self._storage.path(".log.lock"), mode=0o600)
        try:
            with lock.acquire(timeout=_WAIT_S, poll_interval=_LOOK_EVERY_S):
                self.refresh()
                self.held = True
                try:
                    yield
                finally:
                    self.held = False
        except Timeout:
            raise NotReady("another Confere is writing the custody log", "Try again.") from None

    def extend(self, entries: Sequence[bytes], signer: str, key: SigningKey) -> None:
        """Add entries and sign the checkpoint, as a person or a machine that the roster tells.

        The caller is alone at the log. The leaves are on the disk before the checkpoint is: cut off
        between the two, the log is what it was. Raises NotReady for a signer who was taken out of the
        roster meanwhile: nobody would believe the log any more.
        """
        if self._rosters()[-1].signers("checkpoint").get(signer) != key.verify_key:
            raise NotReady(
                f"{signer} is not among those who write the custody log",
                "Somebody was taken out of the study, or got new keys, in this moment. Try again.",
            )
        self._storage.make_folder("log")
        self._storage.append(LEAVES, b"".join(entries), self.size * HASH_BYTES)
        try:
            for entry in entries:
                self._add(entry)
            checkpoint = Checkpoint(log_origin(self._study), self.size, self.tree.root())
            self.note, self.signer = sign_checkpoint(checkpoint, signer, key), signer
            self._storage.write(CHECKPOINT, self.note.encode(), replace=True)
        except BaseException:
            # Which checkpoint is on the disk, only the disk knows: the next look begins anew.
            self._forget()
            raise
        # A machine that cannot remember it has lost a watchman, not a recording.
        with contextlib.suppress(StorageProblem, DiskFull):
            self._pin()

    def endorse(self, signer: str, key: SigningKey) -> None:
        """Sign the checkpoint anew, so that it counts whoever else leaves; raises as `extend` does."""
        if self.note:
            self.extend([], signer, key)

    def inclusion_proof(self, index: int) -> str:
        """Return the C2SP proof of one entry, with the checkpoint."""
        return write_proof(index, self.tree.inclusion_path(index), self.note)

    def require_continues(self, size: int, root: bytes, what: str) -> None:
        """Raise RolledBack unless the log's first ``size`` entries have this root."""
        if size > self.size:
            raise RolledBack(what, f"{size} entries were seen, there are {self.size}")
        if self.tree.root(size) != root:
            raise RolledBack(what, f"its first {size} entries are not those that were seen")

    def refresh(self) -> None:
        """Read what the checkpoint covers by now, and believe it only as a continuation.

        Raises DamagedVault, BadSignature, BadProof, RolledBack.
        """
        # Before the checkpoint: what another process writes and sees from here on is newer.
        seen = self._pins.seen(self._study) if self._pins is not None else Seen()
        if not self._storage.exists(CHECKPOINT):
            if self.size:
                raise DamagedVault(CHECKPOINT, "is missing")
            self._require(seen)
            return
        note = self._storage.read(CHECKPOINT).decode("utf-8", "replace")
        if self.note and note == self.note:
            self._require(seen)
            return
        checkpoint, signer = self._open(note)
        if checkpoint.size < self.size:
            raise RolledBack("the custody log", f"{self.size} entries became {checkpoint.size}")
        # The checkpoint was read first: leaves are only ever added, so it is covered by them. Of those
        # we have, the root tells; should the disk have others now, the next opening finds it.
        added = (checkpoint.size - self.size) * HASH_BYTES
        leaves = self._storage.read_span(LEAVES, self.size * HASH_BYTES, added)
        if len(leaves) < added:
            raise DamagedVault(LEAVES, "is shorter than its checkpoint says")
        for start in range(0, added, HASH_BYTES):
            self._add(leaves[start : start + HASH_BYTES])
        if self.tree.root() != checkpoint.root:
            raise BadProof(CHECKPOINT, f"{LEAVES} has another root")
        self._require(seen)
        self.note, self.signer = note, signer
        self._pin()

    def _open(self, note: str) -> tuple[Checkpoint, str]:
        """Check the signature: by somebody whose checkpoints count."""
        for roster in checkpoint_rosters(self._rosters()):
            try:
                checkpoint, signers = open_checkpoint(
                    note, roster.signers("checkpoint"), log_origin(self._study)
                )
            except BadSignature:
                continue
            return checkpoint, signers[0]
        raise BadSignature(CHECKPOINT)

    def _add(self, entry: bytes) -> None:
        self._index.setdefault(entry, len(self.entries))
        self.entries.append(entry)
        self.tree.append(entry)

    def _require(self, seen: Seen) -> None:
        if seen.log_size:
            root = bytes.fromhex(seen.log_root)
            self.require_continues(seen.log_size, root, "the custody log")

    def _pin(self) -> None:
        if self._pins is not None and self.size:
            self._pins.keep_log(self._study, self.size, self.tree.root().hex())
