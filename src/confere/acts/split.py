"""Split a segment, merge it with the next, take its last change back."""

from __future__ import annotations

from confere.acts.correct import reshape
from confere.acts.desk import Desk
from confere.domain import Passage, Revision, Segment, new_id
from confere.review import reshape as rules
from confere.review.states import Decision


def split(
    desk: Desk,
    given: str,
    number: str,
    *,
    at_ms: int,
    source_at: int,
    target_at: int | None = None,
    seen_version: int | None = None,
) -> Segment:
    """Split a segment at a time and at a character of each text; return the first part.

    Without ``target_at`` the translation is cut at a likely place and is stale in both parts.
    """

    def change(_: Passage, segment: Segment, seen: int) -> rules.Reshaped:
        return rules.split(
            segment,
            desk.person.name,
            desk.now(),
            seen_version=seen,
            new_id=new_id(),
            at_ms=at_ms,
            source_at=source_at,
            target_at=target_at,
            target_language=desk.vault.locked.settings.study.target,
        )

    return reshape(desk, Decision.SPLIT, given, number, seen_version, change)


def merge(
    desk: Desk,
    given: str,
    number: str,
    *,
    anyway: bool = False,
    seen_version: int | None = None,
    seen_next: int | None = None,
) -> Segment:
    """Merge a segment with the next one; of two speakers or languages only ``anyway``."""

    def change(passage: Passage, segment: Segment, seen: int) -> rules.Reshaped:
        return rules.merge(
            passage,
            segment,
            desk.person.name,
            desk.now(),
            seen_version=seen,
            seen_next=seen_next,
            anyway=anyway,
            target_language=desk.vault.locked.settings.study.target,
        )

    return reshape(desk, Decision.MERGE, given, number, seen_version, change)


def undo(desk: Desk, given: str, number: str, seen_version: int | None = None) -> Segment:
    """Take the last change of a segment back: text, speaker, times, a split or a merge."""

    def change(
        passage: Passage, segment: Segment, seen: int
    ) -> tuple[tuple[Segment, Revision], ...]:
        return rules.undo(passage, segment, desk.person.name, desk.now(), seen_version=seen)

    return reshape(desk, Decision.UNDO, given, number, seen_version, change)
