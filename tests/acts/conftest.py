"""A team at its desks, with three recordings."""

from __future__ import annotations

import pytest

from doubles.teams import Recorded, Team


@pytest.fixture
def recordings(team: Team, original_recordings: Recorded) -> list[str]:
    """Two drafted recordings and one that the machine has not seen; oldest first."""
    return original_recordings.put_into(team.study)
