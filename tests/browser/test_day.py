"""A whole day of work before the real server: real keepers, a real vault, real sound; by keyboard alone.

Three people, each with a browser that keeps its profile on disk: an interpreter, another one at the same
transcript, and a verifier. The network goes, the server is started anew, two write in one segment; then it
is played, returned, verified, signed and locked. At the end not a letter is missing in the catalog, and
the profiles, one of a browser that was killed, hold nothing of all this.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import wave
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from browser.conftest import SOUND, watched
from browser.interviews import Line, take_in_one
from browser.person import Person
from browser.profiles import forms, forms_of_samples, found_in, lasting_cookies
from confere.acts.correct import Correction, correct
from confere.acts.interviews import Details
from confere.acts.reading import open_transcript
from confere.acts.verify import verify
from doubles.fast_folder import fast_folder
from doubles.serving import Command, children, confere_serve
from doubles.studies import PASSPHRASE
from doubles.teams import Team

PLACE = "Quixadá das Almas"
THINGS = [
    "canoa", "escola", "ponte", "farinha", "lavoura", "cozinha", "reunião",
    "estrada", "colheita", "barragem", "farmácia", "enfermeira", "professora", "vizinha",
    "madrinha", "parteira", "semente", "panela", "rede", "tapera", "vereda",
    "mangueira", "galinha", "cabra", "carroça", "lanterna", "janela", "varanda",
    "feira", "igreja", "fogueira", "chuva", "seca", "cisterna",
]  # fmt: skip
SEGMENT_MS = 400
#: What the machine hears; the seventh was said, and verified, in an interview before.
SAID = [f"Naquela madrugada a {thing} ficou vazia." for thing in THINGS]
REPEATED, REMEMBERED = SAID[6], "That dawn the meeting had nobody left."
LINES = [Line(n * SEGMENT_MS, (n + 1) * SEGMENT_MS, said) for n, said in enumerate(SAID)]
TARGETS = {
    said: f"That dawn, the {thing} was empty."
    for said, thing in zip(SAID, THINGS, strict=True)
}  # fmt: skip
RETURNED = "Falta o advérbio tardiamente."
WRONG_PASSPHRASE = "pântano relógio círculo maçã"
#: One that each kind of secret has; looked for in the browsers' profiles.
CANARIES = {
    "the interview's name": PLACE,
    "source texts": "Naquela madrugada",
    "translations": "That dawn",
    "the memory": REMEMBERED,
    "typed, and saved": "jabuticabeira",
    "typed without a server": "Only the firefly stayed",
    "typed, and written over": "Teu gavião",
    "a comment": "Qual tapera, a de cima?",
    "the reason of a return": RETURNED,
    "a passphrase": PASSPHRASE,
    "a wrong passphrase": WRONG_PASSPHRASE,
}


def noise(path: Path, seconds: float, seed: int) -> list[int]:
    """Write a WAV of noise at the rate of the working sound; return its samples."""
    samples = random.Random(seed).choices(range(-9000, 9000), k=round(seconds * 24_000))
    path.parent.mkdir(parents=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(b"".join(n.to_bytes(2, "little", signed=True) for n in samples))
    return samples


@dataclass
class Day:
    """The server, who sits before it in which browser, and what they typed."""

    root: Path
    profiles: Path
    driver: Playwright
    chromium_path: str
    port: int
    recording: str
    samples: list[int]
    ends: ExitStack
    server: Command
    faults: list[str] = field(default_factory=list)
    #: What must stand at the end: by segment, both texts.
    texts: dict[int, tuple[str, str]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Open a browser of somebody's own, and sign in."""
        context = self.driver.chromium.launch_persistent_context(
            self.profiles / name,
            executable_path=self.chromium_path,
            args=[SOUND],
            # What only tests ask of a browser, and keeps it from keeping things.
            ignore_default_args=["--enable-automation", "--disable-back-forward-cache"],
            viewport={"width": 1440, "height": 900},
            locale="en-GB",
        )
        self.contexts[name] = context
        person = Person(watched(context.pages[0], self.faults), self.server.url.rstrip("/"))
        person.sign_in(name, PASSPHRASE)
        self.remember(person)
        return person

    def remember(self, person: Person) -> None:
        """Remember the token and the cookie of a session: both are looked for in the end."""
        self.tokens.append(person.page.evaluate("sessionStorage.getItem('confere-token')"))
        named = {c.get("name"): c.get("value") for c in person.page.context.cookies()}
        self.cookies.append(str(named[f"confere-{self.port}"]))

    def restart(self) -> None:
        """End the server and start it again, at the same port."""
        self.server.process.terminate()
        self.server.process.wait()
        self.server = self.ends.enter_context(confere_serve(self.root, "--port", str(self.port)))

    def kill(self, name: str) -> None:
        """Kill somebody's browser, as a power cut would end it."""
        told = f"--user-data-dir={self.profiles / name}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if told in words and not any(word.startswith(b"--type=") for word in words):
                os.kill(int(process.name), signal.SIGKILL)
        self.contexts.pop(name)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where profiles lie: in memory, if they can."""
    with fast_folder() as place:
        yield place


@pytest.fixture
def day(team: Team, tmp_path: Path, folder: Path, driver: Playwright, chromium_path: str,
        patience: None) -> Iterator[Day]:  # fmt: skip
    """An interview of 34 segments with its sound, the memory of an earlier one, and the server."""
    noise(tmp_path / "before" / "a.wav", 1, seed=1)
    before = take_in_one(team, tmp_path / "before", [Line(0, 900, REPEATED)], {}, Details())
    correct(team["ivo"], before, "1", Correction(target=REMEMBERED))
    verify(team["vera"], before, "1", unplayed_reason="I was in the room.")
    samples = noise(tmp_path / "card" / "a.wav", len(LINES) * SEGMENT_MS / 1000, seed=2)
    details = Details(site=PLACE, date="2026-11-11")
    recording = take_in_one(team, tmp_path / "card", LINES, TARGETS, details)
    team.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = team.study.root
    with ExitStack() as ends:
        server = ends.enter_context(confere_serve(root, "--port", str(port)))
        made = Day(root, folder, driver, chromium_path, port, recording, samples, ends, server)
        yield made
        for context in made.contexts.values():
            context.close()
    assert made.faults == []


def test_a_day_of_work(day: Day, team: Team) -> None:
    """Correcting, losing the network and the server, two at once; verifying, returning, signing, locking."""
    ivo = day.person("ivo")
    corrects_thirty(day, ivo)
    loses_the_network(day, ivo)
    loses_the_server(day, ivo)
    bia = day.person("bia")
    writes_in_the_same_segment(day, ivo, bia)
    leaves_nothing_undone(ivo)
    nothing_is_missing(day, team)
    keepers = set(children(day.server.process.pid))
    vera = day.person("vera")
    is_refused(day, vera, bia)
    returns(day, vera, ivo)
    verifies_all(vera)
    signs(vera)
    nothing_changes_any_more(day, team, ivo)
    locks(day, vera, ivo, keepers)
    nothing_is_left(day)


# --- the interpreter ----------------------------------------------------------------------------------


def corrects_thirty(day: Day, ivo: Person) -> None:
    """Types, takes from memory, says who speaks, cuts and joins, comments, and finishes each by key."""
    ivo.open(recording=day.recording)
    for number in range(1, 31):
        ivo.is_at(number)
        source, target = SAID[number - 1], TARGETS[SAID[number - 1]]
        thing = THINGS[-number]
        if number == 7:
            expect(ivo.page.locator(".suggestion.exact")).to_contain_text(REMEMBERED)
            ivo.press("Alt+t")
            target = REMEMBERED
            expect(ivo.field(7, "target")).to_have_value(target)
        elif number == 10:
            cuts_and_joins(ivo)
            ivo.press("Control+Home", "Control+Shift+ArrowRight")
            ivo.type("Nessa")
            source = source.replace("Naquela ", "Nessa ")
        elif number % 2:
            ivo.press("Control+End")
            ivo.type(f" E a {thing} também.")
            source += f" E a {thing} também."
        else:
            ivo.press("Tab", "Control+End")
            ivo.type(f" The {thing} as well.")
            target += f" The {thing} as well."
        if number == 3:
            ivo.press("Alt+0")
            ivo.sheet().get_by_label("Code").fill("P01")
            ivo.press("Enter")
            expect(ivo.row(3).locator(".speaker")).to_have_text("P01")
        elif number in (4, 5):
            ivo.press("Alt+2")
            expect(ivo.row(number).locator(".speaker")).to_have_text("P01")
        elif number == 12:
            ivo.press("Alt+c")
            ivo.sheet().get_by_label("Comment", exact=True).fill("Qual tapera, a de cima?")
            ivo.press("Control+Enter")
            expect(ivo.page.locator(".beside .comments")).to_contain_text("Qual tapera")
        ivo.press("Control+Enter")
        if source != SAID[number - 1]:
            # Nobody finishes a translation older than its source without having been at it.
            expect(ivo.field(number, "target")).to_be_focused()
            ivo.press("Control+Enter")
        day.texts[number] = (source, target)
    ivo.is_at(31)
    ivo.saved()
    looks_back(ivo)


def cuts_and_joins(ivo: Person) -> None:
    """Splits the tenth segment, joins it again, changes it and takes that back."""
    before = SAID[9]
    ivo.press("Control+Home", *["Control+ArrowRight"] * 2, "Control+Shift+Enter")
    expect(ivo.field(10)).to_have_value("Naquela madrugada")
    ivo.is_at(11)
    ivo.press("Alt+ArrowUp", "Alt+m")
    expect(ivo.field(10)).to_have_value(before)
    ivo.press("Control+End")
    ivo.type(" Nada disso.")
    ivo.press("Alt+z")
    expect(ivo.field(10)).to_have_value(before)
    ivo.is_at(10)


def looks_back(ivo: Person) -> None:
    """Sees in the history who changed what, and is where they were."""
    ivo.press("Alt+ArrowUp", "Alt+h")
    expect(ivo.sheet().locator(".history")).to_contain_text("ivo corrected")
    expect(ivo.sheet().locator(".history ins").first).to_contain_text("as well")
    ivo.press("Escape", "Alt+ArrowDown")
    ivo.is_at(31)


def loses_the_network(day: Day, ivo: Person) -> None:
    """In the middle of a word; the other half is typed into nothing, and saved when it is back."""
    ivo.press("Control+End")
    ivo.type(" E a jabuti")
    ivo.page.context.set_offline(True)
    ivo.type("cabeira também.")
    ivo.press("Alt+ArrowDown", "Tab", "Control+End")
    ivo.type(" So was the hummingbird.")
    expect(ivo.page.locator("#saved")).to_have_text(
        "No answer from the server · 2 segments kept here"
    )
    ivo.page.context.set_offline(False)
    ivo.saved()
    day.texts[31] = (SAID[30] + " E a jabuticabeira também.", TARGETS[SAID[30]])
    day.texts[32] = (SAID[31], TARGETS[SAID[31]] + " So was the hummingbird.")


def loses_the_server(day: Day, ivo: Person) -> None:
    """It is started anew, so nobody is signed in: what was typed waits behind the sign-in."""
    ivo.press("Alt+ArrowDown", "Control+End")
    day.server.process.terminate()
    day.server.process.wait()
    ivo.type(" Only the firefly stayed.")
    expect(ivo.page.locator("#saved")).to_contain_text("1 segment kept here")
    day.restart()
    sheet = ivo.sheet()
    expect(sheet).to_contain_text("what you typed in 1 segment is not saved yet")
    sheet.get_by_label("Passphrase").fill(PASSPHRASE)
    ivo.press("Enter")
    expect(sheet).to_have_count(0)
    ivo.saved()
    day.remember(ivo)
    ivo.type(" Alight.")
    ivo.saved()
    day.texts[33] = (SAID[32], TARGETS[SAID[32]] + " Only the firefly stayed. Alight.")


def writes_in_the_same_segment(day: Day, ivo: Person, bia: Person) -> None:
    """Each sees that the other has it open; who saves second sees both texts, and nothing is lost."""
    bia.open(recording=day.recording)
    bia.press("Control+f")
    bia.type("#34")
    bia.press("Enter", "Escape", "Control+End")
    bia.is_at(34)
    expect(ivo.row(34).get_by_role("img", name="bia has this open")).to_be_visible()
    ivo.page.context.set_offline(True)
    ivo.press("Alt+ArrowDown", "Shift+Tab", "Control+End")
    ivo.type(" Meu colibri.")
    bia.type(" Teu gavião.")
    bia.saved()
    ivo.page.context.set_offline(False)
    box = ivo.row(34).locator(".conflict-box")
    expect(box).to_contain_text("bia changed this segment while you were writing")
    expect(box).to_contain_text("Teu gavião")
    expect(box).to_contain_text("Meu colibri")
    box.get_by_role("button", name="Save mine").focus()
    ivo.press("Enter")
    expect(box).to_have_count(0)
    ivo.is_at(34)
    ivo.saved()
    expect(bia.field(34)).to_have_value(SAID[33] + " Meu colibri.")
    day.texts[34] = (SAID[33] + " Meu colibri.", TARGETS[SAID[33]])


def leaves_nothing_undone(ivo: Person) -> None:
    """Finishes what is left, from the last segment on; two translations are older than their source."""
    for number in range(34, 30, -1):
        ivo.is_at(number)
        if number in (34, 31):
            ivo.press("Control+Enter")
            expect(ivo.field(number, "target")).to_be_focused()
        ivo.press("Control+Enter")
        ivo.stands(number, "corrected")
        ivo.press("Control+f")
        ivo.type(f"#{number - 1}")
        ivo.press("Enter", "Escape")
    ivo.saved()


def nothing_is_missing(day: Day, team: Team) -> None:
    """Every letter is in the catalog; and what was written over is in the history."""
    reading = Team(team.study)
    opened = open_transcript(reading["lena"], day.recording)
    reading.close()
    segments = opened.transcript.segments
    assert [(s.source, s.target) for s in segments] == [day.texts[n] for n in range(1, 35)]
    after = [r.after.get("source") for r in opened.transcript.revisions]
    assert SAID[33] + " Teu gavião." in after


# --- the verifier -------------------------------------------------------------------------------------


def is_refused(day: Day, vera: Person, bia: Person) -> None:
    """What was not played, a signature before the end, and own work."""
    vera.open(recording=day.recording)
    vera.press("Control+Enter")
    expect(vera.sheet()).to_contain_text("You played 0 % of it; the study asks for 100 %")
    vera.press("Escape", "Alt+Shift+S")
    expect(vera.sheet()).to_contain_text("34 segments still wait for you")
    vera.press("Escape")
    vera.stands(1, "corrected")
    bia.open(recording=day.recording)
    bia.press("Control+f")
    bia.type("#34")
    bia.press("Enter", "Escape")
    bia.is_at(34)
    bia.press("Control+Enter")
    expect(bia.page.locator("#notice")).to_contain_text("You worked on this segment yourself")
    bia.stands(34, "corrected")


def returns(day: Day, vera: Person, ivo: Person) -> None:
    """With a kind, a weight and a reason; the interpreter sees why, and corrects."""
    vera.press("Alt+ArrowDown", "r")
    expect(vera.sheet()).to_be_visible()
    vera.press("b", "2")
    vera.type(RETURNED)
    vera.press("Control+Enter")
    vera.stands(2, "needs work")
    ivo.page.goto(ivo.url)
    link = ivo.page.locator(".returned a")
    expect(link).to_contain_text(RETURNED)
    link.focus()
    ivo.press("Enter")
    ivo.is_at(2)
    expect(ivo.row(2).locator(".note")).to_contain_text("Returned by vera")
    ivo.press("Tab", "Control+End")
    ivo.type(" Belatedly.")
    ivo.press("Control+Enter")
    ivo.stands(2, "corrected")
    vera.stands(2, "corrected")
    expect(vera.field(2, "target")).to_have_value(day.texts[2][1] + " Belatedly.")
    day.texts[2] = (day.texts[2][0], day.texts[2][1] + " Belatedly.")


def verifies_all(vera: Person) -> None:
    """Plays the first at a key, then the others at twice the speed, and accepts each at a key."""
    vera.press("Alt+ArrowUp")
    while vera.page.locator(".row.current").get_attribute("aria-posinset") != "1":
        vera.press("Alt+ArrowUp")
    vera.press("v")
    expect(vera.row(1).locator(".heard")).to_have_text("played")
    vera.press("Control+Enter")
    vera.stands(1, "verified")
    vera.press(*["F4"] * 5)
    expect(vera.page.locator("#rate")).to_have_text("2×")
    vera.press("Escape")
    expect(vera.row(34).locator(".heard")).to_have_text("played")
    vera.press("Alt+ArrowUp", "Alt+ArrowDown")
    for number in range(2, 35):
        vera.is_at(number)
        vera.press("Control+Enter")
        vera.stands(number, "verified")


def signs(vera: Person) -> None:
    """After reading in words what is signed; not with another passphrase."""
    vera.press("Alt+Shift+S")
    sheet = vera.sheet()
    expect(sheet).to_contain_text("I verified every segment of this transcript")
    expect(sheet).to_contain_text("34 of 34 verified by you")
    expect(sheet).to_contain_text("1 is still open")
    sheet.get_by_label("Your passphrase, once more").fill(WRONG_PASSPHRASE)
    vera.press("Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("not the right passphrase")
    sheet.get_by_label("Your passphrase, once more").fill(PASSPHRASE)
    vera.press("Enter")
    vera.stands(34, "locked")
    vera.type("x")


def nothing_changes_any_more(day: Day, team: Team, ivo: Person) -> None:
    """Whoever still has it open is told; what they type stays nowhere."""
    expect(ivo.page.locator("#called")).to_contain_text("Nothing in it changes any more")
    ivo.press("Control+End")
    ivo.type(" zzz")
    expect(ivo.field(2, "target")).to_have_value(day.texts[2][1])
    nothing_is_missing(day, team)


def locks(day: Day, vera: Person, ivo: Person, keepers: set[int]) -> None:
    """The process that held her keys is gone; the others go on."""
    vera.press("Alt+l")
    expect(vera.page).to_have_url(f"{vera.url}/")
    expect(vera.page.get_by_label("Passphrase")).to_be_visible()
    assert set(children(day.server.process.pid)) == keepers
    ivo.page.goto(ivo.url)
    expect(ivo.page.locator(".home .block").first).to_be_visible()


# --- the browsers -------------------------------------------------------------------------------------


def nothing_is_left(day: Day) -> None:
    """No profile has a word, a name, a passphrase, a cookie or a sound; two were closed, one was killed.

    Chromium writes down what a tab keeps for itself, and so the token; and the cookie, encrypted, until
    the next start. Both are worth nothing after the lock.
    """
    day.kill("bia")
    while day.contexts:
        day.contexts.popitem()[1].close()
    samples = [day.samples[at : at + 64] for at in range(0, len(day.samples), 24_000)]
    tokens = {f"token {n}": token for n, token in enumerate(day.tokens)}
    cookies = {f"cookie {n}": cookie for n, cookie in enumerate(day.cookies)}
    patterns = forms(CANARIES | tokens | cookies) | forms_of_samples(samples)
    for name in ("ivo", "bia", "vera"):
        found = found_in(day.profiles / name, patterns)
        kept = [place for what in list(found) if "token" in what for place in found.pop(what)]
        assert found == {}
        assert kept and all(place.startswith("Default/Session Storage/") for place in kept)
        assert lasting_cookies(day.profiles / name) == []
