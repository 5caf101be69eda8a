"""The guide to the page, in both languages: its pictures are what the page shows, its keys what keys do.

``scripts/guide-pictures`` makes pictures and tables of keys anew; then look at them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import confere.web
from browser.conftest import watched
from browser.interviews import Line, take_in_one
from browser.person import Person
from browser.pictures import GUIDE, LARGEST, SIZE, Album, alike, at_one_moment, settled
from confere.acts.assign import take
from confere.acts.comment import add_comment
from confere.acts.correct import Correction, correct
from confere.acts.interviews import Details
from confere.acts.speakers import rename
from confere.acts.verify import keep_played, return_segment, verify
from confere.acts.words.changing import add_entry
from confere.domain import ErrorKind, Judgement, Severity
from confere.domain.words import WordEntry, WordStatus
from confere.vault.register import get_recording
from doubles.practice import RECORDINGS, truth
from doubles.serving import Front, front
from doubles.studies import PASSPHRASE
from doubles.teams import Team

LANGUAGES = ("en", "pt")
PICTURE = re.compile(r"!\[([^\]]+)\]\(pictures/(\w+)/([\w-]+)\.png\)")
WEB = Path(confere.web.__file__).parent
WRONG_NUMBER = Judgement(ErrorKind.NUMBER, Severity.MEANING)
Mistakes = Mapping[int, tuple[str | None, str]]
#: What the machine got wrong in the first interview: by segment, what it heard, what it made of it.
MISTAKES: Mistakes = {
    2: ("Meu nome é Elena e eu sou enfermeira.", "My name is Elena and I am a nurse."),
    3: (None, "Well, I have worked here for seventy years."),
    5: (None, "As it was the vaccination campaign."),
    7: (None, "After the pandemic, we visit the elderly twice a month."),
}


def english(recording: str) -> list[str]:
    """What is said in a bundled recording, in English."""
    rows = (RECORDINGS / recording).with_suffix(".txt").read_text("utf-8").splitlines()
    return [row.split("\t")[5] for row in rows if row and not row.startswith("#")]


def heard(recording: str, mistakes: Mistakes) -> tuple[list[Line], dict[str, str]]:
    """What the machine hears in a bundled recording, and how it translates that."""
    lines, targets = [], {}
    for number, (spoken, right) in enumerate(
        zip(truth(recording), english(recording), strict=True), 1
    ):
        text, target = mistakes.get(number, (None, right))
        marks = ("low-probability",) if text else ()
        lines.append(Line(spoken.start_ms, spoken.end_ms, text or spoken.text, marks=marks))
        targets[text or spoken.text] = target
    return lines, targets


def brought(team: Team, card: Path, recording: str, site: str, mistakes: Mistakes) -> str:
    """Take a bundled recording in and draft it; return its id."""
    card.mkdir()
    (card / recording).write_bytes((RECORDINGS / recording).read_bytes())
    details = Details(site, "2026-11-24", ["P01"], ["I1"], "IP", ["pt"], "written")
    id_ = take_in_one(team, card, *heard(recording, mistakes), details)
    ivo = team["ivo"]
    rename(ivo, id_, "P01", old="UNK")
    asked = [str(n) for n, s in enumerate(truth(recording), 1) if s.text.endswith("?")]
    rename(ivo, id_, "I1", numbers=asked)
    return id_


@pytest.fixture
def work(team: Team, tmp_path: Path) -> str:
    """Two interviews, one half corrected, one nearly verified; words, a comment and a return. Its id."""
    asked = {10: ("Como foi a campanha de vacinação?", "How was the vaccination campaign?")}
    olinda = brought(team, tmp_path / "before", "VOICE002.MP3", "Olinda", asked)
    ivo, vera = team["ivo"], team["vera"]
    for n in range(1, 15):
        correct(ivo, olinda, str(n), Correction())
        if n in (*range(1, 9), 10):
            verify(vera, olinda, str(n), unplayed_reason="I was in the room.")
    return_segment(vera, olinda, "9", "São sessenta e oito anos: falta o oito.", WRONG_NUMBER)
    recife = brought(team, tmp_path / "card", "ZOOM0001.WAV", "Recife", MISTAKES)
    for n in (1, 2):
        correct(ivo, recife, str(n), Correction())
    add_entry(ivo, WordEntry("vacinação", "vaccination", WordStatus.REQUIRED, "nunca: shots"))
    add_entry(ivo, WordEntry("posto de saúde", "health post", WordStatus.REQUIRED))
    take(ivo, recife, "2026-11-30")
    add_comment(vera, recife, "6", "É semana passada ou retrasada?", ["ivo"])
    return recife


def test_pictures_show_the_page_as_it_is(
    team: Team, work: str, chromium: Browser, faults: list[str], patience: None
) -> None:
    """Each scene of the guide, played anew before the real server, in English and in Portuguese."""
    albums = [Album(language) for language in LANGUAGES]
    with front(team.study.root) as served:
        looking = Looking(served, chromium, faults, albums, work)
        looking.interpreter()
        finish(team, work)
        looking.verifier(lambda: verify_all(team, work))
        looking.lead()
    assert faults == []
    if differ := [what for album in albums for what in album.differ]:
        pytest.fail("\n".join([*differ, "If the page is right: scripts/guide-pictures"]))


@dataclass
class Looking:
    """Who plays the scenes, one after the other in each language."""

    served: Front
    chromium: Browser
    faults: list[str]
    albums: list[Album]
    recording: str

    @contextmanager
    def seat(self) -> Iterator[Person]:
        """A browser, with nobody signed in."""
        context = self.chromium.new_context(viewport=SIZE, timezone_id="America/Recife")
        at_one_moment(context)
        yield Person(watched(context.new_page(), self.faults), self.served.url.rstrip("/"))
        context.close()

    def speak(self, person: Person, album: Album) -> None:
        """Let the page speak a language, from the next loading on."""
        context = person.page.context
        context.add_cookies([{"name": "language", "value": album.language, "url": person.url}])

    def interpreter(self) -> None:
        """Signs in, looks at home, corrects, takes from memory, comments, looks up keys, is locked."""
        with self.seat() as ivo:
            for album in self.albums:
                self.speak(ivo, album)
                ivo.page.goto(ivo.url)
                ivo.page.locator("#name").fill("ivo")
                ivo.page.locator("#passphrase").fill(PASSPHRASE)
                album.scene(ivo.page, "sign-in")
                ivo.press("Enter")
                expect(ivo.page.locator(".home .block").first).to_be_visible()
                album.scene(ivo.page, "home")
                self.corrects(album, ivo)

    def corrects(self, album: Album, ivo: Person) -> None:
        """The interpreter's scenes before a transcript."""
        page = ivo.page
        ivo.open(recording=self.recording)
        expect(page.locator(".finding").first).to_be_visible()
        album.scene(page, "correcting")
        ivo.press("Control+f")
        ivo.type("#5")
        ivo.press("Enter", "Escape")
        expect(page.locator(".suggestion.exact")).to_be_visible()
        album.scene(page, "memory")
        ivo.press("Alt+ArrowDown", "Alt+c")
        ivo.sheet().locator("textarea").fill("Confirmei: a vacina chegou na semana passada.")
        ivo.sheet().locator("input[value=vera]").check()
        album.scene(page, "comment")
        ivo.press("Escape", "Alt+?")
        expect(ivo.sheet()).to_be_visible()
        album.scene(page, "keys")
        ivo.press("Escape", "Control+End")
        self.served.run(self.served.sessions.lock_all())
        page.keyboard.insert_text(" Sim.")
        expect(page.locator("dialog.cover")).to_be_visible()
        album.scene(page, "locked")
        page.once("dialog", lambda dialog: dialog.accept())  # what was typed is let go

    def verifier(self, verify_the_rest: Callable[[], None]) -> None:
        """Listens, sees what was changed, returns; and when all is verified reads what is signed."""
        with self.seat() as vera:
            vera.sign_in("vera", PASSPHRASE)
            for album in self.albums:
                self.speak(vera, album)
                vera.open(recording=self.recording)
                vera.press("d")
                expect(vera.row(3).locator(".pair")).to_be_visible()
                album.scene(vera.page, "verifying")
                vera.press("r")
                expect(vera.sheet()).to_be_visible()
                vera.press("e", "3")
                vera.type("São dezessete anos, não setenta.")
                album.scene(vera.page, "returning")
            verify_the_rest()
            for album in self.albums:
                self.speak(vera, album)
                vera.open(recording=self.recording)
                vera.press("Alt+Shift+S")
                expect(vera.sheet().locator("#sign-passphrase")).to_be_focused()
                album.scene(vera.page, "signing")

    def lead(self) -> None:
        """Looks at the register and at the words of the study."""
        with self.seat() as lena:
            lena.sign_in("lena", PASSPHRASE)
            for album in self.albums:
                self.speak(lena, album)
                for name in ("interviews", "words"):
                    lena.page.goto(f"{lena.url}/{name}")
                    lena.page.wait_for_selector("#page:not([aria-busy])")
                    album.scene(lena.page, name)


