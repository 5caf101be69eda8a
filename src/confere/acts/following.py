"""Follow a transcript while others work on it, and see what came back; for a page that stays open.

Opening it was told as a reading; news of it are part of that same sitting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.acts.editing import all_editing
from confere.domain import Passage
from confere.errors import BadValue
from confere.review import history
from confere.vault import news, passages, register, transcripts
from confere.vault.news import Cursor, Returned

_MOST_RETURNED = 100


@dataclass(frozen=True, slots=True)
class News:
    """What changed: the segments with all that they are tied to, and who else has which one open.

    ``closed``: nothing can be changed any more, because it was signed.
    """

    cursor: str
    passage: Passage | None
    changed: tuple[str, ...]
    editing: Mapping[str, tuple[str, ...]]
    closed: bool


def cursor(desk: Desk) -> str:
    """Return how far everything is; ask before the transcript is opened."""
    return str(news.cursor_now(desk.catalog))


def news_of(desk: Desk, given: str, since: str) -> News:
    """Return what changed in a recording's transcript since a cursor; raises BadValue, NoSuchThing."""
    try:
        seen = Cursor.parse(since)
    except ValueError:
        raise BadValue("this is no cursor", "Load the page again.") from None
    with desk.catalog.moment():
        recording_id = register.find_recording(desk.catalog, given)
        register.get_recording(desk.catalog, recording_id)
        now = news.cursor_now(desk.catalog)
        changed = news.changed_segments(desk.catalog, recording_id, seen) if now != seen else []
        passage = None
        if changed:
            passage = passages.get_passage(desk.catalog, recording_id, *changed)
            history.require_consistent(passage)
        closed = not transcripts.is_in_work(desk.catalog, recording_id)
    return News(str(now), passage, tuple(changed), others(desk, recording_id), closed)


def others(desk: Desk, recording_id: str) -> Mapping[str, tuple[str, ...]]:
    """Return who else has which segment of a recording open: names by segment."""
    me = desk.person.name
    found = {
        segment: tuple(name for name in names if name != me)
        for segment, names in all_editing(desk).get(recording_id, {}).items()
    }
    return {segment: names for segment, names in found.items() if names}


def returned(desk: Desk) -> list[Returned]:
    """Return what came back to the person who acts, and why; the newest first, at most 100."""
    return news.returned_to(desk.catalog, desk.person.name, _MOST_RETURNED)
