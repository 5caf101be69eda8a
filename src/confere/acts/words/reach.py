"""Which open segments the word list, or a change of it, speaks of. They are pointed at, nothing more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.acts.reading import tell_read
from confere.domain import Role, State, WordEntry
from confere.review.words import Reach, changed
from confere.vault import register, word_lists
from confere.vault.texts import OpenText, open_texts

_READERS = (Role.INTERPRETER, Role.VERIFIER, Role.LEAD)


@dataclass(frozen=True, slots=True)
class Reached:
    """How many open segments of a recording are touched, and how many of those are verified."""

    recording_id: str
    segments: int
    verified: int


@dataclass(frozen=True, slots=True)
class TouchedSegment:
    """An open segment, as it stands, and the entries whose words are said in it."""

    text: OpenText
    entries: tuple[WordEntry, ...]


def reach_of(desk: Desk, entries: Sequence[WordEntry]) -> tuple[Reached, ...]:
    """Count the open segments of each recording in which words of entries are said, most first.

    No text is shown, so nothing is told.
    """
    desk.require("read the word list", *_READERS)
    segments: Counter[str] = Counter()
    verified: Counter[str] = Counter()
    for item in _touched(desk, entries):
        segments[item.text.recording_id] += 1
        verified[item.text.recording_id] += item.text.state is State.VERIFIED
    return tuple(Reached(id_, count, verified[id_]) for id_, count in segments.most_common())


def show_touched(
    desk: Desk, given: str, entries: Sequence[WordEntry]
) -> tuple[str, tuple[TouchedSegment, ...]]:
    """Return a recording's id and those segments themselves, in their order; told as a reading.

    Raises NoSuchThing, Destroyed.
    """
    desk.require("read transcripts", *_READERS)
    recording_id = register.find_recording(desk.catalog, given)
    register.get_recording(desk.catalog, recording_id)
    found = tuple(_touched(desk, entries, recording_id))
    if found:
        tell_read(desk, recording_id)
    return recording_id, found


def changed_since(desk: Desk, number: int | None = None) -> tuple[WordEntry, ...]:
    """Return the entries that were added, taken off or altered since a version.

    By default since the one before the last; since 0 is every entry that there is. Raises NoSuchThing.
    """
    desk.require("read the word list", *_READERS)
    with desk.catalog.moment():
        if number is None:
            number = max(0, word_lists.current_version(desk.catalog) - 1)
        before = word_lists.get_word_list(desk.catalog, number).entries
        return changed(before, word_lists.current_words(desk.catalog))


def _touched(
    desk: Desk, entries: Sequence[WordEntry], recording_id: str | None = None
) -> list[TouchedSegment]:
    if not entries:
        return []
    reach = Reach(entries)
    found = (
        TouchedSegment(text, reach.entries_in(text.source, text.target))
        for text in open_texts(desk.catalog, recording_id)
    )
    return [item for item in found if item.entries]
