"""Every page and state: nothing that axe finds wrong, every sentence in both languages, no script inline."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import confere.web
from browser.person import Person
from confere.review.checks.messages import MESSAGES
from web.standin import StandIn

WEB = Path(confere.web.__file__).parent
Enter = Callable[..., Person]
#: axe's own groups of rules: every one that it has on by itself.
ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe(person: Person, scheme: str) -> list[str]:
    """Return what axe finds wrong, once nothing moves any more; of the dark page, its colours."""
    still = "() => Promise.all(document.getAnimations().map((one) => one.finished))"
    person.page.evaluate(still)
    # The same page in other colours: everything else was looked at in the light.
    options = {"runOnly": ["color-contrast"]} if scheme == "dark" else {"runOnly": ALL}
    found = Axe().run(person.page, options=options).response["violations"]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_an_interpreter_works(
    enter: Enter, memory: StandIn, scheme: str
) -> None:
    """Home, keys, and the transcript in each of its states; in Portuguese."""
    ines = enter("ines", locale="pt-BR", color_scheme=scheme, bypass_csp=True)
    assert axe(ines, scheme) == []
    ines.page.goto(f"{ines.url}/keys")
    expect(ines.page.locator(".binding").first).to_be_visible()
    assert axe(ines, scheme) == []
    number = next(n for n, s in enumerate(memory.segments, 1) if s["_findings"])
    ines.open(memory.segments[number - 1]["id"])
    expect(ines.page.locator(".finding")).to_be_visible()
    ines.press("Alt+g")
    expect(ines.row(number).locator(".pair")).to_be_visible()
    assert axe(ines, scheme) == []
    for key in ("Alt+0", "Alt+c", "Alt+h", "Alt+?"):
        ines.press(key)
        expect(ines.sheet()).to_be_visible()
        assert axe(ines, scheme) == [], key
        ines.press("Escape")
    ines.type("x")
    memory.change(number, "ana", source="Outra coisa.")
    expect(ines.page.locator(".conflict-box")).to_be_visible()
    assert axe(ines, scheme) == []
    memory.lock_all()
    ines.press("Alt+c")
    expect(ines.page.locator("dialog.cover")).to_be_visible()
    assert axe(ines, scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_a_verifier_works(
    enter: Enter, memory: StandIn, scheme: str
) -> None:
    """The verification and its sheets."""
    memory.correct_all("ines")
    vera = enter("vera", color_scheme=scheme, bypass_csp=True)
    vera.open()
    assert axe(vera, scheme) == []
    for key in ("r", "e", "Alt+Shift+S", "Control+Enter"):
        vera.press(key)
        expect(vera.sheet().locator("h2")).to_be_visible()
        assert axe(vera, scheme) == [], key
        vera.press("Escape")


def test_both_languages_have_every_sentence() -> None:
    """The same names, the same values to put in; and every sentence that a check can say."""
    en, pt = (json.loads((WEB / "messages" / f"{n}.json").read_text("utf-8")) for n in ("en", "pt"))
    assert en.keys() == pt.keys()
    values = re.compile(r"\{\w+\}")
    for name in en:
        assert sorted(values.findall(en[name])) == sorted(values.findall(pt[name])), name
    for message, (_, sentence) in MESSAGES.items():
        assert en[f"check.{message}"] == sentence


def test_every_sentence_that_is_asked_for_is_there() -> None:
    """In scripts and templates, as far as their names stand there."""
    known = json.loads((WEB / "messages" / "en.json").read_text("utf-8"))
    for path in [*WEB.rglob("*.js"), *WEB.rglob("*.html")]:
        text = path.read_text("utf-8")
        for name in re.findall(r"""\bt\(\s*["']([^"'{}$]+)["']""", text):
            assert name in known or name.endswith("."), (path.name, name)
        for name in re.findall(r"""\btn\(\s*["']([^"'{}$]+)["']""", text):
            assert {f"{name}.one", f"{name}.other"} <= known.keys(), (path.name, name)


def test_scripts_and_styles_are_small_and_in_files() -> None:
    """Under 120 kB compressed, all pages together; nothing inline that the policy would stop."""
    files = [*WEB.rglob("*.js"), *WEB.rglob("*.css")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 120_000
    for path in WEB.rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text), path.name
