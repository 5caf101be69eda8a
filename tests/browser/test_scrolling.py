"""Three hours of rows: only those near the eye are in the document, and none of those is ever missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from browser.test_correcting import Enter
from web.standin import StandIn, running

SEGMENTS = 2_500
#: Of the rows in the document: their numbers in the order of the document, where the drawn ones begin and
#: end on the screen beside where the list's window does, how many are laid over another, and what each has.
_ROWS = """
() => {
  const box = document.getElementById("rows").getBoundingClientRect();
  const rows = [...document.querySelectorAll(".row")].filter((row) => !row.matches(":focus-within"));
  const places = rows.map((row) => row.getBoundingClientRect());
  return {
    numbers: rows.map((row) => Number(row.getAttribute("aria-posinset"))),
    above: places[0].top - box.top,
    below: places.at(-1).bottom - box.bottom,
    apart: places.slice(1).map((place, n) => Math.abs(place.top - places[n].bottom)),
  };
}
"""
_DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


@pytest.fixture
def memory() -> StandIn:
    """A transcript as long as they come."""
    return StandIn(SEGMENTS)


@pytest.fixture
def url(memory: StandIn) -> Iterator[str]:
    """Where it is served."""
    with running(memory) as address:
        yield address


def test_from_the_first_row_to_the_last_and_by_leaps(enter: Enter) -> None:
    """After each frame the window is full of rows, one below the other, each of them in its turn."""
    ines = enter("ines")
    ines.open()
    page = ines.page
    page.mouse.move(600, 500)
    seen: set[int] = set()

    def look() -> None:
        page.evaluate(_DRAWN)
        found = page.evaluate(_ROWS)
        numbers = found["numbers"]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert len(numbers) < 60
        assert found["above"] <= 0 or numbers[0] <= 2  # the first may hold the focus
        assert found["below"] >= 0 or numbers[-1] == SEGMENTS
        assert max(found["apart"]) < 1
        seen.update(numbers)

    for _ in range(20):
        page.mouse.wheel(0, 700)
        look()
    assert min(seen) <= 3 and max(seen) > 80
    for share in (0.9, 0.1, 0.5, 1.0, 0.0):
        page.evaluate("(share) => { rows.scrollTop = share * rows.scrollHeight }", share)
        look()
    assert max(seen) == SEGMENTS
    # Where the caret was it still is, wherever one looked meanwhile.
    expect(ines.row(1).locator("textarea:focus")).to_be_attached()
