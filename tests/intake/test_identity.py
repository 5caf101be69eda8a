"""Which recorder it is, as far as the system tells."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confere.errors import SourceVanished
from confere.intake.identity import Places, RecorderIdentity, attached
from confere.intake.recorder import Deletion, Recorder
from doubles.card import record
from doubles.devices import BUILT_IN, CARD_SLOT, USB, Devices

NUMBER = os.makedev(8, 17)


@pytest.fixture
def devices(tmp_path: Path) -> Devices:
    """A machine without devices."""
    return Devices(tmp_path / "machine")


@pytest.mark.parametrize("where", [USB, CARD_SLOT])
def test_label_uuid_and_serial_number_are_found(devices: Devices, where: str) -> None:
    """As an ordinary user finds them, in the links of udev and in the tree of devices."""
    devices.plug_in(NUMBER, where, label=r"ZOOM\x20H5", uuid="1234-ABCD", serial="000123")
    found = attached(NUMBER, devices.places)
    assert found is not None
    assert found.identity == RecorderIdentity("ZOOM H5", "1234-ABCD", "000123")
    assert str(found.identity) == "label ZOOM H5, UUID 1234-ABCD, serial number 000123"


def test_what_is_unknown_is_empty(devices: Devices) -> None:
    """Without udev, and with a recorder that has no number, nothing is made up."""
    devices.plug_in(NUMBER)
    found = attached(NUMBER, devices.places)
    assert found is not None
    assert found.identity == RecorderIdentity()
    assert str(found.identity) == ""


def test_the_number_of_a_hub_is_not_the_recorders(devices: Devices) -> None:
    """Above the USB device that has no number are sockets that have one: of the laptop."""
    devices.plug_in(NUMBER, USB)
    assert (devices.places.sys / "devices/pci0000:00/0000:00:14.0/usb1/serial").exists()
    found = attached(NUMBER, devices.places)
    assert found is not None
    assert found.identity.serial == ""


def test_a_hostile_name_cannot_break_a_line(devices: Devices) -> None:
    """A label may hold anything: it is shown escaped, and no longer than a name."""
    devices.plug_in(NUMBER, label=r"H5\x0a\x1b[2J\xe9", uuid="A" * 200)
    found = attached(NUMBER, devices.places)
    assert found is not None
    assert found.identity.label == "H5\\u000a\\u001b[2J\\xe9"
    assert len(found.identity.uuid) == 128


@pytest.mark.parametrize(
    ("where", "removable", "expected"),
    [(USB, False, True), (BUILT_IN, False, False), (BUILT_IN, True, True)],
)
def test_what_is_plugged_in_and_out(
    devices: Devices, where: str, removable: bool, expected: bool
) -> None:
    """What hangs on USB, and what the kernel calls removable."""
    devices.plug_in(NUMBER, where, removable=removable)
    found = attached(NUMBER, devices.places)
    assert found is not None
    assert found.removable is expected


def test_no_device_is_none(devices: Devices, tmp_path: Path) -> None:
    """Network folders have none, and neither has a machine without such a tree."""
    assert attached(NUMBER, devices.places) is None
    assert attached(NUMBER, Places(tmp_path / "no", tmp_path / "where")) is None


@pytest.mark.parametrize(
    ("one", "other", "contradicts"),
    [
        (RecorderIdentity("H5", "1", ""), RecorderIdentity("H5", "1", "9"), False),
        (RecorderIdentity("H5", "1", ""), RecorderIdentity("", "2", ""), True),
        (RecorderIdentity("H5"), RecorderIdentity("H6"), True),
        (RecorderIdentity(), RecorderIdentity("H6", "2", "9"), False),
    ],
)
def test_only_what_both_know_can_contradict(
    one: RecorderIdentity, other: RecorderIdentity, contradicts: bool
) -> None:
    """A name that udev has not written yet is no other recorder."""
    assert one.contradicts(other) is other.contradicts(one) is contradicts


# --- another recorder at the same place ----------------------------------------------------------


def _card(tmp_path: Path) -> tuple[Path, int]:
    card = tmp_path / "card"
    record(card, "a.wav", b"x")
    return card, card.stat().st_dev


def test_an_opened_recorder_knows_who_it_is(devices: Devices, tmp_path: Path) -> None:
    """Its identity is that of the device under its folder."""
    card, number = _card(tmp_path)
    devices.plug_in(number, label="H5_SD", uuid="1234-ABCD")
    with Recorder(card, places=devices.places) as recorder:
        assert recorder.identity == RecorderIdentity("H5_SD", "1234-ABCD", "")
        recorder.check()


def test_a_folder_of_the_computers_own_disk_has_no_identity(
    devices: Devices, tmp_path: Path
) -> None:
    """The serial number of the laptop's disk is nothing that a receipt has to tell."""
    card, number = _card(tmp_path)
    devices.plug_in(number, BUILT_IN, label="data", uuid="1234-ABCD")
    with Recorder(card, places=devices.places) as recorder:
        assert recorder.identity == RecorderIdentity()
        devices.plug_in(number, BUILT_IN, uuid="9999-0000")
        with pytest.raises(SourceVanished, match="another recorder"):
            recorder.check()


@pytest.mark.parametrize(
    "swapped",
    [{"sequence": 2, "uuid": "1234-ABCD"}, {"uuid": "9999-0000"}, {"where": CARD_SLOT}],
    ids=["plugged in anew", "other file system", "other socket"],
)
def test_a_recorder_swapped_for_another_is_noticed(
    devices: Devices, tmp_path: Path, swapped: dict[str, object]
) -> None:
    """Same mount point, same device number, same inode of the root: another card in the reader."""
    card, number = _card(tmp_path)
    devices.plug_in(number, uuid="1234-ABCD")
    with Recorder(card, places=devices.places) as recorder:
        (file,) = recorder.walk().files
        devices.plug_in(number, **swapped)  # type: ignore[arg-type]
        with pytest.raises(SourceVanished, match="another recorder"):
            recorder.walk()
        with pytest.raises(SourceVanished, match="another recorder"):
            recorder.delete_if_same(file, file.identity)
    assert (card / "a.wav").exists()


def test_a_name_that_appears_late_is_no_other_recorder(devices: Devices, tmp_path: Path) -> None:
    """A card can be mounted before udev has written its names."""
    card, number = _card(tmp_path)
    devices.plug_in(number)
    with Recorder(card, places=devices.places) as recorder:
        devices.plug_in(number, label="H5_SD", uuid="1234-ABCD")
        (file,) = recorder.walk().files
        assert recorder.delete_if_same(file, file.identity) is Deletion.DELETED


def test_a_recorder_that_is_pulled_out_is_gone(devices: Devices, tmp_path: Path) -> None:
    """Without its device nothing is concluded from a folder that still answers."""
    card, number = _card(tmp_path)
    devices.plug_in(number)
    with Recorder(card, places=devices.places) as recorder:
        devices.pull_out(number)
        with pytest.raises(SourceVanished, match="device is gone"):
            recorder.walk()
