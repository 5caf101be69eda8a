"""The translation memory at the desk: what is suggested, where from, and what is told of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from confere import wiring
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.destroy import destroy
from confere.acts.offload import Dock, offload_folder
from confere.acts.reading import open_transcript
from confere.acts.sign import sign
from confere.acts.suggest import Suggestion, TranslationMemory
from confere.acts.take_in import take_in
from confere.acts.verify import return_segment, verify
from confere.errors import NoSuchThing, NotAllowed
from confere.intake.outcome import Silent
from confere.vault import Vault
from confere.vault.events import list_events
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, WRONG, Study

WATER = ("Naquele tempo não tinha água.", "Back then there was no water.")
#: Said in the first recording, and how it was translated there.
FIRST = (WATER, ("Não sei.", "I don't know."), ("Ele foi?", "Did he go?"))
#: Said in the second; the machine's own translation of it does not matter.
SECOND = ("Naquele tempo não tinha água!", "não  sei", "Ele foi.", "Naquele tempo não tinha luz.")


@contextlib.contextmanager
def at_desk(study: Study, name: str) -> Iterator[Desk]:
    """Sit down, and close the catalog afterwards."""
    desk = study.desk(name)
    try:
        yield desk
    finally:
        desk.vault.close()


def recorded(study: Study, name: str, pitch_hz: float, lines: list[tuple[str, str]]) -> str:
    """Offload, take in and draft one recording; return its id."""
    card = study.root.parent / "card"
    write_tone(card / name, seconds=20, pitch_hz=pitch_hz)
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    assert offload_folder(dock, card, Silent(), keep=False).problem is None
    with at_desk(study, "lena") as desk:
        (taken,) = take_in(desk)
        draft(desk, taken.id, FakeSpeechEngine(lines), FakeTranslationEngine())
    return taken.id


@pytest.fixture
def verified(study: Study) -> str:
    """A recording of which every segment was corrected by ivo and verified by vera."""
    recording = recorded(
        study, "a.wav", 300, [*(("pt", s) for s, _ in FIRST), ("en", "Thank you.")]
    )
    with at_desk(study, "ivo") as desk:
        for number, (_, target) in enumerate(FIRST, 1):
            correct(desk, recording, str(number), Correction(target=target))
        correct(desk, recording, "4", Correction())
    with at_desk(study, "vera") as desk:
        for number in range(1, 5):
            verify(desk, recording, str(number), unplayed_reason="a tone, heard before")
    return recording


@pytest.fixture
def waiting(study: Study, verified: str) -> str:
    """A second recording, with a draft that says much the same."""
    lines = [*(("pt", s) for s in SECOND), ("en", "Thank you.")]
    return recorded(study, "b.wav", 500, lines)


def facts(found: tuple[Suggestion, ...]) -> list[tuple[int, bool, str, str]]:
    """Return score, exactness and both texts of each."""
    return [(s.score, s.exact, s.pair.source, s.pair.target) for s in found]


def test_a_repeat_is_suggested_with_where_it_comes_from(
    study: Study, verified: str, waiting: str
) -> None:
    """The very pair, its segment, and who verified it when."""
    with at_desk(study, "ivo") as desk:
        segment, (found,) = TranslationMemory(desk).suggest_for(waiting, "1")
        assert segment.source == SECOND[0]
        assert facts((found,)) == [(100, True, *WATER)]
        assert (found.pair.recording_id, found.origin.number) == (verified, 1)
        (of_it,) = [
            r
            for r in open_transcript(desk, verified).transcript.revisions
            if r.segment_id == found.pair.segment_id and r.decision == "verify"
        ]
        assert (found.origin.by, found.origin.at) == ("vera", of_it.at)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("2", [(100, True, "Não sei.", "I don't know.")]),  # short
        ("3", [(99, False, "Ele foi?", "Did he go?")]),  # was asked, is said
        ("5", []),  # spoken in the target language
    ],
)
def test_suggestions_for_a_segment(
    study: Study, waiting: str, number: str, expected: list[tuple[int, bool, str, str]]
) -> None:
    """A repeat, what only looks like one, and what needs no translation."""
    with at_desk(study, "ivo") as desk:
        assert facts(TranslationMemory(desk).suggest_for(waiting, number)[1]) == expected


def test_what_is_like_it_is_no_repeat(study: Study, waiting: str) -> None:
    """Light is not water: 25 characters in common, of 27 and 28."""
    with at_desk(study, "ivo") as desk:
        found = TranslationMemory(desk).suggest_for(waiting, "4")[1]
        assert facts(found) == [(90, False, *WATER)]


def test_a_segment_is_not_suggested_to_itself(study: Study, verified: str) -> None:
    """What it says now is no news to whoever looks at it."""
    with at_desk(study, "vera") as desk:
        memory = TranslationMemory(desk)
        assert memory.suggest_for(verified, "1")[1] == ()
        assert facts(memory.suggest(WATER[0])) == [(100, True, *WATER)]


def test_nothing_is_put_in_by_itself(study: Study, waiting: str) -> None:
    """Asking changes no segment and writes no revision."""
    with at_desk(study, "ivo") as desk:
        before = open_transcript(desk, waiting).transcript
        for segment in before.segments:
            TranslationMemory(desk).suggest_for(waiting, segment.number)
        assert open_transcript(desk, waiting).transcript == before


def test_returned_it_is_suggested_no_more(study: Study, verified: str) -> None:
    """At once; in the same sitting too. Signed, it is."""
    with at_desk(study, "vera") as desk:
        memory = TranslationMemory(desk)
        assert memory.suggest(WATER[0])
        return_segment(desk, verified, "1", "another word", WRONG)
        assert memory.suggest(WATER[0]) == ()
    with at_desk(study, "ivo") as desk:
        correct(desk, verified, "1", Correction(target="There was no water then."))
        assert TranslationMemory(desk).suggest(WATER[0]) == ()
    with at_desk(study, "vera") as desk:
        verify(desk, verified, "1", unplayed_reason="as before")
        sign(desk, verified, PASSPHRASE)
        (found,) = TranslationMemory(desk).suggest(WATER[0])
        assert found.pair.target == "There was no water then."


def test_destroyed_it_is_suggested_no_more(study: Study, verified: str) -> None:
    """Nothing of it is left to suggest, in whatever sitting."""
    with at_desk(study, "ivo") as reader, at_desk(study, "lena") as desk:
        memory = TranslationMemory(reader)
        assert memory.suggest(WATER[0])
        destroy(desk, verified, "withdrawn")
        assert memory.suggest(WATER[0]) == ()
        assert memory.suggest("Não sei") == ()
        assert memory.newest(9).count == 0


def test_the_pairs_are_listed(study: Study, verified: str) -> None:
    """The newest first, without what was said in the target language."""
    with at_desk(study, "lena") as desk:
        listed = TranslationMemory(desk).newest(2)
        assert listed.count == 3
        assert [p.source for p, _ in listed.pairs] == [FIRST[2][0], FIRST[1][0]]
        assert {v.by for _, v in listed.pairs} == {"vera"}


def test_reading_is_told_once_a_sitting(study: Study, verified: str, waiting: str) -> None:
    """Every recording of which a text is shown; again only by the next sitting; nothing for nothing."""
    with at_desk(study, "ivo") as desk:
        memory = TranslationMemory(desk)
        memory.suggest("Nada que alguém tenha dito.")
        assert reads(desk) == []
        memory.suggest(WATER[0])
        memory.suggest(WATER[0])
        assert reads(desk) == [("ivo", verified)]
        memory.suggest_for(waiting, "1")
        memory.suggest_for(waiting, "2")
        assert reads(desk) == [("ivo", verified), ("ivo", waiting)]
    with at_desk(study, "vera") as desk:
        TranslationMemory(desk).newest(1)
        assert reads(desk)[2:] == [("vera", verified)]


def reads(desk: Desk) -> list[tuple[str, str]]:
    """Return who was told to have read which recording, in order."""
    told = (event.value() for event in list_events(desk.catalog))
    return [(v["by"], v["of"]["recording"]) for v in told if v["what"] == "read"]


def test_who_may_ask(study: Study, verified: str) -> None:
    """Interpreter, verifier, lead; of what is not there nobody hears."""
    for name in ("ivo", "vera", "lena"):
        with at_desk(study, name) as desk:
            assert TranslationMemory(desk).suggest(WATER[0])
            with pytest.raises(NoSuchThing):
                TranslationMemory(desk).suggest_for(verified, "99")


def test_roles_that_read_nothing_are_refused(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has none of the three roles, should they ever get as far as a desk."""
    with at_desk(study, "vera") as desk:
        monkeypatch.setattr(type(desk), "person", desk.roster.person("fabio"))
        with pytest.raises(NotAllowed, match="translation memory"):
            TranslationMemory(desk)
