"""``/sound/TICKET``, the working sound by byte range, and the peaks that a waveform is drawn from.

A media element sends no header of ours, so the ticket in the path opens a recording: random, good in one
session, together with its cookie.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from confere.web.errors import Refusal
from confere.web.guard import session_of
from confere.web.routes.given import malformed
from confere.web.sessions import Session

#: An answer to "from here on" ends here: 22 s of sound, of which the first are on their way at once.
PIECE_BYTES = 1 << 20
#: What is asked of the keeper at once: 1.4 s of sound.
CHUNK_BYTES = 64 << 10
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
#: Where it was looked ahead, or is.
_ahead: WeakKeyDictionary[Session, dict[str, asyncio.Task[None]]] = WeakKeyDictionary()


async def sound(request: Request) -> Response:
    """GET and HEAD: 200, or 206 for a range, or 416. A range without an end is answered in part."""
    if request.headers.get("sec-fetch-dest", "audio") != "audio":
        raise Refusal("OtherPage", 403, "this was not asked by a page of Confere")
    session = session_of(request.state)
    recording_id = session.recording_of(request.path_params["ticket"])
    if recording_id is None:
        raise Refusal("NoSuchThing", 404, "there is nothing here")
    size = await session.ask("sound_length", recording_id=recording_id)
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "no-store", "Content-Type": "audio/wav"}
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(size)})
    first, end, status = 0, size, 200
    if asked is not None and any(asked.groups()):  # any other kind of range may be ignored
        (first, end), status = _bounds(asked[1], asked[2], size), 206
        if first >= end:
            return Response(
                status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"}
            )
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    _look_ahead(session, recording_id)
    chunks = _chunks(session, recording_id, first, end)
    begun = await anext(chunks)  # what is refused is refused before an answer begins
    headers["Content-Length"] = str(end - first)
    return StreamingResponse(_all(begun, chunks), status, headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Return where a range begins and where it ends, which is not in it."""
    if not first:
        return max(0, size - int(last)), size
    if not last:
        return int(first), min(size, int(first) + PIECE_BYTES)
    return int(first), min(size, int(last) + 1)


async def _chunks(
    session: Session, recording_id: str, first: int, end: int
) -> AsyncIterator[bytes]:
    """Yield the bytes, asking for each piece when the one before is on its way."""
    for at in range(first, end, CHUNK_BYTES):
        yield await session.sound(recording_id, at, min(end, at + CHUNK_BYTES) - 1)


async def _all(begun: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield begun
    async for chunk in rest:
        yield chunk


def _look_ahead(session: Session, recording_id: str) -> None:
    """Let the keeper find out, in turns, where in its bytes the times of a recording lie."""
    begun = _ahead.setdefault(session, {})
    if recording_id not in begun:
        begun[recording_id] = asyncio.create_task(_look(session, recording_id))


async def _look(session: Session, recording_id: str) -> None:
    with contextlib.suppress(Refusal):  # whatever it is, the sound itself is refused for it
        while not await session.ask("sound_ahead", recording_id=recording_id):
            pass


async def peaks(request: Request) -> Response:
    """``?start_ms=&end_ms=&columns=`` → ``{peaks: [0…127, …]}``."""
    session = session_of(request.state)
    given = {name: _number(request, name) for name in ("start_ms", "end_ms", "columns")}
    recording_id = request.path_params["recording"]
    while True:  # in turns, so that sound which is waited for comes in between
        answer = await session.ask("peaks", recording_id=recording_id, **given)
        if answer["peaks"] is not None:
            return JSONResponse(answer)


def _number(request: Request, name: str) -> int:
    value = request.query_params.get(name, "")
    if not re.fullmatch(r"[0-9]{1,12}", value):
        raise malformed(f"'{name}' is missing, or not what it has to be")
    return int(value)


ROUTES = [
    Route("/sound/{ticket}", sound, methods=["GET"]),
    Route("/api/recordings/{recording}/peaks", peaks, methods=["GET"]),
]
