"""The queue: what somebody can do, in which order, and that it is what the acts then allow."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from confere.acts import setup
from confere.acts.assign import assign, take
from confere.acts.comment import add_comment, resolve
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.acts.destroy import destroy
from confere.acts.queue import Stage, Todo, look_closely, queue
from confere.acts.reading import open_transcript
from confere.acts.sign import sign
from confere.acts.split import merge, split, undo
from confere.acts.verify import return_segment, verify
from confere.domain import State
from confere.errors import ConfereError, Destroyed, NoSuchThing, NotAllowed
from confere.review import history
from confere.vault import progress
from confere.vault.catalog import Catalog
from doubles.studies import PASSPHRASE, WRONG
from doubles.teams import LINES, VERIFIER, Team

SAT = "sat in the room"


def all_corrected(team: Team, recording_id: str, name: str = "ivo") -> None:
    """Have every segment accepted."""
    for number in range(1, len(LINES) + 1):
        correct(team[name], recording_id, str(number), Correction())


# --- what somebody can do ------------------------------------------------------------------------


def test_each_sees_their_own(team: Team, recordings: list[str]) -> None:
    """The interpreter corrects, the verifier verifies what is corrected, the lead is told why not."""
    one = recordings[0]
    assert team.of("ivo", one).todo == Todo(correct=4)
    assert not team.of("vera", one).todo
    assert "interpreter" in team.of("vera", one).todo.why
    correct(team["ivo"], one, "1", Correction())
    assert team.of("ivo", one).todo == Todo(correct=3)
    assert team.of("vera", one).todo == Todo(verify=1)
    assert team.of("lena", one).todo == Todo(why="neither interpreter nor verifier")
    all_corrected(team, recordings[1])
    assert "waits for a verifier" in team.of("ivo", recordings[1]).todo.why
    assert team.of("vera", recordings[2]).stage is Stage.DRAFTING
    assert "not drafted" in team.of("vera", recordings[2]).todo.why


def test_what_another_verified_is_verified_again(team: Team, recordings: list[str]) -> None:
    """Whoever signs verifies everything; only then can they sign."""
    one = recordings[0]
    all_corrected(team, one)
    verify(team["wanda"], one, "1", unplayed_reason=SAT)
    for number in "234":
        verify(team["vera"], one, number, unplayed_reason=SAT)
    assert team.of("vera", one).stage is Stage.SIGNATURE
    assert team.of("vera", one).todo == Todo(verify=1)
    assert team.of("wanda", one).todo == Todo(verify=3)
    verify(team["vera"], one, "1", unplayed_reason=SAT)
    assert team.of("vera", one).todo == Todo(sign=True)
    assert team.of("wanda", one).todo == Todo(verify=4)
    sign(team["vera"], one, PASSPHRASE)
    assert team.of("vera", one).todo == Todo(why="it is signed")
    assert team.of("vera", one).left is None


def test_a_stale_translation_waits_for_the_interpreter(team: Team, recordings: list[str]) -> None:
    """Nobody could verify it."""
    one = recordings[0]
    all_corrected(team, one)
    correct(team["ivo"], one, "1", Correction(source="Um, dois."))
    assert team.of("ivo", one).todo == Todo(correct=1)
    assert team.of("vera", one).todo == Todo(verify=3)
    assert team.of("vera", one).stage is Stage.CORRECTION


def test_who_worked_on_it_cannot_sign(team: Team, recordings: list[str]) -> None:
    """Somebody who is both corrects on, and verifies nothing of what they cannot sign."""
    one = recordings[0]
    correct(team["bia"], one, "1", Correction())
    correct(team["ivo"], one, "2", Correction())
    assert team.of("bia", one).todo == Todo(correct=2)
    all_corrected_but_two = [correct(team["ivo"], one, n, Correction()) for n in "34"]
    assert all(s.state is State.CORRECTED for s in all_corrected_but_two)
    assert "worked on it" in team.of("bia", one).todo.why
    assert team.of("bia", one).left == ("vera", "wanda")


def test_languages_and_since(team: Team, recordings: list[str]) -> None:
    """The languages that are spoken in it, as they stand; and when something last happened."""
    one = recordings[0]
    before = team.of("ivo", one)
    assert before.languages == ("pt", "en")
    correct(team["ivo"], one, "2", Correction(language="pt", target="Two."))
    after = team.of("ivo", one)
    assert after.languages == ("pt",)
    assert after.since > before.since
    assert team.of("ivo", recordings[2]).languages == ()


def test_the_order_is_due_then_age(team: Team, recordings: list[str]) -> None:
    """The earliest day first; without one, the oldest."""
    one, two, three = recordings
    assert [w.recording_id for w in queue(team["ivo"])] == recordings
    assign(team["lena"], two, "ivo", "2026-12-24")
    assign(team["lena"], three, "ivo", "2026-12-01")
    take(team["bia"], two, "2026-12-20")
    assert [(w.recording_id, w.due) for w in queue(team["ivo"])] == [
        (three, "2026-12-01"),
        (two, "2026-12-20"),
        (one, ""),
    ]


def test_mine(team: Team, recordings: list[str]) -> None:
    """What I can do, have, or am asked."""
    one, two, three = recordings
    correct(team["ivo"], one, "1", Correction())

    def mine() -> list[str]:
        return [w.recording_id for w in queue(team["vera"], mine=True)]

    assert mine() == [one]
    comment = add_comment(team["ivo"], two, "1", "Is that a name?", ["vera"])
    assert mine() == [one, two]
    take(team["vera"], three)
    assert mine() == recordings
    resolve(team["vera"], comment.id)
    assert mine() == [one, three]


def test_a_page_and_a_language(team: Team, recordings: list[str]) -> None:
    """The first few of the same order; and only where a language is spoken."""
    one, two, three = recordings
    take(team["ivo"], three, "2026-12-01")
    whole = queue(team["ivo"])
    for limit in (1, 2, 3, 9):
        assert queue(team["ivo"], limit=limit) == whole[:limit]
        assert queue(team["ivo"], mine=True, limit=limit) == whole[:limit]
    for number in ("1", "3", "4"):
        correct(team["ivo"], one, number, Correction(language="en", target="Two."))
    assert [w.recording_id for w in queue(team["ivo"], language="pt")] == [two]
    assert [w.recording_id for w in queue(team["ivo"], language="EN")] == [one, two]
    assert queue(team["ivo"], language="p") == []


def test_everybody_is_for_leads(team: Team, recordings: list[str]) -> None:
    """A lead sees for each what they can do; nobody else."""
    found = queue(team["lena"], everybody=True)
    assert found[0].everybody["ivo"] == Todo(correct=4)
    assert set(found[0].everybody) == {"lena", "ivo", "vera", "wanda", "bia", "fabio"}
    with pytest.raises(NotAllowed):
        queue(team["vera"], everybody=True)


# --- early warnings ------------------------------------------------------------------------------


def test_it_is_said_before_nobody_is_left(team: Team, recordings: list[str]) -> None:
    """First that one is left, then that nobody is; and a new verifier ends it."""
    one = recordings[0]
    correct(team["vera"], one, "1", Correction(target="One."))
    assert look_closely(team["ivo"], one).warnings == ()
    correct(team["bia"], one, "2", Correction())
    (warning,) = look_closely(team["ivo"], one).warnings
    assert warning.startswith("Only wanda is left")
    assert team.of("ivo", one).left == ("wanda",)
    correct(team["wanda"], one, "3", Correction(target="Three."))
    (warning,) = look_closely(team["ivo"], one).warnings
    assert warning.startswith("Nobody is left who may sign this")
    setup.add_person(team["lena"], "zita", VERIFIER, PASSPHRASE)
    assert team.of("lena", one).left == ("zita",)


def test_closely(team: Team, recordings: list[str]) -> None:
    """Each open segment with who may and why not the others; drafts not yet made and ends have none."""
    one, _, three = recordings
    correct(team["bia"], one, "1", Correction())
    detail = look_closely(team["vera"], one[:8])
    assert detail.independence is not None
    first = detail.independence.segments[0]
    assert first.may == ("vera", "wanda")
    assert first.why_not["bia"] == "accepted it as it stood"
    assert set(detail.waiting.everybody) == {"lena", "ivo", "vera", "wanda", "bia", "fabio"}
    assert look_closely(team["vera"], three).independence is None
    with pytest.raises(NoSuchThing):
        look_closely(team["vera"], "nothing")
    destroy(team["lena"], one, "withdrawn")
    with pytest.raises(Destroyed):
        look_closely(team["vera"], one)


# --- counted along -------------------------------------------------------------------------------


def counted(catalog: Catalog) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that the catalog counted along."""
    tables = {
        "progress": "recording_id",
        "workers": "recording_id, name",
        "verifications": "segment_id",
    }
    return {
        table: [tuple(r) for r in catalog.rows(f"SELECT * FROM {table} ORDER BY {order}")]
        for table, order in tables.items()
    }