def finish(team: Team, recording: str) -> None:
    """Correct what is left; a verifier has heard three segments and verified two."""
    for number, right in enumerate(english("ZOOM0001.WAV"), 1):
        if number > 2:
            correct(team["ivo"], recording, str(number), Correction(target=right))
    heard_it(team, recording, 1, 3)
    for heard_one in "12":
        verify(team["vera"], recording, heard_one)


def verify_all(team: Team, recording: str) -> None:
    """All is heard and verified."""
    heard_it(team, recording, 4, 8)
    for number in range(3, 9):
        verify(team["vera"], recording, str(number))


def heard_it(team: Team, recording: str, first: int, last: int) -> None:
    """Vera has listened to some segments."""
    vera, spoken = team["vera"], truth("ZOOM0001.WAV")
    span = (spoken[first - 1].start_ms, spoken[last - 1].end_ms)
    keep_played(vera, get_recording(vera.catalog, recording), span)


def test_another_font_is_no_difference_and_another_layout_is_one(
    enter: Callable[..., Person],
) -> None:
    """What the comparison of pictures lets pass, and what not."""
    ines = enter("ines", bypass_csp=True, viewport=SIZE)
    ines.open()
    before = settled(ines.page)
    for style, same in (
        ("* { font-family: 'DejaVu Sans', Verdana !important }", True),
        ("* { font-family: 'Liberation Serif', 'Times New Roman' !important }", True),
        ("#beside { display: none !important }", False),
        ("#wave { visibility: hidden !important }", False),
        (".row.current { background: #ccd8ee !important }", False),
    ):
        put_in = ines.page.add_style_tag(content=style)
        assert alike(before, settled(ines.page)) is same, style
        put_in.evaluate("one => one.remove()")


