"""The lead's pages in Chromium, before a real vault: by keyboard alone, in both languages, light and dark."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import watched
from confere.acts.correct import Correction, correct
from confere.acts.desk import iso, utc_now
from confere.acts.sign import sign
from confere.acts.verify import verify
from confere.vault.drafting import Drafting, put_drafting
from doubles.drafting import draft
from doubles.engines import FakeSpeechEngine, FakeTranslationEngine
from doubles.serving import front
from doubles.studies import PASSPHRASE, SteppingClock, Study
from doubles.teams import Recorded, Team

PAGES = ("people", "words", "names", "plan", "interviews", "worth", "export", "audit", "custody")


@pytest.fixture(scope="module")
def original_signed(
    original_recordings: Recorded, tmp_path_factory: pytest.TempPathFactory
) -> Recorded:
    """Three recordings: one signed, one drafted, one neither; only copied."""
    root = tmp_path_factory.mktemp("signed") / "vault"
    shutil.copytree(original_recordings.root, root)
    clock = SteppingClock()
    clock.now = original_recordings.clock.now
    one = original_recordings.ids[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(root.parent / "state"))
        team = Team(Study(root, "", clock))
        for number in "1234":
            correct(team["ivo"], one, number, Correction())
            verify(team["vera"], one, number, unplayed_reason="I sat in the room.")
        sign(team["vera"], one, PASSPHRASE)
        team.close()
    return Recorded(root, original_recordings.ids, clock)


@pytest.fixture
def ids(study: Study, original_signed: Recorded) -> list[str]:
    """The recordings of a study of the test's own."""
    return original_signed.put_into(study)


@pytest.fixture
def enter_as(
    chromium: Browser, study: Study, ids: list[str], faults: list[str]
) -> Iterator[Callable[[str], Page]]:
    """Sign somebody in, by keyboard, in a browser of their own; they see home."""
    with front(study.root) as served:
        contexts = []

        def entered(name: str) -> Page:
            context = chromium.new_context(base_url=served.url, locale="en-GB")
            contexts.append(context)
            page = watched(context.new_page(), faults)
            page.goto("/")
            page.wait_for_selector("#name:focus")
            page.keyboard.type(name)
            page.keyboard.press("Tab")
            page.keyboard.type(PASSPHRASE)
            page.keyboard.press("Enter")
            page.wait_for_selector("#home:not([aria-busy])")
            return page

        yield entered
        for context in contexts:
            context.close()
    assert faults == []


@pytest.fixture
def lena(enter_as: Callable[[str], Page]) -> Page:
    """A lead who has signed in."""
    return enter_as("lena")


def opened(page: Page, path: str) -> None:
    """Load a page and wait until it shows something."""
    page.goto(path)
    page.wait_for_selector("#page:not([aria-busy])")


def violations(page: Page) -> Any:
    """Return what axe finds; put in past the page's policy, which lets no script of a test in."""
    client = page.context.new_cdp_session(page)
    source = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    client.send("Runtime.evaluate", {"expression": source})
    told = "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))"
    found = client.send("Runtime.evaluate", {"expression": told, "awaitPromise": True})
    return json.loads(found["result"]["value"])


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("pt", "dark")])
def test_every_page_can_be_read_by_everybody(
    lena: Page, ids: list[str], language: str, theme: str
) -> None:
    """Axe finds nothing, no sentence is missing, and each says where one is."""
    url = lena.url
    for name, value in (("language", language), ("theme", theme)):
        lena.context.add_cookies([{"name": name, "value": value, "url": url}])
    for name in PAGES:
        opened(lena, f"/{name}/{ids[0]}" if name == "custody" else f"/{name}")
        if name == "worth":
            lena.wait_for_selector(".figures")
        assert violations(lena) == [], name
        shown = lena.inner_text("body")
        missing = re.findall(rf"\b{name}\.[a-z-]+", shown.replace("confere.toml", ""))
        assert missing == [] or name == "people", (name, missing)
        if name != "custody":
            expect(lena.locator(".places [aria-current]")).to_have_attribute("href", f"/{name}")


def test_an_interview_is_entered_by_keyboard_alone(lena: Page) -> None:
    """From the first key to the saved line; the focus comes back to where it was."""
    opened(lena, "/interviews")
    before = lena.locator("tbody tr").count()
    lena.focus("#add")
    lena.keyboard.press("Enter")
    lena.wait_for_selector("dialog[open]")
    lena.keyboard.type("Recife")
    lena.keyboard.press("Tab")
    lena.keyboard.type("11112026")  # the same whether day or month comes first
    lena.focus("dialog [name=participants]")
    lena.keyboard.type("P01, P02")
    lena.keyboard.press("Enter")
    expect(lena.locator("#done")).to_be_visible()
    expect(lena.locator("dialog")).to_have_count(0)
    expect(lena.locator("tbody tr")).to_have_count(before + 1)
    row = lena.locator("tbody tr", has_text="Recife")
    assert "P02" in row.inner_text() and "2026-11-11" in row.inner_text()
    # Not `to_be_focused`, which wants the window to be in front of all others as well.
    lena.wait_for_function("document.activeElement?.id === 'add'")


