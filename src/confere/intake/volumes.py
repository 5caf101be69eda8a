"""Which of the volumes that come and go are recorders.

A volume is looked at when people plug it in and out, and when it belongs neither to the computer nor to
Confere. It is a recorder when somebody has named it, or when it looks like a make that may be emptied
unasked; of one that nobody named, only the folders that its make records to are emptied. Anything else
stays as it is: to take every sound from every stick would be to steal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from confere.errors import ConfereError
from confere.intake.identity import Places, RecorderIdentity, attached
from confere.intake.mounts import Mount
from confere.intake.names import printable
from confere.intake.profiles import Profile, Profiles
from confere.intake.recorder import Recorder

#: Where desktops put what is plugged in.
_DESKTOP = tuple(map(Path, ("/media", "/run/media", "/Volumes")))
#: A laptop may run from a stick; what it runs from is no recorder.
_COMPUTER = frozenset(
    map(
        Path,
        (
            "/",
            "/boot",
            "/boot/efi",
            "/efi",
            "/home",
            "/usr",
            "/var",
            "/opt",
            "/srv",
            "/root",
            "/nix",
        ),
    )
)
_OURS = frozenset({"confere.toml", "backup.json"})  # in the root of a vault, of a backup


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume that is plugged in. ``key`` is another one each time something is plugged in."""

    place: Path
    key: tuple[int, int, str]
    identity: RecorderIdentity

    @property
    def label(self) -> str:
        """What people call it: desktops name the place after the label."""
        return self.identity.label or printable(self.place.name) or "recorder"


@dataclass(frozen=True, slots=True)
class Found:
    """A volume and what it is; ``named`` by somebody, or only looking like its profile."""

    volume: Volume
    profile: Profile
    named: bool

    @property
    def is_recorder(self) -> bool:
        """Whether it may be emptied."""
        return self.named or self.profile.automatic


def plugged_in(mounts: Iterable[Mount], places: Places) -> list[Volume]:
    """Return the volumes that people plug in and out, the oldest first, each in its first place."""
    volumes: dict[int, Volume] = {}
    for mount in mounts:
        device = attached(mount.device, places)
        by_desktop = any(mount.place.is_relative_to(folder) for folder in _DESKTOP)
        # Without a table of the kernel's, only volumes that are plugged in were listed.
        local = device is not None or (mount.id == 0 and mount.gives_events)
        removable = by_desktop or mount.id == 0 or (device is not None and device.removable)
        if not (local and removable and mount.whole) or mount.place in _COMPUTER:
            continue
        sequence = device.sequence if device else ""
        key = (mount.id, mount.device, sequence)
        identity = device.identity if device else RecorderIdentity()
        volumes.setdefault(mount.device, Volume(mount.place, key, identity))
    return list(volumes.values())


def look_at(volume: Volume, profiles: Profiles, named: Iterable[str], vault: Path) -> Found:
    """Open a volume and say what it is; ``named`` are labels and UUIDs of recorders, in any letters.

    What holds the vault, or anything else of Confere, is never a recorder. Raises SourceVanished or
    StorageProblem when it cannot be looked at.
    """
    with Recorder(volume.place, volume.label) as recorder:
        top = recorder.names(())
        profile = profiles.recognise(volume.label, recorder.names)
        recorder.check()  # an empty answer may only mean that the cable was pulled
    if vault.resolve().is_relative_to(volume.place) or not _OURS.isdisjoint(top):
        return Found(volume, profiles.generic, named=False)
    names = {name.casefold() for name in named}
    known = {volume.label.casefold(), volume.identity.uuid.casefold()} - {""}
    return Found(volume, profile, named=not names.isdisjoint(known))


class Lookout:
    """Remembers what each volume is as long as it is plugged in: each is looked at once."""

    def __init__(self, profiles: Profiles, named: Iterable[str], vault: Path) -> None:
        self._profiles = profiles
        self._named = tuple(named)
        self._vault = vault
        self._found: dict[tuple[int, int, str], Found] = {}
        self._failed: set[tuple[int, int, str]] = set()
        self._told: set[tuple[int, int, str]] = set()

    def look(
        self, volumes: Iterable[Volume], trouble: Callable[[ConfereError], None]
    ) -> tuple[list[Found], list[Found]]:
        """Take what is plugged in now; return what is new and what is gone.

        A volume that cannot be looked at is tried again each time. The first time says nothing: it has
        gone again, or is not ready yet. The second time the trouble is told, and then no more.
        """
        present = {volume.key: volume for volume in volumes}
        gone = [found for key, found in self._found.items() if key not in present]
        self._found = {key: found for key, found in self._found.items() if key in present}
        tried, told = self._failed & present.keys(), self._told & present.keys()
        self._failed, self._told = set(), told
        new = []
        for key, volume in present.items():
            if key not in self._found:
                try:
                    self._found[key] = look_at(volume, self._profiles, self._named, self._vault)
                except ConfereError as error:
                    self._failed.add(key)
                    if key in tried - told:
                        self._told.add(key)
                        trouble(error)
                    continue
                new.append(self._found[key])
        return new, gone
