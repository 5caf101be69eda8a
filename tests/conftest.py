"""A study made once and copied for each test that changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from doubles.studies import SteppingClock, Study, make_study


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that has seen nothing: copies of one study would look like its own past to it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="session")
def original_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study that is only copied."""
    return make_study(tmp_path_factory.mktemp("original") / "vault")


@pytest.fixture
def study(original_study: Study, tmp_path: Path) -> Study:
    """A study of the test's own."""
    shutil.copytree(original_study.root, tmp_path / "vault")
    return Study(tmp_path / "vault", original_study.recovery_key, SteppingClock())
