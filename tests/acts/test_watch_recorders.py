"""Plug the recorder in, walk away: recorders that come and go, taken into a real vault."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from confere import wiring
from confere.acts.offload import Dock, offload_folder
from confere.acts.take_in import take_in
from confere.acts.watching import Ears, watch_sources
from confere.cli.offload import command
from confere.errors import ConfereError, NotReady
from confere.intake.listening import Bell, Mode
from confere.intake.mounts import Mount
from confere.intake.outcome import Fate, Silent
from confere.intake.profiles import load, shipped
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion
from confere.vault import Pins, Storage, Vault
from doubles.clock import FakeClock
from doubles.devices import Devices
from doubles.sounds import write_tone
from doubles.studies import MACHINE, Study

LONG_AGO_S = 1_600_000_000  # recorded in 2020


class Socket:
    """A computer's sockets: what is plugged in is in its table, and its devices are in folders.

    All cards lie on this test's own disk, so only one of them is plugged in at a time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.devices = Devices(folder / "machine")
        self.mounts: list[Mount] = []
        self._sequence = 0

    def card(self, name: str) -> Path:
        """Return a place where a card is going to be mounted."""
        place = self.folder / "media" / name
        place.mkdir(parents=True, exist_ok=True)
        return place

    def plug_in(self, place: Path, **known: str) -> None:
        """Plug a card in."""
        self._sequence += 1
        device = place.stat().st_dev
        self.devices.plug_in(device, sequence=self._sequence, **known)  # type: ignore[arg-type]
        self.mounts = [Mount(place, device, "vfat", 40 + self._sequence)]

    def pull_out(self) -> None:
        """Pull it out again."""
        self.devices.pull_out(self.mounts[0].device)
        self.mounts = []

    def read(self) -> tuple[Mount, ...]:
        return tuple(self.mounts)

    @contextmanager
    def listening(self, bell: Bell) -> Iterator[Mode]:
        yield Mode.EVENTS


@pytest.fixture
def socket(tmp_path: Path) -> Socket:
    """A computer with nothing plugged in."""
    return Socket(tmp_path)


@pytest.fixture
def dock(study: Study, tmp_path: Path, socket: Socket) -> Dock:
    """Its dock, at the study's vault."""
    (tmp_path / "seen").mkdir()
    vault = Vault(study.root, Pins(Storage(tmp_path / "seen")))
    profiles = load([shipped()])
    return Dock(vault, MACHINE, wiring.probe, FakeClock(), profiles, socket, socket.devices.places)


class Evening:
    """A watch with rounds between its scans, and all it told."""

    def __init__(self, *rounds: Callable[[], object]) -> None:
        self._rounds = list(rounds)
        self.receipts: list[Receipt] = []
        self.troubles: list[ConfereError] = []
        self.lines: list[str] = []
        self.paused = 0

    def run(self, dock: Dock, *folders: Path) -> None:
        """Watch until the rounds are over."""
        evening = self

        class Turns(Bell):
            def pause(self, seconds: float) -> None:
                evening.paused += 1
                dock.clock.wait(seconds)

            def wait(self, seconds: float) -> None:
                dock.clock.wait(seconds)
                if evening._rounds:
                    evening._rounds.pop(0)()
                else:
                    self.stop()

        ears = Ears(self.receipts.append, self.troubles.append, self.lines.append)
        watch_sources(dock, folders, Turns(), Silent(), ears, keep=False)


def recorded(card: Path, path: str, pitch_hz: float) -> Path:
    """Put a recording of long ago on a card."""
    file = write_tone(card / path, seconds=1, pitch_hz=pitch_hz)
    os.utime(file, (LONG_AGO_S, LONG_AGO_S))
    return file


def test_a_recorder_that_is_plugged_in_is_emptied(dock: Dock, socket: Socket, study: Study) -> None:
    """It is found, named on the screen, in the receipt and in the note, and nothing is waited for."""
    card = socket.card("H5_SD")
    recorded(card, "STEREO/FOLDER01/251103-102208.WAV", 300)
    recorded(card, "STEREO/FOLDER01/251103-112208.WAV", 400)
    known = {"label": "H5_SD", "uuid": "1234-ABCD", "serial": "000123"}
    evening = Evening(lambda: socket.plug_in(card, **known), lambda: None, socket.pull_out)
    evening.run(dock)
    (receipt,) = evening.receipts
    assert [outcome.deletion for outcome in receipt.taken] == [Deletion.DELETED] * 2
    assert evening.paused == 0
    assert evening.lines[1:] == [
        f"Found: H5_SD at {card} (label H5_SD, UUID 1234-ABCD, serial number 000123), "
        "Zoom H1n, H2n, H4n, H5, H6.",
        "Gone: H5_SD.",
    ]
    assert "device     label H5_SD, UUID 1234-ABCD, serial number 000123" in receipt.text()
    note = receipt.taken[0].note
    assert note is not None
    assert (note.device_label, note.device_uuid, note.device_serial) == tuple(known.values())
    assert (note.profile, note.named_at) == ("zoom", "2025-11-03T10:22:08")
    names = {recording.name for recording in take_in(study.desk())}
    assert names == {"251103-102208.WAV", "251103-112208.WAV"}


