#!/usr/bin/env python3
"""How long an audit takes of a vault with 100,000 events and 1,000 sign-offs; audio is not read again.

    python benchmarks/audit.py [RECORDINGS] [VAULT]

Everything in the vault is real and made by the package's own functions, but quickly: recordings of a few
hundred bytes, each with its folder, key, note, draft of 20 segments, 20 corrections, playings and
verifications, 36 openings, and a sign-off: 100 events a recording, in one transaction, and without waiting
for the disk. Prints seconds, and the ratio to a plain loop that only verifies the signatures of the
events. With VAULT the vault is kept there, and used again if it is there.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from confere.acts.audit import Order, audit
from confere.acts.desk import Desk, sit_down
from confere.crypto import VerifyKey, encrypt
from confere.domain import (
    Coverage,
    Draft,
    Interview,
    Recording,
    Segment,
    SpokenSegment,
    State,
    Transcript,
    Transcription,
    new_id,
)
from confere.review import changes, document, sign_off
from confere.vault import Vault, register, transcripts
from confere.vault.events import list_events, record_event, sign_event
from doubles.engines import SPEECH_RECORD, TRANSLATION_RECORD
from doubles.notes import a_note
from doubles.studies import MACHINE, PASSPHRASE, make_study

SEGMENTS = 20
OPENINGS = 36
LENGTH_MS = 3_000  # of a segment


class Ticking:
    """A clock that goes on by a second at every look."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return the next second."""
        self.now += timedelta(seconds=1)
        return self.now


def fill(root: Path, recordings: int) -> None:
    """Make the vault; the disk is not waited for, because it is not what is measured."""
    os.fsync = lambda _: None  # type: ignore[assignment]
    make_study(root)
    clock = Ticking()
    desks = {
        name: sit_down(Vault(root), name, PASSPHRASE, clock) for name in ("lena", "ivo", "vera")
    }
    lena = desks["lena"]
    # One transaction, on one connection, in which all three write.
    people = {name: Desk(desk.vault, clock) for name, desk in desks.items()}
    for desk in people.values():
        desk.vault.catalog = lena.catalog
    with lena.catalog.transaction():
        for number in range(recordings):
            one_recording(people, number)
            print(f"\r{number + 1} of {recordings} recordings", end="", file=sys.stderr)
    print(file=sys.stderr)
    lena.vault.close()


def one_recording(people: dict[str, Desk], number: int) -> None:
    """Offload, take in, draft, correct, play, verify, open and sign one."""
    lena, ivo, vera = (people[name] for name in ("lena", "ivo", "vera"))
    recording, key = offloaded(lena, number)
    segments = drafted(lena, recording)
    revisions = []
    for place, segment in enumerate(segments):
        changed, revision = changes.correct(
            segment,
            "ivo",
            ivo.now(),
            seen_version=0,
            duration_ms=recording.duration_ms,
            source=f"Bom dia, número {place}.",
            target=f"Good day, number {place}.",
            speaker="P01",
        )
        keep(ivo, changed, revision)
        revisions.append(revision)
        segments[place] = changed
    transcript = Transcript(
        recording, tuple(segments), tuple(revisions), {}, SPEECH_RECORD, TRANSLATION_RECORD
    )
    played = Coverage.of([(0, SEGMENTS * LENGTH_MS)])
    transcript = replace(transcript, played={"vera": played})
    for place, segment in enumerate(segments):
        start, end = segment.start_ms, segment.end_ms
        transcripts.add_played(vera.catalog, recording.id, "vera", (start, end), vera.now())
        vera.tell("play", {"recording": recording.id, "start_ms": start, "end_ms": end})
        changed, revision = changes.verify(segment, transcript, "vera", vera.now(), seen_version=1)
        keep(vera, changed, revision)
        revisions.append(revision)
        segments[place] = changed
    for _ in range(OPENINGS):
        vera.tell("read", {"recording": recording.id})
    transcript = replace(transcript, segments=tuple(segments), revisions=tuple(revisions))
    signed(vera, transcript, key)


def offloaded(lena: Desk, number: int) -> tuple[Recording, Any]:
    """Put a recording into the vault, and into the catalog."""
    vault = lena.vault.locked
    made = vault.new_recording()
    audio = b"RIFF" + number.to_bytes(300, "big")
    made.write(audio)
    sealed = made.seal()
    note = replace(
        a_note(),
        recording_id=made.id,
        group=new_id(),
        size_bytes=len(audio),
        sha256=hashlib.sha256(audio).hexdigest(),
        sealed_size_bytes=sealed.size_bytes,
        sealed_sha256=sealed.sha256,
        duration_ms=SEGMENTS * LENGTH_MS,
    )
    text = note.to_json()
    event = sign_event(
        study=lena.roster.study_id,
        at=lena.now(),
        by=MACHINE.name,
        what="offload",
        of={
            "recording": made.id,
            "receipt": note.receipt_id,
            "sha256": note.sha256,
            "sealed_sha256": note.sealed_sha256,
            "size_bytes": note.size_bytes,
            "note_sha256": hashlib.sha256(text.encode()).hexdigest(),
        },
        key=MACHINE.signing_key("event"),
    )
    made.place(b"", vault.roster)
    vault.storage.remove(f"intake/{made.id}.age")
    recording = Recording(
        made.id,
        note.group,
        note.part,
        note.name,
        note.size_bytes,
        note.sha256,
        note.sealed_sha256,
        note.duration_ms,
        note.recorded_at,
        note.offloaded_at,
    )
    register.add_interview(lena.catalog, Interview(note.group))
    register.add_recording(lena.catalog, recording, text)
    record_event(lena.catalog, event)
    lena.tell("take in", {"recording": made.id, "sealed_sha256": note.sealed_sha256})
    return recording, made._key.recipient


