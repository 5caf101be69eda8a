"""Which segments are verified whatever a sampling plan draws, as far as the transcript itself tells.

* the machine marked it, or was unsure of its words;
* somebody wrote into either text that they are in doubt: ``[unclear: word? 00:12:03]``;
* a verifier ever returned it, or found an error in it;
* somebody worked on it who may have known the seed of the sample before it was shown.

What came out of such a segment by a split or a merge is marked like it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import Final

from confere.domain import Revision, Segment, Transcript
from confere.review.states import CHANGING, Decision

#: What transcribers write in doubt: the protocol's words, and what Portuguese ones write instead.
_DOUBT: Final = re.compile(
    r"\[\s*(unclear|inaudible|inaud[ií]vel|incompreens[ií]vel|d[uú]vida|confuso)\b", re.IGNORECASE
)
#: The decisions after which a segment is not what it was, or was found not to be right.
UNDONE: Final = CHANGING | {Decision.JOIN, Decision.RETURN}


def marked(transcript: Transcript, unsure_below: float, knowers: Set[str]) -> frozenset[str]:
    """Return the ids of the standing segments that must be verified whatever is drawn.

    ``unsure_below`` is the mean word probability, 0 to 1, from which on the machine was sure;
    ``knowers`` are those who may have known the seed.
    """
    found = _found_wrong(transcript.revisions) | _worked_on(transcript.revisions, knowers)
    return frozenset(
        s.id for s in transcript.segments if s.id in found or _in_doubt(s, unsure_below)
    )


def standing_after(transcript: Transcript, revisions: int) -> frozenset[str]:
    """Return the ids of the segments that stood when the transcript had so many revisions."""
    every = {s.id for s in (*transcript.segments, *transcript.merged)}
    joined: dict[str, bool] = {}
    for number, revision in enumerate(transcript.revisions):
        if number >= revisions:
            if "parent" in revision.after:
                every.discard(revision.segment_id)
        elif "merged_into" in revision.after:
            joined[revision.segment_id] = bool(revision.after["merged_into"])
    return frozenset(id_ for id_ in every if not joined.get(id_))


def changed_after(transcript: Transcript, revisions: int) -> frozenset[str]:
    """Return the ids of what was changed, returned or found wrong after so many revisions."""
    return frozenset(
        r.segment_id
        for r in transcript.revisions[revisions:]
        if r.decision in UNDONE or r.error is not None
    )


def _in_doubt(segment: Segment, unsure_below: float) -> bool:
    unsure = segment.probability is not None and segment.probability < unsure_below
    doubt = _DOUBT.search(segment.source) or _DOUBT.search(segment.target)
    return bool(segment.marks) or unsure or doubt is not None


def _found_wrong(revisions: Sequence[Revision]) -> frozenset[str]:
    """Return what was ever returned or found wrong, with what came out of it."""
    found: set[str] = set()
    for revision in revisions:
        if revision.decision == Decision.RETURN or revision.error or revision.origin in found:
            found.add(revision.segment_id)
    return frozenset(found)


def _worked_on(revisions: Iterable[Revision], names: Set[str]) -> frozenset[str]:
    """Return what any of these people changed or accepted, with what came out of it."""
    people: defaultdict[str, set[str]] = defaultdict(set)
    for revision in revisions:
        if revision.after or revision.decision == Decision.ACCEPT:
            people[revision.segment_id].add(revision.by)
        if revision.origin:
            people[revision.segment_id] |= people[revision.origin]
    return frozenset(id_ for id_, its in people.items() if its & names)
