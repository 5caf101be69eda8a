"""What is looked at before anything is routed, and what every answer carries.

A browser carries requests of every page it shows, so a request proves nothing by arriving. In this order:

===================  ======================================================  ======
what                 against whom                                            status
===================  ======================================================  ======
``Host``             a name that an attacker's DNS moved here (rebinding)      421
``Sec-Fetch-Site``   another page in the same browser, whatever it sends       403
``Origin``           the same, where the browser tells no more than that       403
method, type, size   forms of other pages; bodies without end                  405, 415, 413, 408
cookie and token     other accounts of the machine; a neighbouring port,       401
                     which is sent our cookie but knows no token
===================  ======================================================  ======
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from confere.web.errors import Refusal, no_session, refusal_of
from confere.web.language import language_of
from confere.web.sessions import Session, Sessions
from confere.web.telling import Telling

LIMIT_BYTES = 1 << 20
#: So long a body may take, all of it.
PATIENCE_S = 20.0
#: News are asked for by a page that nobody looks at, too.
_ASKS_FOR_NEWS = ("/news", "/api/me", "/api/home")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
CARRIED = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": _POLICY,
}
_STAYS_SECURE = "max-age=31536000"  # a year


class Guard:
    """Stands around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        sessions: Sessions,
        hosts: Iterable[str],
        cookie: str,
        secure: bool,
        telling: Telling,
    ) -> None:
        """``hosts`` are the values of ``Host`` that are ours, ``cookie`` the name of the cookie."""
        self._telling = telling
        self._app = app
        self._sessions = sessions
        self._hosts = frozenset(hosts)
        self._cookie = cookie
        self._scheme = "https" if secure else "http"
        # A browser would keep it for ``localhost``, and so for everything else that is developed there.
        self._is_here_only = any(host.startswith("localhost") for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # lifespan; there are no web sockets
            return
        began = False

        async def carrying(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                self._carry(MutableHeaders(scope=message))
            await send(message)

        try:
            self._admit(scope)
            await self._app(scope, _patient(receive), carrying)
        except Exception as error:  # noqa: BLE001 - its words stay here
            if not began:
                say = self._telling.into(language_of(Request(scope)))
                await answer(refusal_of(error), say)(scope, receive, carrying)

    def _carry(self, headers: MutableHeaders) -> None:
        headers.setdefault("Cache-Control", "no-store")
        headers.update(CARRIED)
        if self._scheme == "https" and not self._is_here_only:
            headers["Strict-Transport-Security"] = _STAYS_SECURE

    def _admit(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        path, method = scope["path"], scope["method"]
        if headers.getlist("host") not in ([host] for host in self._hosts):
            raise Refusal("WrongHost", 421, "this is not the server that was asked for")
        self._require_own_page(headers, path, method)
        if method not in ("GET", "HEAD", "POST"):
            raise Refusal("WrongMethod", 405, "there is no such method here")
        if method == "POST":
            _require_json(headers)
        self._require_session(scope, headers, path)

    def _require_own_page(self, headers: Headers, path: str, method: str) -> None:
        """Refuse what another page sends, or makes the browser send."""
        own = f"{self._scheme}://{headers['host']}"
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        typed_in = site == "none" and method != "POST" and not path.startswith(("/api/", "/sound/"))
        from_elsewhere = site not in (None, "same-origin") and not typed_in
        if from_elsewhere or origin not in (None, own) or (method == "POST" and origin is None):
            raise Refusal("OtherPage", 403, "this was not asked by a page of Confere")

    def _require_session(self, scope: Scope, headers: Headers, path: str) -> None:
        """Find whose request it is: ``request.state.session``, on pages perhaps None."""
        session = self._sessions.find(
            cookie_parser(headers.get("cookie", "")).get(self._cookie, "")
        )
        scope.setdefault("state", {})["session"] = session
        needs_token = path.startswith("/api/") and path != "/api/sign-in"
        if not needs_token and not path.startswith("/sound/"):
            return
        if session is None:
            raise no_session()
        if needs_token and not session.has_token(headers.get("x-confere-token", "")):
            raise no_session()
        if not path.endswith(_ASKS_FOR_NEWS):
            self._sessions.did_something(session)


def _require_json(headers: Headers) -> None:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal("NotJson", 415, "only JSON is taken here")
    if int(headers.get("content-length", "0")) > LIMIT_BYTES:  # h11 let only digits through
        raise _too_large()


def _too_large() -> Refusal:
    return Refusal("TooLarge", 413, f"more than {LIMIT_BYTES >> 10} KiB are not taken at once")


def _patient(receive: Receive) -> Receive:
    """Wait for a body, but neither for ever nor for any length."""
    taken, whole, until = 0, False, asyncio.get_running_loop().time() + PATIENCE_S

    async def limited() -> Message:
        nonlocal taken, whole
        if whole:
            return await receive()  # for the end of the connection
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise Refusal("TooSlow", 408, "the request took too long to arrive") from None
        taken += len(message.get("body", b""))
        if taken > LIMIT_BYTES:
            raise _too_large()
        whole = not message.get("more_body", False)
        return message

    return limited


def answer(refusal: Refusal, say: Callable[[str], str]) -> JSONResponse:
    """Return the answer that a refusal is; ``say`` says it in the language of the page.

    A fault of ours is told to who keeps the machine: what and where, never its words.
    """
    if refusal.where:
        print("confere: fault", *refusal.where, sep="\n  ", file=sys.stderr)
    body = refusal.body()
    body |= {"message": say(refusal.message), "hint": say(refusal.hint)}
    wait_s = refusal.extra.get("wait_s")
    headers = {"Retry-After": str(wait_s)} if wait_s else None
    return JSONResponse(body, refusal.status, headers)


def session_of(state: object) -> Session:
    """Return the session that the guard found; raises Refusal when there is none."""
    session: Session | None = getattr(state, "session", None)
    if session is None:
        raise no_session()
    return session