def drafted(lena: Desk, recording: Recording) -> list[Segment]:
    """Draft it."""
    spoken = tuple(
        SpokenSegment(
            place * LENGTH_MS, (place + 1) * LENGTH_MS, "pt", f"Bom {place}.", (), -0.1, 0.01
        )
        for place in range(SEGMENTS)
    )
    segments = [
        Segment(
            id=new_id(),
            recording_id=recording.id,
            position=place + 1,
            start_ms=s.start_ms,
            end_ms=s.end_ms,
            speaker="UNK",
            language=s.language,
            source=s.text,
            target=f"Good {place}.",
            state=State.DRAFT,
            version=0,
        )
        for place, s in enumerate(spoken)
    ]
    draft = Draft(
        Transcription(recording.duration_ms, spoken),
        tuple(s.target for s in segments),
        SPEECH_RECORD,
        TRANSLATION_RECORD,
        lena.now(),
    )
    commitment = transcripts.add_draft(lena.catalog, recording.id, draft, segments)
    facts = {"recording": recording.id, "segments": SEGMENTS, "draft_sha256": commitment}
    models = {"speech_model": "0" * 64, "translation_model": "1" * 64, "practice": True}
    lena.tell("draft", facts | models)
    return segments


def keep(desk: Desk, segment: Segment, revision: Any) -> None:
    """Save a revision and tell it."""
    commitment = transcripts.save_revision(desk.catalog, segment, revision)
    desk.tell(
        revision.decision,
        {
            "recording": segment.recording_id,
            "segment": segment.id,
            "version": segment.version,
            "fields": " ".join(sorted(revision.after)),
            "revision_sha256": commitment,
        },
    )


def signed(vera: Desk, transcript: Transcript, recipient: Any) -> None:
    """Sign and lock it."""
    key = vera.vault.signing_key("sign-off")
    value = document.build_document(
        transcript,
        study={"id": vera.roster.study_id, "name": "Prova", "protocol": "verbatim"},
        version=1,
        verifier="vera",
        verifier_key=str(key.verify_key),
        signed_at=vera.now(),
        software_version="0",
        target_language="en",
    )
    made = sign_off.sign(value, key)
    for segment in transcript.segments:
        locked, revision = changes.lock(segment, "vera", value["signed_at"])
        transcripts.save_revision(vera.catalog, locked, revision)
    recording_id = transcript.recording.id
    transcripts.add_sign_off(vera.catalog, recording_id, 1, made.envelope, value["signed_at"])
    facts = {"recording": recording_id, "version": 1, "document_sha256": made.digest}
    vera.tell("sign", facts | {"segments": SEGMENTS})
    storage = vera.vault.locked.storage
    storage.write(f"recordings/{recording_id}/signed-1.age", encrypt(made.envelope, [recipient]))


def only_signatures(root: Path) -> tuple[int, float]:
    """Verify the signatures of all events in a plain loop; how many, and the seconds it took."""
    desk = sit_down(Vault(root), "lena", PASSPHRASE)
    events = list_events(desk.catalog)
    begun = time.perf_counter()
    for event in events:
        VerifyKey.parse(event.key).verify(event.body, event.signature)
    seconds = time.perf_counter() - begun
    desk.vault.close()
    return len(events), seconds


def main() -> None:
    recordings = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder) / "vault"
        if not root.exists():
            fill(root, recordings)
        begun = time.perf_counter()
        audited = audit(root, None, "lena", PASSPHRASE, Order(objects=False))
        seconds = time.perf_counter() - begun
        count, plain = only_signatures(root)
        for subject in audited.report.subjects:
            print(f"{subject.name}: {subject.count}, {subject.result}")
        print(*[f"{f.level} {f.about}: {f.text}" for f in audited.report.findings][:10], sep="\n")
        print(f"whole: {audited.whole}; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        print(f"audit without objects: {seconds:.1f} s")
        print(
            f"only the {count} signatures, in a plain loop: {plain:.1f} s; ratio {seconds / plain:.2f}"
        )


if __name__ == "__main__":
    main()
