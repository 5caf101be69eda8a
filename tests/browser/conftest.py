"""The page in the system's Chromium, mostly before the stand-in server of ``tests/web/standin.py``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from browser.person import Person
from web.standin import StandIn, running

#: A tall laptop screen; both columns and what is beside them fit.
SIZE = {"width": 1440, "height": 900}


#: Nobody clicks before a test plays.
SOUND = "--autoplay-policy=no-user-gesture-required"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the browser of this system is."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    return path


@pytest.fixture(scope="session")
def driver(chromium_path: str) -> Iterator[Playwright]:
    """What drives browsers; one for all tests of a process."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(driver: Playwright, chromium_path: str) -> Iterator[Browser]:
    """The browser, without anything shown; each of its contexts forgets everything."""
    browser = driver.chromium.launch(executable_path=chromium_path, args=[SOUND])
    yield browser
    browser.close()


@pytest.fixture
def patience() -> Iterator[None]:
    """Wait longer for what the real server answers: its people share the machine, and news take seconds."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def memory() -> StandIn:
    """What the stand-in server holds: a transcript of sixty segments."""
    return StandIn(60)


@pytest.fixture
def url(memory: StandIn) -> Iterator[str]:
    """Where it is served."""
    with running(memory) as address:
        yield address


@pytest.fixture
def faults() -> list[str]:
    """What pages threw, or what a policy of the page forbade: nothing ever may."""
    return []


@pytest.fixture
def enter(chromium: Browser, url: str, faults: list[str]) -> Iterator[Any]:
    """``enter(name, **options)``: a browser of its own for somebody, signed in."""
    contexts = []

    def made(name: str, **options: Any) -> Person:
        context = chromium.new_context(**{"viewport": SIZE, "locale": "en-GB", **options})
        contexts.append(context)
        person = Person(watched(context.new_page(), faults), url)
        person.sign_in(name)
        return person

    yield made
    for context in contexts:
        context.close()
    assert faults == []


def watched(page: Page, faults: list[str]) -> Page:
    """Write down what a page throws."""
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security" in message.text else None,
    )
    return page
