"""Signed under a sampling plan: what is left out is marked everywhere, and nothing else can be left out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document
from sqlcipher3 import dbapi2 as sqlcipher

from confere import wiring
from confere.acts.audit import Order, audit
from confere.acts.correct import Correction, correct
from confere.acts.hand_over import hand_over
from confere.acts.plan import show_seed
from confere.acts.queue import Stage
from confere.acts.reading import open_transcript
from confere.acts.sign import prepare, reopen, sign
from confere.acts.verify import return_segment
from confere.domain import State
from confere.errors import ConfereError, NotReady, Signed
from doubles.samples import (
    BOUND,
    DRAWN,
    REST,
    SEED,
    SEGMENTS,
    SHARE,
    accept_all,
    drafted,
    verify_them,
)
from doubles.studies import PASSPHRASE, WRONG
from doubles.teams import Team

SCRIPT = Path(__file__).parents[2] / "scripts/verify_transcript.py"


@pytest.fixture
def ready(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A recording whose drawn segments vera has verified; she can sign it."""
    one = drafted(team, tmp_path / "card", monkeypatch)
    accept_all(team, one)
    show_seed(team["vera"], one)
    verify_them(team["vera"], one, *DRAWN)
    return one


@pytest.fixture
def signed(team: Team, ready: str) -> str:
    """The same, signed."""
    sign(team["vera"], ready, PASSPHRASE)
    return ready


def wrong(team: Team) -> list[str]:
    """What an audit finds wrong."""
    done = audit(team.study.root, wiring.pins(), "lena", PASSPHRASE, Order(), team.study.clock)
    return [f"{f.about}: {f.text}" for f in done.report.wrong]


def states(team: Team, one: str) -> list[State]:
    """Where the segments stand, in their order."""
    return [s.state for s in open_transcript(team["lena"], one).transcript.segments]


