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


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment as it stands now.

    ``source`` is what was said, ``target`` its translation. Speech that is already in the target
    language has the same text in both. ``version`` counts the changes, from 0; whoever changes a
    segment says which version they saw. ``target_stale`` is true while the source was changed after
    the target.
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

    @property
    def number(self) -> str:
        """The segment as people call it: its place in the transcript, from 1."""
        return str(self.position)
