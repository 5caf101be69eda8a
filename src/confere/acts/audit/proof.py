"""The proof of one recording's custody: one file, for somebody who has nothing else (`docs/format.md`).

It holds the events of that recording and those that say who was in the study when, each with its place
in the log; of other recordings nothing but hashes. The last event is the proof itself: somebody of the
study signs how many events there are, so that none can be left out of the file afterwards.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from confere.acts.audit.older import OlderState, read_older
from confere.acts.desk import ROSTER_EVENTS, Desk
from confere.crypto.canonical import canonical_json
from confere.errors import BadProof, BadValue, NoSuchThing, NotReady
from confere.vault import Storage
from confere.vault.events import Event, events_of, list_events
from confere.vault.roster import roster_digest

KIND = "confere/custody-proof"
FORMAT = 1
_ATTEMPTS = 5  # another process may add an entry between the proof's own and its checkpoint


@dataclass(frozen=True, slots=True)
class Proved:
    """What was written: of which recording, how many events, the digest of the first roster."""

    recording: str
    events: int
    roster_sha256: str


def prove(desk: Desk, given: str, to: Path, since: Sequence[str] = ()) -> Proved:
    """Write the proof of a recording, also of a destroyed one, and the event that it was made.

    ``since`` are files or texts that tell of older states; the proof shows that the log continues
    each. Raises NoSuchThing, BadValue when the file cannot be written there, BadInput or RolledBack
    for an older state, BadSignature or BadProof when an event does not hold, NotReady.
    """
    target = _target(desk, to)
    proved, content = make_proof(desk, given, since)
    target.write(to.name, content)
    return proved


def make_proof(desk: Desk, given: str, since: Sequence[str] = ()) -> tuple[Proved, bytes]:
    """Return the proof itself, and write only the event that it was made; raises as `prove`."""
    recording = _find(desk, given)
    found = [state for text in since for state in read_older(text, desk.roster.study_id)]
    older = list({(state.size, state.root): state for state in found}.values())
    for state in older:
        desk.vault.log.require_continues(
            state.size, state.root, f"the custody log since {state.name}"
        )
    events = _attested(desk, recording, older)
    content = _content(desk, recording, events, older)
    return Proved(recording, len(events), roster_digest(desk.vault.locked.storage, 1)), content


def _find(desk: Desk, given: str) -> str:
    """Return the recording whose id begins so; in the events, because they outlive everything else."""
    rows = desk.catalog.rows(
        "SELECT DISTINCT recording FROM events WHERE recording <> ''"
        " AND substr(recording, 1, length(?1)) = ?1 LIMIT 2",
        (given.lower(),),
    )
    if len(rows) != 1 or not given:
        kind = "recording" if not rows else "single recording beginning with"
        hint = "'confere queue' lists them; the first few characters are enough."
        raise NoSuchThing(kind, given, hint)
    return str(rows[0][0])


def _target(desk: Desk, to: Path) -> Storage:
    if to.resolve().is_relative_to(desk.vault.locked.storage.root):
        raise BadValue("a proof cannot go into the vault", "Choose a place outside it.")
    if to.exists() or not to.parent.is_dir():
        raise BadValue(f"{to} cannot be written", "Give a new file, in a folder that is there.")
    return Storage(to.parent)


def _attested(desk: Desk, recording: str, older: Sequence[OlderState]) -> list[Event]:
    """Tell the proof, and return its events in the order of the log, itself the last entry of all."""
    log = desk.vault.log
    states = canonical_json([[state.size, _text(state.root)] for state in older])
    for _ in range(_ATTEMPTS):
        with desk.catalog.transaction():
            events = [
                *list_events(desk.catalog, recording),
                *events_of(desk.catalog, *ROSTER_EVENTS),
            ]
            entries = sorted(event.entry for event in events)
            desk.tell(
                "proof",
                {
                    "recording": recording,
                    "events": len(events),
                    "events_sha256": hashlib.sha256(b"".join(entries)).hexdigest(),
                    "since_sha256": hashlib.sha256(states).hexdigest(),
                    "log_size": log.size,
                    "log_root": log.tree.root().hex(),
                },
            )
            told = list_events(desk.catalog, recording)[-1]
        if log.find(told.entry) == log.size - 1:
            return [*sorted(events, key=lambda event: _place(desk, event)), told]
    raise NotReady("other work keeps adding to the custody log", "Run the command again.")


def _place(desk: Desk, event: Event) -> int:
    """Return an event's number in the log; nothing that does not hold goes into a proof."""
    event.check()
    place = desk.vault.log.find(event.entry)
    if place is None:
        raise BadProof(f"event {event.value()['id']}", "it has no entry in the custody log")
    return place


def _content(
    desk: Desk, recording: str, events: Sequence[Event], older: Sequence[OlderState]
) -> bytes:
    log, storage = desk.vault.log, desk.vault.locked.storage
    versions = range(1, desk.roster.version + 1)
    return canonical_json(
        {
            "kind": KIND,
            "format": FORMAT,
            "study": desk.roster.study_id,
            "recording": recording,
            "checkpoint": log.note,
            "rosters": [storage.read(f"roster/{version}.note").decode() for version in versions],
            "events": [
                event.to_json() | {"proof": log.inclusion_proof(_place(desk, event))}
                for event in events
            ],
            "consistency": [
                {
                    "size": state.size,
                    "root": _text(state.root),
                    "path": [_text(each) for each in log.tree.consistency_path(state.size)],
                }
                for state in older
            ],
        }
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
