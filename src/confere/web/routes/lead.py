"""The lead's pages: people, words, names, plan, interviews, custody, audit, worth, export.

Almost all of it is the table. What is sent, and what comes back, `docs/web.md` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from confere.web.guard import session_of
from confere.web.language import language_of
from confere.web.routes.given import body_of
from confere.web.routes.table import (
    FLAG,
    LIST,
    NO_TEXT,
    NUMBER,
    OBJECT,
    TEXT,
    Field,
    Say,
    route,
    taken,
)
from confere.web.sessions import Sessions

_VERSION: Mapping[str, Field] = {"version": NUMBER}
_SHARES: Mapping[str, Field] = {name: ((int, float), ...) for name in ("share", "bound")}
_ENTRY: Mapping[str, Field] = {"entry": OBJECT, **_VERSION}
_PLACE: Mapping[str, Field] = {"number": NUMBER, **_VERSION}

_TABLE: tuple[tuple[str, str, str, Mapping[str, Field]], ...] = (
    ("GET", "/api/people", "people", {}),
    (
        "POST",
        "/api/people",
        "add_person",
        {"name": TEXT, "roles": LIST, "passphrase": TEXT},
    ),
    ("POST", "/api/passphrase", "change_passphrase", {"old": TEXT, "new": TEXT}),
    ("POST", "/api/settings/approve", "approve_settings", {"sha256": TEXT}),
    ("POST", "/api/machines/certify", "certify_machine", {"name": TEXT}),
    ("POST", "/api/machines/remove", "remove_machine", {"name": TEXT}),
    ("GET", "/api/words", "words", {}),
    ("POST", "/api/words", "add_word", _ENTRY),
    ("POST", "/api/words/edit", "edit_word", {**_ENTRY, **_PLACE}),
    ("POST", "/api/words/remove", "remove_word", _PLACE),
    ("POST", "/api/words/import", "import_words", {"text": TEXT, "replace": FLAG, **_VERSION}),
    ("GET", "/api/words/export", "export_words", {}),
    ("GET", "/api/words/history", "word_history", {}),
    ("POST", "/api/words/proposals", "proposals", {}),
    (
        "POST",
        "/api/words/accept",
        "accept_proposal",
        {"key": TEXT, "target": NO_TEXT, "status": NO_TEXT, "note": NO_TEXT},
    ),
    ("POST", "/api/words/touched", "touched_segments", {"recording": TEXT, "since": NUMBER}),
    ("POST", "/api/names", "read_names", {}),
    ("POST", "/api/names/add", "add_name", {"name": TEXT, "code": TEXT, "note": NO_TEXT}),
    ("POST", "/api/names/import", "import_names", {"text": TEXT}),
    ("POST", "/api/names/remove", "remove_name", {"name": TEXT}),
    ("GET", "/api/plan", "plan", {}),
    ("POST", "/api/plan", "state_plan", _SHARES),
    ("POST", "/api/plan/means", "plan_means", _SHARES),
    ("GET", "/api/plan/{recording}", "plan_of_recording", {}),
    ("POST", "/api/plan/{recording}/draw", "draw_sample", {}),
    ("GET", "/api/interviews", "interviews", {}),
    (
        "POST",
        "/api/interviews",
        "write_interview",
        {
            "interview": NO_TEXT,
            "version": ((int,), 0),
            "fields": OBJECT,
            "recordings": ((list, type(None)), None),
        },
    ),
    ("GET", "/api/custody/{id}", "custody", {}),
    ("POST", "/api/custody/{id}/proof", "prove_custody", {}),
    ("POST", "/api/worth/step", "measure_some", {}),
    ("GET", "/api/export", "exportable", {}),
)


async def _remove(request: Request) -> Response:
    """Take somebody out, and lock what they have open: an open keeper would hold the old key."""
    sent = taken(await body_of(request), {"name": TEXT, "typed": TEXT})
    session = session_of(request.state)
    answer = await session.ask("remove_person", **sent)
    sessions: Sessions = request.app.state.sessions
    await sessions.lock_all_of(sent["name"])
    return JSONResponse(answer)


async def _worth(request: Request) -> Response:
    """The figures; texts in the language of the page."""
    session = session_of(request.state)
    return JSONResponse(await session.ask("worth", language=language_of(request)))


async def _export(request: Request) -> Response:
    """A ZIP file; the page gives it to who asked, and from there it is in the clear."""
    sent = taken(await body_of(request), {"recordings": LIST, "kinds": LIST, "draft": FLAG})
    content: bytes = await session_of(request.state).ask("export", **sent)
    return Response(content, media_type="application/zip")


def _audit_told(state: Any, say: Say) -> None:
    """What it found, and what it could not look at."""
    audited = state["audited"] or {"findings": (), "not_checked": []}
    for one in audited["findings"]:
        one |= {"about": say(one["about"]), "finding": say(one["finding"])}
    audited["not_checked"] = [say(text) for text in audited["not_checked"]]


_AUDIT: Mapping[str, Field] = {"passphrase": TEXT, "objects": ((bool,), True)}

ROUTES = [
    *(route(*row) for row in _TABLE),
    route("POST", "/api/audit", "begin_audit", _AUDIT, _audit_told),
    route("GET", "/api/audit/news", "audit_state", {}, _audit_told),
    route("POST", "/api/audit/stop", "stop_audit", {}, _audit_told),
    Route("/api/people/remove", _remove, methods=["POST"]),
    Route("/api/worth", _worth, methods=["GET"]),
    Route("/api/export", _export, methods=["POST"]),
]
