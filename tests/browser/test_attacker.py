"""An attacker's page in the browser of somebody who is signed in, before the real server.

It comes from another port of this machine, which is the same site and is sent our cookie, and from a name
of the attacker's. Each attack is also made on a page that nothing guards and that says the same: there it
succeeds, so that none fails here for a reason of its own.
"""

from __future__ import annotations

import http.server
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from browser.conftest import SOUND
from browser.person import Person
from confere.web.pages import PAGES
from confere.web.routes import ROUTES
from doubles.serving import Front, front
from doubles.studies import PASSPHRASE
from doubles.teams import Recorded

EVIL = "evil.example"
#: The attacker's name leads to this machine; and what newer Chromiums refuse to pages from elsewhere by
#: themselves is allowed, because others do not refuse it.
ATTACKED = (
    f"--host-resolver-rules=MAP {EVIL} 127.0.0.1",
    "--disable-features=LocalNetworkAccessChecks",
)
#: What the attacker reads, if it can; TARGET is the address of the page, TICKET opens its sound. (JSON as a
#: script and a page as a style are left out: Chromium itself hands out neither, whoever answers.)
READS = {
    "JSON by fetch": "fetch(TARGET + 'api/home', {credentials: 'include'}).then(said)",
    "a page by fetch": "fetch(TARGET, {credentials: 'include'}).then(said)",
    "sound by fetch": "fetch(TARGET + 'sound/' + TICKET, {credentials: 'include'}).then(said)",
    "with a token": "fetch(TARGET + 'api/me', {credentials: 'include',"
    " headers: {'X-Confere-Token': 'x'}}).then(said)",
    "sound in an element": "loads('audio', 'src', TARGET + 'sound/' + TICKET, 'canplay')",
    "our script in theirs": "loads('script', 'src', TARGET + STATIC + 'words.js')",
    "our style in theirs": "loads('link', 'href', TARGET + STATIC + 'base.css')",
}
#: What the attacker does, if it can: lock the person out. Each is over when its promise is.
DEEDS = {
    "a form": "form('application/x-www-form-urlencoded')",
    "a form of plain text": "form('text/plain')",
    "a form of parts": "form('multipart/form-data')",
    "fetch of plain text": "fetch(LOCK, {method: 'POST', credentials: 'include', body: '{}'})",
    "fetch that reads nothing": "fetch(LOCK, {method: 'POST', mode: 'no-cors', credentials: 'include',"
    " body: '{}'})",
    "fetch of JSON": "fetch(LOCK, {method: 'POST', credentials: 'include', body: '{}',"
    " headers: {'Content-Type': 'application/json', 'X-Confere-Token': 'x'}})",
    "an image": "loads('img', 'src', LOCK)",
}
HELP = """
const LOCK = TARGET + 'api/lock';
const said = async (answer) => (answer.ok ? await answer.text() : '');
const loads = (tag, source, address, event = 'load') => new Promise((done) => {
  const made = document.createElement(tag);
  made.addEventListener(event, () => done('loaded'));
  made.addEventListener('error', () => done(''));
  if (tag === 'link') made.rel = 'stylesheet';
  made[source] = address;
  document.body.append(made);
});
const form = (kind) => new Promise((done) => {
  const frame = document.createElement('iframe');
  frame.name = 'hidden';
  const made = document.createElement('form');
  Object.assign(made, {method: 'post', action: LOCK, enctype: kind, target: 'hidden'});
  made.innerHTML = '<input name="{&quot;a&quot;:&quot;" value="&quot;}">';
  document.body.append(frame, made);
  frame.addEventListener('load', () => (frame.remove(), made.remove(), done()));
  made.submit();
});
"""


