"""What the checks see, as the command line prints it, and beside the segments that people walk through."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from confere.acts.checks import look
from confere.acts.correct import Correction, correct
from confere.acts.desk import Desk
from confere.cli import confere
from confere.cli.findings import counted, pointed_at
from confere.domain import State
from confere.review.checks import Span
from doubles.studies import PASSPHRASE
from doubles.teams import Recorded, Team

JSON = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
SPOKEN, TOLD = "Vieram três pessoas ontem. [risos]", "Two people came yesterday."


@pytest.fixture
def recording(team: Team, original_recordings: Recorded) -> str:
    """A recording whose first segment is corrected, and lacks a person and a mark."""
    one = original_recordings.put_into(team.study)[0]
    correct(team["ivo"], one, "1", Correction(source=SPOKEN, target=TOLD))
    return one


def typed(team: Team, tmp_path: Path, name: str, *words: str, answers: str = "") -> Result:
    """Return what a command prints, and how it ends."""
    (tmp_path / "pw").write_text(PASSPHRASE)
    who = ["--vault", str(team.study.root), "--as", name, "--passphrase-file", str(tmp_path / "pw")]
    return CliRunner().invoke(confere, [*words, *who], input=answers, catch_exceptions=False)


def keys(desk: Desk, recording: str) -> dict[str, str]:
    """Return the handle of what is seen in the first segment, by its sentence."""
    looked = look(desk, recording)
    first = looked.transcript.segments[0]
    return {it.finding.message_id: looked.handle(it) for it in looked.of(first.id)}


def test_every_field_is_described(team: Team, recording: str, tmp_path: Path) -> None:
    """In docs/json.md, no more and no less."""
    handle = keys(team["ivo"], recording)["numbers.differ"]
    typed(team, tmp_path, "ivo", "dismiss", recording, "1", handle, "--reason", "She said two.")
    result = typed(team, tmp_path, "ivo", "check", recording, "1", "--dismissed", "--json")
    assert result.exit_code == 1
    value = json.loads(result.stdout)
    section = next(s for s in JSON.split("\n## ") if s.startswith("`confere check RECORDING"))
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", section, re.MULTILINE)
    names = [re.findall(r"`([^`]+)`", row) for row in rows]
    outer = {n for row in names for n in row if not row[0].startswith("findings[]")}
    inner = {
        n.removeprefix("findings[].")
        for row in names
        for n in row
        if row[0].startswith("findings[]")
    }
    assert set(value) == outer
    assert {frozenset(finding) for finding in value["findings"]} == {frozenset(inner)}
    held = next(f["dismissed"] for f in value["findings"] if f["finding"] == handle)
    assert (held["by"], held["reason"], set(held)) == (
        "ivo",
        "She said two.",
        {"by", "at", "reason"},
    )
    assert value["dismissed"] == 1
    assert value["open"]["error"] == 1


@pytest.mark.parametrize(
    ("level", "levels"),
    [
        ("error", {"error"}),
        ("warning", {"error", "warning"}),
        ("info", {"error", "warning", "info"}),
    ],
)
def test_a_level_shows_what_weighs_as_much(
    team: Team, recording: str, tmp_path: Path, level: str, levels: set[str]
) -> None:
    """And counts everything all the same; a segment without errors ends with 0."""
    source = "Vieram três pessoas, eu não sei, a gente estava esquisita."
    target = "Two people came, I know, they were exquisite."
    correct(team["ivo"], recording, "1", Correction(source=source, target=target))
    result = typed(team, tmp_path, "vera", "check", recording, "1", "--level", level, "--json")
    value = json.loads(result.stdout)
    assert {f["level"] for f in value["findings"]} == levels
    assert all(value["open"].values())
    assert result.exit_code == 1
    assert typed(team, tmp_path, "vera", "check", recording, "2").exit_code == 0


def test_show_counts_them_beside_the_segment(team: Team, recording: str, tmp_path: Path) -> None:
    """Only where something is open."""
    shown = typed(team, tmp_path, "ivo", "show", recording).output
    assert f"{TOLD}\n      checks: 2 errors" in shown
    value = json.loads(typed(team, tmp_path, "ivo", "show", recording, "--json").stdout)
    assert value["segments"][0]["open_checks"]["error"] == 2
    assert value["segments"][1]["open_checks"] == {"error": 0, "warning": 0, "info": 0}


def test_the_interpreter_sees_them_while_correcting(
    team: Team, recording: str, tmp_path: Path
) -> None:
    """Before the question, and again in what was typed, with what is to be done about it."""
    answers = f"\n{SPOKEN}\nThree people came yesterday.\n"
    shown = typed(team, tmp_path, "ivo", "correct", recording, "1", answers=answers).output
    before, _, after = shown.partition("corrected, version 2")
    assert "translation has 2" in before
    assert "lacks the mark [risos]" in before
    assert "translation has" not in after
    assert "lacks the mark [risos]" in after
    assert f"confere dismiss {recording} 1 {keys(team['ivo'], recording)['marks.missing']}" in after


def test_the_verifier_dismisses_while_verifying(team: Team, recording: str, tmp_path: Path) -> None:
    """One of several is named, the last need not be; then nothing is left to dismiss."""
    mark = keys(team["vera"], recording)["marks.missing"]
    answers = "\n".join(
        ("d", "zzzz", "no", "d", mark, "He laughs later.", "d", "She said two.", "s")
    )
    shown = typed(team, tmp_path, "vera", "verify", recording, answers=answers + "\n").output
    assert "there is no finding 'zzzz'" in shown
    seen = look(team["vera"], recording).seen
    reasons = {it.finding.message_id: it.dismissal.reason for it in seen if it.dismissal}
    assert reasons["marks.missing"] == "He laughs later."
    assert look(team["vera"], recording).transcript.segments[0].state is State.CORRECTED


def test_places_are_underlined() -> None:
    """Whatever overlaps; without colour the text is as it is."""
    shown = pointed_at("abcd", [Span(1, 3), Span(2, 3)])
    assert click_plain(shown) == "abcd"
    assert shown.startswith("a\x1b[")
    assert pointed_at("abcd", []) == "abcd"


def click_plain(text: str) -> str:
    """Return a text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_nothing_open_is_counted_as_nothing() -> None:
    """Not as zero errors."""
    assert counted([]) == ""
