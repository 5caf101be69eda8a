"""The word list at the desk: who changes it, what is refused, what it touches, what is proposed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from confere import wiring
from confere.acts import words
from confere.acts.audit import Order, audit
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.destroy import destroy
from confere.acts.reading import open_transcript
from confere.acts.sign import sign
from confere.acts.split import split
from confere.acts.verify import verify
from confere.domain import State, WordEntry, WordStatus
from confere.errors import (
    BadValue,
    BadWordList,
    NoSuchThing,
    NotAllowed,
    WordsClash,
    WordsMovedOn,
)
from confere.vault.events import events_of, list_events
from confere.vault.word_lists import current_version, current_words
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.studies import PASSPHRASE
from doubles.teams import Team

KEEP = WordEntry("maracatu", "", WordStatus.KEEP, "a dance")
AGENT = WordEntry("agente de saúde", "community health worker", WordStatus.REQUIRED)
THREE = WordEntry("três", "three", WordStatus.REQUIRED)
SAT = "sat in the room"


def audited(team: Team) -> list[str]:
    """Return what an audit finds wrong."""
    done = audit(team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock)
    return [f"{f.about}: {f.text}" for f in done.report.wrong]


def told(desk: Desk, what: str) -> list[dict[str, object]]:
    """Return the facts of the events of a kind."""
    return [event.value()["of"] for event in events_of(desk.catalog, what)]


def test_a_list_grows_and_is_told(team: Team) -> None:
    """By interpreter and lead; every version stays, and the log has none of its words."""
    first = words.add_entry(team["ivo"], KEEP)
    assert (first.words.number, first.words.entries, first.added) == (1, (KEEP,), (KEEP,))
    words.add_entry(team["lena"], AGENT)
    other = WordEntry(" agente  de saúde", "health agent ", WordStatus.REQUIRED, "as in 2024")
    edited = words.edit_entry(team["ivo"], 2, other)
    assert edited.removed == (AGENT,)
    assert edited.added == (
        WordEntry("agente de saúde", "health agent", WordStatus.REQUIRED, "as in 2024"),
    )
    removed = words.remove_entry(team["ivo"], 1)
    assert removed.words.entries == edited.added
    assert words.list_words(team["vera"]) == removed.words
    versions = words.history(team["vera"])
    assert [(v.words.number, v.words.by) for v in versions] == [
        (1, "ivo"),
        (2, "lena"),
        (3, "ivo"),
        (4, "ivo"),
    ]
    assert (versions[2].added, versions[2].removed) == (edited.added, (AGENT,))
    facts = told(team["lena"], "words")
    assert [(f["number"], f["entries"]) for f in facts] == [(1, 1), (2, 2), (3, 2), (4, 1)]
    assert not any(
        b"maracatu" in e.body or b"health" in e.body for e in list_events(team["lena"].catalog)
    )
    assert audited(team) == []


def test_who_changes_it(team: Team) -> None:
    """A verifier judges by the list and does not change it, unless they are an interpreter, too."""
    words.add_entry(team["ivo"], KEEP)
    attempts: list[Callable[[], object]] = [
        lambda: words.add_entry(team["vera"], AGENT),
        lambda: words.edit_entry(team["vera"], 1, AGENT),
        lambda: words.remove_entry(team["vera"], 1),
        lambda: words.import_words(team["vera"], b"source,target,status\n"),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed, match="change the word list"):
            attempt()
    assert words.list_words(team["vera"]).entries == (KEEP,)
    assert words.export_words(team["vera"]).startswith(b"source,target")
    words.add_entry(team["bia"], AGENT)


def test_nothing_changed_is_no_version(team: Team) -> None:
    """What is there already as wanted makes no event."""
    words.add_entry(team["ivo"], KEEP)
    data = words.export_words(team["ivo"])
    for done in (
        words.import_words(team["lena"], data),
        words.import_words(team["lena"], data, replace=True),
        words.edit_entry(team["lena"], 1, KEEP),
    ):
        assert (done.words.number, done.added, done.removed, done.touched) == (1, (), (), ())
    assert len(told(team["lena"], "words")) == 1


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (WordEntry("Maracatu", "", WordStatus.KEEP), "entry 1 and the new entry are the same"),
        (
            WordEntry("maracatu", "dance", WordStatus.REQUIRED),
            "entry 1 and the new entry contradict each other",
        ),
    ],
)
def test_the_same_and_the_contrary_are_refused(team: Team, entry: WordEntry, message: str) -> None:
    """Both places are named, no word is, and nothing is saved."""
    words.add_entry(team["ivo"], KEEP)
    words.add_entry(team["ivo"], AGENT)
    with pytest.raises(WordsClash) as refused:
        words.add_entry(team["ivo"], entry)
    assert refused.value.message == message
    with pytest.raises(WordsClash) as refused:
        words.edit_entry(team["ivo"], 2, entry)
    assert refused.value.message == message
    assert words.list_words(team["ivo"]).entries == (KEEP, AGENT)


@pytest.mark.parametrize(
    "entry",
    [
        WordEntry(" ", "x", WordStatus.REQUIRED),
        WordEntry("x", "", WordStatus.FORBIDDEN),
        WordEntry("x", "y", WordStatus.KEEP),
        WordEntry("x", "y\x00", WordStatus.REQUIRED),
        WordEntry("x", "=y()", WordStatus.REQUIRED),
        WordEntry("x" * 201, "y", WordStatus.REQUIRED),
    ],
)
def test_what_cannot_be_an_entry(team: Team, entry: WordEntry) -> None:
    """The same holds for what is typed as for what is imported."""
    with pytest.raises(BadValue):
        words.add_entry(team["ivo"], entry)
    assert current_version(team["ivo"].catalog) == 0


def test_two_people_at_once(team: Team) -> None:
    """Different words: both stand. The same words: the second is shown both, and nothing is lost."""
    seen = words.add_entry(team["ivo"], KEEP).words.number
    words.add_entry(team["ivo"], THREE)
    mine = WordEntry("maracatu", "maracatu dance", WordStatus.REQUIRED)
    words.edit_entry(team["lena"], 1, mine)  # version 3
    added = words.add_entry(team["bia"], AGENT, seen=2)
    assert added.words.entries == (mine, THREE, AGENT)
    words.remove_entry(team["bia"], 2, seen=2)
    assert words.list_words(team["ivo"]).entries == (mine, AGENT)
    theirs = WordEntry("maracatu", "", WordStatus.KEEP, "a procession")
    with pytest.raises(WordsMovedOn) as refused:
        words.edit_entry(team["ivo"], 1, theirs, seen=seen)
    conflict = refused.value
    assert (conflict.seen, conflict.now, conflict.by) == (1, 5, "lena")
    assert "maracatu" not in conflict.message + conflict.hint
    assert [(c["change"], c["note"]) for c in conflict.mine] == [
        ("added", "a procession"),
        ("removed", "a dance"),
    ]
    assert {c["target"] for c in conflict.theirs} >= {"maracatu dance"}
    with pytest.raises(WordsMovedOn):
        words.remove_entry(team["ivo"], 1, seen=seen)
    file = words.export_words(team["ivo"], number=1)
    with pytest.raises(WordsMovedOn):  # the file would undo what others did
        words.import_words(team["ivo"], file, replace=True, seen=2)
    with pytest.raises(NoSuchThing):
        words.add_entry(team["ivo"], theirs, seen=9)
    assert words.list_words(team["ivo"]).entries == (mine, AGENT)
    assert audited(team) == []


def test_both_did_the_same(team: Team) -> None:
    """Then there is nothing to refuse, and no version more."""
    seen = words.add_entry(team["ivo"], KEEP).words.number
    words.add_entry(team["lena"], THREE, seen=seen)
    assert words.add_entry(team["ivo"], THREE, seen=seen).words.number == 2


def test_a_file_is_merged(team: Team) -> None:
    """What is new is added, what is there is renewed in its place, the rest and its notes stay."""
    words.add_entry(team["ivo"], KEEP)
    words.add_entry(team["ivo"], AGENT)
    data = (
        "\ufeffsource;target;status;note\r\nMaracatu;;keep;\r\n"
        "agente de saúde;community health worker;required;ACS\r\ntrês;three;required;\r\n"
    )
    done = words.import_words(team["ivo"], data.encode())
    assert done.words.entries == (
        WordEntry("Maracatu", "", WordStatus.KEEP, "a dance"),
        WordEntry(AGENT.source, AGENT.target, AGENT.status, "ACS"),
        THREE,
    )
    assert done.words.number == 3


def test_a_file_takes_the_place_of_the_list(team: Team) -> None:
    """Only when that is said."""
    words.add_entry(team["ivo"], KEEP)
    done = words.import_words(
        team["ivo"], "source,target,status\ntrês,three,required\n".encode(), replace=True
    )
    assert (done.words.entries, done.removed) == ((THREE,), (KEEP,))


def test_a_bad_file_names_its_lines(team: Team) -> None:
    """Of two lines that clash, both; of one that clashes with the list, its entry."""
    words.add_entry(team["ivo"], THREE)
    twice = (
        "source,target,status\nrua,street,required\n\nponte,bridge,required\nRua,road,required\n"
    )
    with pytest.raises(WordsClash) as refused:
        words.import_words(team["ivo"], twice.encode())
    assert refused.value.message == "line 2 and line 5 contradict each other"
    against = "source,target,status\nponte,bridge,required\ntrês,,keep\n"
    with pytest.raises(WordsClash) as refused:
        words.import_words(team["ivo"], against.encode())
    assert refused.value.message == "entry 1 and line 3 of the file contradict each other"
    assert "--replace" in refused.value.hint
    many = "source,target,status\n" + "".join(
        f"w{n},a,required\nw{n},b,required\n" for n in range(9)
    )
    with pytest.raises(WordsClash, match="line 2 and line 3 .*; and 4 more$"):
        words.import_words(team["ivo"], many.encode())
    with pytest.raises(BadWordList, match="line 2: .*CSV UTF-8"):
        words.import_words(team["ivo"], "source,target,status\ntrês,a,required\n".encode("cp1252"))
    with pytest.raises(BadValue):
        words.import_words(team["ivo"], b"x" * 10_000_001)
    too_many = "source,target,status\n" + "".join(f"w{n},a,required\n" for n in range(5001))
    with pytest.raises(BadValue, match="at most 5000"):
        words.import_words(team["ivo"], too_many.encode())
    assert words.list_words(team["ivo"]).entries == (THREE,)


def test_what_was_exported_is_imported(team: Team, tmp_path: Path) -> None:
    """Any version; not into the vault, and over no file unless that is said."""
    words.add_entry(team["ivo"], KEEP)
    words.add_entry(team["ivo"], AGENT)
    to = tmp_path / "words.csv"
    assert words.export_words(team["vera"], to) == to.read_bytes()
    assert to.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadValue, match="is there already"):
        words.export_words(team["vera"], to, number=1)
    words.export_words(team["vera"], to, number=1, overwrite=True)
    assert to.read_bytes() == b"source,target,status,note\r\nmaracatu,,keep,a dance\r\n"
    back = words.import_words(team["ivo"], to.read_bytes(), replace=True)
    assert back.words.entries == (KEEP,)
    link = tmp_path / "link"
    link.symlink_to(team.study.root)
    for inside in (team.study.root / "words.csv", link / "log" / "words.csv", link / "catalog.db"):
        with pytest.raises(BadValue, match="into the vault"):
            words.export_words(team["lena"], inside, overwrite=True)
    with pytest.raises(BadValue):
        words.export_words(team["lena"], tmp_path / "no" / "words.csv")
    with pytest.raises(NoSuchThing):
        words.export_words(team["lena"], tmp_path / "x.csv", number=9)


def test_an_entry_is_found_by_number_or_source(team: Team) -> None:
    """A source that two entries have names none of them."""
    for entry in (KEEP, THREE, WordEntry("três", "tree", WordStatus.FORBIDDEN)):
        words.add_entry(team["ivo"], entry)
    listed = words.list_words(team["ivo"])
    assert words.find_entry(listed, " MARACATU") == 1
    assert words.find_entry(listed, "3") == 3
    for given, message in [("três", "no single entry"), ("0", "no entry"), ("4", "no entry")]:
        with pytest.raises(NoSuchThing, match=message):
            words.find_entry(listed, given)
    with pytest.raises(NoSuchThing):
        words.remove_entry(team["ivo"], 4)


# --- what a change touches -------------------------------------------------------------------------


def test_a_change_points_at_open_segments(team: Team, recordings: list[str]) -> None:
    """Counted by recording, verified ones too; nothing in them changes, and nothing is told as read."""
    one, two, _ = recordings
    correct(team["ivo"], one, "3", Correction())
    verify(team["vera"], one, "3", unplayed_reason=SAT)
    before = open_transcript(team["ivo"], one)
    reads = len(told(team["ivo"], "read"))
    done = words.add_entry(team["ivo"], THREE)
    assert set(done.touched) == {words.Reached(one, 1, 1), words.Reached(two, 1, 0)}
    noted = WordEntry(THREE.source, THREE.target, THREE.status, "a number")
    assert words.edit_entry(team["ivo"], 1, noted).touched == ()
    assert {r.recording_id for r in words.remove_entry(team["ivo"], 1).touched} == {one, two}
    assert open_transcript(team["ivo"], one) == before
    assert before.transcript.segments[2].state is State.VERIFIED
    assert len(told(team["ivo"], "read")) == reads


def test_the_segments_are_shown_on_demand(team: Team, recordings: list[str]) -> None:
    """As they stand, with the entries; and that is a reading."""
    one, two, _ = recordings
    words.add_entry(team["ivo"], THREE)
    words.add_entry(team["ivo"], KEEP)
    assert words.changed_since(team["vera"]) == (KEEP,)
    assert words.changed_since(team["vera"], 0) == (KEEP, THREE)
    assert words.changed_since(team["vera"], 2) == ()
    recording, (item,) = words.show_touched(team["vera"], two[:8], (KEEP, THREE))
    assert (recording, item.entries) == (two, (THREE,))
    assert (item.text.position, item.text.source) == (3, "Três.")
    assert told(team["vera"], "read") == [{"recording": two}]
    assert words.show_touched(team["vera"], one, (KEEP,)) == (one, ())
    assert len(told(team["vera"], "read")) == 1


def test_what_is_signed_is_not_touched(team: Team, recordings: list[str]) -> None:
    """Nor what was destroyed."""
    one, two, _ = recordings
    for number, target in enumerate(("One.", None, "Three.", "Four."), 1):
        correct(team["ivo"], one, str(number), Correction(target=target))
        verify(team["vera"], one, str(number), unplayed_reason=SAT)
    sign(team["vera"], one, PASSPHRASE)
    assert [r.recording_id for r in words.add_entry(team["ivo"], THREE).touched] == [two]
    destroy(team["lena"], two, "withdrawn")
    assert words.reach_of(team["ivo"], (THREE,)) == ()


def test_a_number_is_the_one_that_people_see(team: Team, recordings: list[str]) -> None:
    """Also where a segment before was split."""
    one = recordings[0]
    correct(team["ivo"], one, "1", Correction(source="Um e dois.", target="One and two."))
    split(team["ivo"], one, "1", at_ms=500, source_at=2, target_at=3)
    (item,) = words.show_touched(team["ivo"], one, (THREE,))[1]
    assert item.text.position == 4


# --- what corrections propose ----------------------------------------------------------------------

HEARD = [("pt", f"Moro em guarda puava {n}.") for n in ("um", "dois", "seis")]


@pytest.fixture
def misheard(team: Team, recordings: list[str]) -> str:
    """A recording in which a name was put right three times."""
    recording = recordings[2]
    draft(team["lena"], recording, FakeSpeechEngine(HEARD), FakeTranslationEngine())
    for number, word in enumerate(("um", "dois", "seis"), 1):
        change = Correction(source=f"Moro em Guarapuava {word}.", target=f"I live there {word}.")
        correct(team["ivo"], recording, str(number), change)
    return recording


def test_a_correction_that_recurs_is_proposed(team: Team, misheard: str) -> None:
    """Told as a reading; taken one by one, with the translation that nobody has said yet."""
    count, (proposed,) = words.propose(team["vera"])
    assert (count, proposed.recordings) == (1, (misheard,))
    assert (proposed.proposal.before, proposed.proposal.after) == ("guarda puava", "guarapuava")
    assert told(team["vera"], "read") == [{"recording": misheard}]
    assert words.propose(team["vera"], limit=0) == (1, ())
    assert len(told(team["vera"], "read")) == 1
    found = words.find_proposal(team["ivo"], proposed.key[:4])
    assert found == proposed
    with pytest.raises(BadValue, match="how this word is translated"):
        words.accept(team["ivo"], found)
    with pytest.raises(NotAllowed):
        words.accept(team["vera"], found, status=WordStatus.KEEP)
    done = words.accept(team["ivo"], found, status=WordStatus.KEEP, note="a town")
    kept = WordEntry("Guarapuava", "", WordStatus.KEEP, "a town")
    assert (done.added, done.touched) == ((kept,), (words.Reached(misheard, 3, 0),))
    assert words.propose(team["vera"]) == (0, ())
    with pytest.raises(NoSuchThing):
        words.find_proposal(team["ivo"], proposed.key)
    assert audited(team) == []


def test_a_proposal_with_another_translation(team: Team, misheard: str) -> None:
    """What was given stands on the list."""
    (proposed,) = words.propose(team["ivo"])[1]
    done = words.accept(team["ivo"], proposed, target="Guarapuava (a town)")
    assert done.added == (WordEntry("Guarapuava", "Guarapuava (a town)", WordStatus.REQUIRED),)
    with pytest.raises(NoSuchThing):
        words.find_proposal(team["ivo"], "")


def test_split_segments_are_compared_as_one(team: Team, misheard: str) -> None:
    """Otherwise half a sentence would be taken for a correction."""
    (before,) = words.propose(team["ivo"])[1]
    split(team["ivo"], misheard, "1", at_ms=500, source_at=4, target_at=6)
    (after,) = words.propose(team["ivo"])[1]
    assert (after.key, after.proposal) == (before.key, before.proposal)


def test_a_destroyed_recording_proposes_nothing(team: Team, misheard: str) -> None:
    """Its words are gone."""
    destroy(team["lena"], misheard, "withdrawn")
    assert words.propose(team["ivo"]) == (0, ())


# --- forgery ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE word_lists SET entries = replace(entries, 'three', 'tree')", "is not what was"),
        ("UPDATE word_lists SET by = 'lena'", "is not what was told by event"),
        ("DELETE FROM word_lists WHERE number = 2", "is missing from the catalog"),
        ("INSERT INTO word_lists VALUES (3, '[]', 'ivo', '', x'00')", "was told by no event"),
        ("INSERT INTO word_lists VALUES (9, 'no list', 'ivo', '', x'00')", "was told by no event"),
    ],
)
def test_what_is_written_past_the_software_is_found(
    team: Team, statement: str, finding: str
) -> None:
    """By the audit, whatever it is; the rules of the catalog refuse a change already."""
    words.add_entry(team["ivo"], KEEP)
    words.add_entry(team["ivo"], THREE)
    catalog = team["lena"].catalog
    if not statement.startswith("INSERT"):
        with pytest.raises(Exception, match="a word list is never"):
            catalog.run(statement)
        assert current_words(catalog) == (KEEP, THREE)
    for trigger in ("word_lists_stay", "word_lists_remain"):
        catalog.run(f"DROP TRIGGER {trigger}")
    catalog.run(statement)
    assert any(finding in line for line in audited(team)), audited(team)
