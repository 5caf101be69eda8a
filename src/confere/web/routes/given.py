"""What a request gives: its session, and its JSON, looked at before it goes any further."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from confere.web.errors import Refusal
from confere.web.guard import session_of
from confere.web.sessions import Session

T = TypeVar("T")


async def asked(request: Request) -> tuple[Session, dict[str, Any]]:
    """Return whose request it is and the JSON object that was sent, empty if there is none."""
    return session_of(request.state), await body_of(request)


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that was sent; raises Refusal for anything else."""
    try:
        sent = await request.body()
    except ClientDisconnect:
        raise malformed("the connection ended before its request did") from None
    try:
        value = json.loads(sent or b"{}")
    except (ValueError, RecursionError):
        raise malformed("what was sent is not JSON") from None
    if not isinstance(value, dict):
        raise malformed("what was sent is not a JSON object")
    return value


def take(body: dict[str, Any], name: str, kind: type[T], default: T | None = None) -> T:
    """Return a value of a kind; raises Refusal when it is not one, or missing without a default."""
    value = body.get(name, default)
    if type(value) is not kind:
        raise malformed(f"'{name}' is missing, or not what it has to be")
    return value


def malformed(message: str) -> Refusal:
    """Return the refusal of a request that our own page would not have sent."""
    return Refusal("BadRequest", 400, message, "Load the page again.")