def counts_are_right(desk: Desk, recording_id: str) -> None:
    """Assert that what was counted along is what segments and revisions say."""
    transcript = open_transcript(desk, recording_id).transcript
    row = progress.Progress._make(
        progress.list_progress(desk.catalog, progress.Wanted(), [recording_id])[0]
    )
    states = Counter(s.state for s in transcript.segments)
    names = ("draft", "edited", "corrected", "needs_work", "verified", "locked")
    told = {name: getattr(row, name) for name in names}
    assert told == {name: states[State(name.replace("_", " "))] for name in names}
    assert row.stale == sum(
        s.target_stale and s.state is State.CORRECTED for s in transcript.segments
    )
    assert set(row.languages.split()) == {s.language for s in transcript.segments}
    workers = frozenset[str]().union(
        *(history.workers(transcript, s.id) for s in transcript.segments)
    )
    rows = desk.catalog.rows("SELECT name FROM workers WHERE recording_id = ?", (recording_id,))
    assert {r[0] for r in rows} == workers
    revisions = history.by_segment(transcript)
    held = {s.id: history.verification(revisions[s.id]) for s in transcript.segments}
    rows = desk.catalog.rows(
        "SELECT segment_id, by FROM verifications WHERE recording_id = ?", (recording_id,)
    )
    standing = {id_: it.by for id_, it in held.items() if it} if not row.signed else {}
    assert {r[0]: r[1] for r in rows} == standing


