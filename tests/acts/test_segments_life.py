"""The life of segments in a catalog: every act of every role in any order, two people at once, other hands.

``CONFERE_LIFE_EXAMPLES`` and ``CONFERE_LIFE_ROUNDS`` ask for more than a usual run of the tests takes.
Whoever wants to know how much was tried names a file in ``CONFERE_LIFE_TALLY``: it gets a line for every
run, how many commands were given, how many of them were refused, and what was reached.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlcipher3 import dbapi2 as sqlcipher

from acts.life_scenes import LINES, PEOPLE, copy, hurry
from confere.acts.audit import Order, audit
from confere.acts.checks import dismiss, look_at, raise_again
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.editing import all_editing, begin_editing, end_editing, others_editing
from confere.acts.find import find
from confere.acts.queue import queue
from confere.acts.reading import Opened, open_transcript
from confere.acts.sign import reopen, sign
from confere.acts.speakers import plan, rename
from confere.acts.split import merge, split, undo
from confere.acts.verify import play_whole, return_segment, verify
from confere.cli import confere
from confere.cli.player import SilentPlayer
from confere.domain import ErrorKind, Judgement, Segment, Severity, State
from confere.errors import (
    AlteredTranscript,
    BadValue,
    ConfereError,
    MovedOn,
    NoSuchThing,
    NotAllowed,
    NotReady,
    OwnWork,
    Signed,
)
from confere.review import history
from confere.review.checks import Level
from doubles.studies import PASSPHRASE, Study

EXAMPLES = int(os.environ.get("CONFERE_LIFE_EXAMPLES", "3"))
ROUNDS = int(os.environ.get("CONFERE_LIFE_ROUNDS", "1"))
STEPS = 40 if EXAMPLES < 10 else 200
EDITS = 50 if ROUNDS == 1 else 250  # of each of two people in a round
WHO = st.sampled_from(PEOPLE)
WHICH = st.integers(0, 5)
WORDS = st.sampled_from(["", "sim", "não sei", "a água do rio", "talvez ela venha", "I said so"])
ERRORS = st.builds(Judgement, st.sampled_from(list(ErrorKind)), st.sampled_from(list(Severity)))
TALLY = os.environ.get("CONFERE_LIFE_TALLY", "")
BACK = st.sampled_from([0, 0, 0, 0, 1, 2])

Desks = dict[str, Desk]


class Life(RuleBasedStateMachine):
    """Everybody does whatever they like; a model beside it knows whose hands each text went through."""

    ready = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.study, self.recording = copy(Path(self.folder.name))
        self.desks = {name: self.study.desk(name) for name in PEOPLE}
        self.hands: defaultdict[str, set[str]] = defaultdict(set)
        self.signed: tuple[Segment, ...] = ()
        self.versions: list[str] = []
        self.found: Counter[Judgement] = Counter()
        self.tally: Counter[str] = Counter()
        if self.ready:
            for segment in self.now().transcript.segments:
                correct(self.desks["ivo"], self.recording, segment.id, Correction(speaker="P01"))
                self.hands[segment.id].add("ivo")
            play_whole(self.desks["vera"], self.recording, SilentPlayer())
            for segment in self.now().transcript.segments:
                verify(self.desks["vera"], self.recording, segment.id)

    def teardown(self) -> None:
        """At the end of each run the audit finds a whole vault."""
        for desk in self.desks.values():
            desk.vault.close()
        if TALLY:
            with Path(TALLY).open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(self.tally) + "\n")
        audited = audit(self.study.root, None, "lena", PASSPHRASE, Order(), self.study.clock)
        assert audited.whole, audited.report.wrong
        self.folder.cleanup()

    def now(self) -> Opened:
        """The transcript as it stands; opening it checks that it follows from its revisions."""
        return open_transcript(self.desks["lena"], self.recording)

    def act(
        self, by: str, which: int, back: int, do: Callable[[Desk, str, Segment, int], object]
    ) -> None:
        """Let somebody do something to one segment, and follow what became of the texts."""
        before = self.now().transcript.segments
        chosen = before[which % len(before)]
        seen = chosen.version - back
        self.tally["commands"] += 1
        try:
            do(self.desks[by], self.recording, chosen, seen)
        except ConfereError as error:
            self.tally["refused"] += 1
            if isinstance(error, MovedOn):
                assert back
                assert error.theirs["target"] == chosen.target
            assert self.now().transcript.segments == before
            return
        assert back == 0
        assert not self.signed
        assert by != "lena"
        self.follow(by, chosen, before)

    def follow(self, by: str, chosen: Segment, before: tuple[Segment, ...]) -> None:
        """Keep whose hands the texts went through; any change is seen to have cleared verification."""
        old = {s.id: s for s in before}
        new = {s.id: s for s in self.now().transcript.segments}
        for gone in old.keys() - new.keys():
            self.hands[chosen.id] |= self.hands[gone]
        for id_ in new.keys() - old.keys():
            self.hands[id_] |= self.hands[chosen.id] | {by}
        for id_ in new.keys() & old.keys():
            if new[id_].version == old[id_].version:
                continue
            if content(new[id_]) != content(old[id_]):
                self.hands[id_].add(by)
                assert new[id_].state not in {State.VERIFIED, State.LOCKED}
            elif new[id_].state is State.CORRECTED:
                self.hands[id_].add(by)  # accepted

    @rule(
        by=WHO, which=WHICH, back=BACK, source=WORDS, english=st.none() | WORDS, done=st.booleans(),
        error=st.none() | ERRORS,
    )  # fmt: skip
    def correct(
        self,
        by: str,
        which: int,
        back: int,
        source: str,
        english: str | None,
        done: bool,
        error: Judgement | None,
    ) -> None:
        """Change the texts; who says what was wrong with them is a verifier, and it had been done."""
        given = Correction(source=source, target=english, finish=done, error=error)

        def do(desk: Desk, recording: str, segment: Segment, seen: int) -> None:
            correct(desk, recording, segment.id, given, seen)
            if error:
                assert by in {"vera", "wanda"}
                assert segment.state in {State.CORRECTED, State.VERIFIED}
                self.found[error] += 1

        self.act(by, which, back, do)

    @rule(by=WHO, which=WHICH, back=BACK)
    def accept(self, by: str, which: int, back: int) -> None:
        """Take a segment as it stands."""
        self.act(by, which, back, lambda d, r, s, v: correct(d, r, s.id, Correction(), v))

    @rule(by=WHO, which=WHICH, end_ms=st.integers(500, 7_000))
    def retime(self, by: str, which: int, end_ms: int) -> None:
        """Move the end of a segment."""
        given = Correction(end_ms=end_ms)
        self.act(by, which, 0, lambda d, r, s, v: correct(d, r, s.id, given, v))

    @rule(
        by=WHO, which=WHICH, back=BACK, at=st.integers(1, 9), place=st.none() | st.integers(0, 20)
    )
    def split(self, by: str, which: int, back: int, at: int, place: int | None) -> None:
        """Split a segment; no word is lost or made."""

        def do(desk: Desk, recording: str, segment: Segment, seen: int) -> None:
            at_ms = segment.start_ms + (segment.end_ms - segment.start_ms) * at // 10
            cut = segment.source.find(" ") if place is None else place
            words = self.words()
            split(
                desk, recording, segment.id,
                at_ms=at_ms, source_at=cut, target_at=place, seen_version=seen,
            )  # fmt: skip
            assert self.words() == words

        self.act(by, which, back, do)

    @rule(by=WHO, which=WHICH, back=BACK, anyway=st.booleans())
    def merge(self, by: str, which: int, back: int, anyway: bool) -> None:
        """Merge a segment with the next; no word is lost or made."""

        def do(desk: Desk, recording: str, segment: Segment, seen: int) -> None:
            words = self.words()
            merge(desk, recording, segment.id, anyway=anyway, seen_version=seen)
            assert self.words() == words

        self.act(by, which, back, do)

    @rule(by=WHO, which=WHICH, back=BACK)
    def undo(self, by: str, which: int, back: int) -> None:
        """Take the last change back."""
        self.act(by, which, back, lambda d, r, s, v: undo(d, r, s.id, v))

    @rule(by=WHO, which=WHICH, code=st.sampled_from(["P01", "I1", "UNK"]))
    def rename(self, by: str, which: int, code: str) -> None:
        """Give a speaker another code, everywhere."""

        def do(desk: Desk, recording: str, segment: Segment, _: int) -> None:
            rename(desk, recording, code, old=segment.speaker)

        self.act(by, which, 0, do)

    @rule(by=WHO, which=WHICH, back=BACK, reason=st.sampled_from(["", "sat beside them"]))
    def verify(self, by: str, which: int, back: int, reason: str) -> None:
        """Verify, or try to."""

        def do(desk: Desk, recording: str, segment: Segment, seen: int) -> None:
            verify(desk, recording, segment.id, unplayed_reason=reason, seen_version=seen)
            assert by not in self.hands[segment.id]

        self.act(by, which, back, do)

    @rule(by=WHO, which=WHICH, error=ERRORS)
    def return_(self, by: str, which: int, error: Judgement) -> None:
        """Give a segment back."""

        def do(desk: Desk, recording: str, segment: Segment, seen: int) -> None:
            return_segment(desk, recording, segment.id, "look again", error, seen)
            self.found[error] += 1

        self.act(by, which, 0, do)

    @rule(by=WHO, which=WHICH, again=st.booleans())
    def dismiss(self, by: str, which: int, again: bool) -> None:
        """Say that what a check sees is right, or take that back; it changes no text."""
        before = self.now().transcript.segments
        segment = before[which % len(before)]
        seen = look_at(self.desks["lena"], self.now().transcript)
        keys = [s.finding.key for s in seen if s.segment_id == segment.id and s.is_open != again]
        self.tally["commands"] += 1
        decide = raise_again if again else dismiss
        try:
            decide(self.desks[by], self.recording, segment.id, [*keys, "0"][0], "it was said so")
            self.tally["dismissed"] += 1
            assert by != "lena"
            assert not self.signed
        except ConfereError:
            self.tally["refused"] += 1
        assert self.now().transcript.segments == before

    @rule(by=WHO)
    def play(self, by: str) -> None:
        """Listen to all of it."""
        self.tally["commands"] += 1
        play_whole(self.desks[by], self.recording, SilentPlayer())

    @rule(by=WHO, which=WHICH)
    def open(self, by: str, which: int) -> None:
        """Have a segment open: it stops nobody and changes nothing."""
        self.tally["commands"] += 1
        segments = self.now().transcript.segments
        try:
            begin_editing(self.desks[by], self.recording, segments[which % len(segments)].id)
        except NotAllowed:
            assert by == "lena"

    @rule(by=WHO, passphrase=st.sampled_from([PASSPHRASE, PASSPHRASE, PASSPHRASE, "of another"]))
    def sign(self, by: str, passphrase: str) -> None:
        """Sign, or try to."""
        before = self.now().transcript
        self.tally["commands"] += 1
        try:
            signed = sign(self.desks[by], self.recording, passphrase)
        except ConfereError:
            self.tally["refused"] += 1
            assert self.now().transcript.segments == before.segments
            return
        self.tally["signed"] += 1
        assert passphrase == PASSPHRASE
        assert not self.signed
        assert not any(by in self.hands[s.id] for s in before.segments)
        assert all(s.state is State.VERIFIED for s in before.segments)
        seen = look_at(self.desks["lena"], before)
        assert not any(s.is_open and s.finding.level is Level.ERROR for s in seen)
        document = signed.document
        assert len(document["checks_dismissed"]) == sum(not s.is_open for s in seen)
        assert {
            (kind, weight): count
            for kind, found in document["errors"].items()
            for weight, count in found.items()
        } == {(error.kind, error.severity): count for error, count in self.found.items()}
        assert document["version"] == len(self.versions) + 1
        assert [v.digest for v in self.now().versions] == [*self.versions, signed.digest]
        self.versions.append(signed.digest)
        self.signed = self.now().transcript.segments

    @rule(by=st.sampled_from(["vera", "wanda"]))
    def bring_to_its_end(self, by: str) -> None:
        """As a good day goes: the rest is taken as it stands, played, verified, dismissed, signed."""
        self.play(by)
        for which, segment in enumerate(self.now().transcript.segments):
            if segment.target_stale:
                self.correct("ivo", which, 0, segment.source, "I said so", True, None)
            self.accept("ivo", which, 0)
            self.verify(by, which, 0, "")
            self.dismiss("ivo", which, False)
        self.sign(by, PASSPHRASE)

    @rule(by=WHO, reason=st.sampled_from(["a name", "a number", " "]))
    def reopen(self, by: str, reason: str) -> None:
        """Begin a new version, or try to; every verification still speaks for its segment."""
        before = self.now().transcript.segments
        self.tally["commands"] += 1
        try:
            assert reopen(self.desks[by], self.recording, reason) == len(self.versions) + 1
        except ConfereError:
            self.tally["refused"] += 1
            assert self.now().transcript.segments == before
            return
        self.tally["reopened"] += 1
        assert by in {"vera", "wanda", "lena"}
        assert reason.strip()
        assert self.signed
        after = self.now().transcript.segments
        assert [content(s) for s in after] == [content(s) for s in before]
        assert {s.state for s in after} <= {State.VERIFIED}
        self.signed = ()

    @invariant()
    def nobody_verified_their_own_work(self) -> None:
        """By the model's knowledge, not the revisions'; and what is signed stays."""
        opened = self.now()
        revisions = history.by_segment(opened.transcript)
        for segment in opened.transcript.segments:
            verification = history.verification(revisions[segment.id])
            if segment.state in {State.VERIFIED, State.LOCKED}:
                assert verification is not None
                assert verification.by not in self.hands[segment.id]
        assert [v.digest for v in opened.versions] == self.versions
        if self.signed:
            assert opened.transcript.segments == self.signed
            assert opened.signed is not None
        else:
            assert opened.signed is None

    def words(self) -> list[list[str]]:
        """Every letter of both sides; in no order, because spans that overlap may change places."""
        segments = self.now().transcript.segments
        sides = [[*"".join(text(s) for s in segments)] for text in (_source, _target)]
        return [sorted(c for c in side if not c.isspace()) for side in sides]


class LifeNearTheEnd(Life):
    """The same from where vera can sign."""

    ready = True


def _source(segment: Segment) -> str:
    return segment.source


def _target(segment: Segment) -> str:
    return segment.target


def content(segment: Segment) -> tuple[object, ...]:
    """What a person may change."""
    return (
        segment.source, segment.target, segment.speaker, segment.language, segment.start_ms,
        segment.end_ms, segment.target_stale,
    )  # fmt: skip


TestLife = Life.TestCase
TestLifeNearTheEnd = LifeNearTheEnd.TestCase
for case in (TestLife, TestLifeNearTheEnd):
    case.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
del case  # or it is collected as a third


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[tuple[Study, Desks, str]]:
    """A drafted recording, and everybody at their desks."""
    study, recording = copy(tmp_path)
    desks = {name: study.desk(name) for name in PEOPLE}
    yield study, desks, recording
    for desk in desks.values():
        desk.vault.close()


def segments(desk: Desk, recording: str) -> tuple[Segment, ...]:
    """The segments as they are shown."""
    return open_transcript(desk, recording).transcript.segments


def cut(desk: Desk, recording: str, number: str = "1") -> Segment:
    """Split a segment in its middle, after the second word of each text."""
    segment = next(s for s in segments(desk, recording) if s.number == number)
    return split(
        desk, recording, number,
        at_ms=(segment.start_ms + segment.end_ms) // 2,
        source_at=len(" ".join(segment.source.split()[:2])),
        target_at=len(" ".join(segment.target.split()[:2])),
    )  # fmt: skip


Scene = tuple[Study, Desks, str]


class TestNumbers:
    def test_a_split_moves_the_numbers_and_no_id(self, scene: Scene) -> None:
        """The second part is the next number; what followed moves on, and every id stays."""
        _, desks, recording = scene
        before = segments(desks["ivo"], recording)
        first = cut(desks["ivo"], recording)
        after = segments(desks["ivo"], recording)
        assert [s.number for s in after] == ["1", "2", "3", "4"]
        assert (after[0].id, first.source, after[1].source) == (
            before[0].id,
            "A água",
            "chegou na porta.",
        )
        assert (after[1].parent, after[1].start_ms) == (before[0].id, after[0].end_ms)
        assert [s.id for s in after[2:]] == [s.id for s in before[1:]]
        assert {s.state for s in after[:2]} == {State.EDITED}

    def test_the_part_of_a_part_stands_between(self, scene: Scene) -> None:
        """Splitting the first part again puts the new one before the older second part."""
        _, desks, recording = scene
        cut(desks["ivo"], recording)
        second = segments(desks["ivo"], recording)[1].id
        correct(desks["ivo"], recording, "1", Correction(source="um dois três", target="1 2 3"))
        cut(desks["ivo"], recording)
        texts = [s.source for s in segments(desks["ivo"], recording)]
        assert texts[:3] == ["um dois", "três", "chegou na porta."]
        assert segments(desks["ivo"], recording)[2].id == second

    def test_what_is_merged_is_found_and_counted_nowhere(self, scene: Scene) -> None:
        """Neither by its number, nor by its id, nor by a word, nor in the queue."""
        _, desks, recording = scene
        ivo = desks["ivo"]
        gone = segments(ivo, recording)[2]
        merge(ivo, recording, "2", anyway=True)
        assert [s.source for s in segments(ivo, recording)][1:] == [
            "Good morning to all. Não sei bem."
        ]
        with pytest.raises(NoSuchThing):
            correct(ivo, recording, gone.id, Correction())
        assert [(h.position, h.segment_id == gone.id) for h in find(ivo, "bem", 9).hits] == [
            (2, False)
        ]
        assert sum(queue(ivo)[0].counts.values()) == 2
        cut(ivo, recording, "1")
        assert [h.position for h in find(ivo, "bem", 9).hits] == [3]


class TestIndependence:
    def test_the_people_of_a_text_go_with_it(self, scene: Scene) -> None:
        """Wanda accepted the whole; of the parts that ivo made she can verify neither."""
        _, desks, recording = scene
        correct(desks["wanda"], recording, "1", Correction())
        cut(desks["ivo"], recording)
        for number in ("1", "2"):
            correct(desks["ivo"], recording, number, Correction())
            with pytest.raises(OwnWork):
                verify(desks["wanda"], recording, number, unplayed_reason="x")
            verify(desks["vera"], recording, number, unplayed_reason="x")

    def test_what_comes_after_the_split_is_ones_own(self, scene: Scene) -> None:
        """Wanda changes the first part later; the second she has not touched, and may verify."""
        _, desks, recording = scene
        cut(desks["ivo"], recording)
        correct(desks["wanda"], recording, "1", Correction(target="The flood"))
        correct(desks["ivo"], recording, "2", Correction())
        verify(desks["wanda"], recording, "2", unplayed_reason="x")
        with pytest.raises(OwnWork):
            verify(desks["wanda"], recording, "1", unplayed_reason="x")

    def test_a_merge_brings_both_together(self, scene: Scene) -> None:
        """Who accepted the one that is gone cannot verify the one that stays; nor after an undo."""
        _, desks, recording = scene
        correct(desks["wanda"], recording, "2", Correction())
        merge(desks["ivo"], recording, "1", anyway=True)
        correct(desks["ivo"], recording, "1", Correction())
        with pytest.raises(OwnWork):
            verify(desks["wanda"], recording, "1", unplayed_reason="x")

    def test_who_takes_back_has_changed_it(self, scene: Scene) -> None:
        """Undoing is no way to approve one's own taste."""
        _, desks, recording = scene
        correct(desks["ivo"], recording, "1", Correction(target="Rain"))
        undo(desks["wanda"], recording, "1")
        correct(desks["ivo"], recording, "1", Correction())
        with pytest.raises(OwnWork):
            verify(desks["wanda"], recording, "1", unplayed_reason="x")

    def test_the_signed_document_names_them(self, scene: Scene) -> None:
        """Authors and acceptors of what a text came from stand in what is signed, which holds."""
        study, desks, recording = scene
        correct(desks["wanda"], recording, "1", Correction())
        cut(desks["ivo"], recording)
        merge(desks["ivo"], recording, "3", anyway=True)
        play_whole(desks["vera"], recording, SilentPlayer())
        for segment in segments(desks["ivo"], recording):
            correct(desks["ivo"], recording, segment.id, Correction())
            verify(desks["vera"], recording, segment.id)
        document = sign(desks["vera"], recording, PASSPHRASE).document
        assert [s["authors"] for s in document["segments"]] == [["ivo"]] * 3
        assert [s["accepted_by"] for s in document["segments"]][:2] == [["ivo", "wanda"]] * 2
        assert [s["position"] for s in document["segments"]] == [1, 2, 3]
        for act in (cut, undo, merge):
            with pytest.raises(Signed):
                act(desks["ivo"], recording, "1")
        assert audit(study.root, None, "lena", PASSPHRASE, Order(), study.clock).whole


