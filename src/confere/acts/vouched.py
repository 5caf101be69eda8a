"""What a signature relies on is believed only from events that people have signed.

The catalog is one file, and everybody who reads it can write into it with another program than this one. A
verification, a correction or a playing that somebody put in under another's name follows from the rules
like any other; an audit would find it, but a signature is for ever, and so it is looked for before. What is
asked: the texts begin as the draft that was told; every revision, and every beginning of a new version, has
its event, signed with a key of that very person; and so has every dismissal, with none missing, and whatever
was played to who wants to sign.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from confere.acts.desk import Desk
from confere.acts.drafted import unlike_draft
from confere.domain import Coverage, Transcript
from confere.errors import AlteredTranscript, BadSignature
from confere.review.states import Decision
from confere.vault import dismissals, transcripts
from confere.vault.events import list_events
from confere.vault.transcripts import REOPENING, REVISION

#: One event tells of all revisions of these (`review/versions.py` looks at them).
_OF_THE_WHOLE = frozenset({Decision.SIGN, Decision.SPARE, Decision.REOPEN})
_OF_REVISIONS = (
    f"SELECT {REVISION}, nonce FROM revisions"  # noqa: S608
    " WHERE segment_id IN (SELECT id FROM segments WHERE recording_id = ?)"
)
_OF_DRAFTS = "SELECT draft, nonce FROM drafts WHERE recording_id = ?"
_OF_REOPENINGS = f"SELECT {REOPENING}, nonce FROM reopened WHERE recording_id = ?"  # noqa: S608
#: What an event commits to, by the fact that it does it with.
_COMMITMENTS = ("draft_sha256", "revision_sha256", "reopening_sha256", "dismissal_sha256")


def require_vouched(desk: Desk, transcript: Transcript, name: str) -> None:
    """Refuse a transcript that says something of people which they did not sign.

    ``name`` is who wants to sign, whose playing counts. Some 0.2 ms for each event of the recording.
    Raises AlteredTranscript.
    """
    recording_id = transcript.recording.id
    wrong = unlike_draft(desk.catalog, transcript)
    if wrong:
        raise AlteredTranscript(recording_id, wrong)
    signed = list(_signed(desk, recording_id))
    told = {
        value["of"][fact]: (value["what"], value["by"])
        for value in signed
        for fact in _COMMITMENTS
        if fact in value["of"]
    }
    for about, what, by, commitment in _kept(desk, recording_id):
        found = told.pop(commitment, ("", ""))
        if found != (what, by or found[1]):
            raise AlteredTranscript(
                recording_id, f"{about} was told by no event of {by or 'anybody'}"
            )
    # Of these one that was taken away is missed, too: without it, the one before would hold again.
    missing = [what for what, _ in told.values() if what in dismissals.EVENTS]
    if missing:
        raise AlteredTranscript(recording_id, f"what was told by '{missing[0]}' is missing")
    heard = Coverage.of(
        (value["of"]["start_ms"], value["of"]["end_ms"])
        for value in signed
        if (value["what"], value["by"]) == ("play", name)
    )
    for start_ms, end_ms in transcript.played.get(name, Coverage()).spans:
        if not heard.covers(start_ms, end_ms):
            raise AlteredTranscript(
                recording_id, f"that {name} played {start_ms} to {end_ms} ms was told by no event"
            )


def _kept(desk: Desk, recording_id: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield what the catalog keeps: how it is called, of what kind, whose it is, and the commitment to it.

    The draft is the machine's, and so anybody's.
    """
    for draft, nonce in desk.catalog.rows(_OF_DRAFTS, (recording_id,)):
        yield "its draft", "draft", "", transcripts.commitment(nonce, draft)
    for *values, nonce in desk.catalog.rows(_OF_REVISIONS, (recording_id,)):
        segment, version, by, _, decision, *_ = values
        if decision not in _OF_THE_WHOLE:
            about = f"revision {version} of segment {segment}"
            yield about, decision, by, transcripts.revision_commitment(nonce, values)
    for *values, nonce in desk.catalog.rows(_OF_REOPENINGS, (recording_id,)):
        about = f"that version {values[1]} was reopened"
        yield about, Decision.REOPEN, values[2], transcripts.commitment(nonce, *values)
    for row, commitment in dismissals.list_committed(desk.catalog, recording_id):
        about = f"the dismissal of {row.message_id} in segment {row.segment_id}"
        yield about, row.told_as, row.by, commitment


def _signed(desk: Desk, recording_id: str) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a recording that somebody signed with a key that was theirs at some time.

    Exactly when, and whether each stands in the log, an audit looks at.
    """
    keys: dict[str, set[str]] = {}
    for event in list_events(desk.catalog, recording_id):
        value = event.value()
        by = value["by"]
        if by not in keys:
            keys[by] = desk.vault.locked.keys_of(by, "event")
        if event.key in keys[by]:
            with contextlib.suppress(BadSignature):
                event.check()
                yield value