def test_what_is_plugged_in_already_is_emptied_too(dock: Dock, socket: Socket) -> None:
    """The watch may begin after the recorder."""
    card = socket.card("H5_SD")
    recorded(card, "STEREO/FOLDER01/ZOOM0001.WAV", 300)
    socket.plug_in(card)
    evening = Evening()
    evening.run(dock)
    assert [len(receipt.taken) for receipt in evening.receipts] == [1]


def test_a_stick_is_left_alone_and_said_to_be(dock: Dock, socket: Socket) -> None:
    """Once; and nothing on it is touched."""
    stick = socket.card("STICK")
    song = recorded(stick, "music/song.wav", 300)
    evening = Evening(lambda: socket.plug_in(stick), lambda: None, lambda: None)
    evening.run(dock)
    assert song.exists()
    assert evening.receipts == []
    assert [line for line in evening.lines if "STICK" in line] == [
        f"Left alone: STICK at {stick}. If it is to be emptied, name it."
    ]


def test_what_lies_elsewhere_on_a_recorder_is_left(dock: Dock, socket: Socket) -> None:
    """Nobody said that the music is to be taken, too."""
    card = socket.card("H5_SD")
    recorded(card, "STEREO/FOLDER01/ZOOM0001.WAV", 300)
    song = recorded(card, "music/song.wav", 400)
    evening = Evening(lambda: socket.plug_in(card))
    evening.run(dock)
    assert song.exists()
    fates = {o.path: o.fate for receipt in evening.receipts for o in receipt.outcomes}
    assert fates == {
        "STEREO/FOLDER01/ZOOM0001.WAV": Fate.TAKEN,
        "music/song.wav": Fate.ELSEWHERE,
    }


def test_another_recorder_in_the_same_place_is_looked_at_anew(dock: Dock, socket: Socket) -> None:
    """The same name, size and time on another card is another recording."""
    card = socket.card("H5_SD")

    def exchange() -> None:
        socket.pull_out()
        shutil.rmtree(card)
        recorded(socket.card("H5_SD"), "STEREO/FOLDER01/ZOOM0001.WAV", 400)
        socket.plug_in(card, uuid="2222-2222")

    recorded(card, "STEREO/FOLDER01/ZOOM0001.WAV", 300)
    socket.plug_in(card, uuid="1111-1111")
    evening = Evening(exchange)
    evening.run(dock)
    told = [outcome.note for receipt in evening.receipts for outcome in receipt.taken]
    assert [note and note.device_uuid for note in told] == ["1111-1111", "2222-2222"]
    assert len({note and note.sha256 for note in told}) == 2