class TestUndo:
    def test_everything_back_to_the_draft(self, scene: Scene) -> None:
        """One change after the other, a merge and a split among them; the texts are the draft's."""
        _, desks, recording = scene
        ivo = desks["ivo"]
        before = [content(s) for s in segments(ivo, recording)]
        correct(ivo, recording, "1", Correction(source="Não.", speaker="P01"))
        undo(ivo, recording, "1")
        cut(ivo, recording)
        merge(ivo, recording, "1")
        undo(ivo, recording, "1")
        undo(ivo, recording, "1")
        merge(ivo, recording, "2", anyway=True)
        undo(ivo, recording, "2")
        assert [content(s) for s in segments(ivo, recording)] == before
        with pytest.raises(NotReady, match="no change"):
            undo(ivo, recording, "1")

    def test_not_below_what_depends_on_it(self, scene: Scene) -> None:
        """A split stays while its second part was changed since; then it goes."""
        _, desks, recording = scene
        cut(desks["ivo"], recording)
        correct(desks["ivo"], recording, "2", Correction(target="Something else"))
        with pytest.raises(NotReady, match="segment 2 was changed since"):
            undo(desks["ivo"], recording, "1")
        undo(desks["ivo"], recording, "2")
        undo(desks["ivo"], recording, "1")
        assert [s.source for s in segments(desks["ivo"], recording)] == [t for _, t in LINES]

    def test_a_part_is_taken_back_where_the_other_is(self, scene: Scene) -> None:
        """The second part says where."""
        _, desks, recording = scene
        cut(desks["ivo"], recording)
        with pytest.raises(NotReady) as refused:
            undo(desks["ivo"], recording, "2")
        assert "segment before it" in refused.value.hint


