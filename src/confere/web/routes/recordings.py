"""Home and transcripts: each route looks at what was sent, and asks the keeper one question.

What may be sent is one table. A name in a path is an id; whatever else it is, the act refuses it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from confere.web.guard import session_of
from confere.web.routes.given import body_of
from confere.web.routes.table import (
    FLAG,
    LIST,
    MAYBE_NUMBER,
    NO_TEXT,
    NUMBER,
    RATE,
    TEXT,
    Field,
    Say,
    route,
    saying,
    taken,
)

_VERSION = {"version": NUMBER}

_RECORDING = "/api/recordings/{recording}"
_SEGMENT = _RECORDING + "/segments/{segment}"

#: Method, path, question, and what is sent along (in the query of a GET).
_TABLE: tuple[tuple[str, str, str, Mapping[str, Field]], ...] = (
    ("GET", _RECORDING + "/news", "news", {"cursor": TEXT}),
    ("GET", _RECORDING + "/findings", "findings", {"first": ((int,), 1)}),
    ("GET", _SEGMENT, "segment", {}),
    ("GET", _SEGMENT + "/history", "story", {}),
    ("GET", _SEGMENT + "/suggestions", "suggestions", {}),
    (
        "POST",
        _SEGMENT + "/split",
        "split_segment",
        {
            **_VERSION,
            "source_at": NUMBER,
            "target_at": MAYBE_NUMBER,
            "at_ms": MAYBE_NUMBER,
        },
    ),
    ("POST", _SEGMENT + "/merge", "merge_segment", {**_VERSION, "anyway": FLAG}),
    ("POST", _SEGMENT + "/undo", "undo_segment", _VERSION),
    (
        "POST",
        _SEGMENT + "/verify",
        "verify_segment",
        {**_VERSION, "unplayed_reason": NO_TEXT},
    ),
    ("POST", _SEGMENT + "/comments", "add_comment", {"text": TEXT, "to": LIST}),
    (
        "POST",
        _SEGMENT + "/dismiss",
        "dismiss",
        {"finding": TEXT, "reason": NO_TEXT, "again": FLAG},
    ),
    ("POST", "/api/comments/{comment_id}/resolve", "resolve_comment", {}),
    (
        "POST",
        _RECORDING + "/speaker",
        "rename_speaker",
        {"speaker": TEXT, "old": NO_TEXT, "segments": LIST},
    ),
    (
        "POST",
        _RECORDING + "/played",
        "played",
        {"start_ms": NUMBER, "end_ms": NUMBER, "rate": RATE},
    ),
    ("GET", _RECORDING + "/sheet", "sheet", {}),
    ("POST", _RECORDING + "/sign", "sign_transcript", {"passphrase": TEXT}),
    ("POST", _RECORDING + "/reopen", "reopen_transcript", {"reason": TEXT}),
    ("POST", _RECORDING + "/take", "take", {"due": NO_TEXT}),
    ("POST", _RECORDING + "/give-back", "give_back", {"name": NO_TEXT}),
    ("POST", _RECORDING + "/assign", "assign", {"name": TEXT, "due": NO_TEXT}),
)
_CHANGE: Mapping[str, Field] = {
    **{name: ((str, type(None)), None) for name in ("source", "target", "speaker", "language")},
    "start_ms": MAYBE_NUMBER,
    "end_ms": MAYBE_NUMBER,
    "finish": ((bool,), True),
    "error": ((dict, type(None)), None),
}


def _home_told(home: Any, say: Say) -> None:
    """Why somebody can do nothing, and why a draft failed."""
    for one in (*home["waiting"], *home["others"]):
        one["todo"]["why"] = say(one["todo"]["why"])
    for one in (*home["drafting"], *home["came_in"]):
        one["detail"] = say(one["detail"])


async def _transcript(request: Request) -> Response:
    """Everything that the page begins with, and the ticket of its sound."""
    session = session_of(request.state)
    found = await session.ask("transcript", recording=request.path_params["recording"])
    ticket = session.ticket(found["recording"]["id"])
    found["me"]["why"] = saying(request)(found["me"]["why"])
    return JSONResponse({**found, "ticket": ticket})


async def _correct(request: Request) -> Response:
    sent = await body_of(request)
    change = taken(sent, _CHANGE)
    return await _ask(request, "correct_segment", **taken(sent, _VERSION), change=change)


async def _return(request: Request) -> Response:
    sent = taken(
        await body_of(request),
        {**_VERSION, "reason": TEXT, "kind": TEXT, "severity": TEXT},
    )
    error = {name: sent.pop(name) for name in ("kind", "severity")}
    return await _ask(request, "return_segment", **sent, error=error)


async def _editing(request: Request) -> Response:
    sent = taken(await body_of(request), {"open": ((bool,), ...)})
    return await _ask(request, "edit_segment", opened=sent["open"])


async def _ask(request: Request, question: str, **given: Any) -> Response:
    session = session_of(request.state)
    return JSONResponse(await session.ask(question, **request.path_params, **given))


_BY_HAND: tuple[tuple[str, str, Callable[[Request], Awaitable[Response]]], ...] = (
    ("GET", _RECORDING, _transcript),
    ("POST", _SEGMENT + "/correct", _correct),
    ("POST", _SEGMENT + "/return", _return),
    ("POST", _SEGMENT + "/editing", _editing),
)

ROUTES = [
    route("GET", "/api/home", "home", {}, _home_told),
    *(route(*row) for row in _TABLE),
    *(Route(path, handler, methods=[method]) for method, path, handler in _BY_HAND),
]
