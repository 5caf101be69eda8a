"""Offload: recordings from a recorder or a folder into the vault. Needs no passphrase."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from confere.acts.desk import iso
from confere.acts.offload_log import OffloadLog
from confere.crypto.canonical import canonical_json
from confere.errors import ConfereError
from confere.intake.listening import Bell, listening
from confere.intake.note import OffloadNote
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Probe, Progress
from confere.intake.port import SealedFacts
from confere.intake.receipt import Receipt, sign
from confere.intake.recorder import Recorder
from confere.intake.settle import Clock
from confere.intake.transfer import Tools
from confere.intake.watch import Watcher, watch
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


@dataclass(frozen=True, slots=True)
class Dock:
    """Where an offload happens: the vault (locked), this machine, the decoder's first look."""

    vault: Vault
    machine: Machine
    probe: Probe
    clock: Clock

    def shelf(self) -> VaultShelf:
        """Return where recordings are put; the caller is alone at the offload. Raises as `VaultShelf`."""
        return VaultShelf(self.vault, self.machine, self.clock.now)

    def tools(self, shelf: VaultShelf) -> Tools:
        """Return what a transfer works with."""
        return Tools(shelf, self.probe, self.clock)

    def errand(self, keep: bool) -> Errand:
        """Return what the offload is for."""
        return Errand(
            study=self.vault.roster.study_name,
            machine=self.machine.name,
            keep_source=keep,
            quiet_s=self.vault.settings.intake.settle_seconds,
        )


def offload_folder(dock: Dock, folder: Path, progress: Progress, *, keep: bool) -> Receipt:
    """Take every recording of a recorder or folder across, once.

    What goes wrong with single files is in the receipt. Raises NotReady when another offload runs,
    SourceVanished or BadInput when the folder cannot be opened, and what `VaultShelf` raises when
    roster or log are not in order: then nothing was touched.
    """
    with dock.vault.alone("offload"), Recorder(folder) as recorder:
        shelf = dock.shelf()
        receipt = offload(recorder, dock.tools(shelf), dock.errand(keep), progress)
        return replace(receipt, custody=shelf.log.state())


def watch_folder(
    dock: Dock,
    folder: Path,
    bell: Bell,
    progress: Progress,
    tell: Callable[[Receipt], None],
    trouble: Callable[[ConfereError], None],
    *,
    keep: bool,
    mode: Callable[[str], None],
) -> None:
    """Take across whatever comes into a folder until the bell says stop.

    ``tell`` is given a receipt whenever there is news, ``mode`` how the folder is watched. Roster and
    log are looked at before every scan: while they are not in order nothing is taken, and ``trouble``
    is told why. Raises as `offload_folder` does when they are not at the start.
    """
    errand = dock.errand(keep)
    with dock.vault.alone("offload"), listening(folder, bell) as how:
        shelf = dock.shelf()

        def open_recorder() -> Recorder:
            shelf.log.look()
            return Recorder(folder)

        def tell_all(receipt: Receipt) -> None:
            tell(replace(receipt, custody=shelf.log.state()))

        mode(how)
        watcher = Watcher(open_recorder, dock.tools(shelf), errand, tell_all, progress)
        rescan_s = dock.vault.settings.intake.rescan_seconds
        watch(watcher, bell, trouble, errand.quiet_s, rescan_s)


def signed_receipt(dock: Dock, receipt: Receipt) -> str:
    """Return the receipt as this machine signs it."""
    return sign(receipt, dock.machine.name, dock.machine.signing_key("receipt"))