def test_two_recordings_are_put_together_by_keyboard(lena: Page, ids: list[str]) -> None:
    """The signed one stays; another comes behind it."""
    opened(lena, "/interviews")
    line = lena.locator("tbody tr", has=lena.locator(f"a[href='/recordings/{ids[0]}']"))
    line.get_by_role("button").first.focus()
    lena.keyboard.press("Enter")
    chooser = lena.locator("dialog select[aria-label]")
    chooser.focus()
    lena.keyboard.press("ArrowDown")
    expect(lena.locator(".ordered li")).to_have_count(2)
    lena.focus("dialog [name=site]")
    lena.keyboard.type("Olinda")
    lena.keyboard.press("Enter")
    expect(lena.locator("#done")).to_be_visible()
    joined = lena.locator("tbody tr", has_text="Olinda")
    expect(joined.locator("a")).to_have_count(2)
    assert joined.locator("a").first.get_attribute("href") == f"/recordings/{ids[0]}"


def test_a_word_is_added_and_what_it_touches_is_a_link(lena: Page, ids: list[str]) -> None:
    """Enter saves; the segments are shown where somebody asks for them."""
    opened(lena, "/words")
    lena.focus("#add")
    lena.keyboard.press("Enter")
    lena.wait_for_selector("dialog[open]")
    lena.keyboard.type("três")
    lena.focus("dialog [name=target]")
    lena.keyboard.type("three")
    lena.keyboard.press("Enter")
    lena.locator("summary").focus()
    lena.keyboard.press("Enter")
    link = lena.locator(".note li a")
    expect(link).to_have_count(1)
    assert (link.get_attribute("href") or "").startswith(f"/recordings/{ids[1]}#")


def test_proposals_are_taken_at_one_key(lena: Page, study: Study, ids: list[str]) -> None:
    """Of a misheard word the translation is asked for first; then Enter takes it."""
    misheard(study, ids[2])
    opened(lena, "/words")
    lena.focus("#proposals")
    lena.keyboard.press("Enter")
    lena.wait_for_selector("dialog[open] form")
    expect(lena.locator("dialog [name=target]")).to_be_focused()
    lena.keyboard.type("Guarapuava")
    lena.keyboard.press("Enter")
    expect(lena.locator("dialog form")).to_have_count(0)
    lena.keyboard.press("Escape")
    expect(lena.locator("tbody tr", has_text="Guarapuava")).to_have_count(1)


def misheard(study: Study, recording: str) -> None:
    """Draft a recording in which a name was put right three times."""
    heard = tuple(("pt", f"Moro em guarda puava {word}.") for word in ("um", "dois", "seis"))
    lena, ivo = (study.desk(name) for name in ("lena", "ivo"))
    draft(lena, recording, FakeSpeechEngine(heard), FakeTranslationEngine())
    for number, word in enumerate(("um", "dois", "seis"), 1):
        change = Correction(source=f"Moro em Guarapuava {word}.", target=f"I live there {word}.")
        correct(ivo, recording, str(number), change)
    for desk in (lena, ivo):
        desk.vault.close()


def test_home_gives_takes_and_begins_anew(
    lena: Page, enter_as: Callable[[str], Page], ids: list[str]
) -> None:
    """By keyboard: a lead assigns until a day, who got it gives it back; what is signed is begun anew."""
    lena.goto("/")
    card = lena.locator(".others .card", has=lena.locator(f"a[href='/recordings/{ids[1]}']"))
    card.get_by_role("button").focus()
    lena.keyboard.press("Enter")
    lena.wait_for_selector("dialog #assign-who:focus")
    lena.keyboard.type("ivo")
    lena.keyboard.press("Tab")
    lena.keyboard.type("01022999")
    lena.keyboard.press("Enter")
    expect(lena.locator(".holders li")).to_have_count(1)
    lena.keyboard.press("Escape")
    expect(card).to_contain_text("ivo")
    lena.wait_for_selector(".others button:focus")

    ivo = enter_as("ivo")
    ivo.get_by_role("button", name="Give back").focus()
    ivo.keyboard.press("Enter")
    ivo.wait_for_selector(".card button:focus:has-text('Take')")
    ivo.keyboard.press("Enter")
    expect(ivo.get_by_role("button", name="Give back")).to_be_visible()
    ivo.goto(f"/recordings/{ids[1]}")
    expect(ivo.locator("#assign-button")).to_have_text("ivo")
    ivo.wait_for_selector(".row.current textarea:focus")
    ivo.keyboard.press("Alt+a")
    ivo.wait_for_selector("dialog[open] .holders button:focus")
    ivo.keyboard.press("Enter")
    expect(ivo.locator("dialog .main")).to_have_text("Take")
    ivo.keyboard.press("Escape")
    expect(ivo.locator("#assign-button")).to_have_accessible_name("Who works on it: nobody has it")

    signed = lena.locator(".signed .card")
    expect(signed).to_contain_text("signed by vera")
    signed.get_by_role("button").focus()
    lena.keyboard.press("Enter")
    lena.wait_for_selector("dialog #reopen-reason:focus")
    lena.keyboard.type("A name is wrong.")
    lena.keyboard.press("Tab")
    lena.keyboard.press("Enter")
    expect(signed).to_have_count(0)
    expect(lena.locator(".others .card")).to_have_count(2)


