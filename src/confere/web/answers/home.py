"""Home: what came in, what is drafted, what waits for me, what came back; and taking it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from confere.acts import assign as assigning
from confere.acts.comment import list_comments
from confere.acts.following import returned
from confere.acts.queue import Stage, Waiting, queue
from confere.acts.take_in import take_in
from confere.domain import Role
from confere.errors import Destroyed
from confere.vault import register
from confere.vault.events import list_events
from confere.web.answers.deciding import comment_json
from confere.web.answers.reading import recording_name
from confere.web.sitting import Sitting

_MOST = 100
_DRAFTING = (Stage.DRAFTING, Stage.TROUBLE)


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
    names = Names(sitting)
    return {
        "came_in": [{**_came_in(w, names), "by": _brought_by(sitting, w)} for w in came[-_MOST:]],
        "drafting": [
            {
                "recording": w.recording_id,
                "name": names.of(w.recording_id),
                "share": None,
                "left_s": None,
                "detail": w.detail,
            }
            for w in drafting[:_MOST]
        ],
        "waiting": [
            _waiting(w, names) for w in mine if w.stage not in _DRAFTING and w.stage != Stage.SIGNED
        ],
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
        "signed": [
            _waiting(w, names) for w in all_ if w.stage == Stage.SIGNED and _may_see_all(sitting)
        ][-_MOST:],
    }


def take(sitting: Sitting, recording: str) -> dict[str, Any]:
    """Take a recording."""
    made, all_ = assigning.take(sitting.desk, recording)
    return {"name": made.name, "taken": _taken(all_)}


def assign(sitting: Sitting, recording: str, name: str, due: str) -> dict[str, Any]:
    """Give a recording to somebody, with the day on which it is due."""
    made, all_ = assigning.assign(sitting.desk, recording, name, due)
    return {"name": made.name, "taken": _taken(all_)}


def give_back(sitting: Sitting, recording: str, name: str) -> dict[str, Any]:
    """Give back a recording that was taken."""
    return {"name": assigning.give_back(sitting.desk, recording, name)}


class Names:
    """What people call recordings, looked up once each."""

    def __init__(self, sitting: Sitting) -> None:
        self._catalog = sitting.desk.catalog
        self._found: dict[str, str] = {}

    def of(self, recording_id: str) -> str:
        """Return it; raises NoSuchThing, Destroyed."""
        if recording_id not in self._found:
            recording = register.get_recording(self._catalog, recording_id)
            interview = register.get_interview(self._catalog, recording.interview_id)
            self._found[recording_id] = recording_name(recording, interview)
        return self._found[recording_id]

    def of_any(self, recording_id: str) -> str:
        """Return it, of one that was destroyed the beginning of its id."""
        try:
            return self.of(recording_id)
        except Destroyed:
            return recording_id[:4]


def _taken(all_: Iterable[Any]) -> list[dict[str, str]]:
    return [{"name": a.name, "due": a.due} for a in all_]


def _may_see_all(sitting: Sitting) -> bool:
    return bool(sitting.desk.person.roles & {Role.LEAD, Role.VERIFIER})


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


def _brought_by(sitting: Sitting, w: Waiting) -> str:
    """Return the machine that offloaded a recording."""
    told = (event.value() for event in list_events(sitting.desk.catalog, w.recording_id))
    return next((one["by"] for one in told if one["what"] == "offload"), "")


def _waiting(w: Waiting, names: Names) -> dict[str, Any]:
    return {
        "recording": w.recording_id,
        "name": names.of(w.recording_id),
        "duration_ms": w.duration_ms,
        "stage": str(w.stage),
        "due": w.due,
        "taken": _taken(w.taken),
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
