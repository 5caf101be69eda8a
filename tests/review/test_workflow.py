"""Any sequence of decisions by anybody: what may never happen does not."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from confere import review
from confere.domain import Segment, State
from confere.errors import ConfereError
from confere.review import history
from review.scenes import DURATION_MS, INES, VERA, WANDA, Desk, a_verified_desk, key_of

PEOPLE = st.sampled_from([INES, VERA, WANDA])
SEGMENTS = st.sampled_from(["seg0", "seg1"])
WORDS = st.sampled_from(["", "sim", "não", "talvez"])
BACK = st.integers(0, 2)


class Workflow(RuleBasedStateMachine):
    """Three people do whatever they like; every one of them holds every role."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.signed: review.SignedTranscript | None = None
        self.locked: tuple[Segment, ...] = ()

    @rule(segment=SEGMENTS, by=PEOPLE, source=WORDS, english=st.none() | WORDS, back=BACK)
    def change(self, segment: str, by: str, source: str, english: str | None, back: int) -> None:
        """Correct, sometimes from an old version."""
        seen = self.desk[segment].version - back
        try:
            self.desk.correct(segment, by, source=source, target=english, seen_version=seen)
        except ConfereError:
            return
        assert back == 0 and not self.locked

    @rule(segment=SEGMENTS, by=PEOPLE, finish=st.booleans(), speaker=st.sampled_from(["P1", "P2"]))
    def rename(self, segment: str, by: str, finish: bool, speaker: str) -> None:
        """Change a speaker."""
        self._try(lambda: self.desk.correct(segment, by, speaker=speaker, finish=finish))

    @rule(segment=SEGMENTS, by=PEOPLE)
    def accept(self, segment: str, by: str) -> None:
        """Take a segment as it stands."""
        self._try(lambda: self.desk.correct(segment, by))

    @rule(by=PEOPLE, start_ms=st.integers(0, 5_000), end_ms=st.integers(9_000, DURATION_MS))
    def play(self, by: str, start_ms: int, end_ms: int) -> None:
        """Play some of the recording."""
        self.desk.play(by, (start_ms // 1_000 * 1_000, end_ms))

    @rule(segment=SEGMENTS, by=PEOPLE, reason=st.sampled_from(["", " ", "sat in the room"]))
    def verify(self, segment: str, by: str, reason: str) -> None:
        """Verify, or try to."""
        self._try(lambda: self.desk.verify(segment, by, unplayed_reason=reason))

    @rule(segment=SEGMENTS, by=PEOPLE)
    def return_(self, segment: str, by: str) -> None:
        """Return, or try to."""
        self._try(lambda: self.desk.return_(segment, by))

    @rule(people=st.permutations([INES, VERA, WANDA]))
    def sign(self, people: list[str]) -> None:
        """Let everybody try to sign."""
        for by in people:
            try:
                self.signed = self.desk.sign(by)
            except ConfereError:
                continue
            assert not self.locked, "it was signed twice"
            self.locked = self.desk.transcript.segments

    @invariant()
    def every_verified_segment_has_had_a_second_person(self) -> None:
        """Whoever verified is neither an author nor the acceptor, and played it or wrote why not."""
        transcript = self.desk.transcript
        revisions = history.by_segment(transcript)
        for segment in transcript.segments:
            verification = history.verification(revisions[segment.id])
            assert (verification is not None) == (segment.state in {State.VERIFIED, State.LOCKED})
            if verification is not None:
                assert verification.by not in history.workers(transcript, segment.id)
                assert not segment.target_stale

    @invariant()
    def the_segments_follow_from_their_revisions(self) -> None:
        """States, versions and texts are what the revisions lead to."""
        history.require_consistent(self.desk.transcript)

    @invariant()
    def what_is_signed_stays(self) -> None:
        """After the signature the segments and the document say the same, for ever."""
        if self.signed is None:
            return
        assert self.desk.transcript.segments == self.locked
        document = review.check(self.signed.envelope, key_of).document
        review.compare(document, self.desk.transcript)

    def _try(self, act: Callable[[], object]) -> None:
        before = self.desk.transcript
        try:
            act()
        except ConfereError:
            assert self.desk.transcript == before
        else:
            assert not self.locked


class NearTheEnd(Workflow):
    """The same from where Vera can sign, since few random ways lead there."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = a_verified_desk()


TestWorkflow = Workflow.TestCase
TestNearTheEnd = NearTheEnd.TestCase
for case in (TestWorkflow, TestNearTheEnd):
    case.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


def test_the_machine_can_reach_a_signature() -> None:
    """The rules above are not kept merely because nothing ever gets through."""
    desk = Desk()
    for segment_id in desk.ids:
        desk.correct(segment_id)
    desk.play(VERA)
    for segment_id in desk.ids:
        desk.verify(segment_id)
    desk.sign()
    assert {s.state for s in desk.transcript.segments} == {State.LOCKED}
    assert desk.transcript.revisions[-1].decision == "sign"
