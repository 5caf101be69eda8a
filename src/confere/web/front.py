"""The application of the front: routes, pages and errors, inside the guard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from confere.crypto.certificates import to_der
from confere.web.errors import Refusal, refusal_of
from confere.web.guard import Guard, answer
from confere.web.language import Messages, language_of
from confere.web.pages import Pages, page_routes
from confere.web.routes import ROUTES
from confere.web.sessions import Sessions
from confere.web.static_files import StaticFiles
from confere.web.telling import Telling


def make_app(
    sessions: Sessions, *, hosts: Iterable[str], port: int, secure: bool, authority: bytes = b""
) -> ASGIApp:
    """Return the whole application.

    ``hosts`` are the values of ``Host`` that are ours; ``authority`` is a certificate, PEM, for phones
    and laptops to install: what it is worth, its fingerprint tells.
    """
    static, messages = StaticFiles(), Messages()
    telling = Telling(messages)
    app = Starlette(
        routes=[
            *page_routes(),
            Route("/static/{digest}/{name:path}", static.serve, methods=["GET"]),
            *([Route("/authority.crt", partial(_authority, authority))] if authority else ()),
            *ROUTES,
        ],
        exception_handlers={Refusal: _refused, HTTPException: _not_found, Exception: _refused},
        lifespan=_while_serving,
    )
    app.router.redirect_slashes = False
    app.state.sessions = sessions
    app.state.pages = Pages(static, messages)
    app.state.telling = telling
    app.state.cookie = f"confere-{port}"
    app.state.secure = secure
    return Guard(app, sessions, hosts, app.state.cookie, secure, telling)


@contextlib.asynccontextmanager
async def _while_serving(app: Starlette) -> AsyncIterator[None]:
    """Lock who does nothing; and, when the server ends, everybody."""
    sessions: Sessions = app.state.sessions
    watching = asyncio.create_task(sessions.watch())
    try:
        yield
    finally:
        watching.cancel()
        await sessions.lock_all()


async def _authority(certificate: bytes, _request: Request) -> Response:
    return Response(to_der(certificate), media_type="application/x-x509-ca-cert")


async def _refused(request: Request, error: Exception) -> Response:
    """Answer an error, in the language of the page where somebody translated it."""
    refusal = refusal_of(error)
    telling: Telling = request.app.state.telling
    return answer(refusal, telling.into(language_of(request)))


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return await _refused(
        request, Refusal("NoSuchThing", error.status_code, "there is nothing here")
    )
