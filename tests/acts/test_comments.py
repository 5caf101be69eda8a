"""Comments: addressed, resolved, told without a word, and destroyed with their recording."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from confere import wiring
from confere.acts.audit import Order, audit
from confere.acts.comment import add_comment, list_comments, resolve
from confere.acts.correct import Correction, correct
from confere.acts.destroy import destroy
from confere.acts.reading import open_transcript
from confere.acts.sign import sign
from confere.acts.verify import verify
from confere.domain import State
from confere.errors import BadValue, Destroyed, NoSuchThing, NotAllowed, NotReady
from confere.vault import comments
from confere.vault.events import latest_event, list_events
from confere.vault.study_keys import catalog_key
from doubles.pages import all_bytes
from doubles.studies import PASSPHRASE
from doubles.teams import LINES, Team

WORDS = "Is xqzcanario a name?"
SAT = "sat in the room"


def audited(team: Team) -> list[str]:
    """Return what an audit finds wrong."""
    done = audit(team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock)
    return [f"{f.about}: {f.text}" for f in done.report.wrong]


def test_a_comment_is_read_and_resolved(team: Team, recordings: list[str]) -> None:
    """Whoever is addressed sees it in their queue and resolves it; then it is out of the way."""
    one, two, _ = recordings
    made = add_comment(team["ivo"], one[:6], "2", f"  {WORDS} ", ["vera", "bia", "vera"])
    add_comment(team["vera"], two, "1", "To nobody.")
    assert (made.position, made.addressed, made.text) == (2, ("bia", "vera"), WORDS)
    assert list_comments(team["vera"], mine=True) == [made]
    assert len(list_comments(team["wanda"])) == 2
    assert list_comments(team["wanda"], mine=True) == []
    assert [team.of(n, one).comments for n in ("vera", "bia", "ivo")] == [1, 1, 0]
    done = resolve(team["vera"], made.id[:8])
    assert (done.resolved_by, done.is_open) == ("vera", False)
    assert [team.of(n, one).comments for n in ("vera", "bia")] == [0, 0]
    assert list_comments(team["vera"], one) == []
    assert list_comments(team["vera"], one, resolved=True) == [done]
    assert audited(team) == []


def test_the_log_never_has_the_words(team: Team, recordings: list[str]) -> None:
    """A commitment, to whom, and where; whoever reads the comments is told of."""
    made = add_comment(team["ivo"], recordings[0], "1", WORDS, ["vera"])
    event = latest_event(team["lena"].catalog, "comment")
    assert event is not None
    of = event.value()["of"]
    assert set(of) == {"recording", "segment", "comment", "to", "comment_sha256"}
    assert (of["comment"], of["segment"], of["to"]) == (made.id, made.segment_id, "vera")
    assert len(of["comment_sha256"]) == 64
    list_comments(team["vera"], recordings[0])
    resolve(team["ivo"], made.id)
    events = list_events(team["lena"].catalog)
    assert [e.value()["what"] for e in events[-2:]] == ["read", "resolve"]
    assert not any(b"xqzcanario" in e.body for e in events)


def test_a_comment_is_no_work(team: Team, recordings: list[str]) -> None:
    """It clears no verification, keeps nobody from verifying, and may follow the signature."""
    one = recordings[0]
    for number in range(1, len(LINES) + 1):
        correct(team["ivo"], one, str(number), Correction())
    verify(team["vera"], one, "1", unplayed_reason=SAT)
    before = open_transcript(team["vera"], one)
    add_comment(team["vera"], one, "1", WORDS)
    add_comment(team["vera"], one, "2", WORDS)
    assert open_transcript(team["vera"], one) == before
    assert before.transcript.segments[0].state is State.VERIFIED
    for number in range(2, len(LINES) + 1):
        verify(team["vera"], one, str(number), unplayed_reason=SAT)
    sign(team["vera"], one, PASSPHRASE)
    assert add_comment(team["ivo"], one, "3", WORDS, ["lena"]).is_open
    assert team.of("lena", one).comments == 1
    assert audited(team) == []


def test_who_may_resolve(team: Team, recordings: list[str]) -> None:
    """Its author, an addressee or a lead; once."""
    one = recordings[0]
    made = [add_comment(team["ivo"], one, "1", f"{n}", ["vera"]) for n in range(3)]
    for name, comment in zip(("ivo", "vera", "lena"), made, strict=True):
        with pytest.raises(NotAllowed):
            resolve(team["wanda"], comment.id)
        resolve(team[name], comment.id)
        with pytest.raises(NotReady, match=f"{name} resolved it"):
            resolve(team["lena"], comment.id)
    with pytest.raises(NoSuchThing):
        resolve(team["lena"], "")
    with pytest.raises(NoSuchThing):
        resolve(team["lena"], "nothing")


def test_what_is_refused(team: Team, recordings: list[str]) -> None:
    """No words, too many, no such segment or person, an addressee who opens nothing."""
    one, _, undrafted = recordings
    with pytest.raises(BadValue):
        add_comment(team["ivo"], one, "1", " \n ")
    with pytest.raises(BadValue):
        add_comment(team["ivo"], one, "1", "x" * 4_001)
    with pytest.raises(BadValue):
        add_comment(team["ivo"], one, "1", "bell \x07")
    with pytest.raises(NoSuchThing):
        add_comment(team["ivo"], one, "9", WORDS)
    with pytest.raises(NoSuchThing):
        add_comment(team["ivo"], one, "1", WORDS, ["nobody"])
    with pytest.raises(NotAllowed):
        add_comment(team["ivo"], one, "1", WORDS, ["fabio"])
    with pytest.raises(NotReady):
        add_comment(team["ivo"], undrafted, "1", WORDS)
    assert list_comments(team["ivo"]) == []


def test_it_goes_with_its_recording(team: Team, recordings: list[str]) -> None:
    """No row and no page has a word of it; another recording's stays."""
    one, two, _ = recordings
    gone = add_comment(team["ivo"], one, "1", WORDS, ["vera"])
    resolve(team["vera"], gone.id)
    add_comment(team["ivo"], one, "2", WORDS, ["vera"])
    kept = add_comment(team["ivo"], two, "1", "Stays.", ["vera"])
    lena = team["lena"]
    for name in ("ivo", "vera", "wanda", "bia"):
        team[name].vault.close()
    key = catalog_key(lena.vault.identities[lena.roster.period])
    assert b"xqzcanario" in all_bytes(team.study.root / "catalog.db", key)
    destroy(lena, one, "withdrawn")
    assert b"xqzcanario" not in all_bytes(team.study.root / "catalog.db", key)
    assert list_comments(lena) == [kept]
    with pytest.raises(Destroyed):
        list_comments(lena, one)
    with pytest.raises(Destroyed):
        add_comment(lena, one, "1", WORDS)
    with pytest.raises(NoSuchThing):
        resolve(lena, gone.id)
    assert audited(team) == []


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE comments SET text = 'other'", "is not what was told by event"),
        ("UPDATE comments SET by = 'wanda'", "is not what was told by event"),
        ("DELETE FROM comments", "its comment is missing from the catalog"),
        ("DELETE FROM resolved", "vera resolved it, and it is open"),
        ("UPDATE resolved SET by = 'ivo'", "that ivo resolved it was told by no event"),
        ("UPDATE comments SET id = '0000000000000000'", "was told by no event"),
    ],
)
def test_a_forged_comment_is_found(
    team: Team, recordings: list[str], statement: str, finding: str
) -> None:
    """Whatever is changed past the rules; and the rules of the catalog refuse it already."""
    made = add_comment(team["ivo"], recordings[0], "1", WORDS, ["vera"])
    resolve(team["vera"], made.id)
    catalog = team["lena"].catalog

    def refused(act: Callable[[], object]) -> bool:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the driver's own, which only the vault imports
            return "comment" in str(error)
        return False

    catalog.run("PRAGMA foreign_keys = OFF")
    assert refused(lambda: catalog.run(statement))
    for trigger in ("comments_stay", "comments_remain", "resolved_stays", "resolved_remains"):
        catalog.run(f"DROP TRIGGER {trigger}")
    catalog.run(statement)
    assert any(finding in line for line in audited(team)), audited(team)


def test_a_comment_is_found_by_the_beginning_of_its_id(team: Team, recordings: list[str]) -> None:
    """As a recording is; an ambiguous one is told."""
    for _ in range(40):
        add_comment(team["ivo"], recordings[0], "1", WORDS)
    made = comments.list_comments(team["ivo"].catalog)
    first = made[0].id[0]
    if sum(c.id.startswith(first) for c in made) > 1:
        with pytest.raises(NoSuchThing, match="single comment"):
            resolve(team["ivo"], first)
    assert resolve(team["ivo"], made[0].id.upper()).id == made[0].id
