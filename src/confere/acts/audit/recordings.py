"""Every recording: known to an event, its files there, its key sealed to the study, its bytes unchanged."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from confere.acts.audit.events import Told
from confere.acts.audit.files import recording_folders
from confere.acts.audit.finding import Report
from confere.acts.audit.notes import Waiting
from confere.crypto import KeyIdentity, SealedReader
from confere.errors import WrongKey
from confere.intake.note import OffloadNote
from confere.vault import Storage
from confere.vault.catalog import Catalog
from confere.vault.destruction import Destruction, list_destructions
from confere.vault.objects import key_file, one_identity, open_object
from confere.vault.vault import CATALOG

_READ_BYTES = 4 << 20  # of plaintext at once


@dataclass(slots=True)
class Register:
    """What the catalog keeps: recordings by id, what was destroyed, what was signed, by version."""

    rows: Mapping[str, Any]
    destroyed: Mapping[str, Destruction]
    signed: Mapping[str, Mapping[int, bytes]]


def read_register(catalog: Catalog) -> Register:
    """Read it; raises DamagedCatalog."""
    signed: dict[str, dict[int, bytes]] = {}
    for id_, version, envelope in catalog.rows(
        "SELECT recording_id, version, signed FROM sign_offs ORDER BY recording_id, version"
    ):
        signed.setdefault(id_, {})[version] = envelope
    return Register(
        {row["id"]: row for row in catalog.rows("SELECT * FROM recordings")},
        {gone.recording_id: gone for gone in list_destructions(catalog)},
        signed,
    )


@dataclass(frozen=True, slots=True)
class _Expected:
    """What the offload event says of a recording's objects."""

    sha256: str
    sealed_sha256: str
    size_bytes: int
    sealed_size_bytes: int | None


def check_recordings(
    storage: Storage,
    study: Sequence[KeyIdentity],
    register: Register,
    told: Sequence[Told],
    waiting: Sequence[Waiting],
    report: Report,
    progress: Callable[[int, int], None],
    *,
    objects: bool,
) -> None:
    """Check the register against the events, and the files against both.

    ``objects`` reads every audio file again, whole; otherwise only its header, end and length.
    """
    how = "read again, every byte" if objects else "opened, not read again"
    with report.subject("recordings", f"each known to an event; audio {how}", "recordings") as on:
        expected = _from_notes(waiting) | _from_register(register, told, report)
        folders = set(recording_folders(storage))
        on.count = len(register.rows.keys() | {w.note.recording_id for w in waiting})
        for unknown in sorted(folders - expected.keys() - register.destroyed.keys()):
            report.add_wrong(f"recordings/{unknown}", "is a recording that nothing tells of")
        for destroyed in sorted(folders & register.destroyed.keys()):
            _check_gone(storage, destroyed, register.destroyed[destroyed], report)
        wanted = sorted(expected.keys() - register.destroyed.keys())
        for number, recording_id in enumerate(wanted):
            progress(number, len(wanted))
            folder = f"recordings/{recording_id}"
            if recording_id not in folders:
                if not storage.exists(f"{folder}.partial"):
                    report.add_wrong(folder, "is missing: the recording is not in the vault")
                continue
            key = _check_files(
                storage, study, recording_id, expected[recording_id], report, objects
            )
            _check_signed(storage, key, recording_id, register, report)


def check_recordings_alone(
    storage: Storage,
    study: Sequence[KeyIdentity],
    report: Report,
    progress: Callable[[int, int], None],
    *,
    objects: bool,
) -> None:
    """Check the recordings of a vault whose catalog does not open: whether they open themselves."""
    how = "every byte of its audio opened" if objects else "opened, not read through"
    with report.subject("recordings", f"each {how}", "recordings") as on:
        folders = recording_folders(storage)
        on.count = len(folders)
        for number, recording_id in enumerate(folders):
            progress(number, len(folders))
            _check_files(storage, study, recording_id, None, report, objects)


def _from_notes(waiting: Sequence[Waiting]) -> dict[str, _Expected]:
    notes = [w.note for w in waiting]
    return {
        n.recording_id: _Expected(n.sha256, n.sealed_sha256, n.size_bytes, n.sealed_size_bytes)
        for n in notes
    }


def _from_register(
    register: Register, told: Sequence[Told], report: Report
) -> dict[str, _Expected]:
    """Check each row against its offload's event; return what the events say."""
    again = {t.of["recording"]: t for t in told if t.what == "offload again"}
    offloads = {t.of["recording"]: t for t in told if t.what == "offload"}
    ended = {t.of["recording"]: t for t in told if t.what == "destroy"}
    expected = {}
    for recording_id, row in register.rows.items():
        about = f"{CATALOG}, recording {recording_id}"
        event = offloads.get(recording_id) or again.get(recording_id)
        if event is None:
            report.add_wrong(about, "no event tells of its offload")
            continue
        of = event.of
        with report.guarded(about):
            for name in ("sha256", "sealed_sha256", "size_bytes"):
                if row[name] != of[name]:
                    report.add_wrong(about, f"its {name} is not what {event.name} tells")
            gone = register.destroyed.get(recording_id)
            if _destruction(gone) != _ended(ended.get(recording_id)):
                report.add_wrong(about, "of its destruction, catalog and events tell other things")
            _tell_twice(register, row, about, report)
            sealed_size = None
            if recording_id not in register.destroyed:
                sealed_size = _check_note(row, of, about, report)
            expected[recording_id] = _Expected(
                of["sha256"], of["sealed_sha256"], of["size_bytes"], sealed_size
            )
    taken = {t.of["recording"] for t in told if t.what == "take in"}
    for recording_id in sorted(taken - register.rows.keys()):
        report.add_wrong(f"{CATALOG}, recording {recording_id}", "is missing from the catalog")
    return expected