def test_what_is_left_out_says_so(team: Team, signed: str) -> None:
    """In the catalog, in the document, and to the queue, which has nothing left to do."""
    document = open_transcript(team["lena"], signed).signed
    assert document is not None
    value = document.document
    left = [str(s["position"]) for s in value["segments"] if not s["verified_by"]]
    assert tuple(left) == REST
    assert states(team, signed) == [State.LOCKED, State.UNVERIFIED] * (SEGMENTS // 2)
    assert value["counts"]["verified"] == len(DRAWN)
    assert value["plan"]["seed"] == SEED.hex()
    assert (value["plan"]["share_permille"], value["plan"]["bound_permille"]) == (SHARE, BOUND)
    assert team.of("vera", signed).stage is Stage.SIGNED
    assert wrong(team) == []
    with pytest.raises(Signed):
        correct(team["ivo"], signed, REST[0], Correction(target="No."))


def test_every_export_marks_it(team: Team, signed: str, tmp_path: Path) -> None:
    """No reader of any kind takes it for verified; a stranger finds the draw good."""
    hand_over(team["lena"], [signed], ["docx", "webvtt", "json"], tmp_path / "out")
    (json_file,) = (tmp_path / "out").glob("*-v1.json")
    ids = [s["id"] for s in json.loads(json_file.read_bytes())["document"]["segments"]]
    left = [ids[int(n) - 1] for n in REST]
    for file in json.loads((tmp_path / "out/manifest.json").read_bytes())["files"]:
        assert file["unverified_segments"] == left
    (captions,) = (tmp_path / "out").glob("*.vtt")
    text = captions.read_text("utf-8")
    assert f"SAMPLE: {len(REST)} of {SEGMENTS} segments are NOT VERIFIED" in text
    cues = {cue.split("\n")[0]: cue for cue in text.split("\n\n") if cue.split("\n")[0] in ids}
    assert [id_ for id_ in ids if "[NOT VERIFIED]" in cues[id_]] == left
    (page,) = (tmp_path / "out").glob("*.docx")
    read = Document(str(page))
    margins = [row.cells[0].text for row in read.tables[-1].rows[1:]]
    assert ["NOT VERIFIED" in margin for margin in margins] == [False, True] * (SEGMENTS // 2)
    assert "SAMPLE" in "".join(p.text for p in read.sections[0].header.paragraphs)
    key = team["vera"].person.verify_keys["sign-off"]
    command = [sys.executable, "-I", str(SCRIPT), str(json_file), "--key", key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{len(DRAWN)}: A SAMPLE" in done.stdout
    assert f"UNVERIFIED    segments {', '.join(REST)}" in done.stdout


def test_what_is_wholly_verified_is_marked_nowhere(team: Team, ready: str, tmp_path: Path) -> None:
    """Whoever verifies the rest too signs all of it."""
    verify_them(team["vera"], ready, *REST)
    sign(team["vera"], ready, PASSPHRASE)
    hand_over(team["lena"], [ready], ["webvtt", "json"], tmp_path / "out")
    for file in (tmp_path / "out").iterdir():
        assert b"NOT VERIFIED" not in file.read_bytes()
        assert b"unverified_segments" not in file.read_bytes()
    assert wrong(team) == []


def test_a_new_version_of_it(team: Team, signed: str) -> None:
    """What was left out stands corrected again; a change in it is verified, the rest stays left out."""
    reopen(team["lena"], signed, "a word was misheard")
    assert states(team, signed) == [State.VERIFIED, State.CORRECTED] * (SEGMENTS // 2)
    correct(team["ivo"], signed, REST[0], Correction(target="We went to the river then."))
    with pytest.raises(NotReady, match=f"1 segments are not verified: {REST[0]}"):
        sign(team["vera"], signed, PASSPHRASE)
    verify_them(team["vera"], signed, REST[0])
    second = sign(team["vera"], signed, PASSPHRASE).document
    left = [str(s["position"]) for s in second["segments"] if not s["verified_by"]]
    assert tuple(left) == REST[1:]
    assert wrong(team) == []


def test_too_many_wrong_ones_and_all_of_it_is_verified(team: Team, ready: str) -> None:
    """Errors that are found in the sample before the signature end the sparing."""
    for number in DRAWN[:3]:
        return_segment(team["vera"], ready, number, "another word", WRONG)
        correct(team["ivo"], ready, number, Correction(target="We came to the river."))
        verify_them(team["vera"], ready, number)
    with pytest.raises(NotReady, match=f"{len(REST)} segments are not verified"):
        sign(team["vera"], ready, PASSPHRASE)
    verify_them(team["vera"], ready, *REST)
    document = sign(team["vera"], ready, PASSPHRASE).document
    assert document["plan"]["outcome"] == "full"
    assert document["errors"] == {WRONG.kind: {WRONG.severity: 3}}
    assert wrong(team) == []


#: What may be tried before the signature, to have less verified; segment 1 is drawn.
BEFORE = {
    "spared by hand": [
        "INSERT INTO revisions (segment_id, version, by, at, decision, before, after, nonce) SELECT id,"
        " version + 1, 'vera', '', 'spare', '{}', '{}', x'00' FROM segments WHERE position = 2",
        "UPDATE segments SET spared = 1, version = version + 1 WHERE position = 2",
    ],
    "a smaller share": ["UPDATE draws SET share_permille = 1"],
    "a higher bound": ["UPDATE draws SET bound_permille = 999"],
    "another seed": ["UPDATE seeds SET seed = printf('%064d', 0)"],
    "fewer drawn": ["UPDATE seeds SET drawn = '[]'"],
    "more left out": ["UPDATE seeds SET rest = drawn, drawn = '[]'"],
    "fewer marked": ["UPDATE seeds SET marked = '[]', drawn = '[]', rest = '[]'"],
    "a later moment": ["UPDATE seeds SET after = 9999"],
    "no binding": ["DELETE FROM seeds", "DELETE FROM draws"],
    "another plan": ["UPDATE plans SET share_permille = 1"],
    "a plan of one's own": [
        "INSERT INTO plans (number, share_permille, bound_permille, by, at) VALUES (9, 1, 999, 'lena', '')"
    ],
}
#: What a signature does not depend on: it is refused or not, and the audit tells.
HARMLESS = {"another plan", "a plan of one's own", "no binding"}


def drop_the_rules(team: Team) -> None:
    """Whoever has the key of the catalog can do that."""
    catalog = team["ivo"].catalog
    catalog.run("PRAGMA foreign_keys = OFF")
    for row in catalog.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        catalog.run(f"DROP TRIGGER {row[0]}")


@pytest.mark.parametrize("way", BEFORE)
def test_less_is_verified_by_another_hand(team: Team, ready: str, way: str) -> None:
    """Nothing of that gets signed, or it leaves nothing more out; and an audit finds it."""
    drop_the_rules(team)
    with team["ivo"].catalog.transaction():
        for statement in BEFORE[way]:
            team["ivo"].catalog.run(statement)
    if way in HARMLESS:
        try:
            left = prepare(team["vera"], ready).document["segments"]
            assert {str(s["position"]) for s in left if not s["verified_by"]} <= set(REST)
        except ConfereError:
            pass
    else:
        with pytest.raises(ConfereError):
            sign(team["vera"], ready, PASSPHRASE)
    assert wrong(team) != []


#: What may be tried with what is signed.
AFTER = {
    "verified after all": ["UPDATE segments SET spared = 0, state = 'locked' WHERE position = 2"],
    "left out after all": [
        "UPDATE segments SET spared = 1, state = 'corrected' WHERE position = 1"
    ],
    "no longer closed": ["UPDATE segments SET spared = 0 WHERE position = 2"],
    "a revision of what was left out": [
        "INSERT INTO revisions (segment_id, version, by, at, decision, before, after, nonce) SELECT id,"
        " version + 1, 'vera', '', 'verify', '{}', '{}', x'00' FROM segments WHERE position = 2"
    ],
    "another decision": ["UPDATE revisions SET decision = 'sign' WHERE decision = 'spare'"],
    "another text": ["UPDATE segments SET target = 'no' WHERE position = 2"],
    "another seed": ["UPDATE seeds SET seed = printf('%064d', 0)"],
    "no seed": ["DELETE FROM seeds"],
    "another binding": ["UPDATE draws SET commitment = printf('%064d', 0)"],
}


@pytest.mark.parametrize("way", AFTER)
def test_the_catalog_refuses(team: Team, signed: str, way: str) -> None:
    """By its own rules."""
    before = open_transcript(team["lena"], signed)
    with pytest.raises(sqlcipher.IntegrityError), team["ivo"].catalog.transaction():
        for statement in AFTER[way]:
            team["ivo"].catalog.run(statement)
    assert open_transcript(team["lena"], signed) == before


@pytest.mark.parametrize("way", AFTER)
def test_without_its_rules_it_is_found(team: Team, signed: str, way: str) -> None:
    """By the audit, and by whoever opens the transcript, in every case."""
    drop_the_rules(team)
    for statement in AFTER[way]:
        team["ivo"].catalog.run(statement)
    with pytest.raises(ConfereError):
        open_transcript(team["lena"], signed)
    assert wrong(team) != []
