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
from confere.web.routes.given import body_of, malformed

#: A field's kinds, and its default; ``...`` says that it must be there.
Field = tuple[tuple[type, ...], Any]
_TEXT: Field = ((str,), ...)
_NO_TEXT: Field = ((str,), "")
_NUMBER: Field = ((int,), ...)
_MAYBE_NUMBER: Field = ((int, type(None)), None)
_FLAG: Field = ((bool,), False)
_RATE: Field = ((int, float), 1.0)
_LIST: Field = ((list,), [])
_OBJECT: Field = ((dict,), {})
_VERSION = {"version": _NUMBER}

_RECORDING = "/api/recordings/{recording}"
_SEGMENT = _RECORDING + "/segments/{segment}"

#: Method, path, question, and what is sent along (in the query of a GET).
_TABLE: tuple[tuple[str, str, str, Mapping[str, Field]], ...] = (
    ("GET", "/api/home", "home", {}),
    ("GET", _RECORDING + "/news", "news", {"cursor": _TEXT}),
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
            "source_at": _NUMBER,
            "target_at": _MAYBE_NUMBER,
            "at_ms": _MAYBE_NUMBER,
        },
    ),
    ("POST", _SEGMENT + "/merge", "merge_segment", {**_VERSION, "anyway": _FLAG}),
    ("POST", _SEGMENT + "/undo", "undo_segment", _VERSION),
    (
        "POST",
        _SEGMENT + "/verify",
        "verify_segment",
        {**_VERSION, "unplayed_reason": _NO_TEXT},
    ),
    ("POST", _SEGMENT + "/comments", "add_comment", {"text": _TEXT, "to": _LIST}),
    (
        "POST",
        _SEGMENT + "/dismiss",
        "dismiss",
        {"finding": _TEXT, "reason": _NO_TEXT, "again": _FLAG},
    ),
    ("POST", "/api/comments/{comment_id}/resolve", "resolve_comment", {}),
    (
        "POST",
        _RECORDING + "/speaker",
        "rename_speaker",
        {"speaker": _TEXT, "old": _NO_TEXT, "segments": _LIST},
    ),
    (
        "POST",
        _RECORDING + "/played",
        "played",
        {"start_ms": _NUMBER, "end_ms": _NUMBER, "rate": _RATE},
    ),
    ("GET", _RECORDING + "/sheet", "sheet", {}),
    ("POST", _RECORDING + "/sign", "sign_transcript", {"passphrase": _TEXT}),
    ("POST", _RECORDING + "/reopen", "reopen_transcript", {"reason": _TEXT}),
    ("POST", _RECORDING + "/take", "take", {}),
    ("POST", _RECORDING + "/give-back", "give_back", {"name": _NO_TEXT}),
    ("POST", _RECORDING + "/assign", "assign", {"name": _TEXT, "due": _NO_TEXT}),
)
_CHANGE: Mapping[str, Field] = {
    **{name: ((str, type(None)), None) for name in ("source", "target", "speaker", "language")},
    "start_ms": _MAYBE_NUMBER,
    "end_ms": _MAYBE_NUMBER,
    "finish": ((bool,), True),
    "error": ((dict, type(None)), None),
}


def _route(method: str, path: str, question: str, fields: Mapping[str, Field]) -> Route:
    async def answer(request: Request) -> Response:
        sent = await body_of(request) if method == "POST" else _query(request, fields)
        given = {**request.path_params, **_taken(sent, fields)}
        return JSONResponse(await session_of(request.state).ask(question, **given))

    return Route(path, answer, methods=[method], name=question)


async def _transcript(request: Request) -> Response:
    """Everything that the page begins with, and the ticket of its sound."""
    session = session_of(request.state)
    found = await session.ask("transcript", recording=request.path_params["recording"])
    ticket = session.ticket(found["recording"]["id"])
    return JSONResponse({**found, "ticket": ticket})


async def _correct(request: Request) -> Response:
    sent = await body_of(request)
    change = _taken(sent, _CHANGE)
    return await _ask(request, "correct_segment", **_taken(sent, _VERSION), change=change)


async def _return(request: Request) -> Response:
    taken = _taken(
        await body_of(request),
        {**_VERSION, "reason": _TEXT, "kind": _TEXT, "severity": _TEXT},
    )
    error = {name: taken.pop(name) for name in ("kind", "severity")}
    return await _ask(request, "return_segment", **taken, error=error)


async def _editing(request: Request) -> Response:
    taken = _taken(await body_of(request), {"open": ((bool,), ...)})
    return await _ask(request, "edit_segment", opened=taken["open"])


async def _ask(request: Request, question: str, **given: Any) -> Response:
    session = session_of(request.state)
    return JSONResponse(await session.ask(question, **request.path_params, **given))


def _query(request: Request, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return what stands in the query; a number is written in digits there."""
    sent: dict[str, Any] = dict(request.query_params)
    for name, (kinds, _) in fields.items():
        if int in kinds and str(sent.get(name, "")).isdecimal():
            sent[name] = int(sent[name])
    return {name: value for name, value in sent.items() if name in fields}


def _taken(sent: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the fields, each of its kind; raises Refusal otherwise. What else was sent is left out."""
    found = {}
    for name, (kinds, default) in fields.items():
        value = sent.get(name, default)
        if type(value) not in kinds:  # not isinstance: True is no number
            raise malformed(f"'{name}' is missing, or not what it has to be")
        found[name] = value
    return found


_BY_HAND: tuple[tuple[str, str, Callable[[Request], Awaitable[Response]]], ...] = (
    ("GET", _RECORDING, _transcript),
    ("POST", _SEGMENT + "/correct", _correct),
    ("POST", _SEGMENT + "/return", _return),
    ("POST", _SEGMENT + "/editing", _editing),
)

ROUTES = [
    *(_route(*row) for row in _TABLE),
    *(Route(path, handler, methods=[method]) for method, path, handler in _BY_HAND),
]