class TestStale:
    def test_a_guessed_cut_is_to_be_confirmed(self, scene: Scene) -> None:
        """Without a place for the translation, both parts are older than their source."""
        _, desks, recording = scene
        split(desks["ivo"], recording, "1", at_ms=1_000, source_at=6)
        first, second, *_ = segments(desks["ivo"], recording)
        assert first.target_stale
        assert second.target_stale
        correct(desks["ivo"], recording, "1", Correction())
        with pytest.raises(NotReady, match="older"):
            verify(desks["vera"], recording, "1", unplayed_reason="x")

    def test_target_language_has_one_text(self, scene: Scene) -> None:
        """Both sides are cut at the same place, and nothing is stale."""
        _, desks, recording = scene
        split(desks["ivo"], recording, "2", at_ms=4_000, source_at=12)
        _, first, second, _ = segments(desks["ivo"], recording)
        assert (first.source, second.source) == ("Good morning", "to all.")
        assert (first.target, second.target) == ("Good morning", "to all.")
        assert not first.target_stale

    @pytest.mark.parametrize(
        ("at_ms", "source_at", "target_at"),
        [(0, 6, 6), (3_000, 6, 6), (1_000, 0, 6), (1_000, 6, 99)],
    )
    def test_no_empty_part(self, scene: Scene, at_ms: int, source_at: int, target_at: int) -> None:
        """Of time or of text; nothing is changed."""
        _, desks, recording = scene
        with pytest.raises(BadValue):
            split(
                desks["ivo"], recording, "1", at_ms=at_ms, source_at=source_at, target_at=target_at
            )
        assert {s.version for s in segments(desks["ivo"], recording)} == {0}

    def test_two_languages_only_anyway(self, scene: Scene) -> None:
        """And never with what follows the last."""
        _, desks, recording = scene
        with pytest.raises(BadValue, match="two speakers or languages"):
            merge(desks["ivo"], recording, "1")
        with pytest.raises(NotReady, match="no segment follows"):
            merge(desks["ivo"], recording, "3")


