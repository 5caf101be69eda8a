"""Each segment as the machine drafted it and as it stands now: what words and worth are read from."""

from __future__ import annotations

from dataclasses import dataclass

from confere.domain import Transcript
from confere.review import history


@dataclass(frozen=True, slots=True)
class DraftAndFinal:
    """Both texts of one segment, as drafted and as they stand now.

    ``language`` is that of the speech, as it stands now. Where people split or joined segments, one
    value stands for the smallest span that draft and final text share, with the texts joined by a
    space; otherwise words would be compared with those of another sentence.
    """

    id: str
    language: str
    draft_source: str
    draft_target: str
    source: str
    target: str

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

    This follows segments that were neither split nor joined.
    """
    revisions = history.by_segment(transcript)
    found = []
    for segment in sorted(transcript.segments, key=lambda s: (s.position, s.id)):
        first: dict[str, str] = {}
        for revision in revisions[segment.id]:
            for name in ("source", "target"):
                if name in revision.before:
                    first.setdefault(name, str(revision.before[name]))
        found.append(
            DraftAndFinal(
                segment.id,
                segment.language,
                first.get("source", segment.source),
                first.get("target", segment.target),
                segment.source,
                segment.target,
            )
        )
    return tuple(found)
