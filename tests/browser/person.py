"""A person before the page, as tests drive them: by keys, and by what can be read."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from web.standin import PASSPHRASE, RECORDING


class Person:
    """Somebody with a page open."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def sign_in(self, name: str, passphrase: str = PASSPHRASE) -> None:
        """Sign in, and see home."""
        self.page.goto(self.url)
        self.page.get_by_label(re.compile("^(Name|Nome)$")).fill(name)
        self.press("Tab")
        self.type(passphrase)
        self.press("Enter")
        expect(self.page.locator(".home .block").first).to_be_visible()

    def open(self, segment: str = "", recording: str = RECORDING) -> None:
        """Open the transcript; the caret is in the first segment that waits."""
        self.page.goto(f"{self.url}/recordings/{recording}{'#' + segment if segment else ''}")
        expect(self.page.locator(".row.current textarea:focus")).to_be_visible()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type as with two hands."""
        self.page.keyboard.type(text)

    def row(self, number: int) -> Locator:
        """The row of a segment, by its number; it is there only where it can be seen."""
        return self.page.locator(f'.row[aria-posinset="{number}"]')

    def field(self, number: int, side: str = "source") -> Locator:
        """A text of a segment."""
        return self.row(number).locator(f'textarea[data-side="{side}"]')

    def is_at(self, number: int) -> None:
        """Expect the caret in a segment."""
        expect(self.row(number).locator("textarea:focus")).to_be_visible()

    def stands(self, number: int, state: str) -> None:
        """Expect a segment to stand so."""
        expect(self.row(number)).to_have_attribute("data-state", state)

    def saved(self) -> None:
        """Expect the page to say that everything is saved."""
        expect(self.page.locator("#saved")).to_have_attribute("data-kind", "saved")

    def sheet(self) -> Locator:
        """The sheet that is open."""
        return self.page.locator("dialog[open]")
