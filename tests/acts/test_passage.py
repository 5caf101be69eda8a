"""A passage decides what the whole transcript would: after any history, and after other hands were at it.

``CONFERE_LIFE_ROUNDS`` asks for more histories than a usual run of the tests takes.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from acts.life_scenes import PEOPLE, copy
from acts.test_segments_life import DIRECT, used
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.passage import open_passage
from confere.acts.reading import open_transcript
from confere.acts.speakers import rename
from confere.acts.split import merge, split, undo
from confere.acts.verify import keep_played, return_segment, verify
from confere.domain import Coverage, Passage, Revision, Segment, Transcript
from confere.errors import AlteredTranscript, ConfereError, NoSuchThing
from confere.review import changes, history, reshape
from confere.vault import passages, transcripts
from doubles.studies import WRONG

ROUNDS = 2 * int(os.environ.get("CONFERE_LIFE_ROUNDS", "1"))
STEPS = 60
AT = "2026-11-22T18:00:00.000Z"

Desks = dict[str, Desk]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[tuple[Desks, str]]:
    """Everybody at their desks, with a drafted recording of three segments."""
    study, recording = copy(tmp_path)
    desks = {name: study.desk(name) for name in PEOPLE}
    yield desks, recording
    for desk in desks.values():
        desk.vault.close()


def something(chance: random.Random, desk: Desk, recording: str, segment: Segment) -> None:
    """Let somebody do something to a segment, or try to."""
    middle = (segment.start_ms + segment.end_ms) // 2
    acts: list[Callable[[], object]] = [
        lambda: correct(desk, recording, segment.id, Correction()),
        lambda: correct(desk, recording, segment.id, Correction(target=f"{chance.random()}")),
        lambda: correct(desk, recording, segment.id, Correction(start_ms=segment.start_ms + 1)),
        lambda: split(
            desk, recording, segment.number, at_ms=middle, source_at=1, target_at=len("s")
        ),
        lambda: merge(desk, recording, segment.number, anyway=True),
        lambda: undo(desk, recording, segment.number),
        lambda: verify(desk, recording, segment.id, unplayed_reason=chance.choice(["", "there"])),
        lambda: return_segment(desk, recording, segment.id, "no", WRONG),
        lambda: rename(desk, recording, f"P{chance.randrange(3)}", numbers=[segment.position]),
        lambda: played(desk, recording, segment),
    ]
    try:
        chance.choices(acts, weights=(4, 2, 1, 1, 1, 1, 5, 1, 1, 4))[0]()
    except ConfereError:
        return


def played(desk: Desk, recording: str, segment: Segment) -> None:
    """Play a segment without its sound."""
    of = open_transcript(desk, recording).transcript.recording
    keep_played(desk, of, (segment.start_ms, segment.end_ms))


def outcome(act: Callable[[], Any]) -> Any:
    """What an act gives, or what refuses it."""
    try:
        return act()
    except ConfereError as error:
        return type(error), error.message


def decided(passage: Passage, segment: Segment, by: str) -> list[Any]:
    """What comes of everything that is decided with a view to more than the segment itself."""
    seen = segment.version
    return [
        outcome(lambda: changes.verify(segment, passage, by, AT, seen_version=seen)),
        outcome(lambda: reshape.merge(passage, segment, by, AT, anyway=True, seen_version=seen)),
        outcome(lambda: reshape.undo(passage, segment, by, AT, seen_version=seen)),
    ]


def walked_back(revisions: tuple[Revision, ...], segment_id: str) -> tuple[Revision, ...]:
    """The story of a segment, found the other way round: from the last revision to the first."""
    belong, found = {segment_id}, []
    for revision in reversed(revisions):
        if revision.segment_id in belong:
            found.append(revision)
            if revision.origin:
                belong.add(revision.origin)
    return tuple(reversed(found))


def require_same(desk: Desk, recording: str, whole: Transcript, segment: Segment) -> None:
    """The passage of a segment tells and decides what the whole does."""
    for given in (segment.id, segment.number):
        passage, found = open_passage(desk, recording, given, following=True)
        assert not isinstance(passage, Transcript)
        assert found == segment
    assert passage.story(segment.id) == whole.story(segment.id)
    assert whole.story(segment.id) == walked_back(whole.revisions, segment.id)
    assert history.workers(passage, segment.id) == history.workers(whole, segment.id)
    span = segment.start_ms, segment.end_ms
    for name in PEOPLE:
        assert passage.played.get(name, Coverage()).within(*span) == whole.played.get(
            name, Coverage()
        ).within(*span)
        assert decided(passage, segment, name) == decided(whole, segment, name)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_passage_decides_as_the_whole(scene: tuple[Desks, str], seed: int) -> None:
    """After each step of a random history, for every segment and every person."""
    desks, recording = scene
    chance = random.Random(seed)
    most = 0
    for segment in open_transcript(desks["vera"], recording).transcript.segments:
        correct(desks["ivo"], recording, segment.id, Correction())
        played(desks["vera"], recording, segment)
        verify(desks["vera"], recording, segment.id)
    for _ in range(STEPS):
        whole = open_transcript(desks["lena"], recording).transcript
        chosen = chance.choice(whole.segments)
        something(chance, desks[chance.choice(PEOPLE)], recording, chosen)
        whole = open_transcript(desks["lena"], recording).transcript
        for segment in whole.segments:
            require_same(desks["lena"], recording, whole, segment)
        most = max(most, len(whole.segments) + len(whole.merged))
    assert most > 3, "nothing was ever split"


@pytest.mark.parametrize("given", ["0", "4", "01", "-1", "", "9" * 30, "no", "１"])
def test_no_such_segment(scene: tuple[Desks, str], given: str) -> None:
    """What the whole transcript does not find, is not found."""
    desks, recording = scene
    with pytest.raises(NoSuchThing):
        transcripts.find_segment(open_transcript(desks["ivo"], recording).transcript, given)
    with pytest.raises(NoSuchThing):
        passages.find_segment_id(desks["ivo"].catalog, recording, given)
    with pytest.raises(NoSuchThing):
        open_passage(desks["ivo"], recording, given)


def test_a_merged_segment_is_not_found(scene: tuple[Desks, str]) -> None:
    """By its id: it stands no longer by itself. Its passage is that of what took it in."""
    desks, recording = scene
    ivo = desks["ivo"]
    first, second, third = open_transcript(ivo, recording).transcript.segments
    merge(ivo, recording, "1", anyway=True)
    with pytest.raises(NoSuchThing):
        open_passage(ivo, recording, second.id)
    passage, found = open_passage(ivo, recording, first.id)
    assert [s.id for s in passage.merged] == [second.id]
    assert open_passage(ivo, recording, "2")[1].id == third.id
    assert found.id == first.id


def test_nothing_else_is_read(scene: tuple[Desks, str]) -> None:
    """A segment that nothing is tied to comes alone, with its own revisions and who played its span."""
    desks, recording = scene
    for number in ("1", "2", "3"):
        correct(desks["ivo"], recording, number, Correction(target="Another."))
    whole = open_transcript(desks["vera"], recording).transcript
    for segment in whole.segments:
        played(desks["vera"], recording, segment)
    passage, second = open_passage(desks["vera"], recording, "2")
    assert passage.segments == (second,)
    assert {r.segment_id for r in passage.revisions} == {second.id}
    with_next, _ = open_passage(desks["vera"], recording, "2", following=True)
    assert [s.number for s in with_next.segments] == ["2", "3"]
    last, _ = open_passage(desks["vera"], recording, "3", following=True)
    assert [s.number for s in last.segments] == ["3"]


#: An author alone, revisions do not tell; what was never drafted is tied to nothing, and is found by
#: whoever reads the whole.
NOT_HERE = {"another author", "a made-up segment"}


@pytest.mark.parametrize("way", [way for way in DIRECT if way not in NOT_HERE])
def test_other_hands_are_found(scene: tuple[Desks, str], way: str) -> None:
    """Where the whole transcript is refused for what was done to a segment, so is its passage."""
    desks, recording = scene
    ivo = desks["ivo"]
    correct(desks["wanda"], recording, "1", Correction())
    correct(ivo, recording, "1", Correction(target="The water came in."))
    split(ivo, recording, "1", at_ms=1500, source_at=4, target_at=4)
    for number in ("1", "2"):
        correct(ivo, recording, number, Correction())
    ids = tuple(s.id for s in open_transcript(ivo, recording).transcript.segments[:2])
    catalog = ivo.catalog
    catalog.run("PRAGMA foreign_keys = OFF")
    for row in catalog.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        catalog.run(f"DROP TRIGGER {row[0]}")
    catalog.run(DIRECT[way], used(DIRECT[way], (ids[0], ids[1])))
    with pytest.raises(AlteredTranscript):
        open_transcript(ivo, recording)
    found = [refusal(ivo, recording, id_) for id_ in ids]
    assert AlteredTranscript in found, found


def refusal(desk: Desk, recording: str, id_: str) -> type[ConfereError] | None:
    """What hinders opening a segment."""
    try:
        open_passage(desk, recording, id_)
    except ConfereError as error:
        return type(error)
    return None
