"""The page of a study with three recordings, and people who are signed in at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doubles.serving import Browser, Front, front
from doubles.studies import Study
from doubles.teams import Recorded


@pytest.fixture
def recordings(study: Study, original_recordings: Recorded) -> list[str]:
    """Two drafted recordings of 12 s, tones of different pitches, and one that is not drafted."""
    return original_recordings.put_into(study)


@pytest.fixture
def page(study: Study, recordings: list[str]) -> Iterator[Front]:
    """The page of a study that has them."""
    with front(study.root) as served:
        yield served


@pytest.fixture
def lena(page: Front) -> Iterator[Browser]:
    """A lead who is signed in."""
    yield from _signed_in(page, "lena")


@pytest.fixture
def ivo(page: Front) -> Iterator[Browser]:
    """An interpreter who is signed in."""
    yield from _signed_in(page, "ivo")


@pytest.fixture
def vera(page: Front) -> Iterator[Browser]:
    """A verifier who is signed in."""
    yield from _signed_in(page, "vera")


def _signed_in(page: Front, name: str) -> Iterator[Browser]:
    with page.browser() as browser:
        assert browser.sign_in(name).status_code == 200
        yield browser
