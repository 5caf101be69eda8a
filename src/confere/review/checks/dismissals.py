"""What the checks see, parted into what is open and what somebody looked at and found right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from confere.review.checks.values import Finding, Level


@dataclass(frozen=True, slots=True)
class Dismissal:
    """That somebody found right what a check had seen. ``finding`` is its key (``Finding.key``).

    ``withdrawn`` takes an earlier one back. ``message`` is what the check said, in English.
    """

    segment_id: str
    finding: str
    message_id: str
    level: Level
    message: str
    withdrawn: bool
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that a check sees now, in which segment, and its dismissal, if it has one."""

    segment_id: str
    finding: Finding
    dismissal: Dismissal | None

    @property
    def is_open(self) -> bool:
        """Whether nobody has dismissed it."""
        return self.dismissal is None


def seen(
    findings: Mapping[str, Sequence[Finding]], dismissals: Iterable[Dismissal]
) -> tuple[Seen, ...]:
    """Return everything that the checks see, by segment, each with the dismissal that holds.

    A dismissal speaks of one segment, of its texts as they were, and of what was seen in them: with
    another text it does not hold any more. The last of several counts.
    """
    last = {(d.segment_id, d.finding): d for d in dismissals}
    held = {key: d for key, d in last.items() if not d.withdrawn}
    return tuple(
        Seen(segment_id, finding, held.get((segment_id, finding.key)))
        for segment_id, found in findings.items()
        for finding in found
    )


def count_open(all_: Iterable[Seen]) -> Mapping[Level, int]:
    """Return how many are open, by level; every level is there."""
    counts = Counter(it.finding.level for it in all_ if it.is_open)
    return {level: counts[level] for level in Level}
