"""``confere models list``: what is installed, whether it is whole, and what the study uses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from confere.cli import confere
from confere.models.store import ModelStore
from doubles.small_models import installed
from doubles.studies import Study


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with one speech model, and no vault where one would be looked for."""
    monkeypatch.setenv("CONFERE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return installed(ModelStore(tmp_path / "models"), "toy")


def listed(*options: str) -> Result:
    """The list, whatever it says."""
    return CliRunner().invoke(confere, ["models", "list", *options], catch_exceptions=False)


def row(name: str, *options: str) -> dict[str, object]:
    """One model of the list in JSON."""
    rows: list[dict[str, object]] = json.loads(listed("--json", *options).stdout)
    return next(each for each in rows if each["name"] == name)


def test_an_installed_model_is_told_with_licence_and_digest(folder: Path) -> None:
    """Its line says what it is; the next one what names it for good."""
    model = row("toy")

    assert model["whole"] is True
    assert model["problem"] is None
    assert model["used"] is None
    assert f"    licence MIT, digest {model['digest']}" in listed().output


def test_a_model_that_lacks_a_byte_is_damaged(folder: Path) -> None:
    """Lengths are looked at each time; the digests are `check`'s."""
    weights = folder / "model.bin"
    weights.write_bytes(weights.read_bytes()[:-1])

    model = row("toy")
    assert model["whole"] is False
    assert "wrong length" in str(model["problem"])
    assert "DAMAGED" in listed().output


def test_a_file_that_is_gone_is_named(folder: Path) -> None:
    """As is one that cannot be read."""
    (folder / "config.json").unlink()

    assert "config.json is missing" in str(row("toy")["problem"])


def test_what_is_not_installed_is_neither_whole_nor_broken(folder: Path) -> None:
    """The catalogue's models are said to be installable."""
    model = row("small")

    assert (model["installed"], model["installable"]) == (False, True)
    assert model["whole"] is None
    assert model["digest"] is None


def test_the_models_of_the_study_are_marked(folder: Path, study: Study) -> None:
    """A vault's settings name one for speech and one or more for translation."""
    vault = ("--vault", str(study.root))

    assert row("practice-speech", *vault)["used"] is True
    assert row("practice-pt_en", *vault)["used"] is False
    assert row("toy", *vault)["used"] is False
    assert ", this study's" in listed(*vault).output


def test_a_model_that_nobody_knows_is_told(folder: Path, study: Study) -> None:
    """The settings may name anything."""
    result = listed("--vault", str(study.root))

    assert "a translation model 'practice-translation', which nobody knows" in result.stderr
