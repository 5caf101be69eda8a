"""Offload: recordings from a recorder or a folder into the vault. Needs no passphrase."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from confere.acts.shelf import VaultShelf
from confere.intake.identity import Places
from confere.intake.mounts import MountTable, NothingMounted
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Probe, Progress
from confere.intake.profiles import Profile, Profiles, generic
from confere.intake.receipt import Receipt, sign
from confere.intake.recorder import Recorder
from confere.intake.settle import OLD_S, Clock
from confere.intake.survey import Survey, survey
from confere.intake.transfer import Tools
from confere.intake.volumes import plugged_in
from confere.vault import Machine, Vault


@dataclass(frozen=True, slots=True)
class Dock:
    """Where an offload happens: the vault (locked), this machine, the decoder's first look.

    ``profiles`` are the makes of recorders that it knows, ``table`` what is mounted on it.
    """

    vault: Vault
    machine: Machine
    probe: Probe
    clock: Clock
    profiles: Profiles = field(default_factory=lambda: Profiles(generic()))
    table: MountTable = field(default_factory=NothingMounted)
    places: Places = field(default_factory=Places)

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
        errand = replace(
            dock.errand(keep),
            profile=make_of(recorder, dock),
            old_s=OLD_S if _is_plugged_in(folder, dock) else None,
        )
        receipt = offload(recorder, dock.tools(shelf), errand, progress)
        return replace(receipt, custody=shelf.log.state())


def survey_folder(dock: Dock, folder: Path) -> Survey:
    """Return what `offload_folder` would do, and change nothing; raises as it does for the folder."""
    with Recorder(folder) as recorder:
        errand = replace(dock.errand(keep=True), profile=make_of(recorder, dock))
        return survey(recorder, dock.probe, errand)


def make_of(recorder: Recorder, dock: Dock) -> Profile:
    """Return what a recorder that somebody named looks like."""
    return dock.profiles.recognise(recorder.identity.label or recorder.label, recorder.names)


def _is_plugged_in(folder: Path, dock: Dock) -> bool:
    """Whether a folder is the root of a volume that people plug in and out."""
    place = folder.resolve()
    return any(v.place == place for v in plugged_in(dock.table.read(), dock.places))


def signed_receipt(dock: Dock, receipt: Receipt) -> str:
    """Return the receipt as this machine signs it."""
    return sign(receipt, dock.machine.name, dock.machine.signing_key("receipt"))
