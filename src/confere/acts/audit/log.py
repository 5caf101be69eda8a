"""The custody log against its checkpoint, what this machine has seen, and what others have kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from confere.acts.audit.chain import Chain
from confere.acts.audit.finding import Report
from confere.acts.audit.older import OlderState
from confere.crypto.checkpoint import Checkpoint, open_checkpoint
from confere.crypto.merkle import HASH_BYTES, Tree
from confere.errors import BadSignature
from confere.vault import Pins, Storage
from confere.vault.log import CHECKPOINT, LEAVES, log_origin
from confere.vault.pins import Seen


@dataclass(slots=True)
class Log:
    """The entries as they lie on the disk; ``size`` is what the checkpoint covers.

    ``in_order`` says that they fit the signed checkpoint and what this machine has seen: only then may
    anything be added.
    """

    entries: list[bytes] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)
    checkpoint: Checkpoint | None = None
    in_order: bool = False

    @property
    def size(self) -> int:
        """How many entries count."""
        return len(self.entries)

    def lost(self, size: int, root: bytes) -> str:
        """Say, in words, how the log does not continue an older state; nothing if it does."""
        if size > self.size:
            return f"it had {size} entries then, and has {self.size} now: entries were cut off"
        if self.tree.root(size) != root:
            return f"its first {size} entries are not those of then: it was rewritten"
        return ""


def check_log(
    storage: Storage, chain: Chain, pins: Pins | None, older: Sequence[OlderState], report: Report
) -> Log:
    """Read the log and check what can be checked without the events."""
    log = Log()
    holds = "as the signed checkpoint says"
    if older:
        holds += ", and continuing every older state that was given"
    before = len(report.wrong)
    with report.subject("entries of the custody log", holds, CHECKPOINT) as on:
        if not storage.exists(CHECKPOINT):
            report.add_wrong(CHECKPOINT, "is missing")
        else:
            log.checkpoint = _read_checkpoint(storage, chain, report)
        _read_leaves(storage, log, report)
        on.count = log.size
        if chain.newest and pins is not None:
            with report.guarded("what this machine has seen"):
                for lost in lost_entries(log, pins.seen(chain.newest.study_id)):
                    report.add_wrong("log/leaves, log/checkpoint", lost)
        log.in_order = log.checkpoint is not None and len(report.wrong) == before
        for state in older:
            lost = log.lost(state.size, state.root)
            if lost:
                about = "log/leaves, log/checkpoint"
                report.add_wrong(about, f"the log does not continue {state.name}: {lost}")
    return log


def lost_entries(log: Log, seen: Seen) -> list[str]:
    """Return how the log is not the continuation of what this machine has seen, in words."""
    if not seen.log_size:
        return []
    lost = log.lost(seen.log_size, bytes.fromhex(seen.log_root))
    return [f"the log does not continue what this machine has seen: {lost}"] if lost else []


def _read_checkpoint(storage: Storage, chain: Chain, report: Report) -> Checkpoint | None:
    """Return what the checkpoint says, whether its signature holds or not."""
    note = storage.read(CHECKPOINT).decode("utf-8", "replace")
    claimed: Checkpoint | None = None
    with report.guarded(CHECKPOINT):
        claimed = Checkpoint.parse(note.rpartition("\n\n")[0] + "\n")
    with report.guarded(CHECKPOINT):
        newest = chain.newest
        if newest is None:
            report.add_not_checked("the signature on log/checkpoint: no roster can be read")
            return claimed
        if not any(
            _is_signed_by(note, r.signers("checkpoint"), r.study_id) for r in chain.counting()
        ):
            report.add_wrong(CHECKPOINT, "no signature on it holds, of anybody in the study")
    return claimed


def _is_signed_by(note: str, keys: object, study_id: str) -> bool:
    try:
        open_checkpoint(note, keys, log_origin(study_id))  # type: ignore[arg-type]
    except BadSignature:
        return False
    return True


def _read_leaves(storage: Storage, log: Log, report: Report) -> None:
    """Read the entries that the checkpoint covers; all that there are, if there is no checkpoint."""
    if not storage.exists(LEAVES):
        report.add_wrong(LEAVES, "is missing")
        return
    content = storage.read(LEAVES)
    there = len(content) // HASH_BYTES
    size = min(log.checkpoint.size, there) if log.checkpoint else there
    for start in range(0, size * HASH_BYTES, HASH_BYTES):
        entry = content[start : start + HASH_BYTES]
        log.entries.append(entry)
        log.tree.append(entry)
    if log.checkpoint is None:
        return
    behind = len(content) - size * HASH_BYTES
    if log.checkpoint.size > there:
        detail = f"holds {there} entries, and its checkpoint speaks of {log.checkpoint.size}"
        report.add_wrong(LEAVES, detail)
    elif log.tree.root() != log.checkpoint.root:
        report.add_wrong(LEAVES, f"its {size} entries do not give the root in {CHECKPOINT}")
    elif behind:
        # A writer that was cut off leaves any number of bytes; they count for nothing.
        report.add_attention(
            LEAVES,
            f"{behind} bytes lie behind what the checkpoint covers: a write that was cut off. "
            "They count for nothing, and the next entry overwrites them.",
        )