def _tell_twice(register: Register, row: Any, about: str, report: Report) -> None:
    """Nothing deletes a copy: that the same content is there twice, or again, is for people to see."""
    if row["id"] in register.destroyed:
        return
    if row["duplicate_of"] is not None:
        detail = (
            f"has the content of recording {row['duplicate_of']}, byte for byte: offloaded twice"
        )
        report.add_attention(
            about, f"{detail}. It stands in no queue; destroying one leaves the other"
        )
    for gone in register.destroyed.values():
        if register.rows[gone.recording_id]["sha256"] == row["sha256"]:
            report.add_attention(
                about,
                f"has the content of recording {gone.recording_id}, which {gone.by} destroyed at {gone.at}:"
                " it stayed in another copy. A lead decides whether this one has to end, too",
            )


def _destruction(gone: Destruction | None) -> tuple[str, str, str] | None:
    return (gone.at, gone.by, gone.reason) if gone else None


def _ended(event: Told | None) -> tuple[str, str, str] | None:
    return (event.at, event.by, event.of["reason"]) if event else None


def _check_note(row: Any, of: Mapping[str, Any], about: str, report: Report) -> int:
    """The note in the catalog is the one the machine wrote, and the row is made from it."""
    if hashlib.sha256(row["note"].encode()).hexdigest() != of["note_sha256"]:
        report.add_wrong(about, "its offload note is not the one that the machine wrote")
    note = OffloadNote.from_json(row["note"])
    # To which interview it belongs, the register says (`interviews`).
    pairs = {"id": note.recording_id} | {
        name: getattr(note, name) for name in ("name", "recorded_at", "offloaded_at")
    }
    for name, value in pairs.items():
        if row[name] != value:
            report.add_wrong(about, f"its {name} is not what its offload note says")
    return note.sealed_size_bytes


def _check_gone(storage: Storage, recording_id: str, how: Destruction, report: Report) -> None:
    folder = f"recordings/{recording_id}"
    detail = f"though {how.by} destroyed the recording at {how.at}: the next reader removes it"
    if storage.exists(key_file(recording_id)):
        report.add_wrong(key_file(recording_id), f"is there, {detail}")
    else:
        report.add_attention(folder, f"is there, {detail}")


def _check_files(
    storage: Storage,
    study: Sequence[KeyIdentity],
    recording_id: str,
    expected: _Expected | None,
    report: Report,
    objects: bool,
) -> KeyIdentity | None:
    """Check a recording's key, and return it, and its audio: against nothing, it is opened whole."""
    key = _check_key(storage, study, recording_id, report)
    file = f"recordings/{recording_id}/audio.age"
    with report.guarded(file), storage.open(file) as raw:
        if expected is not None:
            _compare_sealed(raw, file, expected, report, objects)
        if key is None:
            report.add_not_checked(f"whether {file} opens: its key does not")
            return None
        raw.seek(0)
        with SealedReader(raw, [key]) as audio:
            if expected is None:
                while objects and audio.read(_READ_BYTES):
                    pass
            elif audio.size != expected.size_bytes:
                report.add_wrong(file, "holds another number of bytes than its event tells")
    return key


def _compare_sealed(
    raw: BinaryIO, file: str, expected: _Expected, report: Report, objects: bool
) -> None:
    size = raw.seek(0, io.SEEK_END)
    if expected.sealed_size_bytes not in (None, size):
        detail = f"is {size} bytes long; it was {expected.sealed_size_bytes} when it was sealed"
        report.add_wrong(file, detail)
    if objects:
        raw.seek(0)
        digest = hashlib.file_digest(cast(io.RawIOBase, raw), "sha256").hexdigest()
        if digest != expected.sealed_sha256:
            report.add_wrong(file, "is not the file that was sealed: its SHA-256 is another")


def _check_key(
    storage: Storage, study: Sequence[KeyIdentity], recording_id: str, report: Report
) -> KeyIdentity | None:
    """Open a recording's key with the newest of the study's: an older one opens it only while cut off."""
    file = key_file(recording_id)
    with report.guarded(file):
        try:
            text = open_object(storage, file, study[:1])
        except WrongKey:
            text = open_object(storage, file, study)
            report.add_attention(file, "is not sealed to the newest key period yet")
        if not text.startswith(f"# confere recording {recording_id}\n".encode()):
            report.add_wrong(file, "holds the key of another recording")
        return one_identity(text, file, "a recording's key")
    return None


def _check_signed(
    storage: Storage,
    key: KeyIdentity | None,
    recording_id: str,
    register: Register,
    report: Report,
) -> None:
    """The signed files are those of the catalog's sign-offs."""
    folder = f"recordings/{recording_id}"
    signed = register.signed.get(recording_id, {})
    there = {name for name in storage.list(folder) if name.startswith("signed-")}
    for name in sorted(there - {f"signed-{version}.age" for version in signed}):
        report.add_attention(f"{folder}/{name}", "belongs to no sign-off: a signing was cut off")
    for version, envelope in signed.items():
        file = f"{folder}/signed-{version}.age"
        with report.guarded(file):
            if not storage.exists(file):
                report.add_wrong(file, "is missing")
            elif key is None:
                report.add_not_checked(f"what is in {file}: the recording's key does not open")
            elif open_object(storage, file, [key]) != envelope:
                report.add_wrong(file, "is another document than the sign-off in the catalog")
