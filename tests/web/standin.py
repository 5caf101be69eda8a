"""A small server that answers as `docs/web.md` says, from memory: to look at the page without a vault.

It keeps the rules that the page must show (versions, own work, played, lock) and nothing else: no keys, no
disk. ``python tests/web/standin.py --port 8800`` runs it; tests start it in a thread with `running`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import math
import random
import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

WEB = Path(__file__).parents[2] / "src" / "confere" / "web"
STATIC, TEMPLATES, MESSAGES = WEB / "static", WEB / "templates", WEB / "messages"
RATE_HZ = 24_000  # samples of the working sound a second, 16-bit mono
PASSPHRASE = "uma frase de passe"
KINDS = {".css": "text/css", ".js": "text/javascript", ".json": "application/json"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
PEOPLE = {
    "ines": ("interpreter",),
    "ana": ("interpreter",),
    "vera": ("verifier",),
    "lea": ("lead", "verifier"),
}
RECORDING = "7h2k9v4m0qx3d8tz"
NAME = "Recife, 14 March, part 1"
LOCK_MINUTES = 10
NONE = {"error": 0, "warning": 0, "info": 0}
CHECKED_AT_ONCE = 150


def may(name: str) -> dict[str, Any]:
    """What somebody may do with any recording."""
    roles = PEOPLE[name]
    workers = [{"name": n, "roles": list(r)} for n, r in PEOPLE.items()]
    return {
        "takes": True,
        "assigns": "lead" in roles,
        "reopens": "interpreter" not in roles,
        "workers": workers if "lead" in roles else [],
    }


_SPOKEN = [
    ("Could you tell me how it was in those first days?", None, "I1"),
    (
        "Como foi nos primeiros dias, a senhora se lembra?",
        "How was it in the first days, do you remember?",
        "IP",
    ),
    (
        "Olha, no começo a gente não sabia nem para onde ir, "
        "porque a água já tinha entrado em tudo quanto era canto.",
        "Look, at first we did not even know where to "
        "go, because the water had already got into every corner.",
        "P01",
    ),
    (
        "Eram umas 1.500 pessoas na escola, né?",
        "There were about 1,500 people in the school, right?",
        "P01",
    ),
    ("E ninguém veio, ninguém.", "And nobody came, nobody.", "P01"),
    (
        "Aí a minha vizinha, que morava na rua de baixo, falou assim: "
        "vamos subir antes que escureça, porque depois não tem mais jeito. "
        "E a gente subiu com as crianças, com o pouco que dava para carregar, e ficou lá três noites.",
        "Then my neighbour, who lived on the street below, said: let us go "
        "up before it gets dark, because afterwards there will be no way. "
        "And we went up with the children, with the little "
        "that we could carry, and stayed there for three nights.",
        "P01",
    ),
    ("Três noites?", "Three nights?", "IP"),
    (
        "[pause 5s] Três. Sem luz, sem nada.",
        "[pause 5s] Three. Without light, without anything.",
        "P01",
    ),
    ("And who organised the food?", None, "I1"),
    (
        "Foi a associação dos moradores que organizou a comida, não foi a prefeitura.",
        "It was the residents' association that organised the food, not the city hall.",
        "P01",
    ),
    (
        "A prefeitura só chegou na quinta-feira, com [inaudible 00:12:03] e uns colchões.",
        "City hall only arrived on Thursday, with [inaudible 00:12:03] and some mattresses.",
        "P01",
    ),
    ("Hum-hum.", "Uh-huh.", "IP"),
]


def now() -> str:
    """The time of this machine as every answer writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Answer(Exception):
    """An error as the page is told it."""

    def __init__(self, status: int, code: str, message: str, hint: str = "", **extra: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"error": code, "message": message, "hint": hint, **extra}


