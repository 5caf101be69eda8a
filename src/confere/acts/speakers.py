"""Give speakers their codes: everywhere at once, or for a range of segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from confere.acts.correct import keep
from confere.acts.desk import Desk
from confere.acts.reading import open_transcript
from confere.domain import Segment, State, Transcript
from confere.errors import BadValue, NoSuchThing, Signed
from confere.review import changes, entries, states
from confere.review.states import SIGNED, Decision
from confere.vault import transcripts


@dataclass(frozen=True, slots=True)
class Renaming:
    """Which segments would get another speaker's code."""

    segments: tuple[Segment, ...]
    speaker: str

    @property
    def verified(self) -> int:
        """How many verifications it would clear."""
        return sum(s.state is State.VERIFIED for s in self.segments)

    @property
    def seen(self) -> Mapping[str, int]:
        """The versions that this was planned with, by the segments' ids."""
        return {s.id: s.version for s in self.segments}


def plan(
    transcript: Transcript, speaker: str, *, old: str = "", numbers: Sequence[int | str] = ()
) -> Renaming:
    """Return what would change: the segments of ``old``, or those of ``numbers`` (or ids), that have another.

    Raises Signed, BadValue, or NoSuchThing for a speaker or a number that there is none of.
    """
    code = entries.speaker(speaker)
    if any(s.state in SIGNED for s in transcript.segments):
        raise Signed(transcript.recording.id)
    if numbers:
        chosen = [transcripts.find_segment(transcript, str(number)) for number in numbers]
    else:
        chosen = [s for s in transcript.segments if s.speaker == old]
        if not chosen:
            raise NoSuchThing("speaker", old, "'confere show' tells who speaks where.")
    found = tuple(s for s in chosen if s.speaker != code)
    if not found:
        raise BadValue(
            f"every one of these segments has the speaker {code}", "Nothing was changed."
        )
    return Renaming(found, code)


def rename(
    desk: Desk,
    given: str,
    speaker: str,
    *,
    old: str = "",
    numbers: Sequence[int | str] = (),
    seen: Mapping[str, int] | None = None,
) -> Renaming:
    """Give the planned segments the code, all or none, with a revision each; clears verifications.

    ``seen`` are the versions of the plan that the person saw; raises MovedOn if one is another now,
    BadValue if it would be other segments.
    """
    states.require_role(desk.person.name, desk.person.roles, Decision.RENAME)
    with desk.catalog.transaction():
        transcript = open_transcript(desk, given).transcript
        planned = plan(transcript, speaker, old=old, numbers=numbers)
        versions = planned.seen if seen is None else seen
        if versions.keys() != planned.seen.keys():
            raise BadValue(
                "other segments have this speaker now than when you were asked",
                "Give the command again.",
            )
        by, at = desk.person.name, desk.now()
        keep(
            desk,
            transcript,
            [
                changes.rename(s, by, at, seen_version=versions[s.id], speaker=planned.speaker)
                for s in planned.segments
            ],
        )
    return planned
