"""The vault as intake's shelf: where sealed recordings are put. Holds no secret but the machine's key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from confere.acts.desk import iso
from confere.acts.offload_log import OffloadLog
from confere.crypto.canonical import canonical_json
from confere.intake.note import OffloadNote
from confere.intake.port import SealedFacts
from confere.vault import Machine, Vault
from confere.vault.events import sign_event
from confere.vault.machine import machine_file
from confere.vault.objects import NewRecording, finish_interrupted


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

    def begin(self) -> VaultPlacement:
        """Start a new recording under a new id, if roster and log are in order."""
        self.log.look()
        recording = self._vault.new_recording()
        return VaultPlacement(self._vault, self._machine, self._clock, recording, self.log)


class VaultPlacement:
    """One recording on its way into the vault."""

    def __init__(
        self,
        vault: Vault,
        machine: Machine,
        clock: Callable[[], datetime],
        recording: NewRecording,
        log: OffloadLog,
    ) -> None:
        self._vault = vault
        self._machine = machine
        self._clock = clock
        self._recording = recording
        self._log = log
        self._kept = False

    @property
    def recording_id(self) -> str:
        """The opaque id the recording will have."""
        return self._recording.id

    def write(self, data: bytes | memoryview, /) -> int:
        """Take plaintext; sealed bytes go to disk."""
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
        self._log.look()
        text = note.to_json()
        event = sign_event(
            study=self._vault.roster.study_id,
            at=iso(self._clock()),
            by=self._machine.name,
            what="offload",
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
        note_text = canonical_json(
            {
                "kind": "confere/offload",
                "format": 1,
                "note": text,
                "event": event.to_json(),
            }
        )
        self._vault.place(self._recording, note_text)
        self._kept = True
        self._log.add(note.recording_id, event)

    def abandon(self) -> None:
        """Remove every trace; once the recording has its place it does nothing."""
        if not self._kept:
            self._recording.abandon()


def announce(vault: Vault, machine: Machine) -> None:
    """Leave the public keys of a machine that no lead has certified yet, so that one can."""
    file = machine_file(machine.name)
    if machine.name not in vault.roster.machines and not vault.storage.exists(file):
        keys = {"name": machine.name, "verify_keys": dict(machine.keys.verify_keys)}
        vault.storage.write(file, canonical_json(keys) + b"\n")
