"""What is believed of a player's reports: never more than was sent, nor than time allows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confere.domain import Coverage
from confere.errors import BadValue
from confere.review.playback import FASTEST, LONGEST_MS, SLACK_MS, Ledger


def after_serving(*spans: tuple[int, int], at_ms: int = 0) -> Ledger:
    """Return the ledger of somebody who was sent these spans of recording r."""
    ledger = Ledger()
    for span in spans:
        ledger.served("r", *span, at_ms)
    return ledger


class TestReports:
    def test_what_was_played_is_believed(self) -> None:
        """Every ten seconds, ten seconds: all of it."""
        ledger = after_serving((0, 60_000))
        for at_s in range(10, 61, 10):
            new = ledger.reported("r", (at_s - 10) * 1000, at_s * 1000, at_s * 1000, 1.0)
            assert new.spans == (((at_s - 10) * 1000, at_s * 1000),)
        assert ledger.accepted("r").spans == ((0, 60_000),)

    def test_only_what_was_served(self) -> None:
        """What was never sent cannot have been played; nor anything before it was sent."""
        ledger = after_serving((0, 5_000), (8_000, 20_000))
        assert ledger.reported("r", 0, 10_000, 15_000, 1.0).spans == ((0, 5_000), (8_000, 10_000))
        assert ledger.reported("other", 0, 10_000, 30_000, 1.0) == Coverage()
        assert Ledger().reported("r", 0, 10_000, 30_000, 1.0) == Coverage()

    def test_no_faster_than_time(self) -> None:
        """A minute that is reported after ten seconds was not played; its beginning may have been."""
        ledger = after_serving((0, 60_000))
        assert ledger.reported("r", 0, 60_000, 10_000, 1.0).spans == ((0, 10_000 + SLACK_MS),)
        assert ledger.reported("r", 20_000, 60_000, 20_000, 2.0).spans == ((20_000, 40_000),)

    def test_sent_twice(self) -> None:
        """A report that is repeated, or overlaps, is counted once and costs no time again."""
        ledger = after_serving((0, 60_000))
        ledger.reported("r", 0, 10_000, 10_000, 1.0)
        assert ledger.reported("r", 0, 10_000, 10_100, 1.0) == Coverage()
        assert ledger.reported("r", 5_000, 20_000, 20_000, 1.0).spans == ((10_000, 20_000),)

    def test_two_tabs(self) -> None:
        """Both together play no faster than one; in whatever order what they say comes in."""
        ledger = after_serving((0, 60_000))
        ledger.served("s", 0, 60_000, 0)
        first = ledger.reported("r", 0, 10_000, 10_000, 1.0).within(0, 60_000)
        second = ledger.reported("s", 30_000, 40_000, 10_000, 1.0).within(0, 60_000)
        assert (first, second) == (10_000, SLACK_MS)
        assert ledger.reported("r", 40_000, 45_000, 15_000, 1.0).spans == ((40_000, 45_000),)
        assert ledger.reported("r", 20_000, 25_000, 20_000, 1.0).spans == ((20_000, 25_000),)

    def test_a_clock_that_goes_back_gives_nothing(self) -> None:
        """Reports that are handled out of order bring no time with them."""
        ledger = after_serving((0, 60_000))
        ledger.reported("r", 0, 10_000, 10_000, 1.0)
        assert ledger.reported("r", 30_000, 40_000, 4_000, 1.0).within(0, 60_000) <= SLACK_MS
        assert ledger.reported("r", 20_000, 40_000, 10_000, 1.0).within(0, 60_000) <= SLACK_MS

    def test_idle_time_is_not_saved_up(self) -> None:
        """After an hour away, no hour can be claimed; nor what was sent just now."""
        ledger = after_serving((0, 7_200_000))
        most = ledger.reported("r", 0, 7_200_000, 3_600_000, 2.0).within(0, 7_200_000)
        assert most == LONGEST_MS * FASTEST + SLACK_MS
        ledger.served("s", 0, 60_000, 7_200_000)
        assert ledger.reported("s", 0, 60_000, 7_201_000, 1.0).spans == ((0, 1_000 + SLACK_MS),)

    @pytest.mark.parametrize(
        ("start", "end", "rate"),
        [
            (0, 0, 1.0),
            (5, 4, 1.0),
            (-1, 4, 1.0),
            (0, 1 << 60, 1.0),
            (0.5, 4, 1.0),
            (True, 4, 1.0),
            ("0", 4, 1.0),
            (0, 4, 0.0),
            (0, 4, -1.0),
            (0, 4, 2.01),
            (0, 4, math.nan),
            (0, 4, math.inf),
            (0, 4, True),
            (0, 4, "1"),
        ],
    )
    def test_nonsense(self, start: int, end: int, rate: float) -> None:
        """It is refused, and changes nothing."""
        ledger = after_serving((0, 60_000))
        with pytest.raises(BadValue):
            ledger.reported("r", start, end, 10_000, rate)
        assert ledger.accepted("r") == Coverage()


spans = st.tuples(st.integers(0, 90_000), st.integers(1, 40_000)).map(lambda s: (s[0], s[0] + s[1]))
steps = st.lists(
    st.tuples(
        st.booleans(),  # served or reported
        st.sampled_from(["r", "s"]),
        spans,
        st.integers(-2_000, 30_000),  # real time until then
        st.sampled_from([0.5, 1.0, 1.5, 2.0]),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_whatever_is_reported(
    done: list[tuple[bool, str, tuple[int, int], int, float]],
) -> None:
    """Coverage is within what was served, and within twice the time since, plus the slack."""
    ledger, now = Ledger(), 1_000_000
    served: dict[str, list[tuple[int, int]]] = {"r": [], "s": []}
    begun, latest = None, now
    for serves, recording, span, passed, rate in done:
        now += passed
        latest = max(latest, now)
        if serves:
            begun = now if begun is None else begun
            served[recording].append(span)
            ledger.served(recording, *span, now)
        else:
            before = ledger.accepted(recording)
            new = ledger.reported(recording, *span, now, rate)
            assert new.within(*span) == sum(b - a for a, b in new.spans)
            assert not any(before.within(*piece) for piece in new.spans)
        total = 0
        for name in served:
            accepted = ledger.accepted(name)
            for piece in accepted.spans:
                assert Coverage.of(served[name]).covers(*piece)
            total += sum(b - a for a, b in accepted.spans)
        assert total <= (FASTEST * (latest - begun) + SLACK_MS if begun is not None else 0)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, LONGEST_MS), min_size=1, max_size=30),
    st.sampled_from([0.75, 1.0, 1.25, 1.5, 2.0]),
)
def test_an_honest_player_loses_nothing(pauses: list[int], rate: float) -> None:
    """Whoever reports what really ran, at whatever rate and however often, is believed all of it."""
    ledger, now, place = Ledger(), 5_000, 0
    for passed in pauses:
        ledger.served("r", place, place + 2 * LONGEST_MS, now)
        now += passed
        before, place = place, place + int(passed * rate)
        if place > before:
            ledger.reported("r", before, place, now, rate)
    assert ledger.accepted("r").within(0, place) == place
