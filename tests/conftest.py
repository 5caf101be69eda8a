"""A study made once and copied for each test that changes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from doubles.studies import SteppingClock, Study, make_study
from doubles.teams import Recorded, Team, join, three_recordings


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that has seen nothing: copies of one study would look like its own past to it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DOCUMENTS_DIR", str(tmp_path / "documents"))


@pytest.fixture(scope="session")
def original_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study that is only copied."""
    return make_study(tmp_path_factory.mktemp("original") / "vault")


@pytest.fixture
def study(original_study: Study, tmp_path: Path) -> Study:
    """A study of the test's own."""
    shutil.copytree(original_study.root, tmp_path / "vault")
    return Study(tmp_path / "vault", original_study.recovery_key, SteppingClock())


@pytest.fixture(scope="session")
def original_team_study(original_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study of a team, which is only copied."""
    root = tmp_path_factory.mktemp("team") / "vault"
    shutil.copytree(original_study.root, root)
    study = Study(root, original_study.recovery_key, SteppingClock())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(root.parent / "state"))
        join(study)
    return study


@pytest.fixture(scope="session")
def original_recordings(
    original_team_study: Study, tmp_path_factory: pytest.TempPathFactory
) -> Recorded:
    """The study of a team with three recordings, which is only copied."""
    root = tmp_path_factory.mktemp("recorded") / "vault"
    shutil.copytree(original_team_study.root, root)
    clock = SteppingClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(root.parent / "state"))
        team = Team(Study(root, original_team_study.recovery_key, clock))
        ids = three_recordings(team, root.parent / "card")
        team.close()
    return Recorded(root, tuple(ids), clock)


@pytest.fixture
def team(original_team_study: Study, tmp_path: Path) -> Iterator[Team]:
    """Several people at one vault."""
    shutil.copytree(original_team_study.root, tmp_path / "vault")
    team = Team(Study(tmp_path / "vault", original_team_study.recovery_key, SteppingClock()))
    yield team
    team.close()
