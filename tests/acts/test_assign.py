"""Take, assign, give back: told, never blocking, and refused where it would lead to nothing."""

from __future__ import annotations

import json

import pytest

from confere.acts.assign import assign, give_back, take
from confere.acts.correct import Correction, correct
from confere.acts.desk import sit_down
from confere.acts.destroy import destroy
from confere.acts.queue import queue
from confere.acts.setup import remove_person
from confere.acts.sign import sign
from confere.acts.verify import verify
from confere.errors import BadValue, Destroyed, NoSuchThing, NotAllowed, NotReady, Pointless
from confere.vault import Vault
from confere.vault.assignments import list_assignments
from confere.vault.events import list_events
from doubles.studies import PASSPHRASE
from doubles.teams import LINES, Team

SAT = "sat in the room"


def told(team: Team, recording_id: str, *kinds: str) -> list[tuple[str, str, dict[str, str]]]:
    """Return the events of some kinds about a recording: what, by whom, with which facts."""
    values = [e.value() for e in list_events(team["lena"].catalog, recording_id)]
    return [
        (v["what"], v["by"], {k: x for k, x in v["of"].items() if k != "recording"})
        for v in values
        if v["what"] in kinds
    ]


def names(team: Team, recording_id: str) -> list[str]:
    """Return who has it."""
    return [a.name for a in list_assignments(team["lena"].catalog, [recording_id])]


def test_each_is_an_event(team: Team, recordings: list[str]) -> None:
    """Taken, assigned and given back: who, whom, and until when."""
    one = recordings[0]
    made, others = take(team["ivo"], one[:6])
    assert (made.recording_id, made.name, made.by, made.due, others) == (one, "ivo", "ivo", "", [])
    _, others = assign(team["lena"], one, "vera", "2026-12-01")
    assert [a.name for a in others] == ["ivo"]
    assert give_back(team["ivo"], one) == one
    assert names(team, one) == ["vera"]
    assert told(team, one, "take", "assign", "give back") == [
        ("take", "ivo", {"name": "ivo", "due": ""}),
        ("assign", "lena", {"name": "vera", "due": "2026-12-01"}),
        ("give back", "ivo", {"name": "ivo"}),
    ]


def test_it_blocks_nobody(team: Team, recordings: list[str]) -> None:
    """Somebody else corrects and takes it, too."""
    one = recordings[0]
    take(team["ivo"], one)
    assert correct(team["bia"], one, "1", Correction()).version == 1
    assert [a.name for a in take(team["bia"], one)[1]] == ["ivo"]


def test_a_day_stays_until_another_is_given(team: Team, recordings: list[str]) -> None:
    """Taking again what was assigned keeps its day."""
    one = recordings[0]
    assign(team["lena"], one, "ivo", "2026-12-01")
    assert take(team["ivo"], one)[0].due == "2026-12-01"
    assert assign(team["lena"], one, "ivo", "2026-12-09")[0].due == "2026-12-09"
    assert team.of("vera", one).due == "2026-12-09"


@pytest.mark.parametrize("due", ["2026-11-21", "tomorrow", "2026-13-01", "20261201", "2026-1-1"])
def test_a_day_is_a_day_to_come(team: Team, recordings: list[str], due: str) -> None:
    """Anything else is refused, and nobody has it."""
    with pytest.raises(BadValue):
        take(team["ivo"], recordings[0], due)
    assert names(team, recordings[0]) == []


def test_who_worked_on_it_does_not_take_it_to_verify(team: Team, recordings: list[str]) -> None:
    """Whoever signs has worked on none; an interpreter may take it all the same."""
    one = recordings[0]
    correct(team["vera"], one, "2", Correction(target="Two, then."))
    correct(team["bia"], one, "1", Correction())
    with pytest.raises(Pointless, match="vera worked on segment 2"):
        take(team["vera"], one)
    with pytest.raises(Pointless, match="vera worked on segment 2"):
        assign(team["lena"], one, "vera")
    with pytest.raises(Pointless, match="neither interpreter nor verifier"):
        assign(team["lena"], one, "fabio")
    take(team["wanda"], one)
    take(team["bia"], one)
    assert names(team, one) == ["wanda", "bia"]
    assert told(team, one, "assign") == []


def test_roles(team: Team, recordings: list[str]) -> None:
    """Only a lead assigns, or gives back what another has."""
    one = recordings[0]
    take(team["ivo"], one)
    with pytest.raises(NotAllowed):
        assign(team["vera"], one, "ivo")
    with pytest.raises(NotAllowed):
        give_back(team["vera"], one, "ivo")
    with pytest.raises(NoSuchThing):
        assign(team["lena"], one, "nobody")
    with pytest.raises(NotReady, match="vera has not taken"):
        give_back(team["vera"], one)
    give_back(team["lena"], one, "ivo")
    assert names(team, one) == []


def test_before_the_draft(team: Team, recordings: list[str]) -> None:
    """It can be taken while the machine has not seen it."""
    assert take(team["vera"], recordings[2])[0].name == "vera"


def test_it_ends_with_the_signature(team: Team, recordings: list[str]) -> None:
    """A signed transcript is nobody's work, and cannot be taken."""
    one = recordings[0]
    take(team["vera"], one, "2026-12-01")
    for number in range(1, len(LINES) + 1):
        correct(team["ivo"], one, str(number), Correction())
        verify(team["vera"], one, str(number), unplayed_reason=SAT)
    sign(team["vera"], one, PASSPHRASE)
    assert names(team, one) == []
    assert team.of("vera", one).due == ""
    with pytest.raises(Pointless, match="it is signed"):
        take(team["ivo"], one)


def test_it_ends_with_the_recording(team: Team, recordings: list[str]) -> None:
    """What is destroyed is taken by nobody."""
    one = recordings[0]
    take(team["ivo"], one)
    destroy(team["lena"], one, "withdrawn")
    assert names(team, one) == []
    with pytest.raises(Destroyed):
        take(team["ivo"], one)
    with pytest.raises(Destroyed):
        give_back(team["ivo"], one)


def test_who_left_has_nothing(team: Team, recordings: list[str]) -> None:
    """Their day counts no more; the row stays for the log's sake."""
    one = recordings[0]
    take(team["wanda"], one, "2026-12-01")
    team["wanda"].vault.close()
    for name in ("ivo", "vera", "bia"):
        team[name].vault.close()
    remove_person(team["lena"], "wanda")
    desk = sit_down(Vault(team.study.root), "ivo", PASSPHRASE, team.study.clock)
    (waiting,) = [w for w in queue(desk) if w.recording_id == one]
    assert (waiting.due, waiting.taken) == ("", ())
    desk.vault.close()


def test_what_is_told_names_no_words(team: Team, recordings: list[str]) -> None:
    """Only ids, names and days."""
    take(team["ivo"], recordings[0], "2026-12-01")
    event = list_events(team["lena"].catalog, recordings[0])[-1]
    assert json.loads(event.body)["of"] == {
        "recording": recordings[0],
        "name": "ivo",
        "due": "2026-12-01",
    }