class TestSpeakers:
    def test_everywhere_at_once(self, scene: Scene) -> None:
        """One revision each; what was done stays done, but is to be verified again."""
        _, desks, recording = scene
        correct(desks["ivo"], recording, "1", Correction())
        verify(desks["vera"], recording, "1", unplayed_reason="x")
        planned = plan(open_transcript(desks["ivo"], recording).transcript, "P01", old="UNK")
        assert (len(planned.segments), planned.verified) == (3, 1)
        rename(desks["ivo"], recording, "P01", old="UNK", seen=planned.seen)
        now = segments(desks["ivo"], recording)
        assert [s.speaker for s in now] == ["P01"] * 3
        assert [s.state for s in now] == [State.CORRECTED, State.DRAFT, State.DRAFT]
        assert [s.version for s in now] == [3, 1, 1]

    def test_a_range(self, scene: Scene) -> None:
        """Only there."""
        _, desks, recording = scene
        rename(desks["ivo"], recording, "I1", numbers=[2, 3])
        assert [s.speaker for s in segments(desks["ivo"], recording)] == ["UNK", "I1", "I1"]

    def test_all_or_none(self, scene: Scene) -> None:
        """One segment that moved on since it was asked, and nothing is renamed."""
        _, desks, recording = scene
        planned = plan(open_transcript(desks["ivo"], recording).transcript, "P01", old="UNK")
        correct(desks["wanda"], recording, "3", Correction(target="No."))
        with pytest.raises(MovedOn):
            rename(desks["ivo"], recording, "P01", old="UNK", seen=planned.seen)
        assert {s.speaker for s in segments(desks["ivo"], recording)} == {"UNK"}

    def test_what_there_is_not(self, scene: Scene) -> None:
        """A speaker or a number that does not occur, or nothing to change."""
        _, desks, recording = scene
        with pytest.raises(NoSuchThing):
            rename(desks["ivo"], recording, "P01", old="P77")
        with pytest.raises(NoSuchThing):
            rename(desks["ivo"], recording, "P01", numbers=[9])
        with pytest.raises(BadValue):
            rename(desks["ivo"], recording, "UNK", numbers=[1])
        with pytest.raises(NotAllowed):
            rename(desks["lena"], recording, "P01", old="UNK")


