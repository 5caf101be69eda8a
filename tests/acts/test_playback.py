"""A sitting at the player: what was sent and can have been played is kept, in few events."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from confere import wiring
from confere.acts.audit import Order, audit
from confere.acts.correct import Correction, correct
from confere.acts.destroy import destroy
from confere.acts.playback import KEPT_EVERY_MS, Playback
from confere.acts.reading import open_transcript
from confere.acts.verify import verify
from confere.domain import Coverage
from confere.errors import BadValue, Destroyed, NoSuchThing, NotPlayed, NotReady
from confere.transcribe.resampling import SAMPLE_RATE
from confere.vault.events import list_events
from doubles.studies import PASSPHRASE
from doubles.teams import Team


class Clock:
    """Real time that goes on when it is told to."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> Clock:
    """Time at the beginning of the sitting."""
    return Clock()


def plays(team: Team, recording: str) -> list[tuple[int, int]]:
    """Return the spans that the log tells were played."""
    told = [e.value() for e in list_events(team["lena"].catalog, recording)]
    return [(e["of"]["start_ms"], e["of"]["end_ms"]) for e in told if e["what"] == "play"]


def played(team: Team, recording: str, name: str) -> Coverage:
    """Return what the catalog says was played to somebody."""
    transcript = open_transcript(team["lena"], recording).transcript
    return transcript.played.get(name, Coverage())


def sent(sitting: Playback, recording: str, start_ms: int, end_ms: int) -> int:
    """Send a span to the person; return how many samples."""
    return sum(len(piece) for piece in sitting.serve(recording, start_ms, end_ms))


def test_a_segment_is_played_and_verified(team: Team, recordings: list[str], clock: Clock) -> None:
    """Reports of a second each become one span, one event, and a verification."""
    one = recordings[0]
    correct(team["ivo"], one, "2", Correction())
    with pytest.raises(NotPlayed):
        verify(team["vera"], one, "2")
    with Playback(team["vera"], clock) as sitting:
        assert sent(sitting, one[:6], 3_000, 6_000) == 3 * SAMPLE_RATE
        for start in (3_000, 4_000, 5_000):
            clock.ms += 1_000
            new = sitting.report(one, start, start + 1_000)
            assert new.spans == ((start, start + 1_000),)
        assert plays(team, one) == []
        sitting.keep()
        assert plays(team, one) == [(3_000, 6_000)]
        verify(team["vera"], one, "2")
    assert plays(team, one) == [(3_000, 6_000)]
    assert played(team, one, "vera").spans == ((3_000, 6_000),)
    assert played(team, one, "ivo") == Coverage()
    done = audit(team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock)
    assert not done.report.wrong


def test_what_was_not_sent_or_not_in_time(team: Team, recordings: list[str], clock: Clock) -> None:
    """A player that claims everything at once gets next to nothing."""
    one = recordings[0]
    with Playback(team["vera"], clock) as sitting:
        assert sitting.report(one, 0, 12_000) == Coverage()
        sent(sitting, one, 0, 12_000)
        clock.ms += 1_000
        assert sitting.report(one, 0, 12_000).spans == ((0, 1_500),)
    assert played(team, one, "vera").spans == ((0, 1_500),)


def test_only_what_was_handed_out_counts(team: Team, recordings: list[str], clock: Clock) -> None:
    """A player that breaks off was sent no more than it took."""
    with Playback(team["vera"], clock) as sitting:
        pieces = sitting.serve(recordings[0], 0, 12_000)
        first = next(pieces)
        clock.ms += 60_000
        (span,) = sitting.report(recordings[0], 0, 12_000).spans
        assert span == (0, len(first) * 1000 // SAMPLE_RATE)
        assert span[1] < 12_000
        assert np.abs(first).max() > 0


def test_few_events(team: Team, recordings: list[str], clock: Clock) -> None:
    """Four reports a second, over and over, write one event in half a minute at most."""
    one = recordings[0]
    rounds = 15
    with Playback(team["vera"], clock) as sitting:
        for _ in range(rounds):
            sent(sitting, one, 0, 12_000)
            for start in range(0, 12_000, 250):
                clock.ms += 250
                sitting.report(one, start, start + 250)
    assert plays(team, one) == [(0, 12_000)]
    with Playback(team["vera"], clock) as sitting:
        sent(sitting, one, 0, 12_000)
        for start in range(0, 12_000, 250):
            clock.ms += KEPT_EVERY_MS // 10
            sitting.report(one, start, start + 250)
    assert len(plays(team, one)) == 1 + 12_000 // 250 // 10 + 1


def test_what_is_sent_from_other_threads(team: Team, recordings: list[str], clock: Clock) -> None:
    """Whoever makes the sound tells of it while reports are taken; nothing is lost or believed twice."""
    one = recordings[0]
    with Playback(team["vera"], clock) as sitting:
        sitting.sent(one, 0, 1)
        clock.ms += 12_000

        def send(number: int) -> None:
            for start in range(number * 10, 12_000, 40):
                sitting.sent(one, start, start + 10)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        believed: list[tuple[int, int]] = []
        while any(thread.is_alive() for thread in threads):
            believed += sitting.report(one, 0, 12_000).spans
        for thread in threads:
            thread.join()
        clock.ms += 12_000
        believed += sitting.report(one, 0, 12_000).spans
        assert sitting.accepted(one).spans == ((0, 12_000),)
        assert sum(end - start for start, end in believed) == 12_000


def test_slips_of_the_hand(team: Team, recordings: list[str], clock: Clock) -> None:
    """What is shorter than a fifth of a second, and touches nothing, is not written."""
    one = recordings[0]
    with Playback(team["vera"], clock) as sitting:
        sent(sitting, one, 0, 12_000)
        for start in range(0, 12_000, 500):
            clock.ms += 500
            sitting.report(one, start, start + 100)
    assert plays(team, one) == []


def test_two_recordings_and_one_that_is_destroyed(
    team: Team, recordings: list[str], clock: Clock
) -> None:
    """What was played of the other one is kept."""
    one, two, undrafted = recordings
    sitting = Playback(team["vera"], clock)
    for recording in (one, two):
        sent(sitting, recording, 0, 3_000)
        clock.ms += 3_000
        sitting.report(recording, 0, 3_000)
    destroy(team["lena"], one, "withdrawn")
    with pytest.raises(Destroyed):
        sitting.report(one, 0, 3_000)
    with pytest.raises(Destroyed):
        sitting.serve(one, 0, 3_000)
    sitting.close()
    assert played(team, two, "vera").spans == ((0, 3_000),)
    assert plays(team, one) == []
    with pytest.raises(NotReady):
        sitting.serve(undrafted, 0, 3_000)


def test_what_is_refused(team: Team, recordings: list[str], clock: Clock) -> None:
    """No such recording, no such span, nonsense."""
    sitting = Playback(team["vera"], clock)
    with pytest.raises(NoSuchThing):
        sitting.serve("nothing", 0, 1_000)
    for start, end in ((-1, 100), (5, 5), (12_000, 13_000)):
        with pytest.raises(BadValue):
            sitting.serve(recordings[0], start, end)
    with pytest.raises(BadValue):
        sitting.report(recordings[0], 0, 1_000, 3.0)
