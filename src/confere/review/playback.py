"""What was played to one person in one sitting, from what was served and what their player reports.

A player runs on somebody's machine and may report anything. So a report is believed only

* of what was served to that person before, and
* for no more than can have been played in the real time that passed: since the sitting began all that is
  accepted is at most twice that time (nobody's player may run faster) and `SLACK_MS` on top, once.

Time in which nothing was reported can be claimed later only up to `LONGEST_MS`, and none of it is from
before the first of what is claimed was served. What was accepted once costs no time again, so that a
report may be sent twice, and two tabs may play the same: both together play no faster than one.

It is *played*, never heard. Rules take times and give values: the clock stands outside, and must be one that
never goes back.
"""

from __future__ import annotations

import math
from typing import Final

from confere.domain import Coverage
from confere.errors import BadValue

FASTEST: Final = 2.0  # times as fast as it was said
SLACK_MS: Final = 500  # timers of players are a quarter of a second rough
LONGEST_MS: Final = 60_000  # of real time that one report can be about
_LATEST_MS: Final = 1 << 40  # 35 years: no recording goes on so long

Span = tuple[int, int]


class Ledger:
    """One person's sitting. Spans are half-open, in ms on the recording; ``at_ms`` is real time."""

    def __init__(self) -> None:
        self._served: dict[str, list[tuple[Span, int]]] = {}  # disjoint, each with its first time
        self._accepted: dict[str, Coverage] = {}
        self._credit_ms: float = SLACK_MS  # how much playing can be believed now
        self._last_ms: int | None = None

    def served(self, recording: str, start_ms: int, end_ms: int, at_ms: int) -> None:
        """Take note that a span was sent to the person; raises BadValue for what is no span."""
        _require_span(start_ms, end_ms)
        if self._last_ms is None:
            self._last_ms = at_ms
        before = self._served.setdefault(recording, [])
        new = _without((start_ms, end_ms), [span for span, _ in before])
        before += [(span, at_ms) for span in new]

    def reported(
        self, recording: str, start_ms: int, end_ms: int, at_ms: int, rate: float
    ) -> Coverage:
        """Return what is newly believed of a report that a span was played at a rate (1.0: as said).

        Where more is reported than time has passed, its beginning is believed. Raises BadValue for what is
        no span, and for a rate that is not above 0 and at most `FASTEST`.
        """
        _require_span(start_ms, end_ms)
        _require_rate(rate)
        self._pass_time(at_ms, rate)
        known = self._accepted.get(recording, Coverage())
        claimed = self._claimed(recording, (start_ms, end_ms), known)
        if not claimed:
            return Coverage()
        first_ms = min(served_ms for _, served_ms in claimed)
        left_ms = math.floor(min(self._credit_ms, (at_ms - first_ms) * rate + SLACK_MS))
        believed: list[Span] = []
        for (start, end), _ in claimed:
            end = min(end, start + max(0, left_ms))
            left_ms -= end - start
            believed.append((start, end))
        new = Coverage.of(believed)
        self._credit_ms -= sum(end - start for start, end in new.spans)
        self._accepted[recording] = Coverage.of((*known.spans, *new.spans))
        return new

    def accepted(self, recording: str) -> Coverage:
        """Return all that was believed of a recording."""
        return self._accepted.get(recording, Coverage())

    def _pass_time(self, at_ms: int, rate: float) -> None:
        if self._last_ms is None:  # nothing was served yet, so nothing can have been played
            return
        passed_ms = max(0, at_ms - self._last_ms)
        most = LONGEST_MS * FASTEST + SLACK_MS
        self._credit_ms = min(most, self._credit_ms + passed_ms * rate)
        self._last_ms = max(self._last_ms, at_ms)

    def _claimed(self, recording: str, span: Span, known: Coverage) -> list[tuple[Span, int]]:
        """Return what of a span was served and is not believed yet, in order, each with its time."""
        found = []
        for (start, end), at_ms in self._served.get(recording, ()):
            within = max(start, span[0]), min(end, span[1])
            if within[0] < within[1]:
                found += [(piece, at_ms) for piece in _without(within, known.spans)]
        return sorted(found)


def _without(span: Span, others: list[Span] | tuple[Span, ...]) -> list[Span]:
    """Return what of a span lies in none of the others, which are disjoint."""
    left, start = [], span[0]
    for other in sorted(others):
        if other[1] <= start or other[0] >= span[1]:
            continue
        if other[0] > start:
            left.append((start, other[0]))
        start = max(start, other[1])
    return [*left, (start, span[1])] if start < span[1] else left


def _require_span(start_ms: int, end_ms: int) -> None:
    whole = all(type(it) is int for it in (start_ms, end_ms))
    if not whole or not 0 <= start_ms < end_ms <= _LATEST_MS:
        raise BadValue("a span that was played has a beginning and a later end, in milliseconds")


def _require_rate(rate: float) -> None:
    if type(rate) not in (int, float) or not 0 < rate <= FASTEST:
        raise BadValue(f"what is played faster than {FASTEST:g} times counts for nothing")
