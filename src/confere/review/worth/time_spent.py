"""Time that people spent, estimated from the times of their decisions: a lower bound.

A person's decisions are put in the order of time, over all transcripts together. The time between two
of them counts as work on the transcript of the later one, unless it is longer than a break; a longer
gap counts for nothing. So the reading and listening before the first decision of each sitting is
missing, and so is all work that ended in no decision; a person who sits idle for less than a break is
counted as working. Summing over transcripts counts no minute twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from confere.errors import BadValue

#: One act over all segments of a transcript, and no work on each of them.
OVER_ALL: Final = frozenset({"sign", "spare", "reopen"})
BREAK_MINUTES: Final = 10  # a minute of speech takes up to ten to correct; a segment is shorter


class Decided(Protocol):
    """That somebody decided something: a revision, or as much of one as is needed here."""

    @property
    def by(self) -> str:
        """Their name."""

    @property
    def at(self) -> str:
        """When: ISO 8601 with its offset."""

    @property
    def decision(self) -> str:
        """What."""


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """What one person spent on one transcript, or on several.

    ``sittings`` counts the stretches of work that have begun there, ``decisions`` what was recorded.
    """

    work_ms: int = 0
    sittings: int = 0
    decisions: int = 0

    def __add__(self, other: TimeSpent) -> TimeSpent:
        return TimeSpent(
            self.work_ms + other.work_ms,
            self.sittings + other.sittings,
            self.decisions + other.decisions,
        )


def time_spent(
    revisions: Mapping[str, Iterable[Decided]], break_minutes: int = BREAK_MINUTES
) -> Mapping[str, Mapping[str, TimeSpent]]:
    """Return the time spent by transcript and person.

    ``revisions`` gives those of each transcript by its id; acts over all segments at once, such as the
    lock at the sign-off, are left out. Raises BadValue for a time without its offset from UTC.
    """
    people: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    spent: dict[str, dict[str, TimeSpent]] = {}
    for transcript, made in revisions.items():
        spent[transcript] = {}
        for revision in made:
            if revision.decision not in OVER_ALL:
                people[revision.by].append((_time(revision.at), transcript))
    for person, decisions in people.items():
        last: datetime | None = None
        for at, transcript in sorted(decisions):
            gap = at - last if last is not None else None
            works = gap is not None and gap <= timedelta(minutes=break_minutes)
            work_ms = gap // timedelta(milliseconds=1) if works and gap is not None else 0
            so_far = spent[transcript].get(person, TimeSpent())
            spent[transcript][person] = so_far + TimeSpent(work_ms, int(not works), 1)
            last = at
    return spent


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadValue("the time of a revision is ISO 8601 with its offset from UTC")
    return at
