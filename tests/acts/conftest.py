"""A team at its desks, with three recordings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from doubles.studies import Study
from doubles.teams import Team, three_recordings


@pytest.fixture
def team(study: Study) -> Iterator[Team]:
    """Everybody at their desk."""
    team = Team(study)
    yield team
    team.close()


@pytest.fixture
def recordings(team: Team, tmp_path: Path) -> list[str]:
    """Two drafted recordings and one that the machine has not seen; oldest first."""
    return three_recordings(team, tmp_path / "card")
