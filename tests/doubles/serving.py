"""The page, really served: real sockets, real keepers; only the clock may be a test's."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from confere.domain.settings import Web
from confere.web import serving as served
from confere.web.front import make_app
from confere.web.sessions import Session, Sessions, clock_s
from doubles.studies import PASSPHRASE


@dataclass
class Browser:
    """One person's browser: cookies, the token, and the headers that a page of our own origin sends."""

    url: str
    client: httpx.Client
    token: str = ""
    me: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, name: str, passphrase: str = PASSPHRASE) -> httpx.Response:
        """Sign in as our page does; afterwards every request carries the token."""
        answer = self.post("/api/sign-in", {"name": name, "passphrase": passphrase})
        if answer.is_success:
            self.me = answer.json()
            self.token = self.me["token"]
        return answer

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask as a script of our page does."""
        return self.client.get(path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Tell as a script of our page does."""
        own = {"Origin": self.url.rstrip("/"), **self._headers(headers)}
        return self.client.post(path, json=body if body is not None else {}, headers=own)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        token = {"X-Confere-Token": self.token} if self.token else {}
        given = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Sec-Fetch-Site": "same-origin", **token, **given}


@dataclass
class Front:
    """A front that serves in a thread of this process, so that a test can hold its clock."""

    url: str
    sessions: Sessions
    loop: asyncio.AbstractEventLoop

    @property
    def port(self) -> int:
        """The port it is at."""
        return int(self.url.rstrip("/").rpartition(":")[2])

    @contextlib.contextmanager
    def browser(self) -> Iterator[Browser]:
        """Open a browser of its own."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            yield Browser(self.url, client)

    def run(self, act: Any) -> Any:
        """Run a coroutine where the front runs, and wait for it."""
        return asyncio.run_coroutine_threadsafe(act, self.loop).result(60)

    def session(self, name: str) -> Session:
        """Return somebody's session."""
        return next(s for s in self.sessions._sessions.values() if s.me["name"] == name)

    def keepers(self) -> list[int]:
        """Return the numbers of the keepers' processes, in the order of signing in."""
        return [session.keeper.pid for session in self.sessions._sessions.values()]


@contextlib.contextmanager
def front(
    root: Path, clock: Callable[[], float] = clock_s, settings: Web | None = None
) -> Iterator[Front]:
    """Serve the vault at ``root`` on a free port of this machine."""
    place = served.open_place(("127.0.0.1", "localhost"), 0, secure=False)
    sessions = Sessions(root, (settings or Web()).lock_minutes * 60, clock)
    app = make_app(sessions, hosts=place.hosts, port=place.port, secure=False)
    server = served.server(app, place)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop, server.serve(sockets=list(place.sockets))))
    thread.start()
    try:
        yield Front(place.urls[0], sessions, loop)
    finally:
        server.should_exit = True
        thread.join()
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, serving: Any) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(serving)


@dataclass
class Command:
    """``confere serve`` as a process of its own."""

    process: subprocess.Popen[str]
    url: str
    printed: list[str]

    @contextlib.contextmanager
    def browser(self, **options: Any) -> Iterator[Browser]:
        """Open a browser; ``options`` are httpx's, as ``verify``."""
        with httpx.Client(base_url=self.url, timeout=60, **options) as client:
            yield Browser(self.url, client)


@contextlib.contextmanager
def confere_serve(root: Path, *options: str, errors: int = subprocess.DEVNULL) -> Iterator[Command]:
    """Type ``confere serve --port 0`` and wait until it says where it is."""
    line = [sys.executable, "-m", "confere", "serve", "--vault", str(root), "--port", "0"]
    with subprocess.Popen(
        [*line, *options],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        printed: list[str] = []
        for one in process.stdout:
            printed.append(one.rstrip("\n"))
            if "Ctrl-C" in one:
                break
        found = re.search(r"https?://\S+/", "\n".join(printed))
        try:
            assert found is not None, printed
            yield Command(process, found[0], printed)
        finally:
            process.terminate()


def is_there(pid: int) -> bool:
    """Whether a process of this number lives (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that still live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(stat[1]) == pid and stat[0] != "Z":
                found.append(int(folder.name))
    return sorted(found)