def test_home_shows_how_far_a_draft_is(lena: Page, study: Study, ids: list[str]) -> None:
    """What waits with how long it may take; what is drafted with how far it is; what was killed."""
    card = lena.locator(".drafting .card")
    expect(card).to_contain_text("waits for its turn · takes about 1 min")
    desk = study.desk("lena")
    # A quarter in ten minutes.
    told = Drafting(ids[2], "ivo", "elsewhere", 1, "", 3_000, 12_000, 3_000, 600_000)
    for ago_s in (60, 7_200):
        seen = iso(utc_now() - timedelta(seconds=ago_s))
        put_drafting(desk.catalog, told._replace(seen_at=seen))
        lena.reload()
        if ago_s == 60:
            expect(card).to_contain_text("transcribing and translating · 25 % · about 29 min left")
        else:
            expect(card.locator(".problem")).to_contain_text("stopped before its end")
    desk.vault.close()


#: What has the focus: which element of the page it is, how it is seen, and whether it is in view.
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const there = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  return [[...document.querySelectorAll("*")].indexOf(one), seen && there, one.outerHTML.slice(0, 80)];
}"""
#: Everything on a page that somebody can do something with.
OPERABLE = """() => {
  const all = [...document.querySelectorAll("*")];
  const wanted = "a[href], button:enabled, input, select, textarea, summary, [tabindex='0']";
  return all.flatMap((one, at) => (one.matches(wanted) && one.checkVisibility() ? [at] : []));
}"""


def ask(page: Page, script: str) -> Any:
    """Return what a function of the page gives."""
    return page.evaluate(f"({script})()")


def require_reachable(page: Page) -> None:
    """Go through a page with Tab alone: everything comes, once round, and is seen when it has the focus."""
    page.evaluate("document.activeElement?.blur()")
    wanted, found = ask(page, OPERABLE), []
    for _ in range(len(wanted) + 1):
        page.keyboard.press("Tab")
        place, seen, what = ask(page, FOCUS)
        assert seen or place not in wanted, f"the focus is not to be seen: {what}"
        found.append(place)
    assert set(wanted) <= set(found)


def has_focus(page: Page, selector: str) -> None:
    """Wait until something has the focus. Not `to_be_focused`, which wants the window in front, too."""
    page.wait_for_selector(f"{selector}:focus")


def filled_in(page: Page, **values: str) -> None:
    """Type into the fields of an open sheet, and send it."""
    for name, value in values.items():
        page.focus(f"dialog [name={name}]")
        page.keyboard.type(value)
    page.keyboard.press("Enter")


def both_themes(page: Page) -> list[Any]:
    """Return what axe finds in the light and in the dark."""
    found = violations(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    found += violations(page)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    return list(found)


def test_people_are_kept_by_keyboard_alone(lena: Page) -> None:
    """Somebody comes and goes, refused first; the focus is back at what was pressed, or at the page."""
    opened(lena, "/people")
    require_reachable(lena)
    lena.focus("#add")
    lena.keyboard.press("Enter")
    has_focus(lena, "dialog [name=name]")
    assert both_themes(lena) == []
    lena.focus("dialog [value=verifier]")
    lena.keyboard.press("Space")
    filled_in(lena, name="José", passphrase=PASSPHRASE, again=PASSPHRASE)
    expect(lena.locator("dialog .problem")).to_contain_text("without accents")
    lena.locator("dialog [name=name]").fill("")
    filled_in(lena, name="jose")
    expect(lena.locator("dialog")).to_have_count(0)
    has_focus(lena, "#add")
    lena.get_by_role("button", name="Take jose out of the study").focus()
    lena.keyboard.press("Enter")
    has_focus(lena, "dialog [name=typed]")
    lena.keyboard.type("jose")
    lena.keyboard.press("Enter")
    expect(lena.locator("tbody tr", has_text="jose")).to_have_count(0)
    has_focus(lena, "#main")
    lena.focus("#own")
    lena.keyboard.press("Enter")
    has_focus(lena, "dialog [name=old]")
    lena.keyboard.press("Escape")
    has_focus(lena, "#own")


def test_names_are_kept_by_keyboard_alone(lena: Page) -> None:
    """The key is shown when it is asked for; a name is put in and taken out again."""
    opened(lena, "/names")
    require_reachable(lena)
    lena.focus("#show")
    lena.keyboard.press("Enter")
    has_focus(lena, "#show")
    lena.focus("#add")
    lena.keyboard.press("Enter")
    has_focus(lena, "dialog [name=name]")
    assert both_themes(lena) == []
    filled_in(lena, name="Severina Ramos", code="P01")
    expect(lena.locator("#done")).to_contain_text("1 name")
    has_focus(lena, "#add")
    lena.focus("#show")
    lena.keyboard.press("Enter")
    expect(lena.locator("tbody tr")).to_have_count(1)
    require_reachable(lena)
    lena.locator("tbody button").focus()
    lena.keyboard.press("Enter")
    has_focus(lena, "dialog button[type=submit]")
    lena.keyboard.press("Enter")
    expect(lena.locator("tbody tr")).to_have_count(0)
    has_focus(lena, "#main")


def test_a_plan_is_stated_and_looked_at_by_keyboard_alone(
    lena: Page, study: Study, ids: list[str]
) -> None:
    """What it means stands there before it is stated; afterwards the focus is in the form again."""
    opened(lena, "/plan")
    require_reachable(lena)
    lena.focus("[name=share]")
    lena.keyboard.type("20")
    lena.keyboard.press("Tab")
    lena.keyboard.type("200")
    lena.keyboard.press("Enter")
    expect(lena.locator("form .problem").first).to_contain_text("between 0.1 and 99.9")
    has_focus(lena, "[name=bound]")
    lena.keyboard.press("Control+A")
    lena.keyboard.type("5")
    expect(lena.locator("form .note")).to_contain_text("20 %")
    lena.keyboard.press("Enter")
    expect(lena.locator("#done")).to_be_visible()
    has_focus(lena, "[name=bound]")
    desk = study.desk("lena")
    draft(desk, ids[2], FakeSpeechEngine(), FakeTranslationEngine())
    desk.vault.close()
    opened(lena, "/plan")
    require_reachable(lena)
    lena.get_by_role("button", name="What came of it").focus()
    lena.keyboard.press("Enter")
    expect(lena.locator("dialog .stack")).to_contain_text("was not shown")
    assert both_themes(lena) == []
    lena.keyboard.press("Escape")
    has_focus(lena, "tbody button[aria-label^=What]")


def test_what_it_was_worth_is_read_and_copied_by_keyboard_alone(lena: Page) -> None:
    """Long texts and tables scroll under the keys; what was copied is said, and the focus stays."""
    opened(lena, "/worth")
    lena.wait_for_selector(".figures")
    lena.focus("summary")
    lena.keyboard.press("Enter")
    expect(lena.locator("details table")).to_be_visible()
    require_reachable(lena)
    assert both_themes(lena) == []
    lena.get_by_role("button", name="Copy").first.focus()
    lena.keyboard.press("Enter")
    expect(lena.locator("#done")).to_be_visible()


def test_an_audit_an_export_and_a_proof(lena: Page, ids: list[str]) -> None:
    """Each is begun by keyboard; files come out, and the page says that they lie in the clear."""
    opened(lena, "/audit")
    lena.focus("[name=passphrase]")
    lena.keyboard.type(PASSPHRASE)
    lena.keyboard.press("Enter")
    expect(lena.locator(".note.fine")).to_be_visible(timeout=60_000)
    opened(lena, "/export")
    expect(lena.locator(".note.warning", has_text="in the clear")).to_be_visible()
    lena.focus("[data-list=signed] input")
    lena.keyboard.press("Space")
    with lena.expect_download() as given:
        lena.focus("form button[type=submit]")
        lena.keyboard.press("Enter")
    assert given.value.suggested_filename.endswith(".zip")
    opened(lena, f"/custody/{ids[0]}")
    with lena.expect_download() as given:
        lena.locator(".tabled button").focus()
        lena.keyboard.press("Enter")
    assert given.value.suggested_filename == f"custody-{ids[0]}.json"
    expect(lena.locator(".timeline li.weighty", has_text="exported")).to_have_count(1)
