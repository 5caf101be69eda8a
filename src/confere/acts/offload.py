"""Offload: recordings from a recorder or a folder into the vault. Needs no passphrase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from confere.acts.shelf import VaultShelf
from confere.errors import ConfereError
from confere.intake.listening import Bell, listening
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Probe, Progress
from confere.intake.receipt import Receipt, sign
from confere.intake.recorder import Recorder
from confere.intake.settle import Clock
from confere.intake.transfer import Tools
from confere.intake.watch import Watcher, watch
from confere.vault import Machine, Vault


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