def test_a_recorder_swapped_between_two_scans_is_no_old_acquaintance(
    dock: Dock, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card in a reader that stays: what was told of the one's files is not true of the other's."""

    unlink = os.unlink

    def locked(name: str, *, dir_fd: int | None = None) -> None:
        if dir_fd is not None:
            raise OSError(30, "Read-only file system")
        unlink(name)

    card = socket.card("H5_SD")
    file = recorded(card, "STEREO/FOLDER01/ZOOM0001.WAV", 300)
    socket.plug_in(card, uuid="1111-1111")

    def exchange() -> None:
        recorded(card, "STEREO/FOLDER01/ZOOM0001.WAV", 400)
        socket.devices.plug_in(card.stat().st_dev, sequence=2, uuid="2222-2222")

    monkeypatch.setattr(os, "unlink", locked)
    evening = Evening(lambda: None, exchange)
    evening.run(dock)
    told = [outcome for receipt in evening.receipts for outcome in receipt.taken]
    assert [outcome.deletion for outcome in told] == [Deletion.REFUSED] * 2
    assert file.exists()


def test_a_recorder_named_in_the_settings_is_emptied_whole(
    study: Study, dock: Dock, socket: Socket
) -> None:
    """Whatever is on it, and wherever."""
    settings = study.root / "confere.toml"
    settings.write_text(settings.read_text().replace("recorders = []", 'recorders = ["my stick"]'))
    named = Dock(
        Vault(study.root), MACHINE, wiring.probe, FakeClock(), dock.profiles, socket, dock.places
    )
    stick = socket.card("My Stick")
    recorded(stick, "anything/a.wav", 300)
    evening = Evening(lambda: socket.plug_in(stick))
    evening.run(named)
    assert [len(receipt.taken) for receipt in evening.receipts] == [1]


def test_a_file_of_just_now_waits(dock: Dock, socket: Socket) -> None:
    """Somebody may be copying it onto the card; the old one beside it does not wait."""
    card = socket.card("H5_SD")
    recorded(card, "STEREO/FOLDER01/ZOOM0001.WAV", 300)
    young = recorded(card, "STEREO/FOLDER01/ZOOM0002.WAV", 400)
    now = dock.clock.now().timestamp()
    os.utime(young, (now, now))
    evening = Evening(lambda: socket.plug_in(card))
    evening.run(dock)
    assert [[o.path[-12:] for o in r.taken] for r in evening.receipts] == [
        ["ZOOM0001.WAV"],
        ["ZOOM0002.WAV"],
    ]
    assert evening.paused == 1


def test_a_recorder_that_somebody_names_need_not_settle_either(dock: Dock, socket: Socket) -> None:
    """One run, of a volume that is plugged in: an old file is taken without a wait."""
    card = socket.card("H5_SD")
    recorded(card, "a.wav", 300)
    socket.plug_in(card)
    receipt = offload_folder(dock, card, Silent(), keep=False)
    assert len(receipt.taken) == 1
    assert dock.clock.monotonic() == 0


def test_a_folder_of_a_recorder_still_waits(dock: Dock, socket: Socket) -> None:
    """Only the root of a volume is one."""
    card = socket.card("H5_SD")
    recorded(card, "inner/a.wav", 300)
    socket.plug_in(card)
    assert len(offload_folder(dock, card / "inner", Silent(), keep=False).taken) == 1
    assert dock.clock.monotonic() >= 2


def test_a_folder_that_looks_like_a_recorder_is_read_like_one(dock: Dock, tmp_path: Path) -> None:
    """Its tracks belong together, though only a folder was named; and all that is in it is taken."""
    folder = tmp_path / "copied"
    for number, track in enumerate(("LR", "Tr1")):
        recorded(folder, f"MULTI/FOLDER01/ZOOM0001/ZOOM0001_{track}.WAV", 300 + 50 * number)
    recorded(folder, "elsewhere.wav", 500)
    evening = Evening()
    evening.run(dock, folder)
    notes = [outcome.note for receipt in evening.receipts for outcome in receipt.taken]
    assert sorted(note.track for note in notes if note) == ["", "LR", "Tr1"]
    assert len({note.group for note in notes if note}) == 2


def test_how_each_is_watched_is_said(dock: Dock, socket: Socket, tmp_path: Path) -> None:
    """By events, or by polling where none come, with the reason."""
    share, folder = tmp_path / "share", tmp_path / "folder"
    share.mkdir()
    folder.mkdir()
    device = share.stat().st_dev
    socket.mounts = [Mount(tmp_path, device, "ext4", 1), Mount(share, device, "nfs4", 2)]
    evening = Evening()
    evening.run(dock, share, folder)
    assert evening.lines == [
        f"Watching {share} by polling every 30 s (a network folder or FUSE, where no events come).",
        f"Watching {folder} by events.",
    ]
    recorders = Evening()
    recorders.run(dock)
    assert recorders.lines == ["Watching for recorders by events of the table of what is mounted."]


def test_two_watchers_of_one_vault(dock: Dock) -> None:
    """The second is told so, and ends."""
    told: list[NotReady] = []

    def second() -> None:
        with pytest.raises(NotReady, match="another Confere is at the offload") as refused:
            Evening().run(dock)
        told.append(refused.value)

    Evening(second).run(dock)
    assert len(told) == 1
    Evening().run(dock)


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "name a SOURCE, or give --watch"), (["--watch", "--dry-run"], "without --watch")],
)
def test_the_command_says_what_it_wants(arguments: list[str], message: str) -> None:
    """Neither nothing nor too much."""
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert message in done.output


def test_a_profile_of_ones_own_that_is_wrong_stops_the_command(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is touched; file and line are named."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    mine = tmp_path / "config" / "confere" / "recorders"
    mine.mkdir(parents=True)
    (mine / "mine.toml").write_text('format = 1\ntitle = "x"\n[recognise]\nlabel = ["x"]\n')
    write_tone(tmp_path / "card" / "a.wav")
    done = CliRunner().invoke(command, [str(tmp_path / "card"), "--vault", str(study.root)])
    assert done.exit_code != 0
    told = str(done.exception or "") + done.output
    assert "mine.toml, line 4: there is no key 'label' under [recognise]" in told
    assert (tmp_path / "card" / "a.wav").exists()


def test_the_command_takes_what_comes_and_ends_when_it_is_told(
    study: Study, tmp_path: Path
) -> None:
    """A process of its own, as the service starts it; a second one says that there is a first."""
    folder = tmp_path / "watched"
    folder.mkdir()
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    line = [sys.executable, "-m", "confere", "offload", "--vault", str(study.root), "--watch"]
    with subprocess.Popen(
        [*line, str(folder)], env=environment, stderr=subprocess.PIPE, text=True,
        stdout=subprocess.DEVNULL,
    ) as first:  # fmt: skip
        assert first.stderr is not None
        try:
            assert any(said.startswith("Watching ") for said in first.stderr)
            second = subprocess.run(line, env=environment, capture_output=True, text=True)
            assert second.returncode == 1
            assert "another Confere is at the offload of this vault" in second.stderr
            recorded(folder, "a.wav", 300)
            assert any("a.wav" in said and "deleted" in said for said in first.stderr)
        finally:
            first.terminate()
        assert first.wait() == 0
    assert not list(folder.iterdir())