# --- the documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_in_the_guide(language: str) -> None:
    """None is missing, none is left over, none is heavy; each says what it shows."""
    text = (GUIDE / f"page.{language}.md").read_text("utf-8")
    shown = PICTURE.findall(text)
    assert {folder for _, folder, _ in shown} == {language}
    kept = sorted(path.name for path in (GUIDE / "pictures" / language).iterdir())
    assert kept == sorted(f"{name}.{kind}" for _, _, name in shown for kind in ("png", "yaml"))
    for path in (GUIDE / "pictures" / language).glob("*.png"):
        assert path.stat().st_size <= LARGEST, path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_of_the_guide_are_those_of_the_page(language: str) -> None:
    """The table is made of ``keys.js`` and the sentences; whatever else is named as a key is one."""
    path = GUIDE / f"page.{language}.md"
    table = keys_table(language)
    if os.environ.get("CONFERE_GUIDE") == "write":
        before, rest = path.read_text("utf-8").split(FIRST)
        after = rest.split(LAST)[1]
        path.write_text(f"{before}{FIRST}\n{table}\n{LAST}{after}", "utf-8")
    text = path.read_text("utf-8")
    assert table in text
    known = set(re.findall("<kbd>(.*?)</kbd>", table)) | SHEET_KEYS
    assert set(re.findall("<kbd>(.*?)</kbd>", text)) <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_guide_says_is_refused_is_what_the_page_says(language: str) -> None:
    """The first column of its last table: sentences of the page, with something in each hole."""
    text = (GUIDE / f"page.{language}.md").read_text("utf-8")
    rows = text.rpartition("| --- | --- | --- |\n")[2].splitlines()
    sentences = [re.split(r"\{[^}]*\}", one.casefold().rstrip(".")) for one in said_in(language)]
    for said in (row.split("|")[1].strip().casefold().rstrip(".") for row in rows):
        assert any(
            pieces[0].startswith(said.removesuffix("…").strip())
            if said.endswith("…")
            else re.fullmatch(".+".join(map(re.escape, pieces)), said)
            for pieces in sentences
        ), said


def said_in(language: str) -> list[str]:
    """Every sentence of the page in a language."""
    messages = WEB / "messages"
    told = json.loads((messages / "told.json").read_text("utf-8"))
    own = json.loads((messages / f"{language}.json").read_text("utf-8")).values()
    return [*own, *(one.get(language, source) for source, one in told.items())]


#: Between these in the guide stands the table of keys.
FIRST, LAST = "<!-- keys -->\n", "<!-- end of keys -->\n"
#: Keys of sheets and of every browser, which nobody can bind.
SHEET_KEYS = {"Enter", "Tab", "Shift+Tab", "1", "3", "A", "K", "Alt+1", "Alt+9"}


def keys_table(language: str) -> str:
    """Return every action with its keys, as Markdown, as the page shows them when nobody chose others."""
    sentences = json.loads((WEB / "messages" / f"{language}.json").read_text("utf-8"))
    script = (WEB / "static" / "keys.js").read_text("utf-8")
    actions = re.findall(r'\["(\w+)", "(\w+)", \[(.*?)\]\],', script.split("ACTIONS = [")[1])
    signs = dict(re.findall(r'(\w+): "(.+?)"', script.split("SIGNS = {")[1]))

    def pretty(chord: str) -> str:
        parts = [
            signs.get(part, sentences.get(f"key-name.{part}", part)) for part in chord.split("+")
        ]
        return f"<kbd>{'+'.join(parts)}</kbd>"

    lines, group = [f"| {HEADS[language]} | |\n| --- | --- |\n"], ""
    for of, name, chords in actions:
        if of != group:
            lines.append(f"| **{sentences[f'keys.{of}']}** | |\n")
            group = of
        keys = " ".join(pretty(chord) for chord in re.findall('"(.*?)"', chords))
        lines.append(f"| {sentences[f'key.{name}']} | {keys} |\n")
    return "".join(lines)


HEADS = {"en": "what", "pt": "o quê"}
