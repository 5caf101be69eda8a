"""What a split and a merge are to those who only read: drafts beside finals, and the document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from confere import review
from confere.domain import Segment, State
from confere.errors import AlteredTranscript, MovedOn, Signed
from confere.review import history
from confere.review.drafted import drafted
from confere.review.entries import likely_place
from confere.review.reshape import Reshaped
from review.scenes import AT, INES, VERA, Desk, a_segment, a_verified_desk


class Reshaping(Desk):
    """A desk at which segments are split, merged and taken back as well."""

    def reshape(self, made: Reshaped) -> None:
        """Keep what was decided, in the order of time."""
        shown = {s.id: s for s in (*self.transcript.segments, *self.transcript.merged)}
        shown |= {segment.id: segment for segment, _ in made}
        merged = tuple(s for s in shown.values() if s.state is State.MERGED)
        rest = sorted(
            (s for s in shown.values() if s.state is not State.MERGED), key=lambda s: s.start_ms
        )
        self.transcript = replace(
            self.transcript,
            segments=tuple(replace(s, position=n) for n, s in enumerate(rest)),
            merged=merged,
            revisions=(*self.transcript.revisions, *(revision for _, revision in made)),
        )

    def split(self, id_: str, new_id: str) -> None:
        """Split a segment in its middle, after its second word."""
        segment = self[id_]
        made = review.split(
            segment,
            INES,
            AT,
            seen_version=segment.version,
            new_id=new_id,
            at_ms=(segment.start_ms + segment.end_ms) // 2,
            source_at=len(" ".join(segment.source.split()[:2])),
            target_at=len(" ".join(segment.target.split()[:2])),
        )
        self.reshape(made)

    def merge(self, id_: str) -> None:
        """Merge a segment with the next."""
        segment = self[id_]
        seen = segment.version
        self.reshape(review.merge(self.transcript, segment, INES, AT, seen_version=seen))

    def undo(self, id_: str) -> None:
        """Take the last change back."""
        segment = self[id_]
        self.reshape(review.undo(self.transcript, segment, INES, AT, seen_version=segment.version))


@pytest.fixture
def desk() -> Reshaping:
    """A fresh transcript of three segments."""
    return Reshaping(a_segment(0), a_segment(1), a_segment(2))


def texts(desk: Desk) -> list[tuple[str, str]]:
    """Each draft beside its final text."""
    return [(d.draft_source, d.source) for d in drafted(desk.transcript)]


def test_drafts_follow_a_split(desk: Reshaping) -> None:
    """Both parts together stand beside the draft of the whole."""
    before = texts(desk)
    desk.split("seg1", "new")
    assert texts(desk) == before
    desk.correct("new", source="outra coisa.")
    assert texts(desk)[1] == (before[1][0], "A água outra coisa.")
    assert texts(desk)[2] == before[2]


def test_drafts_follow_a_merge(desk: Reshaping) -> None:
    """Two drafts stand beside the one text, with what was corrected before."""
    first, second, third = (draft for draft, _ in texts(desk))
    desk.correct("seg1", source="Choveu.")
    desk.merge("seg0")
    assert texts(desk) == [(f"{first} {second}", f"{first} Choveu."), (third, third)]


def test_a_part_that_was_merged_with_the_next(desk: Reshaping) -> None:
    """The chain stands as one."""
    first, second, third = (draft for draft, _ in texts(desk))
    desk.split("seg0", "new")
    desk.merge("new")
    assert texts(desk) == [(f"{first} {second}", f"{first} {second}"), (third, third)]


def test_segments_follow_from_their_revisions(desk: Reshaping) -> None:
    """After a split, a merge and their undoing; and every loose end is found."""
    desk.split("seg0", "new")
    desk.merge("new")
    history.require_consistent(desk.transcript)
    desk.undo("new")
    desk.undo("seg0")
    history.require_consistent(desk.transcript)
    whole = desk.transcript
    for number in range(len(whole.revisions)):
        revisions = whole.revisions[:number] + whole.revisions[number + 1 :]
        desk.transcript = replace(whole, revisions=revisions)
        with pytest.raises(AlteredTranscript):
            history.require_consistent(desk.transcript)


def test_the_next_one_must_be_the_one_that_was_seen(desk: Reshaping) -> None:
    """A merge names the version of both."""
    with pytest.raises(MovedOn):
        review.merge(desk.transcript, desk["seg0"], INES, AT, seen_version=0, seen_next=3)


def test_signed_stays() -> None:
    """Neither split nor merged nor taken back after the signature."""
    signed = a_verified_desk()
    signed.sign()
    segment: Segment = signed["seg0"]
    seen = segment.version
    with pytest.raises(Signed):
        review.undo(signed.transcript, segment, VERA, AT, seen_version=seen)
    with pytest.raises(Signed):
        review.merge(signed.transcript, segment, VERA, AT, seen_version=seen)
    with pytest.raises(Signed):
        review.rename(segment, VERA, AT, seen_version=seen, speaker="P9")


def test_likely_place_is_between_words() -> None:
    """After the same share of the translation; at its beginning if it has one word only."""
    assert likely_place("um dois três quatro", 7, "one two three four") == 7
    assert likely_place("um dois", 2, "word") == 0
