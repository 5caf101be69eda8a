"""What people do to one segment."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confere.domain import State
from confere.errors import (
    BadValue,
    ConfereError,
    MovedOn,
    MoveRefused,
    NotPlayed,
    NotReady,
    OwnWork,
    Signed,
)
from confere.review import lock, workers
from review.scenes import AT, DURATION_MS, INES, VERA, WANDA, Desk, a_segment, a_verified_desk


@pytest.fixture
def desk() -> Desk:
    """A fresh transcript of two segments."""
    return Desk()


@pytest.fixture
def corrected(desk: Desk) -> Desk:
    """A transcript whose first segment Inês corrected and which Vera has played."""
    desk.correct("seg0", target="The water came to the door.")
    desk.play(VERA)
    return desk


class TestCorrect:
    def test_revision_tells_what_changed(self, desk: Desk) -> None:
        """A correction leaves one revision with the changed fields, before and after."""
        before = desk["seg0"]
        segment = desk.correct("seg0", target="It rained.", speaker="P02")
        [revision] = desk.transcript.revisions
        assert (segment.state, segment.version) == (State.CORRECTED, 1)
        assert (revision.by, revision.at, revision.decision) == (INES, AT, "correct")
        assert revision.before == {"target": before.target, "speaker": "P01"}
        assert revision.after == {"target": "It rained.", "speaker": "P02"}

    def test_unfinished(self, desk: Desk) -> None:
        """A change that is not finished leaves the segment edited."""
        assert desk.correct("seg0", target="It", finish=False).state is State.EDITED
        assert desk.transcript.revisions[0].decision == "edit"

    def test_accepting_makes_no_author(self, desk: Desk) -> None:
        """Finishing without a change takes the segment as it stands and changes nothing in it."""
        segment = desk.correct("seg0")
        assert segment.state is State.CORRECTED
        assert desk.transcript.revisions[0].after == {}
        assert desk.transcript.authors("seg0") == frozenset()

    def test_giving_the_same_texts_is_accepting(self, desk: Desk) -> None:
        """Saving a form in which nothing was typed is no change."""
        drafted = desk["seg0"]
        desk.correct("seg0", source=drafted.source, target=drafted.target, speaker="P01")
        assert desk.transcript.revisions[0].decision == "accept"

    def test_unfinished_nothing_is_refused(self, desk: Desk) -> None:
        """A change that changes nothing and finishes nothing is not recorded."""
        with pytest.raises(BadValue):
            desk.correct("seg0", target=desk["seg0"].target, finish=False)
        assert desk.transcript.revisions == ()

    def test_accepting_twice_is_refused(self, desk: Desk) -> None:
        """What is done already cannot be accepted again."""
        desk.correct("seg0")
        with pytest.raises(MoveRefused):
            desk.correct("seg0")

    def test_older_version_is_refused(self, corrected: Desk) -> None:
        """Whoever saw an older version is told, and the newer text stays."""
        with pytest.raises(MovedOn):
            corrected.correct("seg0", WANDA, target="Mine.", seen_version=0)
        assert corrected["seg0"].target == "The water came to the door."

    def test_verification_is_cleared(self, corrected: Desk) -> None:
        """A change after the verification means that somebody verifies again."""
        corrected.verify("seg0")
        assert corrected.correct("seg0", speaker="P02").state is State.CORRECTED

    def test_locked(self) -> None:
        """A signed segment takes no change, whatever version was seen."""
        desk = a_verified_desk()
        desk.sign()
        for seen in (desk["seg0"].version, 0):
            with pytest.raises(Signed):
                desk.correct("seg0", target="Mine.", seen_version=seen)


class TestStaleTarget:
    def test_new_source_leaves_the_target_stale(self, desk: Desk) -> None:
        """A translation is not of a source text that was changed after it."""
        assert desk.correct("seg0", source="O rio chegou.").target_stale

    def test_new_target_with_it(self, desk: Desk) -> None:
        """Both texts changed together belong together."""
        assert not desk.correct("seg0", source="O rio.", target="The river.").target_stale

    def test_stays_stale_through_other_changes(self, desk: Desk) -> None:
        """Another speaker does not make an old translation new."""
        desk.correct("seg0", source="O rio chegou.")
        assert desk.correct("seg0", speaker="P02").target_stale

    def test_new_target_later(self, desk: Desk) -> None:
        """A new translation clears the mark."""
        desk.correct("seg0", source="O rio chegou.")
        assert not desk.correct("seg0", target="The river came.").target_stale

    def test_same_target_given_again(self, desk: Desk) -> None:
        """Giving the translation again says it is still right, and that is work on the segment."""
        target = desk["seg0"].target
        desk.correct("seg0", source="A água chegou, na porta.")
        assert not desk.correct("seg0", WANDA, target=target).target_stale
        assert WANDA in desk.transcript.authors("seg0")

    def test_cannot_be_verified(self, desk: Desk) -> None:
        """A stale translation is not verified, not even with a written reason."""
        desk.correct("seg0", source="O rio chegou.")
        desk.play(VERA)
        with pytest.raises(NotReady):
            desk.verify("seg0", unplayed_reason="it is late")

    def test_speech_in_the_target_language_has_one_text(self) -> None:
        """English speech is not translated into English: both sides change together."""
        desk = Desk(a_segment(language="en", source="Hello their.", target="Hello their."))
        segment = desk.correct("seg0", source="Hello there.", target_language="en")
        assert segment.source == segment.target == "Hello there."
        assert not segment.target_stale
        with pytest.raises(BadValue):
            desk.correct("seg0", source="One.", target="Two.", target_language="en")


class TestEntries:
    @pytest.mark.parametrize(
        "change",
        [
            {"start_ms": -1},
            {"end_ms": DURATION_MS + 1},
            {"start_ms": 9_000},
            {"start_ms": 5, "end_ms": 5},
            {"source": "", "target": "Something."},
            {"target": " \n"},
            {"target": "a\x00b"},
            {"target": "a\x1bb"},
            {"target": "half \ud83d"},
            {"speaker": ""},
            {"speaker": "a\nb"},
            {"speaker": "<b>"},
            {"speaker": "P" * 33},
            {"language": "Portuguese"},
        ],
    )
    def test_refused(self, desk: Desk, change: dict[str, Any]) -> None:
        """What does not fit is refused, and the segment stays as it was."""
        before = desk["seg0"]
        with pytest.raises(BadValue) as refusal:
            desk.correct("seg0", **change)
        assert desk["seg0"] == before
        assert "Something" not in str(refusal.value)

    def test_both_texts_may_be_emptied(self, desk: Desk) -> None:
        """A segment that was only noise has no text on either side."""
        segment = desk.correct("seg0", source="", target="")
        assert (segment.source, segment.target) == ("", "")

    def test_one_spelling(self, desk: Desk) -> None:
        """Composed and decomposed letters are the same text, and so are ways to break a line."""
        segment = desk.correct("seg0", source=" a\u0301gua\r\nfria\u2028sim ", target="water")
        assert segment.source == "\u00e1gua\nfria\nsim"

    @settings(deadline=None)
    @given(st.text(max_size=50))
    def test_typing_again_what_was_kept_changes_nothing(self, typed: str) -> None:
        """A text that was kept once is kept again as the very same text."""
        desk = Desk()
        try:
            kept = desk.correct("seg0", source=typed, target="x").source
        except ConfereError:
            return
        assert desk.correct("seg0", source=kept, target="y").source == kept


class TestVerify:
    def test_verified(self, corrected: Desk) -> None:
        """Another person who played the segment verifies it, and becomes no author by it."""
        assert corrected.verify("seg0").state is State.VERIFIED
        assert corrected.transcript.revisions[-1].after == {}
        assert workers(corrected.transcript, "seg0") == {INES}

    def test_own_work(self, corrected: Desk) -> None:
        """Whoever corrected a segment does not verify it, whatever they played."""
        corrected.play(INES)
        with pytest.raises(OwnWork):
            corrected.verify("seg0", INES)

    def test_own_work_that_was_overwritten(self, corrected: Desk) -> None:
        """Whoever ever changed a segment is out, even if nothing of their text is left."""
        corrected.correct("seg0", VERA, target="Vera's words.")
        corrected.correct("seg0", INES, target="Other words.")
        with pytest.raises(OwnWork):
            corrected.verify("seg0", VERA)

    def test_own_acceptance(self, desk: Desk) -> None:
        """Whoever took the machine's text as done is not the second pair of eyes on it."""
        desk.correct("seg0", VERA)
        desk.play(VERA)
        with pytest.raises(OwnWork):
            desk.verify("seg0", VERA)

    def test_work_on_another_segment(self, corrected: Desk) -> None:
        """The rule is about the segment: work on one is no bar to verifying another."""
        corrected.correct("seg1", VERA, target="Vera's words.")
        assert corrected.verify("seg0", VERA).state is State.VERIFIED

    @pytest.mark.parametrize("played", [(0, 0), (0, 8_999), (1, 9_000), (9_000, 60_000)])
    def test_not_played(self, corrected: Desk, played: tuple[int, int]) -> None:
        """A segment that was not played to its last millisecond is not verified."""
        corrected.play(VERA, played)
        with pytest.raises(NotPlayed):
            corrected.verify("seg0")
        with pytest.raises(NotPlayed):
            corrected.verify("seg0", unplayed_reason="  ")

    def test_played_by_somebody_else(self, corrected: Desk) -> None:
        """What another person played does not count."""
        with pytest.raises(NotPlayed):
            corrected.verify("seg0", WANDA)

    def test_written_reason(self, corrected: Desk) -> None:
        """A written reason stands in for playing, and is kept."""
        corrected.play(VERA, (0, 10))
        corrected.verify("seg0", unplayed_reason=" I sat in the room. ")
        assert corrected.transcript.revisions[-1].reason == "I sat in the room."

    def test_needless_reason(self, corrected: Desk) -> None:
        """A reason for not playing is not kept where everything was played."""
        corrected.verify("seg0", unplayed_reason="none")
        assert corrected.transcript.revisions[-1].reason == ""

    def test_end_after_the_last_sample(self) -> None:
        """A segment that ends after the recording is played when the recording is."""
        desk = Desk(a_segment(start_ms=55_000, end_ms=DURATION_MS + 40))
        desk.correct("seg0")
        desk.play(VERA)
        assert desk.verify("seg0").state is State.VERIFIED

    def test_older_version(self, corrected: Desk) -> None:
        """Nobody verifies a text that they have not seen."""
        with pytest.raises(MovedOn):
            corrected.verify("seg0", seen_version=0)

    def test_draft(self, desk: Desk) -> None:
        """The machine's text is not verified before somebody took it as done."""
        desk.play(VERA)
        with pytest.raises(MoveRefused):
            desk.verify("seg0")

    def test_another_verifier_takes_over(self, corrected: Desk) -> None:
        """A third person may verify again, so that they can sign."""
        corrected.verify("seg0", VERA)
        corrected.play(WANDA)
        assert corrected.verify("seg0", WANDA).state is State.VERIFIED


class TestReturn:
    def test_returned(self, corrected: Desk) -> None:
        """A returned segment needs work, says why, and can be corrected again."""
        corrected.verify("seg0")
        assert corrected.return_("seg0", reason="a sentence is missing").state is State.NEEDS_WORK
        assert corrected.transcript.revisions[-1].reason == "a sentence is missing"
        assert corrected.correct("seg0", target="All of it.").state is State.CORRECTED

    def test_without_reason(self, corrected: Desk) -> None:
        """A return without a reason helps nobody."""
        with pytest.raises(BadValue):
            corrected.return_("seg0", reason=" ")

    def test_returning_does_not_make_an_author(self, corrected: Desk) -> None:
        """Whoever returned a segment verifies it afterwards."""
        corrected.return_("seg0")
        corrected.correct("seg0", target="All of it.")
        assert corrected.verify("seg0").state is State.VERIFIED

    def test_draft(self, desk: Desk) -> None:
        """There is nobody to return the machine's own text to."""
        with pytest.raises(MoveRefused):
            desk.return_("seg0")


def test_lock_takes_only_verified_segments(desk: Desk) -> None:
    """A segment that is not verified is not locked."""
    with pytest.raises(MoveRefused):
        lock(desk["seg0"], VERA, AT)