class TestTwoAtOnce:
    def test_a_conflict_tells_both(self, scene: Scene) -> None:
        """What was typed, what stands there, what both started from, and who."""
        _, desks, recording = scene
        correct(desks["wanda"], recording, "1", Correction(target="Theirs"))
        begin_editing(desks["wanda"], recording, "1")
        with pytest.raises(MovedOn) as found:
            correct(desks["ivo"], recording, "1", Correction(target="Mine"), seen_version=0)
        conflict = found.value
        assert conflict.mine == {"target": "Mine"}
        assert (conflict.theirs["target"], conflict.by) == ("Theirs", "wanda")
        assert conflict.base["target"] == "say A água chegou na porta."
        assert conflict.editing == ("wanda",)
        assert "Mine" not in str(conflict)
        assert "Theirs" not in repr(conflict)

    def test_who_has_it_open(self, scene: Scene) -> None:
        """Others see it until it is saved, closed, or ten minutes old."""
        _, desks, recording = scene
        ivo, wanda = desks["ivo"], desks["wanda"]
        first, second, _ = segments(ivo, recording)
        begin_editing(ivo, recording, "1")
        begin_editing(ivo, recording, "2")
        assert others_editing(wanda, recording, first.id) == ("ivo",)
        assert others_editing(ivo, recording, first.id) == ()
        assert queue(wanda)[0].editing == ("ivo",)
        correct(ivo, recording, "1", Correction())
        assert all_editing(wanda) == {recording: {second.id: ("ivo",)}}
        later = Desk(wanda.vault, lambda: wanda.clock() + timedelta(minutes=11))
        assert all_editing(later) == {}
        end_editing(ivo, recording, "2")
        assert all_editing(wanda) == {}

    def typed(
        self,
        scene: Scene,
        monkeypatch: pytest.MonkeyPatch,
        meanwhile: Callable[[], object],
        number: str = "1",
    ) -> str:
        """What ivo is shown who types a translation, while something happens to the segment."""
        study, _, recording = scene
        happening = [meanwhile]

        def edit(label: str, text: str) -> str:
            if label == "en" and happening:
                happening.pop()()
                return "Mine."
            return text  # leaves it

        monkeypatch.setattr("confere.cli.correct._edit", edit)
        secret = study.root.parent / "ivo.pw"
        secret.write_text(PASSPHRASE)
        line = ["correct", recording, number, "--as", "ivo", "--passphrase-file", str(secret)]
        done = CliRunner().invoke(confere, [*line, "--vault", str(study.root)])
        assert done.exit_code == 0, done.output
        return done.output

    def test_what_was_typed_by_hand_is_not_lost(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both texts are shown; it is asked for again, from one's own, on top of the other's."""
        _, desks, recording = scene
        other = Correction(source="Deles.", target="Theirs.")
        wanda = desks["wanda"]
        shown = self.typed(scene, monkeypatch, lambda: correct(wanda, recording, "1", other))
        for line in ("before:  say A água", "wanda:  Theirs.", "yours:   Mine."):
            assert f"target, {line}" in shown
        assert "source, yours" not in shown
        first = segments(wanda, recording)[0]
        assert (first.source, first.target, first.version) == ("Deles.", "Mine.", 2)
        assert all_editing(wanda) == {}

    def test_nor_when_the_segment_is_gone(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Merged into another by somebody while it was typed: the text is printed."""
        _, desks, recording = scene
        wanda = desks["wanda"]
        gone = lambda: merge(wanda, recording, "2", anyway=True)  # noqa: E731
        shown = self.typed(scene, monkeypatch, gone, "3")
        assert "segment 3 is there no longer; you typed:" in shown
        assert "Mine." in shown

    @pytest.mark.parametrize("seed", range(ROUNDS))
    def test_nothing_is_lost(self, tmp_path: Path, seed: int) -> None:
        """Two processes: what was saved is there, each once; and every refusal told both texts."""
        study, recording = copy(tmp_path)
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(2, mp_context=spawn) as pool:
            both = [
                pool.submit(hurry, str(study.root), recording, name, EDITS, seed)
                for name in ("ivo", "wanda")
            ]
            (mine, refused), (theirs, also_refused) = (one.result() for one in both)
        assert len(mine) + refused == len(theirs) + also_refused == EDITS
        desk = study.desk()
        transcript = open_transcript(desk, recording).transcript
        desk.vault.close()
        told = [r.after["target"] for r in transcript.revisions]
        assert sorted(map(str, told)) == sorted(mine + theirs)
        for segment in transcript.segments:
            made = history.by_segment(transcript)[segment.id]
            for earlier, later in pairwise(made):
                assert later.before["target"] == earlier.after["target"]
            assert not made or segment.target == made[-1].after["target"]
        print(f"{len(told)} saved, {refused + also_refused} conflicts")


_VERIFY = (
    "INSERT INTO revisions (segment_id, version, by, at, decision, before, after, nonce)"
    " VALUES ({}, 9, '{}', '', 'verify', '{{}}', '{{}}', x'00')"
)
_MAKE = (
    "INSERT INTO segments (id, recording_id, position, parent, place, start_ms, end_ms, speaker,"
    " language, source, target, state)"
    " SELECT 'made', recording_id, 77, {}, 1, 0, 1, 'P', 'pt', 'x', 'x', 'draft' FROM segments"
    " WHERE id = ?1"
)
#: Ways into the catalog that go round the software: ?1 is what ivo corrected, ?2 what he split off.
DIRECT = {
    "verify one's own": _VERIFY.format("?1", "ivo"),
    "verify a part of one's own": _VERIFY.format("?2", "wanda"),
    "a state": "UPDATE segments SET state = 'verified' WHERE id = ?1",
    "a state and a version": "UPDATE segments SET state = 'verified', version = version + 1"
    " WHERE id = ?2",
    "a text": "UPDATE segments SET target = 'no' WHERE id = ?2",
    "a hidden segment": "UPDATE segments SET merged_into = ?1, state = 'edited' WHERE id = ?2",
    "another parent": "UPDATE segments SET parent = NULL WHERE id = ?2",
    "another place": "UPDATE segments SET place = 3 WHERE id = ?2",
    "a made-up segment": _MAKE.format("NULL"),
    "a made-up part": _MAKE.format("?1"),
    "another author": "UPDATE revisions SET by = 'vera' WHERE segment_id = ?2",
    "no author": "DELETE FROM revisions WHERE segment_id = ?2",
    "another link": "UPDATE revisions SET after = json_remove(after, '$.parent')"
    " WHERE segment_id = ?2",
    "no segment": "DELETE FROM segments WHERE id = ?2",
}


@pytest.fixture
def written(scene: Scene) -> tuple[Study, Desks, str, tuple[str, str]]:
    """Wanda accepted the first segment, ivo corrected and split it."""
    study, desks, recording = scene
    correct(desks["wanda"], recording, "1", Correction())
    correct(desks["ivo"], recording, "1", Correction(target="The water came in."))
    cut(desks["ivo"], recording)
    for number in ("1", "2"):
        correct(desks["ivo"], recording, number, Correction())
    first, second, *_ = segments(desks["ivo"], recording)
    return study, desks, recording, (first.id, second.id)


Written = tuple[Study, Desks, str, tuple[str, str]]


@pytest.mark.parametrize("way", DIRECT)
def test_the_catalog_itself_refuses(written: Written, way: str) -> None:
    """A write past the software ends at a rule of the schema."""
    _, desks, recording, ids = written
    before = segments(desks["ivo"], recording)
    with pytest.raises(sqlcipher.IntegrityError):
        desks["ivo"].catalog.run(DIRECT[way], used(DIRECT[way], ids))
    assert segments(desks["ivo"], recording) == before


@pytest.mark.parametrize("way", DIRECT)
def test_without_those_rules_it_is_found(written: Written, way: str) -> None:
    """Whoever has the key can drop the rules; then opening the transcript or the audit tells."""
    study, desks, _, ids = written
    catalog = desks["ivo"].catalog
    catalog.run("PRAGMA foreign_keys = OFF")
    for row in catalog.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        catalog.run(f"DROP TRIGGER {row[0]}")
    catalog.run(DIRECT[way], used(DIRECT[way], ids))
    for desk in desks.values():
        desk.vault.close()
    assert not audit(study.root, None, "lena", PASSPHRASE, Order(), study.clock).whole


def test_a_forged_verification_is_found_at_once(written: Written) -> None:
    """Consistent in everything but the person: opening the transcript refuses it."""
    _, desks, recording, ids = written
    catalog = desks["ivo"].catalog
    catalog.run("DROP TRIGGER no_own_work")
    with catalog.transaction():
        version = catalog.value("SELECT version + 1 FROM segments WHERE id = ?", (ids[1],))
        catalog.run(
            "INSERT INTO revisions (segment_id, version, by, at, decision, before, after, nonce)"
            " VALUES (?, ?, 'wanda', '', 'verify', '{}', '{}', x'00')",
            (ids[1], version),
        )
        catalog.run(
            "UPDATE segments SET state = 'verified', version = ? WHERE id = ?", (version, ids[1])
        )
    with pytest.raises(AlteredTranscript, match="verified by who worked on it"):
        open_transcript(desks["vera"], recording)


def used(statement: str, ids: tuple[str, str]) -> tuple[str, ...]:
    """As many ids as a statement names."""
    return ids if "?2" in statement else ids[:1]


def test_many_splits_and_merges_keep_every_word(scene: Scene) -> None:
    """Whatever is cut and joined, in whatever order: undone, it is the draft again."""
    _, desks, recording = scene
    ivo, chance = desks["ivo"], random.Random(7)
    before = [content(s) for s in segments(ivo, recording)]
    done: list[str] = []
    for _ in range(40):
        now = segments(ivo, recording)
        chosen = chance.choice(now)
        try:
            if chance.random() < 0.6:
                cut(ivo, recording, chosen.number)
            else:
                merge(ivo, recording, chosen.id, anyway=True)
        except (BadValue, NotReady):
            continue
        done.append(chosen.id)
    assert len(done) > 10
    for id_ in reversed(done):
        undo(ivo, recording, id_)
    assert [content(s) for s in segments(ivo, recording)] == before
