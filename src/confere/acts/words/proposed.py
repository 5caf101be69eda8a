"""Corrections that recur, proposed for the word list; people take them one by one, or leave them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from confere.acts.desk import Desk
from confere.acts.reading import tell_read
from confere.acts.words.changing import READERS, Changed, add_entry
from confere.domain import WordStatus
from confere.errors import BadValue, NoSuchThing
from confere.review.drafted import DraftAndFinal, drafted
from confere.review.words import Proposal, checked, proposals
from confere.vault import transcripts, word_lists
from confere.vault.texts import drafted_texts, reshaped_recordings


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal, the recordings in which the correction was made, and the key that names it.

    The key is the same as long as the proposal is.
    """

    key: str
    proposal: Proposal
    recordings: tuple[str, ...]


def propose(desk: Desk, limit: int | None = None) -> tuple[int, tuple[Proposed, ...]]:
    """Return how many corrections recur that are not on the list yet, and the most frequent.

    Their words are words of recordings: of whose they were shown is written to the log. Looks at
    every segment of the study, signed ones too: some seconds for a hundred thousand.
    """
    found = _proposed(desk)
    shown = found[:limit]
    tell_read(desk, *_recordings(shown))
    return len(found), shown


def find_proposal(desk: Desk, key: str) -> Proposed:
    """Return the proposal whose key begins so; raises NoSuchThing. Told as a reading, too."""
    found = [p for p in _proposed(desk) if p.key.startswith(key.lower())]
    if len(found) != 1 or not key:
        kind = "single proposal beginning with" if found else "proposal"
        hint = (
            "'confere words proposals' shows them; one that is on the list is no more among them."
        )
        raise NoSuchThing(kind, key, hint)
    tell_read(desk, *_recordings((found[0],)))
    return found[0]


def accept(
    desk: Desk,
    proposed: Proposed,
    *,
    target: str = "",
    status: WordStatus | None = None,
    note: str = "",
) -> Changed:
    """Put what is proposed on the list, with another translation or status if given.

    Of a misheard word nobody has said how it is translated: then ``target`` must be given. Raises
    as `add_entry`.
    """
    entry = proposed.proposal.entry
    wanted = status or entry.status
    told = "" if wanted is WordStatus.KEEP else target or entry.target
    if not told and wanted is not WordStatus.KEEP:
        hint = "Give it with --target; or --keep, if it stays in the translation as it is said."
        raise BadValue("nothing tells how this word is translated", hint)
    return add_entry(desk, checked(entry.source, told, wanted, note))


def _proposed(desk: Desk) -> tuple[Proposed, ...]:
    desk.require("read transcripts", *READERS)
    with desk.catalog.moment():
        known = word_lists.current_words(desk.catalog)
        pairs = list(_drafts(desk))
    recording_of = {text.id: recording_id for recording_id, text in pairs}
    found = proposals((text for _, text in pairs), known)
    return tuple(
        Proposed(_key(p), p, tuple(dict.fromkeys(recording_of[id_] for id_ in p.segments)))
        for p in found
    )


def _drafts(desk: Desk) -> Iterator[tuple[str, DraftAndFinal]]:
    """Give every segment with its draft, and its recording."""
    for text in drafted_texts(desk.catalog):
        yield (
            text.recording_id,
            DraftAndFinal(
                id=text.segment_id,
                language=text.language,
                draft_source=text.draft_source,
                draft_target=text.draft_target,
                source=text.source,
                target=text.target,
            ),
        )
    for recording_id in reshaped_recordings(desk.catalog):
        for both in drafted(transcripts.get_transcript(desk.catalog, recording_id)):
            yield recording_id, both


def _recordings(shown: tuple[Proposed, ...]) -> list[str]:
    return list(dict.fromkeys(id_ for p in shown for id_ in p.recordings))


def _key(proposal: Proposal) -> str:
    entry = proposal.entry
    told = [proposal.side, proposal.before, proposal.after, entry.source, entry.target]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:8]
