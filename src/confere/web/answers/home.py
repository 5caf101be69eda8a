"""Home: what came in, what is drafted, what waits for me, what came back; a lead sees what others have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from confere.acts.comment import list_comments
from confere.acts.drafting import Drafted
from confere.acts.following import returned
from confere.acts.queue import Stage, Waiting, queue
from confere.acts.take_in import take_in
from confere.review.states import Decision
from confere.vault.events import events_of, list_events
from confere.web.answers.assigning import may, taken
from confere.web.answers.deciding import comment_json
from confere.web.answers.naming import Names
from confere.web.sitting import Sitting

_MOST = 100
_DRAFTING = (Stage.DRAFTING, Stage.TROUBLE)
_IN_WORK = (Stage.CORRECTION, Stage.VERIFICATION, Stage.SIGNATURE)


def home(sitting: Sitting) -> dict[str, Any]:
    """Return everything on it, at most a hundred of each."""
    desk = sitting.desk
    take_in(desk)  # what was offloaded since: nobody signs in again for it
    today = desk.clock().astimezone().date()
    all_ = queue(desk)
    came = [w for w in all_ if _day(w.offloaded_at) == today]
    drafting = [w for w in all_ if w.stage in _DRAFTING]
    mine = queue(desk, mine=True, limit=_MOST)
    back = returned(desk)
    asked = [] if not desk.person.reads else list_comments(desk, mine=True)
    names, rights = Names(sitting), may(desk)
    return {
        "came_in": [{**_came_in(w, names), "by": _brought_by(sitting, w)} for w in came[-_MOST:]],
        "drafting": [_drafting(w, names) for w in drafting[:_MOST]],
        "waiting": [_waiting(w, names) for w in mine if w.stage in _IN_WORK],
        "others": [_waiting(w, names) for w in all_ if w.stage in _IN_WORK and w not in mine][
            :_MOST
        ]
        if rights["assigns"]
        else [],
        "returned": [
            {
                "recording": it.recording_id,
                "name": names.of(it.recording_id),
                "segment": it.segment_id,
                "number": it.number,
                "by": it.by,
                "at": it.at,
                "reason": it.reason,
                "kind": it.kind,
                "severity": it.severity,
            }
            for it in back
        ],
        "addressed": [{**comment_json(c), "name": names.of(c.recording_id)} for c in asked[:_MOST]],
        "signed": _signed(sitting, all_, names) if rights["reopens"] else [],
        "me": rights,
    }


def _others(all_: Iterable[Waiting], mine: Iterable[Waiting], names: Names) -> list[dict[str, Any]]:
    """Return what is in work and does not wait for who asks."""
    shown = {w.recording_id for w in mine}
    found = (w for w in all_ if w.stage in _IN_WORK and w.recording_id not in shown)
    return [_waiting(w, names) for w in islice(found, _MOST)]


def _day(at: str) -> Any:
    return datetime.fromisoformat(at).astimezone().date()


def _came_in(w: Waiting, names: Names) -> dict[str, Any]:
    return {
        "recording": w.recording_id,
        "name": names.of(w.recording_id),
        "at": w.offloaded_at,
        "duration_ms": w.duration_ms,
        "stage": str(w.stage),
        "detail": w.detail,
    }


def _drafting(w: Waiting, names: Names) -> dict[str, Any]:
    it = w.drafting or Drafted("waiting")
    return {
        "recording": w.recording_id,
        "name": names.of(w.recording_id),
        "duration_ms": w.duration_ms,
        "stage": it.stage,
        "by": it.by,
        "seen_at": it.seen_at,
        "share": it.done_ms / it.of_ms if it.of_ms else None,
        "left_s": None if it.left_ms is None else it.left_ms // 1000,
        "detail": w.detail if it.stage == "waiting" else "",
    }


def _brought_by(sitting: Sitting, w: Waiting) -> str:
    """Return the machine that offloaded a recording."""
    told = (event.value() for event in list_events(sitting.desk.catalog, w.recording_id))
    return next((one["by"] for one in told if one["what"] == "offload"), "")


def _signed(sitting: Sitting, all_: list[Waiting], names: Names) -> list[dict[str, Any]]:
    """Return what is signed, the latest first: by whom, when, and which version."""
    told = [event.value() for event in events_of(sitting.desk.catalog, Decision.SIGN)]
    last = {one["of"]["recording"]: one for one in told}
    found = [
        {
            "recording": w.recording_id,
            "name": names.of(w.recording_id),
            "duration_ms": w.duration_ms,
            "by": last[w.recording_id]["by"],
            "at": last[w.recording_id]["at"],
            "version": last[w.recording_id]["of"]["version"],
        }
        for w in all_
        if w.stage == Stage.SIGNED
    ]
    return sorted(found, key=lambda one: str(one["at"]), reverse=True)[:_MOST]


def _waiting(w: Waiting, names: Names) -> dict[str, Any]:
    return {
        "recording": w.recording_id,
        "name": names.of(w.recording_id),
        "duration_ms": w.duration_ms,
        "stage": str(w.stage),
        "due": w.due,
        "taken": taken(w.taken),
        "todo": {
            "correct": w.todo.correct,
            "verify": w.todo.verify,
            "sign": w.todo.sign,
            "why": w.todo.why,
        },
        "counts": {str(state): count for state, count in w.counts.items()},
        "comments": w.comments,
        "editing": list(w.editing),
    }
