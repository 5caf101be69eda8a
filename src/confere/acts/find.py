"""Find where something was said: any reader's act, and told as the reading it is."""

from __future__ import annotations

from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.acts.reading import tell_read
from confere.domain import Role
from confere.vault.search import Hit, search


@dataclass(frozen=True, slots=True)
class Found:
    """In how many segments the words occur, counted to 10,000, and the best of them, best first."""

    count: int
    hits: tuple[Hit, ...]


def find(desk: Desk, words: str, limit: int) -> Found:
    """Look for words in both texts of every segment, and show at most ``limit`` of them.

    Drafts and signed transcripts alike, as they stand. Whose texts are shown is written to the log.
    Raises NotAllowed, BadValue when there is no word.
    """
    desk.require("search the transcripts", Role.INTERPRETER, Role.VERIFIER, Role.LEAD)
    count, hits = search(desk.catalog, words, limit)
    tell_read(desk, *dict.fromkeys(hit.recording_id for hit in hits))
    return Found(count, tuple(hits))
