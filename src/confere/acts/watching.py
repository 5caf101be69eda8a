"""Watching: recorders that come and go, and folders, taken into the vault as soon as there is something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from confere.acts.offload import Dock, make_of
from confere.errors import ConfereError
from confere.intake.listening import Bell, Mode, listening
from confere.intake.mounts import mount_of
from confere.intake.names import printable
from confere.intake.offload import Errand
from confere.intake.outcome import Progress
from confere.intake.profiles import GENERIC
from confere.intake.receipt import Receipt
from confere.intake.recorder import Recorder
from confere.intake.settle import OLD_S
from confere.intake.volumes import Found, Lookout, plugged_in
from confere.intake.watch import Stations, Watcher, watch


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what happens while it is watched: receipts, troubles, and plain lines."""

    tell: Callable[[Receipt], None]
    trouble: Callable[[ConfereError], None]
    say: Callable[[str], None]


def watch_sources(
    dock: Dock,
    folders: Sequence[Path],
    bell: Bell,
    progress: Progress,
    ears: Ears,
    *,
    keep: bool,
) -> None:
    """Take across whatever comes, until the bell says stop: into the folders, or, when none is named,
    on every recorder that is plugged in, and those that are there already.

    Roster and log are looked at before every scan: while they are not in order nothing is taken, and
    the trouble is told. Only one watches a vault, and nobody else offloads meanwhile: another gets
    NotReady. Raises as `offload_folder` does when something is not in order at the start.
    """
    with _Watch(dock, bell, progress, ears, keep=keep) as watching:
        for folder in folders:
            watching.folder(folder)
        if not folders:
            watching.recorders()
        watching.go_on()


class _Watch:
    """What is watched at the moment, and by what means."""

    def __init__(
        self, dock: Dock, bell: Bell, progress: Progress, ears: Ears, *, keep: bool
    ) -> None:
        self._dock = dock
        self._bell = bell
        self._progress = progress
        self._ears = ears
        self._errand = dock.errand(keep)
        self._rescan_s = dock.vault.settings.intake.rescan_seconds
        self._stations = Stations(ears.trouble)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self._dock.vault.alone("offload"))
            self._shelf = self._dock.shelf()
            # A named recorder may be plugged in later: then it need not wait for the next scan.
            self._how = opening.enter_context(self._dock.table.listening(self._bell))
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def go_on(self) -> None:
        """Look, whenever there may be something to see."""
        watch(self._stations, self._bell, self._ears.trouble, self._errand.quiet_s, self._rescan_s)

    def folder(self, folder: Path) -> None:
        """Watch a folder that stays."""
        mount = mount_of(folder, self._dock.table.read())
        events = mount is None or mount.gives_events
        how = self._open.enter_context(listening(folder, self._bell, events=events))
        where = "a network folder or FUSE, where no events come" if not events else "no events come"
        self._ears.say(
            f"Watching {printable(str(folder))} by {how}"
            + (f" every {self._rescan_s:g} s ({where})." if how is Mode.POLLING else ".")
        )
        profile = self._errand.profile
        with suppress(ConfereError), Recorder(folder) as recorder:  # it need not be there yet
            profile = make_of(recorder, self._dock)
        errand = replace(self._errand, profile=profile)
        self._stations.add(folder, self._watcher(folder, "", errand))

    def recorders(self) -> None:
        """Watch for recorders that come and go."""
        self._ears.say(f"Watching for recorders by {self._how} of the table of what is mounted.")
        vault = self._dock.vault
        profiles, named = self._dock.profiles, vault.settings.intake.recorders
        gate = _Gate(Lookout(profiles, named, vault.storage.root), self._dock, self)
        self._stations.add(gate, gate)

    def arrive(self, found: Found) -> None:
        """A volume is there: watch it, if it is a recorder."""
        volume, profile = found.volume, found.profile
        where = f"{volume.label} at {printable(str(volume.place))}"
        if not found.is_recorder:
            kind = "" if profile.name == GENERIC else f" ({profile.title})"
            self._ears.say(f"Left alone: {where}{kind}. If it is to be emptied, name it.")
            return
        known = f" ({volume.identity})" if str(volume.identity) else ""
        self._ears.say(f"Found: {where}{known}, {profile.title}.")
        errand = replace(
            self._errand,
            profile=profile,
            only_where_audio_lies=not found.named,
            old_s=OLD_S,
        )
        self._stations.add(volume.key, self._watcher(volume.place, volume.label, errand))

    def trouble(self, error: ConfereError) -> None:
        """A volume cannot be looked at."""
        self._ears.trouble(error)

    def leave(self, found: Found) -> None:
        """A volume is gone."""
        if found.is_recorder:
            self._ears.say(f"Gone: {found.volume.label}.")
        self._stations.drop(found.volume.key)

    def _watcher(self, folder: Path, label: str, errand: Errand) -> Watcher:
        def open_recorder() -> Recorder:
            self._shelf.log.look()
            return Recorder(folder, label, places=self._dock.places)

        def tell(receipt: Receipt) -> None:
            self._ears.tell(replace(receipt, custody=self._shelf.log.state()))

        return Watcher(open_recorder, self._dock.tools(self._shelf), errand, tell, self._progress)


@dataclass(frozen=True, eq=False)
class _Gate:
    """Where volumes come in and go out; a scan of it looks which have."""

    lookout: Lookout
    dock: Dock
    watching: _Watch

    def scan(self) -> bool:
        """Watch what has come, and no longer what has gone."""
        new, gone = self.lookout.look(
            plugged_in(self.dock.table.read(), self.dock.places), self.watching.trouble
        )
        for found in gone:
            self.watching.leave(found)
        for found in new:
            self.watching.arrive(found)
        return False
