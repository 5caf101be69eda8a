"""Pages: small HTML frames from templates; what they show comes from ``/api/``.

What a template can use:

============  ==========================================================================
``t``         ``t(NAME, …)``: a sentence in the page's language, with its values
``static``    the folder of static files under their digest, without a slash at its end
``language``  ``en`` or ``pt``
``theme``     ``light``, ``dark`` or nothing: what somebody chose
``me``        who is signed in (``name roles study practice lock_minutes``), or None
``given``     what the path gives: ``given.recording``
============  ==========================================================================

No page holds the token. A browser sends our cookie to every port of this machine, so whoever listens at
another one could load a page with it; what a page holds, a stolen cookie opens. `static/token.js` keeps
the token where only pages of this very origin find it.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from confere.web.errors import Refusal
from confere.web.language import Messages, language_of
from confere.web.sessions import Session
from confere.web.static_files import StaticFiles

FOLDER = Path(__file__).parent / "templates"
SIGN_IN = "sign-in.html"
TRANSCRIPT = "recording.html"
_LEADS = ("people", "words", "names", "plan", "interviews", "audit", "worth", "export")
#: Path and template. Without a session each of them is the sign-in, which then loads the page again.
PAGES: tuple[tuple[str, str], ...] = (
    ("/", "home.html"),
    ("/recordings/{recording}", TRANSCRIPT),
    ("/keys", "keys.html"),
    *((f"/{name}", f"lead/{name}.html") for name in _LEADS),
    ("/custody/{id}", "lead/custody.html"),
)
_THEMES = ("light", "dark")


class Pages:
    """The templates, with what every one of them can use."""

    def __init__(self, static: StaticFiles, messages: Messages) -> None:
        self.messages = messages
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = static.root

    def render(self, request: Request, template: str, **values: Any) -> HTMLResponse:
        """Return a page."""
        language = language_of(request)
        session: Session | None = request.state.session
        theme = request.cookies.get("theme", "")
        text = self._environment.get_template(template).render(
            language=language,
            t=partial(self.messages.say, language),
            theme=theme if theme in _THEMES else "",
            me=session.me if session else None,
            given=request.path_params,
            **values,
        )
        return HTMLResponse(text, headers={"Content-Language": language})


def render(request: Request, template: str, **values: Any) -> HTMLResponse:
    """Return a page of the application that is asked."""
    pages: Pages = request.app.state.pages
    return pages.render(request, template, **values)


def page_routes() -> list[Route]:
    """Return a route for each page, and one that is the sign-in whoever asks."""
    return [
        *(Route(path, partial(_page, template), methods=["GET"]) for path, template in PAGES),
        Route("/sign-in", partial(_page, SIGN_IN), methods=["GET"]),
    ]


async def _page(template: str, request: Request) -> HTMLResponse:
    session: Session | None = request.state.session
    if session is None:
        return render(request, SIGN_IN)
    if template == TRANSCRIPT:
        _begin(session, request.path_params["recording"])
    return render(request, template)


def _begin(session: Session, recording: str) -> None:
    """Let the keeper open the transcript while the page's scripts are loaded: then it need not wait.

    One at a time, so that whoever has but the cookie cannot pile up work.
    """
    if session in _beginning and not _beginning[session].done():
        return
    _beginning[session] = asyncio.create_task(_open(session, recording))


async def _open(session: Session, recording: str) -> None:
    with contextlib.suppress(Refusal):  # whatever it is, the page is told when it asks
        await session.ask("transcript_ahead", recording=recording)


_beginning: WeakKeyDictionary[Session, asyncio.Task[None]] = WeakKeyDictionary()
