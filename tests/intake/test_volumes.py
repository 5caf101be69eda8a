"""Which volumes are recorders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confere.errors import ConfereError, SourceVanished
from confere.intake.identity import Places
from confere.intake.mounts import Mount
from confere.intake.profiles import Profiles, load, shipped
from confere.intake.volumes import Found, Lookout, Volume, look_at, plugged_in
from doubles.card import record
from doubles.devices import BUILT_IN, CARD_SLOT, USB, Devices

NUMBER = os.makedev(8, 17)


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    """The shipped ones."""
    return load([shipped()])


@pytest.fixture
def devices(tmp_path: Path) -> Devices:
    """A machine without devices."""
    return Devices(tmp_path / "machine")


def places_of(mounts: list[Mount], devices: Devices) -> list[str]:
    """Return where the plugged-in volumes are."""
    return [str(volume.place) for volume in plugged_in(mounts, devices.places)]


@pytest.mark.parametrize(
    ("where", "place", "expected"),
    [
        (USB, "/media/ana/H5_SD", True),
        (USB, "/somewhere/else", True),
        (CARD_SLOT, "/run/media/ana/H5_SD", True),
        (CARD_SLOT, "/somewhere/else", False),
        (BUILT_IN, "/media/ana/H5_SD", True),
        (BUILT_IN, "/data", False),
        (USB, "/", False),
        (USB, "/home", False),
    ],
)
def test_what_people_plug_in(devices: Devices, where: str, place: str, expected: bool) -> None:
    """What hangs on USB, and what a desktop mounted; not what the computer runs from."""
    devices.plug_in(NUMBER, where)
    found = places_of([Mount(Path(place), NUMBER, "vfat", 40)], devices)
    assert found == ([place] if expected else [])


def test_what_has_no_device_is_not_plugged_in(devices: Devices) -> None:
    """A network folder below /media, or memory that looks like a disk."""
    mounts = [Mount(Path("/media/ana/share"), os.makedev(0, 50), "nfs4", 41)]
    assert places_of(mounts, devices) == []


def test_a_volume_counts_once(devices: Devices) -> None:
    """Mounted in two places, or with a folder of it somewhere: it is one."""
    devices.plug_in(NUMBER)
    mounts = [
        Mount(Path("/home/ana/stereo"), NUMBER, "vfat", 39, whole=False),
        Mount(Path("/media/ana/H5"), NUMBER, "vfat", 40),
        Mount(Path("/tmp/again"), NUMBER, "vfat", 41),
    ]
    assert places_of(mounts, devices) == ["/media/ana/H5"]


def test_each_plugging_in_is_another(devices: Devices) -> None:
    """Mounted anew, or another card in the same reader: another key."""
    keys = set()
    for mount_id, sequence in ((40, 1), (41, 1), (40, 2)):
        devices.plug_in(NUMBER, sequence=sequence)
        mounts = [Mount(Path("/media/ana/H5"), NUMBER, "vfat", mount_id)]
        (volume,) = plugged_in(mounts, devices.places)
        keys.add(volume.key)
    assert len(keys) == 3


def test_where_no_kernel_tells_what_was_listed_is_plugged_in(tmp_path: Path) -> None:
    """macOS and Windows: the list has nothing else."""
    places = Places(tmp_path, tmp_path)
    (volume,) = plugged_in([Mount(Path("/Volumes/H5_SD"), 7)], places)
    assert (volume.label, str(volume.identity)) == ("H5_SD", "")


# --- what it is -----------------------------------------------------------------------------------


def a_volume(tmp_path: Path, devices: Devices, **known: str) -> Volume:
    """Return a volume in a folder of this test's."""
    card = tmp_path / "card"
    card.mkdir(exist_ok=True)
    number = card.stat().st_dev
    devices.plug_in(number, **known)  # type: ignore[arg-type]
    (volume,) = plugged_in([Mount(card, number, "vfat", 40)], devices.places)
    return volume