class Server(http.server.ThreadingHTTPServer):
    """A server of a test, on a port of this machine."""

    daemon_threads = True

    def __init__(self, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def at(self, host: str = "127.0.0.1") -> str:
        """Its address."""
        return f"http://{host}:{self.server_port}/"


class Attacker(http.server.BaseHTTPRequestHandler):
    """Shows an empty page at every path, and keeps the cookies that it is sent."""

    cookies: list[str]

    def do_GET(self) -> None:
        """Show it."""
        self.cookies.append(self.headers.get("Cookie", ""))
        if self.path.endswith(".js"):
            answer(self, b"", "text/javascript")
        else:
            answer(self, b"<!doctype html><title>a nice page</title>", "text/html")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Unguarded(http.server.BaseHTTPRequestHandler):
    """What our page would be without its guard: the same answers, and others for everybody."""

    said: dict[str, tuple[bytes, str]]
    locked: list[str]

    def do_GET(self) -> None:
        """Answer to whoever asks, and do what a path says."""
        self._take()
        content, kind = self.said.get(self.path, (b"{}", "application/json"))
        answer(self, content, kind, self.headers.get("Origin", ""))

    def do_POST(self) -> None:
        """Do what a path says."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._take()
        answer(self, b"{}", "application/json", self.headers.get("Origin", ""))

    def do_OPTIONS(self) -> None:
        """Allow everything."""
        answer(self, b"", "text/plain", self.headers.get("Origin", ""))

    def _take(self) -> None:
        if self.path == "/api/lock":
            self.locked.append(self.command)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def answer(
    handler: http.server.BaseHTTPRequestHandler, content: bytes, kind: str, origin: str = ""
) -> None:
    """Answer; to pages of another origin, too, if it is named."""
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(content)))
    if origin:
        handler.send_header("Access-Control-Allow-Origin", origin)
        handler.send_header("Access-Control-Allow-Credentials", "true")
        handler.send_header("Access-Control-Allow-Headers", "content-type, x-confere-token")
    handler.end_headers()
    handler.wfile.write(content)


@dataclass
class Scene:
    """Ivo is signed in, in a browser that also shows the attacker's page."""

    context: BrowserContext
    front: Front
    ticket: str
    static: str
    recording: str
    attacker: Server
    unguarded: Server
    pages: list[Page] = field(default_factory=list)

    def page(self, host: str = "127.0.0.1") -> Page:
        """Open the attacker's page, under one of its names."""
        page = self.context.new_page()
        page.goto(self.attacker.at(host))
        self.pages.append(page)
        return page

    def target(self, guarded: bool) -> str:
        """What is attacked: ours, or what nothing guards."""
        return self.front.url if guarded else self.unguarded.at()

    def try_(self, page: Page, target: str, attack: str) -> Any:
        """Run the attacker's script; what it read, or nothing, also where it was thrown out."""
        given = f"TARGET = '{target}', TICKET = '{self.ticket}', STATIC = '{self.static}'"
        named = f"const {given}; {HELP}"
        tried = f"try {{ return await ({attack}); }} catch {{ return ''; }}"
        return page.evaluate(f"async () => {{ {named} {tried} }}")

    def is_signed_in(self) -> bool:
        """Whether nobody has locked ivo out."""
        return [s.me["name"] for s in self.front.sessions._sessions.values()] == ["ivo"]


@pytest.fixture(scope="module")
def staged(
    original_recordings: Recorded,
    tmp_path_factory: pytest.TempPathFactory,
    driver: Playwright,
    chromium_path: str,
) -> Iterator[Scene]:
    """One server and one browser for all attacks."""
    folder = tmp_path_factory.mktemp("attacked")
    shutil.copytree(original_recordings.root, folder / "vault")
    browser = driver.chromium.launch(executable_path=chromium_path, args=[SOUND, *ATTACKED])
    context = browser.new_context(locale="en-GB")
    Attacker.cookies, Unguarded.said, Unguarded.locked = [], {}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        with front(folder / "vault") as served, Server(Attacker) as bad, Server(Unguarded) as open_:
            Person(context.new_page(), served.url).sign_in("ivo", PASSPHRASE)
            recording = original_recordings.ids[0]
            ticket, static = _learn(served, context, recording, Unguarded.said)
            yield Scene(context, served, ticket, static, recording, bad, open_)
            browser.close()
            for server in (bad, open_):
                server.shutdown()


def _learn(
    served: Front, context: BrowserContext, recording: str, said: dict[str, tuple[bytes, str]]
) -> tuple[str, str]:
    """Open the transcript as our page does, and let the unguarded one say what ours answers.

    Returns the ticket of its sound, and where scripts and styles lie.
    """
    [cookie] = [c for c in context.cookies() if c["name"] == f"confere-{served.port}"]
    session = served.session("ivo")
    own = {"X-Confere-Token": session.token}
    with httpx.Client(base_url=served.url, cookies={cookie["name"]: cookie["value"]}) as ours:
        opened = ours.get(f"/api/recordings/{recording}", headers=own)
        ticket = str(opened.json()["ticket"])
        found = re.search(r"static/\w+/", ours.get("/").text)
        assert found is not None
        files = (f"/{found[0]}words.js", f"/{found[0]}base.css")
        for path in ("/", "/api/home", "/api/me", f"/sound/{ticket}", *files):
            answered = ours.get(path, headers=own)
            assert answered.status_code == 200, path
            said[path] = answered.content, answered.headers["content-type"]
    return ticket, found[0]


@pytest.fixture
def scene(staged: Scene) -> Iterator[Scene]:
    """The scene, with the attacker's pages of one test."""
    Unguarded.locked.clear()
    yield staged
    while staged.pages:
        staged.pages.pop().close()
    assert staged.is_signed_in()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", EVIL])
def test_another_page_reads_nothing_and_does_nothing(scene: Scene, host: str) -> None:
    """Neither as who is the same site, nor as another one; ours stays as it was."""
    page = scene.page(host)
    for name, attack in READS.items():
        assert scene.try_(page, scene.target(guarded=False), attack), f"{name}: proves nothing"
        assert not scene.try_(page, scene.target(guarded=True), attack), name
    for name, attack in DEEDS.items():
        scene.try_(page, scene.target(guarded=False), attack)
        assert Unguarded.locked, f"{name}: proves nothing"
        Unguarded.locked.clear()
        scene.try_(page, scene.target(guarded=True), attack)
        assert scene.is_signed_in(), name


@pytest.mark.parametrize("host", ["127.0.0.1", EVIL])
def test_our_page_is_shown_in_no_frame(scene: Scene, host: str) -> None:
    """So nobody is led to press our keys below something else."""
    page = scene.page(host)
    for guarded in (False, True):
        for path in ("", f"recordings/{scene.recording}") if guarded else ("",):
            tried = f"loads('iframe', 'src', TARGET + '{path}')"
            scene.try_(page, scene.target(guarded), tried)
            shown = page.frames[-1].content()
            assert ("Confere" in shown) is not guarded
            assert (
                page.evaluate("document.querySelector('iframe:last-of-type').contentDocument")
                is None
            )
            page.evaluate("document.querySelector('iframe').remove()")


@pytest.mark.parametrize("host", ["127.0.0.1", EVIL])
def test_our_page_in_a_window_is_out_of_reach(scene: Scene, host: str) -> None:
    """Who opened it holds a window that is closed, and ours knows of no opener."""
    page = scene.page(host)
    for guarded in (False, True):
        with page.expect_popup() as opened:
            scene.try_(page, scene.target(guarded), "(window.other = open(TARGET), 0)")
        popup = opened.value
        scene.pages.append(popup)
        popup.wait_for_load_state()
        if guarded:
            page.wait_for_function("other.closed")
        assert page.evaluate("other.closed") is guarded
        assert popup.evaluate("opener === null") is guarded
        assert ("Good to see you" in popup.content()) is not guarded


def test_a_window_that_is_typed_in_is_out_of_reach_too(scene: Scene) -> None:
    """The attacker's own window goes to our page by the person's hand: then nothing leads back."""
    page = scene.page()
    with page.expect_popup() as opened:
        page.evaluate("(window.other = open('/'), 0)")
    popup = opened.value
    scene.pages.append(popup)
    popup.goto(scene.unguarded.at())
    assert not page.evaluate("other.closed")
    popup.goto(scene.front.url)
    assert "Good to see you" in popup.content()
    page.wait_for_function("other.closed && other.length === 0")
    assert popup.evaluate("opener === null && document.referrer === ''")


def test_a_name_that_is_moved_to_this_machine_opens_nothing(scene: Scene) -> None:
    """Rebinding: the attacker's page is shown under its name and our port, and then that name is ours."""
    for guarded in (False, True):
        port = scene.front.port if guarded else scene.unguarded.server_port
        moved = f"http://{EVIL}:{port}/"
        page = scene.context.new_page()
        scene.pages.append(page)
        # The page from before its name was moved.
        page.route(f"{moved}before", lambda route: route.fulfill(body="<title>nice</title>"))
        page.goto(f"{moved}before")
        for tried in (
            "fetch('/').then(said)",
            "fetch('/api/home').then(said)",
            "fetch('/api/sign-in', {method: 'POST', headers: {'Content-Type': 'application/json'},"
            f" body: JSON.stringify({{name: 'ivo', passphrase: '{PASSPHRASE}'}})}}).then(said)",
            "loads('audio', 'src', '/sound/' + TICKET, 'canplay')",
            "loads('iframe', 'src', '/').then(() => document.querySelector('iframe').contentDocument"
            "?.querySelector('h1, main')?.outerHTML)",
        ):
            assert bool(scene.try_(page, moved, tried)) is not guarded, tried
        found = page.goto(moved)
        assert found is not None
        assert found.status == (421 if guarded else 200)


def test_a_stolen_cookie_opens_nothing(scene: Scene) -> None:
    """Browsers send it to every port of this machine; every path is tried with it, and without the token."""
    Attacker.cookies.clear()
    scene.page()
    name, _, value = Attacker.cookies[0].partition("=")
    assert name == f"confere-{scene.front.port}"
    token = scene.front.session("ivo").token
    own = {"Origin": scene.front.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    given = {"recording": scene.recording, "segment": "s", "id": scene.recording, "comment_id": "c"}
    tried = 0
    with httpx.Client(base_url=scene.front.url, cookies={name: value}) as thief:
        for route in ROUTES:
            path = route.path_format.format(ticket="guessed", **given)
            for method in sorted((route.methods or set()) & {"GET", "POST"}):
                if path == "/api/sign-in":
                    continue  # needs no token, and the passphrase
                sent: dict[str, Any] = {"json": {}} if method == "POST" else {}
                for more in ({}, {"X-Confere-Token": value}):
                    found = thief.request(method, path, headers=own | more, **sent)
                    expected = 404 if path.startswith("/sound/") else 401
                    assert found.status_code == expected, (method, path)
                    tried += 1
        assert tried > 100
        for path, _ in PAGES:
            found = thief.get(path.format(**given))
            assert found.status_code == 200
            for secret in (token, scene.ticket, "Exactly", "Três", "Two."):
                assert secret not in found.text
        # With the token the same question is answered: it is the token that was missing.
        assert thief.get("/api/me", headers=own | {"X-Confere-Token": token}).status_code == 200


def test_no_other_port_shares_what_a_tab_keeps(scene: Scene) -> None:
    """Neither the token's channel between tabs, nor any storage, nor a worker that stands in between."""
    asked = """
    new Promise((done) => {
      const tabs = new BroadcastChannel('confere-token');
      tabs.onmessage = ({data}) => data.token && done(data.token);
      tabs.postMessage('who has the token?');
      setTimeout(() => done(''), 400);
    })
    """
    kept = "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"
    token = scene.front.session("ivo").token
    ours = scene.context.new_page()
    scene.pages.append(ours)
    ours.goto(scene.front.url)
    assert ours.evaluate(asked) == token  # among ours it is told
    assert token in ours.evaluate(kept)
    for host in ("127.0.0.1", "localhost", EVIL):
        page = scene.page(host)
        assert page.evaluate(asked) == ""
        assert token not in page.evaluate(kept)
        assert f"confere-{scene.front.port}" not in page.evaluate(kept)


def test_no_worker_of_anothers_stands_before_our_page(scene: Scene) -> None:
    """A service worker answers for its own origin only, and at ours no script makes one."""
    register = (
        "navigator.serviceWorker.register(ADDRESS).then(() => 'there', (error) => error.name)"
    )
    page = scene.page()
    theirs = page.evaluate(register.replace("ADDRESS", f"'{scene.front.url}static/x/token.js'"))
    assert theirs == "SecurityError"
    ours = scene.context.new_page()
    scene.pages.append(ours)
    ours.goto(scene.front.url)
    token_js = ours.evaluate(
        "performance.getEntriesByType('resource').find(({name}) => name.endsWith('token.js')).name"
    )
    # Not even one of our own scripts, by whoever could run one here.
    found = ours.evaluate(
        "(address) => navigator.serviceWorker.register(address, {scope: '/'})"
        ".then(() => 'there', (error) => error.name)",
        token_js,
    )
    assert found == "SecurityError"
    assert page.evaluate(register.replace("ADDRESS", "'/worker.js'")) == "there"
