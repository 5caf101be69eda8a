"""A team at its desks, with three recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from doubles.teams import Team, three_recordings


@pytest.fixture
def recordings(team: Team, tmp_path: Path) -> list[str]:
    """Two drafted recordings and one that the machine has not seen; oldest first."""
    return three_recordings(team, tmp_path / "card")
