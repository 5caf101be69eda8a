"""The register: who writes in it, what is refused, which recordings belong together, what an audit sees."""

from __future__ import annotations

import pytest

from confere import wiring
from confere.acts import interviews
from confere.acts.audit import Order, audit
from confere.acts.destroy import destroy
from confere.acts.interviews import Details
from confere.acts.names import add_name
from confere.errors import BadValue, InterviewMovedOn, NoSuchThing, NotAllowed, NotReady
from confere.vault import register
from confere.vault.events import events_of
from doubles.studies import PASSPHRASE
from doubles.teams import Recorded, Team

RECIFE = Details(
    site=" Recife ",
    date="2026-11-22",
    participants=["P01", "P02", "P01"],
    interviewers=["I1"],
    interpreter="IP",
    languages=["pt", "en"],
    consent="written, to quotations",
    notes="By the river;\nit rained.",
)


@pytest.fixture
def ids(team: Team, original_recordings: Recorded) -> list[str]:
    """Three recordings, each of an interview of its own, as recorders number them."""
    return original_recordings.put_into(team.study)


def wrong(team: Team) -> list[str]:
    """Return what an audit finds wrong."""
    done = audit(team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock)
    return [f"{f.about}: {f.text}" for f in done.report.wrong]


def of(team: Team, recording: str) -> str:
    """Return the interview of a recording."""
    return register.get_recording(team["lena"].catalog, recording).interview_id


def test_an_interview_is_written_and_told_without_its_words(team: Team, ids: list[str]) -> None:
    """Each change is one event with who and which fields; the values stay in the vault."""
    id_ = of(team, ids[0])
    saved = interviews.edit_interview(team["ivo"], id_[:6], RECIFE)
    it = saved.filed.interview
    assert (it.site, it.date, it.participants) == ("Recife", "2026-11-22", ("P01", "P02"))
    assert (it.notes, it.languages, it.version) == ("By the river;\nit rained.", ("pt", "en"), 1)
    interviews.edit_interview(team["lena"], id_, Details(consent="", site="Recife"))
    again = interviews.get_interview(team["vera"], id_)
    assert (again.interview.consent, again.interview.version, again.by) == ("", 2, "lena")
    facts = [e.value()["of"] for e in events_of(team["lena"].catalog, "interview")]
    assert [(f["interview"], f["version"]) for f in facts] == [(id_, 1), (id_, 2)]
    assert facts[1]["fields"] == "consent"
    bodies = b"".join(e.body for e in events_of(team["lena"].catalog, "interview", "belong"))
    assert not any(word in bodies for word in (b"Recife", b"river", b"P01"))
    interviews.edit_interview(team["lena"], id_, Details(site="Recife"))  # as it stands: no event
    assert len(events_of(team["lena"].catalog, "interview")) == 2
    assert wrong(team) == []


def test_who_may_not_write(team: Team, ids: list[str]) -> None:
    """A verifier reads the register and judges by it; nothing is changed or told."""
    with pytest.raises(NotAllowed):
        interviews.edit_interview(team["vera"], of(team, ids[0]), RECIFE)
    with pytest.raises(NotAllowed):
        interviews.add_interview(team["vera"], RECIFE)
    assert [f.interview.version for f in interviews.list_interviews(team["vera"])] == [0, 0, 0]
    assert events_of(team["lena"].catalog, "interview", "belong") == []


@pytest.mark.parametrize(
    "details",
    [
        Details(date="22/11/2026"),
        Details(date="2026-02-30"),
        Details(participants=["a code, that is none"]),
        Details(participants=["Marilda"]),
        Details(participants=["P01", "marilda"]),
        Details(languages=["Portuguese"]),
        Details(notes="\x1b[2J"),
        Details(site="x" * 201),
    ],
)
def test_what_is_refused(team: Team, ids: list[str], details: Details) -> None:
    """A name of the identity key is no code; and the refusal does not say it."""
    add_name(team["lena"], "Marilda Souza", "P01")
    with pytest.raises(BadValue) as refused:
        interviews.edit_interview(team["ivo"], of(team, ids[0]), details)
    assert "arilda" not in refused.value.message + refused.value.hint
    assert interviews.get_interview(team["ivo"], of(team, ids[0])).interview.version == 0


def test_a_name_in_the_notes_is_shown_to_who_wrote_it(team: Team, ids: list[str]) -> None:
    """It is saved, because a city may be called like a person."""
    add_name(team["lena"], "Paulo", "P03")
    saved = interviews.edit_interview(
        team["ivo"], of(team, ids[0]), Details(site="São Paulo", notes="P03 wept.")
    )
    assert saved.named == {"site": ("Paulo",)}
    assert saved.filed.interview.site == "São Paulo"


def test_somebody_else_was_faster(team: Team, ids: list[str]) -> None:
    """Both are told, by field, and nothing is saved."""
    id_ = of(team, ids[0])
    interviews.edit_interview(team["lena"], id_, Details(site="Manaus", notes="hers"), seen=0)
    with pytest.raises(InterviewMovedOn) as refused:
        interviews.edit_interview(team["ivo"], id_, Details(site="Recife"), seen=0)
    conflict = refused.value
    assert (conflict.mine, conflict.theirs) == ({"site": "Recife"}, {"site": "Manaus"})
    assert (conflict.by, conflict.now) == ("lena", 1)
    assert interviews.get_interview(team["ivo"], id_).interview.site == "Manaus"