def make_segments(count: int) -> list[dict[str, Any]]:
    """Return ``count`` segments: drafts, with the marks and findings that real ones have."""
    chance = random.Random(14)
    segments, at = [], 1_200
    for number in range(1, count + 1):
        source, target, speaker = _SPOKEN[(number * 7 + chance.randrange(3)) % len(_SPOKEN)]
        length = 900 + 62 * len(source)
        low = chance.random() < 0.08
        findings = []
        if "1.500" in source and chance.random() < 0.6:
            target = str(target).replace("1,500", "15,000")
            findings.append(
                finding(
                    "numbers.differ",
                    "error",
                    {"source": "1.500", "target": "15,000"},
                    "Source says 1.500; the translation has 15,000.",
                    source,
                    "1.500",
                    target,
                    "15,000",
                )
            )
        if "ninguém" in source and chance.random() < 0.3:
            findings.append(
                finding(
                    "negation.lost",
                    "warning",
                    {"source": "ninguém"},
                    "Source denies something (ninguém); the translation may not.",
                    source,
                    "ninguém",
                    str(target),
                    "",
                )
            )
        segments.append(
            {
                "id": f"{number:04d}{chance.randrange(16**8):08x}".ljust(16, "0"),
                "number": str(number),
                "start_ms": at,
                "end_ms": at + length,
                "speaker": speaker,
                "language": "en" if target is None else "pt",
                "source": source,
                "target": source if target is None else target,
                "state": "draft",
                "version": 0,
                "stale": False,
                "marks": ["low-probability"] if low else [],
                "probability": round(
                    chance.uniform(0.3, 0.6) if low else chance.uniform(0.8, 0.99), 3
                ),
                "parent": "",
                "verified_by": "",
                "authors": [],
                "editing": [],
                "comments": 0,
                "spared": False,
                "returned": None,
                "_findings": findings,
                "_draft": {"source": source, "target": source if target is None else target},
                "_history": [],
                "_comments": [],
                "_changed": 0,
            }
        )
        at += length + chance.choice((120, 300, 900))
    return segments


def finding(
    message_id: str,
    level: str,
    parameters: dict[str, str],
    message: str,
    source: str,
    in_source: str,
    target: str,
    in_target: str,
) -> dict[str, Any]:
    """Return what a check saw, with where."""

    def spans(text: str, part: str) -> list[list[int]]:
        at = text.find(part) if part else -1
        return [[at, at + len(part)]] if at >= 0 else []

    return {
        "key": hashlib.sha256(f"{message_id}{source}{target}".encode()).hexdigest(),
        "level": level,
        "message_id": message_id,
        "parameters": parameters,
        "message": message,
        "source_spans": spans(source, in_source),
        "target_spans": spans(target, in_target),
        "dismissal": None,
    }


