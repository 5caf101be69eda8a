"""The vault as intake's shelf: where sealed recordings are put. Holds no secret but the machine's key."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from confere.acts.desk import iso
from confere.acts.offload_log import OffloadLog
from confere.crypto.canonical import canonical_json
from confere.domain import new_id
from confere.errors import ConfereError, DiskFull, StorageProblem
from confere.intake.note import OffloadNote
from confere.intake.port import BEGINNING_BYTES, SealedFacts, Twin
from confere.vault import Machine, Vault
from confere.vault.events import Event, sign_event
from confere.vault.kept import Content, KeptIndex, find_kept
from confere.vault.machine import machine_file
from confere.vault.objects import NewRecording, Placed, finish_interrupted


class VaultShelf:
    """The vault as intake's shelf: holds no secret but the machine's key, which only signs."""

    def __init__(self, vault: Vault, machine: Machine, clock: Callable[[], datetime]) -> None:
        """The caller is alone at the offload. What a killed offload left is put right first.

        Raises RolledBack, BadSignature, BadProof or DamagedVault when roster or log are not in order.
        """
        self.log = OffloadLog(vault, machine)
        self._vault = vault
        self._machine = machine
        self._clock = clock
        with vault.sealing():  # nobody reseals a partial folder while it gets its name
            finish_interrupted(vault.storage)
        announce(vault, machine)
        self._index = _index(vault, machine)

    def begin(self) -> VaultPlacement:
        """Start a new recording under a new id, if roster and log are in order."""
        self.log.look()
        return VaultPlacement(self, self._vault.new_recording())

    def may_hold(self, size_bytes: int, beginning: bytes) -> bool:
        """Whether this machine put something of this length, that begins so, into the vault."""
        if self._index is None:
            return False
        return self._index.may_hold(hashlib.sha256(beginning).hexdigest(), size_bytes)

    def find(self, sha256: str, size_bytes: int) -> Twin | None:
        """Return the recording of this machine that holds this content, read again from the disk."""
        if self._index is None:
            return None
        placed = find_kept(self._index, sha256, size_bytes, self._vault.storage)
        if placed is None:
            return None
        return Twin(
            placed.recording_id, SealedFacts(placed.sealed_sha256, placed.sealed_size_bytes)
        )

    def keep_again(self, note: OffloadNote) -> None:
        """Leave a second note of a recording, and tell the log. Raises as `VaultPlacement.keep`."""
        self.log.look()
        event, text = self._signed("offload again", note)
        self._vault.leave_note(f"intake/{note.recording_id}-{new_id()}.age", text)
        self.log.add(note.recording_id, event)

    def keep(self, recording: NewRecording, beginning_sha256: str, note: OffloadNote) -> Event:
        """Give a recording its place with its note; return the event, which the log has yet to be told."""
        self.log.look()
        event, text = self._signed("offload", note)
        content = Content(note.sha256, beginning_sha256, note.size_bytes)
        self._vault.place(recording, text, lambda placed: self._remember(content, placed))
        return event

    def _remember(self, content: Content, placed: Placed) -> None:
        # A machine that cannot write it down takes the same content once more: nothing is lost.
        with contextlib.suppress(StorageProblem, DiskFull):
            if self._index is not None:
                self._index.remember(content, placed)

    def _signed(self, what: str, note: OffloadNote) -> tuple[Event, bytes]:
        """Return the event of a note, and the two together as readers take them in."""
        text = note.to_json()
        event = sign_event(
            study=self._vault.roster.study_id,
            at=iso(self._clock()),
            by=self._machine.name,
            what=what,
            of={
                "recording": note.recording_id,
                "receipt": note.receipt_id,
                "sha256": note.sha256,
                "sealed_sha256": note.sealed_sha256,
                "size_bytes": note.size_bytes,
                "note_sha256": hashlib.sha256(text.encode()).hexdigest(),
            },
            key=self._machine.signing_key("event"),
        )
        value = {
            "kind": f"confere/{what}",
            "format": 1,
            "note": text,
            "event": event.to_json(),
        }
        return event, canonical_json(value)


class VaultPlacement:
    """One recording on its way into the vault."""

    def __init__(self, shelf: VaultShelf, recording: NewRecording) -> None:
        self._shelf = shelf
        self._recording = recording
        self._beginning = bytearray()
        self._kept = False

    @property
    def recording_id(self) -> str:
        """The opaque id the recording will have."""
        return self._recording.id

    def write(self, data: bytes | memoryview, /) -> int:
        """Take plaintext; sealed bytes go to disk."""
        if (missing := BEGINNING_BYTES - len(self._beginning)) > 0:
            self._beginning += data[:missing]
        return self._recording.write(data)

    def seal(self) -> SealedFacts:
        """Write the last chunk and bring the object to the disk."""
        sealed = self._recording.seal()
        return SealedFacts(sealed.sha256, sealed.size_bytes)

    def read_back(self) -> BinaryIO:
        """Open the plaintext as it is on disk."""
        return self._recording.read_back()

    def keep(self, note: OffloadNote) -> None:
        """Make the recording the vault's, with its note and its signed event, both sealed.

        Roster and log are looked at once more, because copying took its time. Once the recording has
        its place, it stays.
        """
        beginning_sha256 = hashlib.sha256(self._beginning).hexdigest()
        event = self._shelf.keep(self._recording, beginning_sha256, note)
        self._kept = True
        self._shelf.log.add(note.recording_id, event)

    def abandon(self) -> None:
        """Remove every trace; once the recording has its place it does nothing."""
        if not self._kept:
            self._recording.abandon()


def _index(vault: Vault, machine: Machine) -> KeptIndex | None:
    """Return what this machine remembers of the vault, less what is not in it any more.

    None where nothing is remembered: without a state folder, or one that cannot be read or written.
    """
    if vault.pins is None:
        return None
    study = vault.roster.study_id
    try:
        index = KeptIndex(vault.pins.state, study, machine.kept_key(study))
        index.forget_absent(vault.storage)
    except (ConfereError, OSError):
        return None
    return index


def announce(vault: Vault, machine: Machine) -> None:
    """Leave the public keys of a machine that no lead has certified yet, so that one can."""
    file = machine_file(machine.name)
    if machine.name not in vault.roster.machines and not vault.storage.exists(file):
        keys = {"name": machine.name, "verify_keys": dict(machine.keys.verify_keys)}
        vault.storage.write(file, canonical_json(keys) + b"\n")
