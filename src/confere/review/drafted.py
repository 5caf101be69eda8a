"""Each segment as the machine drafted it and as it stands now: what words and worth are read from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from confere.domain import Revision, Segment, Transcript
from confere.review import history


@dataclass(frozen=True, slots=True)
class DraftAndFinal:
    """Both texts of one segment, as drafted and as they stand now.

    ``language`` is that of the speech, as it stands now. Where people split or joined segments, one
    value stands for the smallest span that draft and final text share, with the texts joined by a
    space; otherwise words would be compared with those of another sentence. ``shown`` are the ids of
    all segments of that span as they stand now.
    """

    id: str
    language: str
    draft_source: str
    draft_target: str
    source: str
    target: str
    shown: tuple[str, ...] = ()

    @property
    def source_changed(self) -> bool:
        """Whether the source text is another than the machine's."""
        return self.source != self.draft_source

    @property
    def target_changed(self) -> bool:
        """Whether the target text is another than the machine's."""
        return self.target != self.draft_target


def drafted(transcript: Transcript) -> tuple[DraftAndFinal, ...]:
    """Return every segment with its draft, which the first ``before`` of each text tells.

    Segments that were ever split or merged with each other stand as one, even if that was taken
    back; its id and language are those of the first that is still shown.
    """
    revisions = history.by_segment(transcript)
    together = _together(transcript)
    ordered = sorted(transcript.segments, key=lambda s: (s.position, s.id))
    groups: dict[str, list[Segment]] = {}
    for segment in ordered:
        groups.setdefault(together[segment.id], []).append(segment)
    begun: defaultdict[str, list[Segment]] = defaultdict(list)
    for segment in sorted((*ordered, *transcript.merged), key=lambda s: (s.drafted_as, s.position)):
        if not segment.parent:  # a part was drafted within another
            begun[together[segment.id]].append(segment)
    return tuple(
        DraftAndFinal(
            shown[0].id,
            shown[0].language,
            _joined(_first(s, revisions[s.id], "source") for s in begun[group]),
            _joined(_first(s, revisions[s.id], "target") for s in begun[group]),
            _joined(s.source for s in shown),
            _joined(s.target for s in shown),
            tuple(s.id for s in shown),
        )
        for group, shown in groups.items()
    )


def _together(transcript: Transcript) -> dict[str, str]:
    """Return, for each segment, the id that stands for all it was ever split off or merged with."""
    above = {s.id: s.id for s in (*transcript.segments, *transcript.merged)}

    def top(id_: str) -> str:
        while above[id_] != id_:
            above[id_] = above[above[id_]]  # halves the way for the next one
            id_ = above[id_]
        return id_

    for revision in transcript.revisions:
        if revision.origin:
            above[top(revision.segment_id)] = top(revision.origin)
    return {id_: top(id_) for id_ in above}


def _first(segment: Segment, revisions: Iterable[Revision], name: str) -> str:
    befores = (str(r.before[name]) for r in revisions if name in r.before)
    return next(befores, str(getattr(segment, name)))


def _joined(texts: Iterable[str]) -> str:
    found = list(texts)
    return found[0] if len(found) == 1 else " ".join(filter(None, found))