@pytest.mark.parametrize("seed", range(6))
def test_what_the_queue_tells_is_what_the_acts_allow(
    team: Team, recordings: list[str], seed: int
) -> None:
    """Any history: who is named may, who is not is refused, and the counts hold at every step."""
    chance, one = random.Random(seed), recordings[0]
    done: Counter[bool] = Counter()
    for _ in range(30):
        name = chance.choice(["ivo", "vera", "wanda", "bia"] if seed % 2 else ["ivo", "vera"])
        kinds = ["correct", "accept", "verify", "return", "split", "merge", "undo"]
        what = chance.choices(kinds, [2, 6, 9, 1, 0.5, 0.5, 0.5])[0]
        likely = [1, 5, 5, 2] if what in ("verify", "return") else [9, 1, 0, 1]
        name = chance.choices(["ivo", "vera", "wanda", "bia"], likely)[0]
        number, detail = str(chance.randint(1, len(LINES))), look_closely(team[name], one)
        if what == "verify":
            assert detail.independence is not None
            open_ = {s.number: s for s in detail.independence.segments}
            if number not in open_:
                continue
            segment = open_[number]
            ready = segment.state in (State.CORRECTED, State.VERIFIED)
            if _tried(verify, team[name], one, number, unplayed_reason=SAT):
                done[True] += 1
                assert name in segment.may
            elif ready and not _stale(team[name], one, number):
                done[False] += 1
                assert name in segment.why_not
        elif what == "return":
            _tried(return_segment, team[name], one, number, "look again", WRONG)
        elif what == "split":
            start = open_transcript(team[name], one).transcript.segments[0].start_ms
            _tried(split, team[name], one, "1", at_ms=start + 500, source_at=2, target_at=2)
        elif what == "merge":
            _tried(merge, team[name], one, "1", anyway=True)
        elif what == "undo":
            _tried(undo, team[name], one, "1")
        else:
            word = f"word {chance.randint(1, 3)}"
            said = Correction(source=word, target=f"say {word}")
            given = said if what == "correct" else Correction()
            _tried(correct, team[name], one, number, given)
        counts_are_right(team["lena"], one)
        able = [n for n in ("vera", "wanda") if team.of(n, one).todo.sign]
        if able:
            sign(team[able[0]], one, PASSPHRASE)
            counts_are_right(team["lena"], one)
            return
    assert done[True]


def _tried(act: Callable[..., object], *given: object, **named: object) -> bool:
    try:
        act(*given, **named)
    except ConfereError:
        return False
    return True


def _stale(desk: Desk, recording_id: str, number: str) -> bool:
    segments = open_transcript(desk, recording_id).transcript.segments
    return segments[int(number) - 1].target_stale


def test_an_older_catalog_is_counted_when_it_is_brought_up(
    team: Team, recordings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the migration finds is what would have been counted along; nothing else is changed."""
    one, two, _ = recordings
    all_corrected(team, one)
    verify(team["vera"], one, "1", unplayed_reason=SAT)
    correct(team["ivo"], one, "2", Correction(source="Mais."))
    correct(team["bia"], two, "1", Correction(target="Other."))
    catalog = team["lena"].catalog
    before = counted(catalog)
    for (name,) in catalog.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        if name.endswith("_counted"):
            catalog.run(f"DROP TRIGGER {name}")
    for table in ("destroyed_is_not_taken", "signed_is_nobodys"):
        catalog.run(f"DROP TRIGGER {table}")
    for table in ("resolved", "comments", "assignments", "progress", "workers", "verifications"):
        catalog.run(f"DROP TABLE {table}")
    catalog.run("DROP INDEX recordings_in_queue")
    catalog.run("PRAGMA user_version = 3")
    monkeypatch.setattr("confere.vault.catalog.SCHEMA_VERSION", 4)  # what came later stands already
    catalog._migrate()
    after = counted(catalog)
    assert [sorted(row[8].split()) for row in after["progress"]] == [["en", "pt"]] * 2
    for rows in (before["progress"], after["progress"]):
        rows[:] = [(*row[:8], *row[9:]) for row in rows]
    assert after == before


def test_the_counts_survive_another_key(team: Team, recordings: list[str]) -> None:
    """The catalog is written anew when somebody leaves; nothing is counted twice."""
    one = recordings[0]
    all_corrected(team, one)
    verify(team["vera"], one, "1", unplayed_reason=SAT)
    lena = team["lena"]
    before = counted(lena.catalog)
    for name in ("ivo", "vera", "bia", "wanda"):
        team[name].vault.close()
    setup.remove_person(lena, "wanda")
    assert counted(lena.catalog) == before
    counts_are_right(lena, one)