class StandIn:
    """The memory of the stand-in, and what tests do to it behind the page's back."""

    def __init__(self, count: int = 2_500) -> None:
        self.segments = make_segments(count)
        self.duration_ms = (self.segments[-1]["end_ms"] if self.segments else 10_000) + 2_000
        self.played: dict[str, list[list[int]]] = {}
        self.sessions: dict[str, dict[str, str]] = {}
        self.cursor = 1
        self.signed = ""
        self.taken = [{"name": "ines", "due": "2026-11-24"}]
        self.delay_s = 0.0
        self.asked: list[str] = []

    # What a test does as somebody else, or as the machine.

    def lock_all(self) -> None:
        """End every session, as idling does."""
        self.sessions.clear()

    def change(self, number: int, by: str, **fields: Any) -> dict[str, Any]:
        """Change a segment as another person."""
        return self._change(self.segments[number - 1], by, "edit", "edited", fields)

    def correct_all(self, by: str) -> None:
        """Let somebody have corrected everything."""
        for segment in self.segments:
            segment["_findings"] = []
            self._change(
                segment,
                by,
                "correct",
                "corrected",
                {"target": segment["target"].replace("about", "some")},
            )

    def play_all(self, name: str) -> None:
        """Let somebody have played everything."""
        self.played[name] = [[0, self.duration_ms]]

    # What the routes ask.

    def one(self, given: str) -> dict[str, Any]:
        for segment in self.segments:
            if segment["id"] == given:
                return segment
        raise Answer(404, "NoSuchThing", f"there is no segment '{given}'")

    def shown(self, segment: dict[str, Any], name: str) -> dict[str, Any]:
        found = {k: v for k, v in segment.items() if not k.startswith("_")}
        open_ = [f for f in segment["_findings"] if not f["dismissal"]]
        levels = {
            level: sum(f["level"] == level for f in open_) for level in ("error", "warning", "info")
        }
        spans = self.played.get(name, [])
        inside = sum(
            max(0, min(e, segment["end_ms"]) - max(s, segment["start_ms"])) for s, e in spans
        )
        share = min(1.0, inside / max(1, segment["end_ms"] - segment["start_ms"]))
        return found | {
            "findings": levels,
            "mine": name in segment["authors"],
            "played": round(share, 4),
            "editing": [n for n in segment["editing"] if n != name],
            "comments": sum(not c["resolved_by"] for c in segment["_comments"]),
        }

    def recording(self, name: str) -> dict[str, Any]:
        roles = PEOPLE[name]
        return {
            "recording": {"id": RECORDING, "part": 1, "name": NAME, "sha256": "ab" * 32},
            "interview": {
                "id": "k2",
                "site": "Recife",
                "date": "2026-03-14",
                "participants": ["P01"],
                "interviewers": ["I1"],
                "interpreter": "IP",
            },
            "study": {
                "name": "Enchentes",
                "protocol": "2",
                "played_percent": 100,
                "lock_minutes": LOCK_MINUTES,
            },
            "me": {
                "name": name,
                "roles": roles,
                "corrects": "interpreter" in roles,
                "verifies": "verifier" in roles,
                "signs": "verifier" in roles,
                "why": "",
            },
            "state": "signed"
            if self.signed
            else "to be verified"
            if all(s["state"] in ("corrected", "verified") for s in self.segments)
            else "to be corrected",
            "version": 1,
            "versions": [{"version": 1, "at": self.signed, "by": "vera"}] if self.signed else [],
            "practice": True,
            "languages": ["pt", "en"],
            "target_language": "en",
            "speakers": ["I1", "IP", "P01"],
            "people": sorted(PEOPLE),
            "segments": [self.shown(s, name) | {"findings": NONE} for s in self.segments],
            "played": self.played.get(name, []),
            "taken": self.taken,
            "may": may(name),
            "plan": None,
            "cursor": str(self.cursor),
            "ticket": "ticket-" + name,
            "duration_ms": self.duration_ms,
        }

    def play(self, name: str, start_ms: int, end_ms: int) -> list[list[int]]:
        spans = sorted([*self.played.get(name, []), [start_ms, end_ms]])
        merged: list[list[int]] = []
        for start, end in spans:
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        self.played[name] = merged
        return merged

    def correct(self, segment: dict[str, Any], name: str, given: dict[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {
            k: given[k]
            for k in ("source", "target", "speaker", "language", "start_ms", "end_ms")
            if k in given
        }
        changed = {k: v for k, v in fields.items() if segment[k] != v}
        if given["version"] != segment["version"]:
            self._moved_on(segment, given, fields)
        if "target" in fields:
            segment["stale"] = False
        if not changed and not given["finish"]:
            return segment
        decision = (
            "correct" if given["finish"] and changed else "accept" if given["finish"] else "edit"
        )
        done = self._change(
            segment, name, decision, "corrected" if given["finish"] else "edited", changed
        )
        if "target" in fields:
            done["stale"] = False
        return done

    def _moved_on(
        self, segment: dict[str, Any], given: dict[str, Any], fields: dict[str, Any]
    ) -> None:
        if self.signed:
            raise Answer(423, "Signed", "the transcript is signed; nothing in it changes any more")
        seen = next(
            (h["_all"] for h in segment["_history"] if h["version"] == given["version"]),
            segment["_draft"],
        )
        names = ("source", "target")
        raise Answer(
            409,
            "MovedOn",
            f"segment {segment['number']} was changed meanwhile",
            "Look at both, and choose.",
            conflict={
                "mine": fields,
                "theirs": {n: segment[n] for n in names},
                "base": {n: seen[n] for n in names},
                "by": segment["authors"][-1] if segment["authors"] else "",
                "editing": segment["editing"],
                "version": segment["version"],
            },
        )

    def verify(self, segment: dict[str, Any], name: str, given: dict[str, Any]) -> dict[str, Any]:
        self._same(segment, given)
        if name in segment["authors"]:
            raise Answer(403, "OwnWork", f"{name} worked on segment {segment['number']}")
        if segment["stale"]:
            raise Answer(
                409,
                "NotReady",
                f"the translation of segment {segment['number']} is older than its source text",
            )
        if segment["state"] not in ("corrected", "verified"):
            raise Answer(409, "MoveRefused", f"segment {segment['number']} is '{segment['state']}'")
        if self.shown(segment, name)["played"] < 1 and not given.get("unplayed_reason"):
            raise Answer(
                409,
                "NotPlayed",
                f"the audio of segment {segment['number']} was not played to the end by you",
            )
        segment["verified_by"] = name
        return self._change(
            segment, name, "verify", "verified", {}, given.get("unplayed_reason", ""), author=False
        )

    def send_back(
        self, segment: dict[str, Any], name: str, given: dict[str, Any]
    ) -> dict[str, Any]:
        self._same(segment, given)
        if not given["reason"].strip():
            raise Answer(400, "BadValue", "a return needs a reason")
        segment["returned"] = {
            "by": name,
            "at": now(),
            **{k: given[k] for k in ("reason", "kind", "severity")},
        }
        return self._change(
            segment, name, "return", "needs work", {}, given["reason"], author=False
        )

    def split(
        self, segment: dict[str, Any], name: str, given: dict[str, Any]
    ) -> list[dict[str, Any]]:
        self._same(segment, given)
        where = given["source_at"]
        if not 0 < where < len(segment["source"]):
            raise Answer(400, "BadValue", "a segment is split inside its source text")
        share = where / len(segment["source"])
        target_at = given.get("target_at") or round(share * len(segment["target"]))
        at = given.get("at_ms") or round(
            segment["start_ms"] + share * (segment["end_ms"] - segment["start_ms"])
        )
        second = json.loads(json.dumps(segment)) | {
            "id": f"{random.randrange(16**16):016x}",
            "start_ms": at,
            "parent": segment["id"],
            "version": 0,
            "source": segment["source"][where:].strip(),
            "target": segment["target"][target_at:].strip(),
        }
        self.segments.insert(self.segments.index(segment) + 1, second)
        first = {
            "end_ms": at,
            "source": segment["source"][:where].strip(),
            "target": segment["target"][:target_at].strip(),
        }
        self._change(segment, name, "split", "edited", first)
        self._change(second, name, "split", "edited", {})
        self._number()
        return [segment, second]

    def merge(
        self, segment: dict[str, Any], name: str, given: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], list[str]]:
        self._same(segment, given)
        place = self.segments.index(segment)
        if place + 1 >= len(self.segments):
            raise Answer(409, "NotReady", "there is no segment after this one")
        other = self.segments.pop(place + 1)
        fields = {n: f"{segment[n]} {other[n]}".strip() for n in ("source", "target")} | {
            "end_ms": other["end_ms"]
        }
        self._change(segment, name, "merge", "edited", fields)
        self._number()
        return [segment], [other["id"]]

    def undo(
        self, segment: dict[str, Any], name: str, given: dict[str, Any]
    ) -> list[dict[str, Any]]:
        self._same(segment, given)
        done = [h for h in segment["_history"] if h["_before"]]
        if not done:
            raise Answer(409, "NotReady", f"segment {segment['number']} has no change to take back")
        before = dict(done[-1]["_before"])
        done[-1]["_before"] = {}
        self._change(segment, name, "undo", "edited", before)
        segment["_history"][-1]["_before"] = {}
        return [segment]

    def sheet(self, name: str) -> dict[str, Any]:
        open_ = [s["number"] for s in self.segments if s["state"] != "verified"]
        if open_:
            raise Answer(409, "NotReady", f"{len(open_)} segments are not verified")
        return {
            "document": {"segments": len(self.segments)},
            "comments": [c for s in self.segments for c in s["_comments"] if not c["resolved_by"]],
            "statement": dict.fromkeys(
                ("en", "pt"),
                "I verified every segment of this transcript, in both "
                "texts, against the recording whose digests stand here. "
                "I worked on none of these segments myself. Where I did "
                "not play the audio of a segment, my reason stands with it.",
            ),
            "counts": {
                "segments": len(self.segments),
                "verified": len(self.segments),
                "unplayed": 0,
                "spared": 0,
                "dismissed": 2,
            },
            "hindrances": [],
        }

    def _same(self, segment: dict[str, Any], given: dict[str, Any]) -> None:
        if given["version"] != segment["version"]:
            self._moved_on(segment, given, {})

    def _number(self) -> None:
        for number, segment in enumerate(self.segments, 1):
            segment["number"] = str(number)

    def _change(
        self,
        segment: dict[str, Any],
        by: str,
        decision: str,
        state: str,
        fields: dict[str, Any],
        reason: str = "",
        author: bool = True,
    ) -> dict[str, Any]:
        before = {k: segment[k] for k in fields}
        if "target" in fields:
            segment["stale"] = False
        elif decision in ("edit", "correct") and "source" in fields:
            segment["stale"] = segment["language"] != "en"
        segment.update(fields)
        segment["version"] += 1
        segment["state"] = state
        if state != "verified":
            segment["verified_by"] = ""
        if author and by not in segment["authors"]:
            segment["authors"].append(by)
        if decision in ("correct", "accept"):
            segment["returned"] = None
        if fields.keys() & {"source", "target"}:
            segment["_findings"] = [f for f in segment["_findings"] if f["level"] != "error"]
        self.cursor += 1
        segment["_changed"] = self.cursor
        segment["_history"].append(
            {
                "version": segment["version"],
                "by": by,
                "at": now(),
                "decision": decision,
                "reason": reason,
                "kind": "",
                "severity": "",
                "before": before,
                "after": dict(fields),
                "_before": before,
                "_all": {n: segment[n] for n in ("source", "target")},
            }
        )
        return segment


def build_app(memory: StandIn) -> Starlette:
    """Return the application."""
    digest = hashlib.sha256(
        b"".join(p.read_bytes() for p in sorted(WEB.rglob("*.*")) if p.suffix in KINDS)
    ).hexdigest()[:16]
    messages = {p.stem: json.loads(p.read_text("utf-8")) for p in MESSAGES.glob("*.json")}
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )

    def session(request: Request, token: bool = True) -> dict[str, str]:
        found = memory.sessions.get(request.cookies.get("confere-0", ""))
        if not found or (token and request.headers.get("x-confere-token") != found["token"]):
            raise Answer(401, "NoSession", "nobody is signed in here")
        return found

    def about(name: str) -> dict[str, Any]:
        return {
            "name": name,
            "roles": PEOPLE[name],
            "study": "Enchentes",
            "practice": True,
            "lock_minutes": LOCK_MINUTES,
        }

    def page(name: str) -> Callable[[Request], Response]:
        def show(request: Request) -> Response:
            found = memory.sessions.get(request.cookies.get("confere-0", ""))
            wanted = request.cookies.get("language") or (
                "pt" if request.headers.get("accept-language", "").startswith("pt") else "en"
            )
            language = wanted if wanted in messages else "en"
            theme = request.cookies.get("theme", "")

            def t(key: str, **values: Any) -> str:
                return str(messages[language][key]).format(**values)

            body = templates.get_template(f"{name if found else 'sign-in'}.html").render(
                language=language,
                theme=theme if theme in ("light", "dark") else "",
                static=f"/static/{digest}",
                t=t,
                me=about(found["name"]) if found else None,
                given=request.path_params,
            )
            return Response(body, media_type="text/html")

        return show

    def static(request: Request) -> Response:
        name = request.path_params["name"]
        path = (MESSAGES.parent if name.startswith("messages/") else STATIC) / name
        if not path.resolve().is_relative_to(WEB) or not path.is_file():
            return Response(status_code=404)
        return Response(
            path.read_bytes(),
            media_type=KINDS[path.suffix],
            headers={"Cache-Control": "max-age=31536000, immutable"},
        )

    def answer(
        work: Callable[..., Any], body: bool = True, token: bool = True
    ) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            memory.asked.append(f"{request.method} {request.url.path}")
            try:
                name = session(request, token)["name"]
                given = [await request.json()] if body and request.method == "POST" else []
                return JSONResponse(work(name, request, *given))
            except Answer as refused:
                return JSONResponse(refused.body, refused.status)

        return handle

    async def sign_in(request: Request) -> Response:
        given = await request.json()
        if given["name"] not in PEOPLE or given["passphrase"] != PASSPHRASE:
            return JSONResponse(
                {
                    "error": "WrongPassphrase",
                    "message": "this is not the right passphrase",
                    "hint": "",
                },
                403,
            )
        cookie, token = f"{random.randrange(16**32):032x}", f"{random.randrange(16**32):032x}"
        memory.sessions[cookie] = {"name": given["name"], "token": token}
        response = JSONResponse(about(given["name"]) | {"token": token})
        response.set_cookie("confere-0", cookie, httponly=True, samesite="strict")
        return response

    def lock(request: Request) -> Response:
        memory.sessions.pop(request.cookies.get("confere-0", ""), None)
        return Response(status_code=204)

    def of(request: Request) -> dict[str, Any]:
        return memory.one(request.path_params["sid"])

    def segment_full(name: str, request: Request) -> Any:
        segment = of(request)
        return memory.shown(segment, name) | {
            "findings": segment["_findings"],
            "comments": segment["_comments"],
            "draft": segment["_draft"],
        }

    def history(name: str, request: Request) -> Any:
        return [
            {k: v for k, v in h.items() if not k.startswith("_")} for h in of(request)["_history"]
        ]

    def suggestions(name: str, request: Request) -> Any:
        segment = of(request)
        same = [
            s
            for s in memory.segments
            if s["source"] == segment["source"]
            and s["id"] != segment["id"]
            and s["state"] == "verified"
        ]
        found = [
            {
                "score": 100,
                "exact": True,
                "source": s["source"],
                "target": s["target"],
                "from": {"recording": NAME, "number": s["number"]},
                "verified_by": s["verified_by"],
                "verified_at": now(),
            }
            for s in same[:1]
        ]
        if "prefeitura" in segment["source"]:
            found.append(
                {
                    "score": 83,
                    "exact": False,
                    "source": "Foi a prefeitura que organizou a comida.",
                    "target": "It was city hall that organised the food.",
                    "from": {"recording": "Olinda, 2 March", "number": "81"},
                    "verified_by": "vera",
                    "verified_at": now(),
                }
            )
        words = (
            [{"source": "prefeitura", "target": "city hall", "status": "required", "note": ""}]
            if "prefeitura" in segment["source"]
            else []
        )
        return {"suggestions": found, "words": words}

    def correct(name: str, request: Request, given: Any) -> Any:
        return {"segment": memory.shown(memory.correct(of(request), name, given), name)}

    def verify(name: str, request: Request, given: Any) -> Any:
        return {"segment": memory.shown(memory.verify(of(request), name, given), name)}

    def send_back(name: str, request: Request, given: Any) -> Any:
        return {"segment": memory.shown(memory.send_back(of(request), name, given), name)}

    def split(name: str, request: Request, given: Any) -> Any:
        return {"segments": [memory.shown(s, name) for s in memory.split(of(request), name, given)]}

    def merge(name: str, request: Request, given: Any) -> Any:
        segments, gone = memory.merge(of(request), name, given)
        return {"segments": [memory.shown(s, name) for s in segments], "gone": gone}

    def undo(name: str, request: Request, given: Any) -> Any:
        return {
            "segments": [memory.shown(s, name) for s in memory.undo(of(request), name, given)],
            "gone": [],
        }

    def editing(name: str, request: Request, given: Any) -> Any:
        segment = of(request)
        segment["editing"] = [n for n in segment["editing"] if n != name] + (
            [name] if given["open"] else []
        )
        return {"editing": [n for n in segment["editing"] if n != name]}

    def comment(name: str, request: Request, given: Any) -> Any:
        made = {
            "id": f"{random.randrange(16**16):016x}",
            "by": name,
            "at": now(),
            "to": given["to"],
            "text": given["text"],
            "resolved_by": "",
            "resolved_at": "",
        }
        of(request)["_comments"].append(made)
        return made

    def resolve(name: str, request: Request, given: Any) -> Any:
        for segment in memory.segments:
            for made in segment["_comments"]:
                if made["id"] == request.path_params["cid"]:
                    made.update(resolved_by=name, resolved_at=now())
                    return made
        raise Answer(404, "NoSuchThing", "there is no such comment")

    def dismiss(name: str, request: Request, given: Any) -> Any:
        for found in of(request)["_findings"]:
            if found["key"] == given["finding"]:
                found["dismissal"] = (
                    None
                    if given.get("again")
                    else {"by": name, "at": now(), "reason": given["reason"]}
                )
        segment = of(request)
        return {"findings": segment["_findings"], "counts": memory.shown(segment, name)["findings"]}

    def speaker(name: str, request: Request, given: Any) -> Any:
        wanted = [
            s
            for s in memory.segments
            if s["id"] in given.get("segments", []) or s["speaker"] == given.get("old")
        ]
        return {
            "segments": [
                memory.shown(
                    memory._change(s, name, "rename", s["state"], {"speaker": given["speaker"]}),
                    name,
                )
                for s in wanted
            ]
        }

    def played(name: str, request: Request, given: Any) -> Any:
        return {"played": memory.play(name, given["start_ms"], given["end_ms"])}

    def news(name: str, request: Request) -> Any:
        since = int(request.query_params["cursor"])
        return {
            "cursor": str(memory.cursor),
            "segments": [
                memory.shown(s, name) | {"findings": NONE}
                for s in memory.segments
                if s["_changed"] > since
            ],
            "editing": {
                s["id"]: e for s in memory.segments if (e := [n for n in s["editing"] if n != name])
            },
            "closed": bool(memory.signed),
        }

    def findings(name: str, request: Request) -> Any:
        first = int(request.query_params["first"])
        some, then = (
            memory.segments[first - 1 : first - 1 + CHECKED_AT_ONCE],
            first + CHECKED_AT_ONCE,
        )
        return {
            "findings": {s["id"]: memory.shown(s, name)["findings"] for s in some},
            "next": then if then <= len(memory.segments) else None,
        }

    def peaks(name: str, request: Request) -> Any:
        start, end, columns = (
            int(request.query_params[n]) for n in ("start_ms", "end_ms", "columns")
        )
        return {
            "peaks": [
                _loudness(memory, start + (end - start) * column / columns)
                for column in range(columns)
            ]
        }

    def sheet(name: str, request: Request) -> Any:
        return memory.sheet(name)

    def sign(name: str, request: Request, given: Any) -> Any:
        if given["passphrase"] != PASSPHRASE:
            raise Answer(403, "WrongPassphrase", "this is not the right passphrase")
        memory.sheet(name)
        memory.signed = now()
        for segment in memory.segments:
            segment["state"] = "locked"
        memory.cursor += 1
        return {"digest": "c0ffee" * 10, "signed_at": memory.signed, "version": 1}

    def home(name: str, request: Request) -> Any:
        done = sum(s["state"] in ("corrected", "verified") for s in memory.segments)
        waits = len(memory.segments) - done
        verifier = "verifier" in PEOPLE[name]
        back = [s for s in memory.segments if s["returned"]]
        row = {"recording": RECORDING, "name": NAME, "duration_ms": memory.duration_ms}
        return {
            "came_in": [
                row
                | {
                    "at": now(),
                    "by": "rui",
                    "stage": "to be drafted",
                    "detail": "",
                    "name": "Olinda, 21 November, part 2",
                    "recording": "00000000000000x2",
                }
            ],
            "drafting": [
                {
                    "recording": "00000000000000x1",
                    "name": "Olinda, 21 November, part 1",
                    "duration_ms": 4_200_000,
                    "stage": "drafting",
                    "by": "lea",
                    "seen_at": now(),
                    "share": 0.42,
                    "left_s": 1_980,
                    "detail": "",
                }
            ],
            "waiting": [
                row
                | {
                    "stage": "to be corrected" if waits else "to be verified",
                    "due": "2026-11-24",
                    "taken": memory.taken,
                    "todo": {
                        "correct": 0 if verifier else waits,
                        "verify": done if verifier else 0,
                        "sign": False,
                        "why": "",
                    },
                    "counts": {"draft": waits, "corrected": done},
                    "comments": 1,
                    "editing": ["ana"],
                }
            ],
            "returned": [
                {
                    "recording": RECORDING,
                    "name": NAME,
                    "segment": s["id"],
                    "number": s["number"],
                    **s["returned"],
                }
                for s in back
            ],
            "addressed": [
                {
                    "id": c["id"],
                    "recording": RECORDING,
                    "name": NAME,
                    "segment": s["id"],
                    "number": s["number"],
                    "by": c["by"],
                    "at": c["at"],
                    "text": c["text"],
                }
                for s in memory.segments
                for c in s["_comments"]
                if name in c["to"] and not c["resolved_by"]
            ],
            "others": [],
            "signed": [row | {"by": "vera", "at": memory.signed, "version": 1}]
            if memory.signed and may(name)["reopens"]
            else [],
            "me": may(name),
        }

    def taking(*names: str, due: str = "") -> Any:
        memory.taken = [one for one in memory.taken if one["name"] not in names]
        memory.taken += [{"name": each, "due": due} for each in names]
        return {"taken": memory.taken}

    def take(name: str, request: Request, given: Any) -> Any:
        return taking(name)

    def assign(name: str, request: Request, given: Any) -> Any:
        return taking(given["name"], due=given["due"])

    def give_back(name: str, request: Request, given: Any) -> Any:
        whose = given["name"] or name
        memory.taken = [one for one in memory.taken if one["name"] != whose]
        return {"taken": memory.taken}

    def sound(request: Request) -> Response:
        try:
            session(request, token=False)
        except Answer as refused:
            return JSONResponse(refused.body, refused.status)
        size = 44 + memory.duration_ms * RATE_HZ // 1000 * 2
        asked = request.headers.get("range", "bytes=0-").removeprefix("bytes=").split("-")
        first = int(asked[0])
        last = min(size - 1, int(asked[1]) if asked[1] else first + 262_143)
        headers = {"Content-Range": f"bytes {first}-{last}/{size}", "Accept-Ranges": "bytes"}
        return Response(_wav(size, first, last), 206, headers, "audio/wav")

    base, one = "/api/recordings/{rid}", "/api/recordings/{rid}/segments/{sid}"
    routes = [
        Route("/", page("home")),
        Route("/recordings/{recording}", page("recording")),
        Route("/keys", page("keys")),
        Route("/static/{digest}/{name:path}", static),
        Route("/sound/{ticket}", sound),
        Route("/api/sign-in", sign_in, methods=["POST"]),
        Route("/api/lock", lock, methods=["POST"]),
        Route(
            "/api/me",
            answer(lambda name, request: about(name) | {"token": session(request)["token"]}),
        ),
        Route("/api/home", answer(home)),
        Route(base, answer(lambda name, request: memory.recording(name))),
    ]
    routes += [
        Route(f"{base}/{n}", answer(w))
        for n, w in {"news": news, "findings": findings, "peaks": peaks, "sheet": sheet}.items()
    ]
    posts = {
        f"{base}/played": played,
        f"{base}/speaker": speaker,
        f"{base}/sign": sign,
        f"{base}/take": take,
        f"{base}/assign": assign,
        f"{base}/give-back": give_back,
        "/api/comments/{cid}/resolve": resolve,
    }
    acts = {
        "correct": correct,
        "verify": verify,
        "return": send_back,
        "split": split,
        "merge": merge,
        "undo": undo,
    }
    acts |= {"editing": editing, "comments": comment, "dismiss": dismiss}
    posts |= {f"{one}/{n}": w for n, w in acts.items()}
    routes += [Route(path, answer(work), methods=["POST"]) for path, work in posts.items()]
    routes += [
        Route(one, answer(segment_full)),
        Route(f"{one}/history", answer(history)),
        Route(f"{one}/suggestions", answer(suggestions)),
    ]
    app = Starlette(routes=routes)

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                if not any(n == b"cache-control" for n, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                headers.append((b"content-security-policy", POLICY.encode()))
            await send(message)

        if memory.delay_s and scope.get("path", "").startswith("/api/"):
            import asyncio

            await asyncio.sleep(memory.delay_s)
        await app(scope, receive, sending if scope["type"] == "http" else send)

    return guarded  # type: ignore[return-value]


def _loudness(memory: StandIn, at_ms: float) -> int:
    place = int(at_ms / 40)
    shape = abs(math.sin(place * 0.37) * math.sin(place * 0.11 + 1)) * (
        0.6 + 0.4 * math.sin(at_ms / 700)
    )
    speaks = (at_ms % 5_100) < 4_300
    return int(127 * min(1.0, abs(shape))) if speaks else int(3 * abs(math.sin(place)))


def _wav(size: int, first: int, last: int) -> bytes:
    data = size - 44
    header = (
        b"RIFF"
        + struct.pack("<I", size - 8)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, RATE_HZ, RATE_HZ * 2, 2, 16)
    )
    header += b"data" + struct.pack("<I", data)
    tone = struct.pack(
        "<240h", *(int(3_000 * math.sin(2 * math.pi * n / 240 * 4)) for n in range(240))
    )
    start = max(0, first - 44)
    body = (tone * ((last - first) // 480 + 3))[start % 480 :]
    head = header[first : last + 1] if first < 44 else b""
    return (head + body)[: last - first + 1]


@contextlib.contextmanager
def running(memory: StandIn, port: int = 0) -> Iterator[str]:
    """Serve ``memory`` in a thread; gives the address."""
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(memory), host="127.0.0.1", port=port, log_level="error", lifespan="off"
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8800)
    parser.add_argument("--segments", type=int, default=2_500)
    parser.add_argument("--corrected", action="store_true", help="as it waits for a verifier")
    given = parser.parse_args()
    kept = StandIn(given.segments)
    if given.corrected:
        kept.correct_all("ines")
    uvicorn.run(build_app(kept), host="127.0.0.1", port=given.port, log_level="warning")
