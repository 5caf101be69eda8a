"""Sign in, lock, and who I am."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from confere.web.guard import session_of
from confere.web.routes.given import body_of, malformed, take
from confere.web.sessions import Session, Sessions

_LONGEST = 1000  # characters; scrypt takes any length, a request should not


async def sign_in(request: Request) -> Response:
    """``{name, passphrase}`` → `_me`, and the cookie. What this browser had before is locked."""
    sessions: Sessions = request.app.state.sessions
    body = await body_of(request)
    name, passphrase = take(body, "name", str), take(body, "passphrase", str)
    if len(name) > _LONGEST or len(passphrase) > _LONGEST:
        raise malformed("name or passphrase is too long")
    address = request.client.host if request.client else ""
    session = await sessions.sign_in(name.strip(), passphrase, address)
    before: Session | None = request.state.session
    if before is not None:
        await sessions.lock(before)
    response = JSONResponse(_me(sessions, session))
    response.set_cookie(
        request.app.state.cookie,
        session.cookie,
        path="/",
        secure=request.app.state.secure,
        httponly=True,
        samesite="strict",
    )
    return response


async def me(request: Request) -> Response:
    """→ `_me`. Asking this is not doing something."""
    return JSONResponse(_me(request.app.state.sessions, session_of(request.state)))


async def lock(request: Request) -> Response:
    """→ 204; the keeper has ended when the answer comes."""
    sessions: Sessions = request.app.state.sessions
    await sessions.lock(session_of(request.state))
    response = Response(status_code=204)
    response.delete_cookie(
        request.app.state.cookie,
        path="/",
        secure=request.app.state.secure,
        httponly=True,
        samesite="strict",
    )
    return response


def _me(sessions: Sessions, session: Session) -> dict[str, Any]:
    """``{token, name, roles, study, practice, lock_minutes, locks_in_s}``."""
    return {
        "token": session.token,
        **session.me,
        "locks_in_s": max(0, round(sessions.left_s(session))),
    }


ROUTES = [
    Route("/api/sign-in", sign_in, methods=["POST"]),
    Route("/api/me", me, methods=["GET"]),
    Route("/api/lock", lock, methods=["POST"]),
]