def test_recordings_are_put_together_and_apart(team: Team, ids: list[str]) -> None:
    """Each move is told of its recording; who was left alone is no more listed."""
    first, second, third = ids
    ivo, id_ = team["ivo"], of(team, first)
    saved = interviews.edit_interview(ivo, id_, Details(site="Recife"), [third, first])
    assert [(r.id, r.part) for r in saved.filed.recordings] == [(third, 1), (first, 2)]
    assert len(interviews.list_interviews(ivo)) == 2
    interviews.edit_interview(ivo, id_, Details(), [first, second])
    apart = of(team, third)
    assert apart != id_
    assert [r.id for r in interviews.get_interview(ivo, apart).recordings] == [third]
    told = [e.value()["of"] for e in events_of(ivo.catalog, "belong")]
    assert [(t["recording"], t["part"]) for t in told] == [
        (third, 1), (first, 2), (first, 1), (second, 2), (third, 1),
    ]  # fmt: skip
    interviews.edit_interview(ivo, id_, Details(), [first, second])  # as it stands
    assert len(events_of(ivo.catalog, "belong")) == 5
    assert wrong(team) == []


def test_an_interview_of_notes_only(team: Team) -> None:
    """It needs no recording, and something to be found by."""
    saved = interviews.add_interview(team["lena"], Details(site="Olinda", notes="No recorder."))
    assert saved.filed.recordings == ()
    assert [f.interview.site for f in interviews.list_interviews(team["lena"], "olinda")] == [
        "Olinda"
    ]
    with pytest.raises(BadValue):
        interviews.add_interview(team["lena"], Details())
    with pytest.raises(NoSuchThing):
        interviews.edit_interview(team["lena"], "zz", Details(site="x"))
    assert wrong(team) == []


def test_what_is_signed_stays_where_it_was_signed(team: Team, ids: list[str]) -> None:
    """The signed document tells the interview and the part; others come behind it."""
    first, second, third = ids
    lena, id_ = team["lena"], of(team, first)
    lena.catalog.run("INSERT INTO sign_offs VALUES (?, 1, x'00', '')", (first,))
    for recordings in ([second, first], [second], [third]):
        with pytest.raises(NotReady):
            interviews.edit_interview(lena, id_, Details(), recordings)
    with pytest.raises(NotReady):
        interviews.edit_interview(lena, of(team, second), Details(), [second, first])
    saved = interviews.edit_interview(lena, id_, Details(), [first, second])
    assert [(r.id, r.part) for r in saved.filed.recordings] == [(first, 1), (second, 2)]


def test_the_words_go_with_the_last_recording(team: Team, ids: list[str]) -> None:
    """And an audit holds nothing against that, nor against writing anew."""
    first, second, _ = ids
    lena, id_ = team["lena"], of(team, first)
    interviews.edit_interview(lena, id_, RECIFE, [first, second])
    destroy(lena, first, "withdrawn")
    assert interviews.get_interview(lena, id_).interview.site == "Recife"
    destroy(lena, second, "withdrawn")
    it = interviews.get_interview(lena, id_).interview
    assert (it.site, it.notes, it.interviewers, it.consent, it.languages) == ("", "", (), "", ())
    assert id_ not in [f.interview.id for f in interviews.list_interviews(lena)]
    assert wrong(team) == []
    interviews.edit_interview(lena, id_, Details(site="Recife"))
    assert wrong(team) == []


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE interviews SET site = 'Belem' WHERE version = 1", "is not what was told"),
        ("UPDATE interviews SET version = 7 WHERE version = 1", "is version 7, and 1 were told"),
        ("UPDATE interviews SET nonce = NULL WHERE version = 1", "holds words"),
        (
            "UPDATE interviews SET nonce = NULL, site = '', notes = '', date = '', participants = '[]',"
            " interviewers = '[]', interpreter = '', languages = '[]', consent = '' WHERE version = 1",
            "was emptied",
        ),
        ("UPDATE interviews SET site = 'x' WHERE version = 0", "holds words"),
        ("UPDATE recordings SET part = 9", "belongs to another interview, or is another part"),
        (
            "UPDATE recordings SET interview_id = (SELECT min(id) FROM interviews)",
            "belongs to another interview, or is another part",
        ),
        ("DELETE FROM interviews WHERE version = 1", "is missing from the catalog"),
    ],
)
def test_an_audit_sees_another_hand(
    team: Team, ids: list[str], statement: str, finding: str
) -> None:
    """Whatever was written past the software, with the rules of the database taken away first."""
    lena = team["lena"]
    interviews.edit_interview(lena, of(team, ids[0]), RECIFE)
    interviews.edit_interview(lena, of(team, ids[1]), Details(), [ids[1], ids[2]])
    assert wrong(team) == []
    for trigger in ("interviews_move_on", "interviews_remain", "signed_recordings_stay"):
        lena.catalog.run(f"DROP TRIGGER {trigger}")
    lena.catalog.run("PRAGMA foreign_keys = OFF")
    lena.catalog.run(statement)
    assert any(finding in line for line in wrong(team))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE interviews SET site = 'Belem'",
        "UPDATE interviews SET id = 'x'",
        "DELETE FROM interviews",
    ],
)
def test_the_database_refuses(team: Team, ids: list[str], statement: str) -> None:
    """A change without a version, and a removal."""
    interviews.edit_interview(team["lena"], of(team, ids[0]), RECIFE)
    with pytest.raises(Exception, match="version|never removed"):
        team["lena"].catalog.run(statement)
