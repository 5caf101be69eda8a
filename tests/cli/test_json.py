"""What --json prints is what docs/json.md says, no more and no less."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from confere import wiring
from confere.acts.offload import Dock, offload_folder
from confere.acts.take_in import take_in
from confere.cli import confere
from confere.intake.outcome import Silent
from confere.vault import Vault
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.sounds import write_tone
from doubles.studies import MACHINE, PASSPHRASE, Study

JSON = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")


@pytest.fixture
def recording(study: Study, tmp_path: Path) -> str:
    """A drafted recording."""
    write_tone(tmp_path / "card" / "a.wav")
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, tmp_path / "card", Silent(), keep=False)
    desk = study.desk()
    (taken,) = take_in(desk)
    draft(desk, taken.id, FakeSpeechEngine(), FakeTranslationEngine())
    desk.vault.close()
    return taken.id


def printed(study: Study, tmp_path: Path, *words: str) -> Any:
    """Return the JSON that a command prints."""
    (tmp_path / "pw").write_text(PASSPHRASE)
    line = [*words, "--json", "--vault", str(study.root)]
    if "--as" in words:
        line += ["--passphrase-file", str(tmp_path / "pw")]
    result = CliRunner().invoke(confere, line, catch_exceptions=False)
    return json.loads(result.stdout)


def documented(command: str) -> set[str]:
    """Return the fields that docs/json.md lists for a command; of lists within, ``segments[].x``."""
    section = re.split(r"^## ", JSON, flags=re.MULTILINE)
    text = next(s for s in section if s.startswith(f"`confere {command}"))
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", text, re.MULTILINE)
    if not rows:  # a short section lists its fields in a sentence
        sentence = text.partition("\n\n")[2]
        return {name for name in re.findall(r"`([a-z_]+)`(?= \(|;|,|\.)", sentence)}
    names: set[str] = set()
    for row in rows:
        fields = re.findall(r"`([^`]+)`", row)
        prefix = "segments[]." if fields[0].startswith("segments[].") else ""
        names |= {prefix + field.removeprefix("segments[].") for field in fields}
    return names


def test_queue(study: Study, tmp_path: Path, recording: str) -> None:
    """Every field of the queue is described."""
    (item,) = printed(study, tmp_path, "queue", "--as", "lena")
    assert item["recording"] == recording
    assert set(item) == documented("queue")


def test_interview_list(study: Study, tmp_path: Path, recording: str) -> None:
    """Every field of the register is described."""
    (item,) = printed(study, tmp_path, "interview", "list", "--as", "lena")
    assert item["recordings"] == [recording]
    assert set(item) == documented("interview list")


def test_show(study: Study, tmp_path: Path, recording: str) -> None:
    """Every field of a transcript and of its segments is described."""
    shown = printed(study, tmp_path, "show", recording, "--as", "lena")
    fields = set(shown) | {f"segments[].{name}" for name in shown["segments"][0]}
    assert fields == documented("show")


def test_people(study: Study, tmp_path: Path) -> None:
    """Every field of a person is described."""
    people = printed(study, tmp_path, "person", "list")
    assert {p["name"] for p in people} == {"fabio", "ivo", "lena", "vera"}
    assert set(people[0]) <= set(re.findall(r"`([a-z]+)`", JSON))


def test_export(study: Study, tmp_path: Path, recording: str) -> None:
    """Every field of an export is described."""
    words = [
        "export",
        recording,
        "--draft",
        "--as",
        "lena",
        "--as",
        "json",
        "--to",
        str(tmp_path / "x"),
    ]
    made = printed(study, tmp_path, *words)
    assert set(made) == {"folder", "files", "identifiable", "reopened"}
    assert all(f"`{name}`" in JSON for name in made)


def test_doctor(study: Study, tmp_path: Path) -> None:
    """Every finding has its level, what it is about, and what was found."""
    findings = printed(study, tmp_path, "doctor")
    assert {"vault", "room", "swap"} <= {f["about"] for f in findings}
    assert {key for f in findings for key in f} == {"level", "about", "finding"}


def test_models() -> None:
    """Every field of a model is described."""
    result = CliRunner().invoke(confere, ["models", "list", "--json"], catch_exceptions=False)
    for model in json.loads(result.stdout):
        assert all(f"`{name}`" in JSON for name in model)
