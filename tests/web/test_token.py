"""Where the token lies, in a real browser: a neighbouring port gets our cookie, and nothing for it."""

from __future__ import annotations

import http.server
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from doubles.serving import Front, front
from doubles.studies import PASSPHRASE, Study

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
#: What a page of the neighbour tries, with the cookie that the browser adds.
TRIED = (
    "fetch(URL + 'api/me')",
    "fetch(URL + 'api/me', {mode: 'no-cors', credentials: 'include'})",
    "fetch(URL + 'api/lock', {method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}'})",
    "fetch(URL + 'api/lock', {method: 'POST', credentials: 'include', body: '{}',"
    " headers: {'Content-Type': 'application/json'}})",
)


class Neighbour(http.server.BaseHTTPRequestHandler):
    """Somebody else's server on this machine, that keeps what it is sent."""

    cookies: list[str]

    def do_GET(self) -> None:
        """Take the cookie, and show something."""
        self.cookies.append(self.headers.get("Cookie", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>neighbour</title>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def neighbour() -> Iterator[http.server.HTTPServer]:
    """A server on another port of this machine."""
    Neighbour.cookies = []
    with http.server.HTTPServer(("127.0.0.1", 0), Neighbour) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def page(study: Study) -> Iterator[Front]:
    """The page of a study."""
    with front(study.root) as served:
        yield served


def test_the_token_is_shared_by_our_tabs_and_by_nobody_else(
    page: Front, neighbour: http.server.HTTPServer
) -> None:
    """A reload and a second tab stay signed in; a page on a neighbouring port reads and does nothing."""
    # In a thread of its own: beside the browser's tests this one has a loop already.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_shared_by_nobody_else, page, neighbour).result()


def _shared_by_nobody_else(page: Front, neighbour: http.server.HTTPServer) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        context = browser.new_context()
        tab = context.new_page()
        tab.goto(page.url)
        tab.fill("#name", "ivo")
        tab.fill("#passphrase", PASSPHRASE)
        tab.press("#passphrase", "Enter")
        tab.wait_for_selector("#lock")
        token = page.session("ivo").token
        assert tab.evaluate("document.cookie") == ""
        assert token not in tab.content()

        asked = "fetch('/api/me', {headers: {'X-Confere-Token': sessionStorage['confere-token']}})"
        tab.reload()
        assert tab.evaluate(f"{asked}.then((answer) => answer.status)") == 200
        other = context.new_page()
        with other.expect_response("**/api/home") as answered:
            other.goto(page.url)
        assert answered.value.status != 401

        theirs = context.new_page()
        theirs.goto(f"http://127.0.0.1:{neighbour.server_port}/")
        for attempt in TRIED:
            tried = attempt.replace("URL", f"'{page.url}'")
            assert theirs.evaluate(f"{tried}.then((a) => a.status || a.type, () => 'failed')") in (
                "failed",
                "opaque",
                403,
            )
        assert theirs.evaluate("sessionStorage.length") == 0
        assert page.session("ivo").token == token  # nobody locked it
        browser.close()

    name, _, value = Neighbour.cookies[0].partition("=")
    assert name == f"confere-{page.port}"  # browsers do send it there
    with httpx.Client(base_url=page.url, cookies={name: value}) as stolen:
        assert stolen.get("/api/me").status_code == 401
        assert token not in stolen.get("/").text
