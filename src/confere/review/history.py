"""What revisions tell: who worked on a segment, who verified it, where it stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from confere.domain import Coverage, Passage, Revision, Segment, State
from confere.errors import AlteredTranscript
from confere.review.states import CHANGING, MOVES, Decision

#: What of a revision's ``after`` ties segments or revisions together and is no field of a segment.
LINKS = frozenset({"part", "joined", "undone"})

_DECISIONS = {str(decision): decision for decision in Decision}
#: Decisions after which an earlier verification still speaks for the segment.
_KEEPS_VERIFICATION = frozenset({Decision.VERIFY, Decision.SIGN, Decision.REOPEN})


def by_segment(passage: Passage) -> Mapping[str, list[Revision]]:
    """Return the revisions of each segment in the order they were made; no key is ever missing."""
    found: defaultdict[str, list[Revision]] = defaultdict(list)
    for revision in passage.revisions:
        found[revision.segment_id].append(revision)
    return found


def acceptors(revisions: Iterable[Revision]) -> frozenset[str]:
    """Return who ever took a segment as done without changing it."""
    return frozenset(r.by for r in revisions if r.decision == Decision.ACCEPT)


def workers(passage: Passage, segment_id: str) -> frozenset[str]:
    """Return who may not verify a segment: whoever changed it, or accepted it as it stood.

    Accepting the machine's text makes nobody its author, but a person who accepted and then
    verified would be the only pair of eyes that ever saw it. The segments that this one came from,
    by splitting or merging, count with it: their text is here.
    """
    story = passage.story(segment_id)
    return frozenset(r.by for r in story if r.after) | acceptors(story)


def verification(revisions: Iterable[Revision]) -> Revision | None:
    """Return the verification of a segment that holds now, or None: never made, or cleared."""
    held: Revision | None = None
    for revision in revisions:
        if revision.decision == Decision.VERIFY:
            held = revision
        elif revision.decision not in _KEEPS_VERIFICATION:
            held = None
    return held


def playable(segment: Segment, duration_ms: int) -> tuple[int, int]:
    """Return the span of a segment that can be played at all, in ms.

    An engine may set the end of the last segment a little after the last sample.
    """
    end_ms = min(segment.end_ms, duration_ms)
    return min(segment.start_ms, end_ms), end_ms


def was_played(
    segment: Segment, played: Coverage, duration_ms: int, least_percent: int = 100
) -> bool:
    """Whether so much of a segment was played: by default every millisecond."""
    start_ms, end_ms = playable(segment, duration_ms)
    return enough(played.within(start_ms, end_ms), end_ms - start_ms, least_percent)


def enough(played_ms: int, playable_ms: int, least_percent: int) -> bool:
    """Whether so much was played of what can be played."""
    return played_ms * 100 >= playable_ms * least_percent


def standing(revisions: Iterable[Revision]) -> State | None:
    """Return the state that decisions lead to from the draft; None if the table has no such way."""
    state = State.DRAFT
    for revision in revisions:
        decision = _DECISIONS.get(revision.decision)
        following = MOVES[state].get(decision) if decision else None
        if following is None:
            return None
        state = following
    return state


def standing_changes(revisions: Iterable[Revision]) -> list[tuple[int, Revision]]:
    """Return the changes that were not taken back, each with its version; undoing takes the last.

    Being split off is how a segment began: that is taken back where the other part is.
    """
    found: list[tuple[int, Revision]] = []
    for version, revision in enumerate(revisions, 1):
        if revision.decision == Decision.UNDO:
            found = [it for it in found if it[0] != revision.after.get("undone")]
        elif revision.decision in CHANGING and "parent" not in revision.after:
            found.append((version, revision))
    return found


def as_of(segment: Segment, revisions: list[Revision], version: int) -> Segment:
    """Return a segment with the texts, speaker and times that it had at an earlier version."""
    before: dict[str, Any] = {}
    for revision in revisions[version:]:
        before = {**revision.before, **before}
    return replace(segment, **before)


def require_consistent(passage: Passage) -> None:
    """Refuse a passage, or a whole transcript, whose segments do not follow from their revisions.

    This finds a state, a version or a text that was put into the catalog past the rules, a segment
    that nobody split off, and a verification of somebody's own work. Raises AlteredTranscript
    naming the segment and what is wrong with it.
    """
    revisions = by_segment(passage)
    for segment in (*passage.segments, *passage.merged):
        wrong = _inconsistency(segment, revisions[segment.id])
        if wrong:
            raise AlteredTranscript(passage.recording.id, f"segment {segment.id}, {wrong}")
    wrong = _loose_end(passage) or _own_work(passage)
    if wrong:
        raise AlteredTranscript(passage.recording.id, f"segment {wrong}")


def _inconsistency(segment: Segment, revisions: list[Revision]) -> str:
    """Return the name of a field that the revisions do not lead to, or nothing."""
    if standing(revisions) is not segment.state:
        return "state"
    if segment.version != len(revisions):
        return "version"
    now: dict[str, str | int | bool] = {}
    for place, revision in enumerate(revisions):
        if "parent" in revision.after and place:
            return "parent"
        for name, value in revision.before.items():
            if now.get(name, value) != value:
                return name
        told = revision.after
        now |= told if LINKS.isdisjoint(told) else {n: told[n] for n in told if n not in LINKS}
    now = {"parent": "", "merged_into": "", **now}
    return next((n for n, value in now.items() if getattr(segment, n, None) != value), "")


def _loose_end(passage: Passage) -> str:
    """Return a segment that one side says was split off or taken in and the other does not."""
    told: Counter[tuple[str, str, str]] = Counter()
    own: Counter[tuple[str, str, str]] = Counter()
    for revision in passage.revisions:
        id_, after = revision.segment_id, revision.after
        for name in ("part", "joined"):
            if name in after:
                told[name, str(after[name]), id_] += 1
        if "parent" in after:
            own["part", id_, str(after["parent"])] += 1
        if after.get("merged_into"):
            own["joined", id_, str(after["merged_into"])] += 1
    loose = (told - own) + (own - told)
    return next((f"{id_}, {name}" for name, id_, _ in sorted(loose)), "")


def _own_work(passage: Passage) -> str:
    """Return a segment that somebody verified who had worked on it by then."""
    people: defaultdict[str, set[str]] = defaultdict(set)
    for revision in passage.revisions:
        mine = people[revision.segment_id]
        if revision.decision == Decision.VERIFY and revision.by in mine:
            return f"{revision.segment_id}, verified by who worked on it"
        if revision.after or revision.decision == Decision.ACCEPT:
            mine.add(revision.by)
        if revision.origin:
            mine |= people[revision.origin]
    return ""
