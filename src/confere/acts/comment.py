"""Comments on a segment: written, addressed, resolved. They change no state and make nobody an author.

The log tells of each that it was written, by a commitment, and never its words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from confere.acts.desk import Desk
from confere.acts.passage import open_passage
from confere.acts.reading import tell_read
from confere.domain import Role, new_id
from confere.errors import BadValue, NotAllowed, NotReady
from confere.review import entries
from confere.vault import comments, register
from confere.vault.comments import Comment

_READERS = (Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
_LONGEST = 4_000  # characters; a page


def add_comment(desk: Desk, given: str, number: str, text: str, to: Iterable[str] = ()) -> Comment:
    """Comment on a segment of a recording, to some people by name; signed or not.

    Raises NoSuchThing, Destroyed, NotAllowed for an addressee who opens no recording, BadValue.
    """
    desk.require("comment", *_READERS)
    addressed = tuple(sorted(set(to)))
    for name in addressed:
        if not desk.roster.person(name).reads:
            raise NotAllowed(name, "read a comment", _READERS)
    words = entries.text(text)
    if not words:
        raise BadValue("a comment needs words")
    if len(words) > _LONGEST:
        raise BadValue(f"a comment has at most {_LONGEST} characters")
    with desk.catalog.transaction():
        passage, segment = open_passage(desk, given, number)
        comment = Comment(
            new_id(),
            passage.recording.id,
            segment.id,
            desk.person.name,
            desk.now(),
            addressed,
            words,
            segment.position,
        )
        commitment = comments.add_comment(desk.catalog, comment)
        facts = {"recording": comment.recording_id, "segment": segment.id, "comment": comment.id}
        desk.tell("comment", {**facts, "to": " ".join(addressed), "comment_sha256": commitment})
    return comment


def list_comments(
    desk: Desk, given: str = "", *, mine: bool = False, resolved: bool = False
) -> list[Comment]:
    """Return the open comments, of one recording if named; with ``resolved``, those too.

    ``mine`` are those addressed to the person who acts. Of whose recordings comments were shown is
    written to the log, as a reading: people quote. Raises NoSuchThing, Destroyed.
    """
    desk.require("read comments", *_READERS)
    recording_id = None
    if given:
        recording_id = register.find_recording(desk.catalog, given)
        register.get_recording(desk.catalog, recording_id)
    me = desk.person.name
    found = [
        c
        for c in comments.list_comments(desk.catalog, recording_id)
        if (resolved or c.is_open) and (not mine or me in c.addressed)
    ]
    if found:
        tell_read(desk, *dict.fromkeys(c.recording_id for c in found))
    return found


def resolve(desk: Desk, given: str) -> Comment:
    """Resolve a comment, named by the beginning of its id: its author, an addressee, or a lead.

    Raises NoSuchThing, NotReady when it was resolved before, NotAllowed.
    """
    me = desk.person
    with desk.catalog.transaction():
        comment = comments.find_comment(desk.catalog, given)
        if not comment.is_open:
            detail = f"{comment.resolved_by} resolved it at {comment.resolved_at}"
            raise NotReady(detail, "Write another comment if there is more to say.")
        if me.name not in (comment.by, *comment.addressed):
            desk.require(
                "resolve a comment that is neither theirs nor addressed to them", Role.LEAD
            )
        at = desk.now()
        comments.resolve_comment(desk.catalog, comment.id, me.name, at)
        facts = {"recording": comment.recording_id, "comment": comment.id, "resolved_at": at}
        desk.tell("resolve", facts)
    return replace(comment, resolved_by=me.name, resolved_at=at)
