"""A verifier before the page: plays, accepts, is refused, returns, signs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from browser.person import Person
from web.standin import PASSPHRASE, StandIn

Enter = Callable[..., Person]


@pytest.fixture
def memory() -> StandIn:
    """Four segments that ines has corrected."""
    made = StandIn(4)
    made.correct_all("ines")
    return made


def test_what_was_not_played_is_accepted_only_with_a_reason(enter: Enter, memory: StandIn) -> None:
    """The page asks for it; without one nothing happens."""
    vera = enter("vera")
    vera.open()
    vera.press("Control+Enter")
    expect(vera.sheet()).to_contain_text("You played 0 % of it; the study asks for 100 %")
    vera.press("Escape")
    vera.stands(1, "corrected")
    vera.press("Control+Enter")
    expect(vera.sheet()).to_be_visible()
    vera.type("Nobody speaks here.")
    vera.press("Control+Enter")
    vera.stands(1, "verified")
    vera.is_at(2)
    assert memory.segments[0]["_history"][-1]["reason"] == "Nobody speaks here."


def test_a_segment_is_played_at_a_key_and_then_accepted(enter: Enter, memory: StandIn) -> None:
    """It stops at its end; what was played is shown, and is enough."""
    first = memory.segments[0]
    first["end_ms"] = first["start_ms"] + 700
    vera = enter("vera")
    vera.open()
    expect(vera.row(1).locator(".heard")).to_have_text("not played")
    vera.press("v")
    expect(vera.row(1)).to_have_class("row current playing")
    expect(vera.row(1).locator(".heard")).to_have_text("played")
    expect(vera.page.locator('[data-act="play"]')).to_have_accessible_name("Play")
    vera.press("Control+Enter")
    vera.stands(1, "verified")
    assert first["verified_by"] == "vera"
    box = vera.row(1).bounding_box()
    assert box is not None and box["height"] < 120
    assert memory.played["vera"][0][1] < memory.segments[1]["end_ms"]


def test_a_return_is_told_by_keys_and_shown_to_the_interpreter(
    enter: Enter, memory: StandIn
) -> None:
    """A letter for the kind, a digit for the weight, words, Ctrl+Enter."""
    vera = enter("vera")
    vera.open()
    vera.press("r")
    expect(vera.sheet()).to_be_visible()
    vera.press("e", "3")
    vera.type("São 1.500.")
    vera.press("Control+Enter")
    vera.stands(1, "needs work")
    told = memory.segments[0]["returned"]
    assert (told["kind"], told["severity"], told["reason"]) == (
        "number",
        "changes the meaning",
        "São 1.500.",
    )
    ines = enter("ines")
    expect(ines.page.locator(".returned")).to_contain_text("São 1.500.")
    ines.page.locator(".returned a").click()
    expect(ines.row(1).locator(".note")).to_contain_text("Returned by vera")
    ines.is_at(1)


def test_nothing_can_be_typed_while_verifying_unless_it_is_taken(
    enter: Enter, memory: StandIn
) -> None:
    """Whoever takes a segment is told what that means, and says what was wrong."""
    vera = enter("vera")
    vera.open()
    before = memory.segments[0]["source"]
    vera.type("zzz")
    expect(vera.field(1)).to_have_value(before)
    vera.press("e")
    expect(vera.sheet()).to_contain_text("somebody else must then verify it")
    vera.press("d", "2", "Control+Enter")
    expect(vera.row(1).locator('textarea[data-side="target"]:focus')).to_be_visible()
    vera.press("Control+End")
    vera.type(" Indeed.")
    vera.press("Control+Enter")
    vera.stands(1, "corrected")
    assert memory.segments[0]["target"].endswith(" Indeed.")
    assert memory.segments[0]["authors"] == ["ines", "vera"]
    expect(vera.row(2)).to_have_class(re.compile("current"))
    vera.press("Alt+ArrowUp")
    expect(vera.row(1)).to_have_class(re.compile("current"))
    vera.press("Control+Enter")
    expect(vera.page.locator("#notice")).to_contain_text("You worked on this segment yourself")


def test_what_changed_since_the_draft_is_shown_at_a_key(enter: Enter, memory: StandIn) -> None:
    """Struck out and underlined, and said to screen readers."""
    draft = memory.segments[0]["target"]
    memory.change(1, "ines", target=f"{draft} Really.")
    memory.segments[0]["state"] = "corrected"
    vera = enter("vera")
    vera.open()
    vera.press("d")
    expect(vera.row(1).locator("ins")).to_contain_text("Really.")
    expect(vera.row(1).locator("ins .unseen").first).to_contain_text("put in")


def test_signing_says_in_words_what_is_signed(enter: Enter, memory: StandIn) -> None:
    """Not before everything is verified, not with another passphrase; then nothing changes any more."""
    vera = enter("vera")
    vera.open()
    vera.press("Alt+Shift+S")
    expect(vera.sheet()).to_contain_text("4 segments still wait for you")
    vera.press("Escape")
    memory.play_all("vera")
    for number in range(1, 5):
        vera.press("Control+Enter")
        vera.stands(number, "verified")
    vera.press("Alt+Shift+S")
    sheet = vera.sheet()
    expect(sheet).to_contain_text("I verified every segment of this transcript")
    expect(sheet).to_contain_text("4 of 4 verified by you")
    sheet.get_by_label("Your passphrase, once more").fill("another one")
    vera.press("Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("not the right passphrase")
    sheet.get_by_label("Your passphrase, once more").fill(PASSPHRASE)
    vera.press("Enter")
    vera.stands(1, "locked")
    assert memory.signed
    vera.type("x")
    expect(vera.field(1)).to_have_value(memory.segments[0]["source"])
