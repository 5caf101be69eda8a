"""The sealed notes of offloads that no reader has taken in yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from confere.acts.audit.finding import Report
from confere.crypto import KeyIdentity
from confere.errors import BadSignature, DamagedVault
from confere.intake.note import OffloadNote
from confere.vault import Storage
from confere.vault.events import Event
from confere.vault.objects import open_object


@dataclass(frozen=True, slots=True)
class Waiting:
    """A note that waits, with its event; both were checked against each other."""

    file: str
    note: OffloadNote
    event: Event


def check_notes(storage: Storage, study: Sequence[KeyIdentity], report: Report) -> list[Waiting]:
    """Open every waiting note; what cannot be read is told and left out."""
    waiting = []
    with report.subject("waiting notes", "each signed, none taken in yet", "intake") as on:
        for name in storage.list("intake"):
            on.count += 1
            with report.guarded(f"intake/{name}"):
                waiting.append(_open(storage, f"intake/{name}", study))
    return waiting


def _event_of(file: str) -> str:
    """Return what a note's event has to be: of a recording's first note, or of a later one."""
    return "offload again" if "-" in file else "offload"


def _recording_of(file: str) -> str:
    return file.removeprefix("intake/").removesuffix(".age").partition("-")[0]


def _open(storage: Storage, file: str, study: Sequence[KeyIdentity]) -> Waiting:
    # Only the newest key: a note that only an older one opens was not sealed anew when it ended.
    content = open_object(storage, file, study[:1])
    try:
        value: dict[str, Any] = json.loads(content)
        what = _event_of(file)
        if (value["kind"], value["format"]) != (f"confere/{what}", 1):
            raise DamagedVault(file, "is not an offload's note")
        text: str = value["note"]
        digest = hashlib.sha256(text.encode()).hexdigest()
        event = Event.from_json(value["event"])
        told = event.value()["of"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedVault(file, "is not an offload's note") from None
    event.check()
    note = OffloadNote.from_json(text)
    if told.get("note_sha256") != digest or told.get("recording") != note.recording_id:
        raise BadSignature(f"{file} (its event tells of something else)")
    if event.value()["what"] != what or _recording_of(file) != note.recording_id:
        raise BadSignature(f"{file} (it tells of another recording)")
    return Waiting(file, note, event)