def test_a_recorder_is_taken_for_one(tmp_path: Path, devices: Devices, profiles: Profiles) -> None:
    """By its folders, though nobody named it."""
    volume = a_volume(tmp_path, devices)
    record(volume.place, "STEREO/FOLDER01/ZOOM0001.WAV", b"x")
    found = look_at(volume, profiles, [], tmp_path / "vault")
    assert (found.profile.name, found.named, found.is_recorder) == ("zoom", False, True)


def test_a_stick_is_none_unless_somebody_names_it(
    tmp_path: Path, devices: Devices, profiles: Profiles
) -> None:
    """By its label or its UUID, in any letters."""
    volume = a_volume(tmp_path, devices, label="My\\x20Stick", uuid="1234-ABCD")
    record(volume.place, "music/song.mp3", b"x")
    for named, recorder in (([], False), (["other"], False), (["my stick"], True),
                            (["1234-abcd"], True), ([""], False)):  # fmt: skip
        found = look_at(volume, profiles, named, tmp_path / "vault")
        assert (found.profile.name, found.is_recorder) == ("generic", recorder)


def test_a_phone_is_none_unless_somebody_names_it(
    tmp_path: Path, devices: Devices, profiles: Profiles
) -> None:
    """It is recognised, and left alone all the same."""
    volume = a_volume(tmp_path, devices, label="PHONE")
    record(volume.place, "Recordings/Voice 001.m4a", b"x")
    assert not look_at(volume, profiles, [], tmp_path / "vault").is_recorder
    found = look_at(volume, profiles, ["phone"], tmp_path / "vault")
    assert (found.profile.name, found.is_recorder) == ("phone", True)


@pytest.mark.parametrize("ours", ["the vault", "a vault", "a backup"])
def test_what_is_ours_is_never_a_recorder(
    tmp_path: Path, devices: Devices, profiles: Profiles, ours: str
) -> None:
    """A stick with the vault, or with a backup of it, though it looks like one and is named."""
    volume = a_volume(tmp_path, devices, label="H5_SD")
    record(volume.place, "STEREO/FOLDER01/ZOOM0001.WAV", b"x")
    vault = tmp_path / "vault"
    if ours == "the vault":
        vault = volume.place / "confere" / "vault"
    else:
        record(volume.place, "confere.toml" if ours == "a vault" else "backup.json", b"x")
    assert not look_at(volume, profiles, ["h5_sd"], vault).is_recorder


def _no_trouble(error: ConfereError) -> None:
    raise error


def test_a_volume_is_looked_at_once_and_forgotten_when_it_goes(
    tmp_path: Path, devices: Devices, profiles: Profiles
) -> None:
    """What comes, what goes, and what comes again."""
    volume = a_volume(tmp_path, devices)
    lookout = Lookout(profiles, [], tmp_path / "vault")
    assert lookout.look([], _no_trouble) == ([], [])
    new, gone = lookout.look([volume], _no_trouble)
    assert ([found.volume for found in new], gone) == ([volume], [])
    assert lookout.look([volume], _no_trouble) == ([], [])
    assert lookout.look([], _no_trouble) == ([], new)
    assert [found.volume for found in lookout.look([volume], _no_trouble)[0]] == [volume]


def test_what_cannot_be_looked_at_is_tried_again(
    tmp_path: Path, devices: Devices, profiles: Profiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A volume that is not ready yet is no stick without anything on it."""
    volume = a_volume(tmp_path, devices)
    lookout = Lookout(profiles, [], tmp_path / "vault")
    volume.place.rename(tmp_path / "away")
    with pytest.raises(SourceVanished):
        look_at(volume, profiles, [], tmp_path / "vault")
    told: list[ConfereError] = []
    for count in (0, 1, 1):  # said once, and not before it was tried again
        assert lookout.look([volume], told.append) == ([], [])
        assert len(told) == count
    (tmp_path / "away").rename(volume.place)
    ((found,), gone) = lookout.look([volume], _no_trouble)
    assert isinstance(found, Found)
    assert gone == []
