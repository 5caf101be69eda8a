"""Take in what offloads left in sealed notes: the first thing a reader's unlocking brings."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from confere.acts.desk import Desk
from confere.domain import Interview, Recording
from confere.errors import BadSignature, DamagedVault
from confere.intake.note import OffloadNote
from confere.vault import register
from confere.vault.events import Event, is_recorded, record_event
from confere.vault.objects import missing_files
from confere.vault.storage import PARTIAL


def take_in(desk: Desk) -> list[Recording]:
    """Enter every waiting note into the catalog and return the new recordings.

    Parts of one recorded session become recordings of one interview. A note is removed only after
    the catalog holds it, and entering one twice changes nothing. A note whose recording has not got
    its name yet is left: an offload is just at it. So is one of a machine that no lead has
    certified: `waiting_machines` names them. That a known recording was found once more is an event
    and no more; one that the catalog has lost is entered by such a note as by its first. Raises
    DamagedObject, DamagedVault or BadSignature, naming the file; the notes before it are in.
    """
    storage = desk.vault.locked.storage
    taken = []
    # A recording's first note before those that tell it was found once more.
    for file in sorted(storage.list("intake"), key=_is_again):
        recording_id = _recording_of(file)
        if storage.exists(f"recordings/{recording_id}{PARTIAL}"):
            continue
        if _is_again(file) or not register.is_known(desk.catalog, recording_id):
            try:
                note, event = _open_note(desk, file)
            except DamagedVault:
                if not storage.exists(f"intake/{file}"):
                    continue  # another reader has just taken it in
                raise
            if not _is_certified(desk, event):
                continue
            with desk.catalog.transaction():
                if not register.is_known(desk.catalog, recording_id):
                    taken.append(_enter(desk, note, event))
                elif _is_again(file) and not is_recorded(desk.catalog, event):
                    record_event(desk.catalog, event)
        storage.remove(f"intake/{file}")
    return taken


def _recording_of(file: str) -> str:
    """Return the recording that a note is about: ``ID.age``, or ``ID-NUMBER.age`` once more."""
    return file.removesuffix(".age").partition("-")[0]


def _is_again(file: str) -> bool:
    return "-" in file


def waiting_machines(desk: Desk) -> dict[str, int]:
    """Return the machines that no lead has certified, and how many notes of each are waiting."""
    waiting: dict[str, int] = {}
    storage = desk.vault.locked.storage
    for file in storage.list("intake"):
        try:
            _, event = _open_note(desk, file)
        except DamagedVault:
            if not storage.exists(f"intake/{file}"):
                continue
            raise
        if not _is_certified(desk, event):
            name = str(event.value()["by"])
            waiting[name] = waiting.get(name, 0) + 1
    return waiting


def _is_certified(desk: Desk, event: Event) -> bool:
    machine = desk.roster.machines.get(event.value()["by"])
    return machine is not None and machine.verify_keys["event"] == event.key


def _enter(desk: Desk, note: OffloadNote, event: Event) -> Recording:
    missing_files(desk.vault.locked.storage, note.recording_id)
    recording = Recording(
        id=note.recording_id,
        interview_id=note.group,
        part=note.part,
        name=note.name,
        size_bytes=note.size_bytes,
        sha256=note.sha256,
        sealed_sha256=note.sealed_sha256,
        duration_ms=note.duration_ms,
        recorded_at=note.recorded_at,
        offloaded_at=note.offloaded_at,
    )
    register.add_interview(desk.catalog, Interview(note.group))
    register.add_recording(desk.catalog, recording, note.to_json())
    record_event(desk.catalog, event)
    desk.tell("take in", {"recording": recording.id, "sealed_sha256": note.sealed_sha256})
    return recording


def _open_note(desk: Desk, name: str) -> tuple[OffloadNote, Event]:
    """Open a sealed note; its event must be signed and speak of the same bytes as the note."""
    file, what = f"intake/{name}", "offload again" if _is_again(name) else "offload"
    try:
        value: dict[str, Any] = json.loads(desk.vault.open_object(file))
        if (value["kind"], value["format"]) != (f"confere/{what}", 1):
            raise DamagedVault(file, "is not an offload's note")
        text: str = value["note"]
        digest = hashlib.sha256(text.encode()).hexdigest()
        event = Event.from_json(value["event"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedVault(file, "is not an offload's note") from None
    event.check()
    told = event.value()
    if told["what"] != what or told["of"].get("note_sha256") != digest:
        raise BadSignature(f"{file} (its event tells of something else)")
    note = OffloadNote.from_json(text)
    if note.recording_id != _recording_of(name):
        raise BadSignature(f"{file} (it tells of another recording)")
    return note, event
