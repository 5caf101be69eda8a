"""Routes as a table: what may be sent along with each question, and of which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from confere.web.guard import session_of
from confere.web.language import language_of
from confere.web.routes.given import body_of, malformed
from confere.web.telling import Telling

#: A field's kinds, and its default; ``...`` says that it must be there.
Field = tuple[tuple[type, ...], Any]
TEXT: Field = ((str,), ...)
NO_TEXT: Field = ((str,), "")
NUMBER: Field = ((int,), ...)
MAYBE_NUMBER: Field = ((int, type(None)), None)
FLAG: Field = ((bool,), False)
RATE: Field = ((int, float), 1.0)
LIST: Field = ((list,), [])
OBJECT: Field = ((dict,), {})


#: Says a text in the language of the page.
Say = Callable[[str], str]


def route(
    method: str,
    path: str,
    question: str,
    fields: Mapping[str, Field],
    told: Callable[[Any, Say], None] | None = None,
) -> Route:
    """Return a route that asks the keeper one question, with what the path names and the fields sent.

    ``told`` puts what the answer tells in words into the language of the page.
    """

    async def answer(request: Request) -> Response:
        sent = await body_of(request) if method == "POST" else query(request, fields)
        given = {**request.path_params, **taken(sent, fields)}
        found = await session_of(request.state).ask(question, **given)
        if told is not None:
            told(found, saying(request))
        return JSONResponse(found)

    return Route(path, answer, methods=[method], name=question)


def saying(request: Request) -> Say:
    """Return what says a text in the language of the page that asks."""
    telling: Telling = request.app.state.telling
    return telling.into(language_of(request))


def query(request: Request, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return what stands in the query; a number is written in digits there."""
    sent: dict[str, Any] = dict(request.query_params)
    for name, (kinds, _) in fields.items():
        if int in kinds and str(sent.get(name, "")).isdecimal():
            sent[name] = int(sent[name])
    return {name: value for name, value in sent.items() if name in fields}


def taken(sent: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the fields, each of its kind; raises Refusal otherwise. What else was sent is left out."""
    found = {}
    for name, (kinds, default) in fields.items():
        value = sent.get(name, default)
        if type(value) not in kinds:  # not isinstance: True is no number
            raise malformed(f"'{name}' is missing, or not what it has to be")
        found[name] = value
    return found
