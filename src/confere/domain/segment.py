"""A segment: a timed span of one speaker in one language, with its two texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a segment stands on its way; the allowed moves are in ``review/states.py``."""

    DRAFT = "draft"
    EDITED = "edited"
    CORRECTED = "corrected"
    NEEDS_WORK = "needs work"
    VERIFIED = "verified"
    LOCKED = "locked"
    UNVERIFIED = "unverified"  # signed too: the study's sampling plan did not ask for it
    MERGED = "merged"  # into its neighbour: shown nowhere, but its revisions are kept


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment as it stands now. It keeps its id for ever.

    ``source`` is what was said, ``target`` its translation. Speech that is already in the target
    language has the same text in both. ``version`` counts the changes, from 0; whoever changes a
    segment says which version they saw. ``target_stale`` is true while the source was changed after
    the target. ``position`` is the number shown, from 1; it moves when a segment before it is split.
    ``parent`` is the id of the segment that this one was split off, ``merged_into`` of the one that it
    was merged into; ``drafted_as`` is its place in the machine's draft, from 1. All three are empty
    (or 0) for most.
    """

    id: str
    recording_id: str
    position: int
    start_ms: int
    end_ms: int
    speaker: str
    language: str
    source: str
    target: str
    state: State
    version: int
    target_stale: bool = False
    marks: tuple[str, ...] = ()
    probability: float | None = None
    parent: str = ""
    merged_into: str = ""
    drafted_as: int = 0

    @property
    def number(self) -> str:
        """The segment as people call it: its number in the transcript, from 1."""
        return str(self.position)
