"""Split a segment, merge two, take the last change back: what touches two segments at once.

Rules for this file: values in, values out, as in ``changes.py``; each act answers with every changed
segment and its revision, in the order in which they are written. Whoever acts becomes an author of
both segments, and the people of one are those of the other: text that moves takes its authors along
(``Passage.story``). Nothing is ever removed: a segment keeps its id, and undoing is a revision
of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from confere.domain import Passage, Revision, Segment
from confere.errors import BadValue, NotReady
from confere.review import entries, history
from confere.review.changes import Fields, decided, still
from confere.review.states import Decision, moved

#: Every changed segment with its revision.
Reshaped: TypeAlias = tuple[tuple[Segment, Revision], ...]

#: What a segment that was split off begins with.
_BORN_WITH = ("start_ms", "end_ms", "speaker", "language", "source", "target", "parent")


def split(
    segment: Segment,
    by: str,
    at: str,
    *,
    seen_version: int,
    new_id: str,
    at_ms: int,
    source_at: int,
    target_at: int | None = None,
    target_language: str = "",
) -> Reshaped:
    """Split a segment at a time (ms from the start of the recording): it keeps the first part.

    ``source_at`` and ``target_at`` are the characters before which the texts are cut. Without
    ``target_at`` the translation is cut at a likely place, and is stale in both parts until somebody
    confirms it. Raises Signed, MovedOn, MoveRefused or BadValue.
    """
    still(segment, seen_version)
    state = moved(segment, Decision.SPLIT)
    if not segment.start_ms < at_ms < segment.end_ms:
        raise BadValue(
            f"{at_ms} ms is not inside of segment {segment.number}",
            f"It lies between {segment.start_ms} and {segment.end_ms} ms.",
        )
    one_text = segment.language == target_language and segment.source == segment.target
    guessed = target_at is None and not one_text and bool(segment.target)
    if one_text:
        target_at = source_at
    elif target_at is None:
        target_at = entries.likely_place(segment.source, source_at, segment.target)
    sources = entries.parts(segment.source, source_at, "source")
    targets = entries.parts(segment.target, target_at, "target")
    first: Fields = {"end_ms": at_ms, "source": sources[0], "target": targets[0]}
    if guessed and not segment.target_stale:
        first["target_stale"] = True
    kept, revision = decided(
        segment, Decision.SPLIT, state, by, at, after=first, links={"part": new_id}
    )
    part = replace(
        kept,
        id=new_id,
        start_ms=at_ms,
        end_ms=segment.end_ms,
        source=sources[1],
        target=targets[1],
        version=1,
        parent=segment.id,
        drafted_as=0,
    )
    names = (*_BORN_WITH, "target_stale") if part.target_stale else _BORN_WITH
    born: Fields = {name: getattr(part, name) for name in names}
    return (
        (kept, revision),
        (part, Revision(new_id, by, at, str(Decision.SPLIT), {}, born)),
    )


def merge(
    passage: Passage,
    segment: Segment,
    by: str,
    at: str,
    *,
    seen_version: int,
    seen_next: int | None = None,
    anyway: bool = False,
    target_language: str = "",
) -> Reshaped:
    """Merge a segment with the next one, which joins it and is shown no longer.

    ``passage`` holds both, where there is a next one. Two speakers or two languages are merged only
    ``anyway``; then the first one's stand, but for a language that is the target's. Raises Signed,
    MovedOn, MoveRefused, NotReady or BadValue.
    """
    still(segment, seen_version)
    # The very next, and no later one: of the segments between, a passage may know nothing.
    other = next((s for s in passage.segments if s.position == segment.position + 1), None)
    if other is None:
        raise NotReady(
            f"no segment follows segment {segment.number}", "A segment is merged with the next."
        )
    still(other, other.version if seen_next is None else seen_next)
    state = moved(segment, Decision.MERGE)
    both = (segment.speaker, segment.language) == (other.speaker, other.language)
    if not both and not anyway:
        raise BadValue(
            f"segments {segment.number} and {other.number} are of two speakers or languages",
            "Correct that first, or say that they are to be merged anyway: --anyway.",
        )
    joined: Fields = {
        "start_ms": min(segment.start_ms, other.start_ms),
        "end_ms": max(segment.end_ms, other.end_ms),
        "language": other.language if segment.language == target_language else segment.language,
        "source": " ".join(filter(None, (segment.source, other.source))),
        "target": " ".join(filter(None, (segment.target, other.target))),
        "target_stale": segment.target_stale or other.target_stale,
    }
    after = {name: value for name, value in joined.items() if getattr(segment, name) != value}
    return (
        decided(segment, Decision.MERGE, state, by, at, after=after, links={"joined": other.id}),
        _join(other, segment, by, at),
    )


def undo(passage: Passage, segment: Segment, by: str, at: str, *, seen_version: int) -> Reshaped:
    """Take the last change of a segment back that was not taken back yet, as a revision of its own.

    A split is taken back where the first part is, while the second was not changed since. Raises
    Signed, MovedOn, MoveRefused or NotReady.
    """
    still(segment, seen_version)
    state = moved(segment, Decision.UNDO)
    revisions = history.by_segment(passage)
    changes = history.standing_changes(revisions[segment.id])
    if not changes:
        raise NotReady(
            f"segment {segment.number} has no change to take back", _where_to_undo(segment)
        )
    version, change = changes[-1]
    links: Fields = {"undone": version}
    others: Reshaped = ()
    if "part" in change.after:
        part = _unchanged_part(passage, segment, str(change.after["part"]))
        others = (_join(part, segment, by, at),)
        links["joined"] = part.id
    elif "joined" in change.after:
        others = (_revive(passage, str(change.after["joined"]), by, at),)
    before = dict(change.before)
    return (decided(segment, Decision.UNDO, state, by, at, after=before, links=links), *others)


def _where_to_undo(segment: Segment) -> str:
    if segment.parent:
        return "It was split off: take that back at the segment before it."
    return "It stands as it was drafted."


def _unchanged_part(passage: Passage, segment: Segment, part_id: str) -> Segment:
    part = next((s for s in passage.segments if s.id == part_id), None)
    if part is None or history.standing_changes(history.by_segment(passage)[part_id]):
        named = f"segment {part.number}" if part else "the other part"
        raise NotReady(
            f"segment {segment.number} was split, and {named} was changed since",
            "Take that back first; or merge the two.",
        )
    return part


def _join(part: Segment, segment: Segment, by: str, at: str) -> tuple[Segment, Revision]:
    """Let a segment go into another: it keeps no text, so that nothing finds or counts it twice."""
    state = moved(part, Decision.JOIN)
    gone: Fields = {"merged_into": segment.id, "source": "", "target": ""}
    after = {name: value for name, value in gone.items() if getattr(part, name) != value}
    return decided(part, Decision.JOIN, state, by, at, after=after)


def _revive(passage: Passage, id_: str, by: str, at: str) -> tuple[Segment, Revision]:
    gone = next(s for s in passage.merged if s.id == id_)
    joined = history.by_segment(passage)[id_][-1]  # nothing happens to it meanwhile
    state = moved(gone, Decision.UNDO)
    return decided(gone, Decision.UNDO, state, by, at, after=dict(joined.before))
