"""Watching a folder: when it scans, what it takes, what it tells."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from watchdog import events

from confere.errors import ConfereError, SourceVanished
from confere.intake.identity import Places
from confere.intake.listening import Bell, Mode, Ringer, listening
from confere.intake.note import OffloadNote
from confere.intake.offload import Errand
from confere.intake.outcome import Fate
from confere.intake.port import Placement
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion, Recorder
from confere.intake.settle import SystemClock
from confere.intake.transfer import Tools
from confere.intake.watch import Stations, Watcher, watch
from doubles.card import audio, files_of, probe, record
from doubles.clock import FakeClock
from doubles.devices import Devices
from doubles.shelf import MemoryPlacement, MemoryShelf

PATIENT_S = 30  # seconds after which a test that waits for an event gives up

QUIET_S = 2.0


class Scene:
    """A watched folder with a fake clock; ``scan`` lets a quiet period pass first."""

    def __init__(self, folder: Path, *, keep: bool = False, places: Places | None = None) -> None:
        self.folder = folder
        self.shelf = MemoryShelf()
        self.clock = FakeClock()
        self.told: list[Receipt] = []
        errand = Errand("study", "laptop", keep_source=keep, quiet_s=QUIET_S)
        tools = Tools(self.shelf, probe, self.clock)
        opened = partial(Recorder, folder, places=places)
        self.watcher = Watcher(opened, tools, errand, self.told.append)

    def scan(self) -> bool:
        """Let a quiet period pass, and scan."""
        self.clock.wait(QUIET_S)
        return self.watcher.scan()

    def news(self) -> list[tuple[str, Fate]]:
        """Return what was told since the last call."""
        told = [(o.path, o.fate) for receipt in self.told for o in receipt.outcomes]
        self.told.clear()
        return told


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """An empty folder, watched."""
    folder = tmp_path / "watched"
    folder.mkdir()
    return Scene(folder)


# --- what a scan decides -------------------------------------------------------------------------


def test_a_new_file_is_taken_when_it_has_settled(scene: Scene) -> None:
    """The first scan only sees it; the next, a quiet period later, takes it."""
    content = record(scene.folder, "a.wav", audio(100))
    assert scene.scan() is True
    assert not scene.told
    assert scene.scan() is False
    assert scene.news() == [("a.wav", Fate.TAKEN)]
    assert [kept.plain for kept in scene.shelf.kept.values()] == [content]
    assert files_of(scene.folder) == {}


def test_a_growing_file_is_waited_for_without_a_word(scene: Scene) -> None:
    """As long as it grows it is neither taken nor told, however long that is."""
    for size in range(100, 200):
        record(scene.folder, "a.wav", audio(size))
        assert scene.scan() is True
    assert not scene.told
    assert scene.scan() is False
    assert scene.news() == [("a.wav", Fate.TAKEN)]


def test_a_session_waits_for_its_last_part(scene: Scene) -> None:
    """Parts that belong together go together: the first waits for the second."""
    record(scene.folder, "Z1-0001.WAV", audio(100))
    scene.scan()
    record(scene.folder, "Z1-0002.WAV", audio(50))
    record(scene.folder, "other.WAV", audio(60))
    assert scene.scan() is True
    assert not scene.told
    assert scene.scan() is False
    assert {path for path, _ in scene.news()} == {"Z1-0001.WAV", "Z1-0002.WAV", "other.WAV"}
    groups = {kept.note.name: kept.note.group for kept in scene.shelf.kept.values()}
    assert groups["Z1-0001.WAV"] == groups["Z1-0002.WAV"]


def test_what_is_left_is_told_once(scene: Scene) -> None:
    """Files that are no recordings are told at the first scan that knows it, and not again."""
    record(scene.folder, "notes.txt", b"text")
    record(scene.folder, "b.wav", b"no audio")
    scene.scan()
    assert scene.news() == [("notes.txt", Fate.SIDE_FILE)]
    scene.scan()
    assert scene.news() == [("b.wav", Fate.NOT_AUDIO)]
    for _ in range(3):
        assert scene.scan() is False
    assert scene.news() == []


def test_what_was_away_is_news_again(scene: Scene) -> None:
    """A side file that went and came back is told a second time; memory is of what is there."""
    for _ in range(2):
        record(scene.folder, "notes.txt", b"text")
        scene.scan()
        assert scene.news() == [("notes.txt", Fate.SIDE_FILE)]
        (scene.folder / "notes.txt").unlink()
        scene.scan()


def test_what_was_left_is_looked_at_again_when_it_changes(scene: Scene) -> None:
    """An empty file that becomes a recording is taken."""
    record(scene.folder, "a.wav", b"")
    scene.scan()
    scene.scan()
    assert scene.news() == [("a.wav", Fate.EMPTY)]
    record(scene.folder, "a.wav", audio(100))
    assert scene.scan() is True
    scene.scan()
    assert scene.news() == [("a.wav", Fate.TAKEN)]


def test_kept_sources_are_copied_once(tmp_path: Path) -> None:
    """Where nothing is deleted, a file is not copied again with every scan."""
    content = {"a.wav": record(tmp_path, "a.wav", audio(100))}
    scene = Scene(tmp_path, keep=True)
    for _ in range(5):
        scene.scan()
    assert scene.news() == [("a.wav", Fate.TAKEN)]
    assert len(scene.shelf.kept) == 1
    assert files_of(tmp_path) == content


def test_a_new_recording_under_an_old_name_is_taken(scene: Scene) -> None:
    """Same path, same size, same time as one that was taken and deleted: it is a new recording."""
    for seed in (1, 2):
        record(scene.folder, "a.wav", audio(100, seed))
        os.utime(scene.folder / "a.wav", ns=(5, 5))
        scene.scan()
        scene.scan()
        assert scene.news() == [("a.wav", Fate.TAKEN)]
    assert len(scene.shelf.kept) == 2


def test_the_same_name_on_another_card_is_another_recording(tmp_path: Path) -> None:
    """A folder that is watched by its place: what was told of one card is not true of the next."""
    devices, card = Devices(tmp_path / "machine"), tmp_path / "card"
    card.mkdir()
    scene = Scene(card, keep=True, places=devices.places)
    for sequence in (1, 2, 2):
        devices.plug_in(card.stat().st_dev, sequence=sequence)
        record(card, "a.wav", audio(100, sequence))
        os.utime(card / "a.wav", ns=(5, 5))
        scene.scan()
        scene.scan()
    assert len({kept.note.sha256 for kept in scene.shelf.kept.values()}) == 2
    assert len(scene.shelf.kept) == 2


class Failing(MemoryShelf):
    """A shelf that keeps nothing until it is repaired."""

    broken = True

    def begin(self) -> Placement:
        shelf = self

        class Unwilling(MemoryPlacement):
            def keep(self, note: OffloadNote) -> None:
                if shelf.broken:
                    raise OSError(13, "Permission denied")
                super().keep(note)

        return Unwilling(self, "unwilling")


def test_a_failure_is_tried_again_and_told_once(scene: Scene) -> None:
    """A file that fails is taken as soon as it can be; until then nobody is bored with it."""
    shelf = Failing()
    tools = Tools(shelf, probe, scene.clock)
    errand = Errand("study", "laptop", quiet_s=QUIET_S)
    scene.watcher = Watcher(lambda: Recorder(scene.folder), tools, errand, scene.told.append)
    record(scene.folder, "a.wav", audio(100))
    for _ in range(4):
        scene.scan()
    assert scene.news() == [("a.wav", Fate.FAILED)]
    assert files_of(scene.folder)
    shelf.broken = False
    scene.scan()
    assert scene.news() == [("a.wav", Fate.TAKEN)]


def test_a_file_that_cannot_be_deleted_is_not_copied_over_and_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write-protected card must not fill the disk with copies."""

    def locked(_name: str, *, dir_fd: int) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "unlink", locked)
    record(scene.folder, "a.wav", audio(100))
    for _ in range(5):
        scene.scan()
    assert [receipt.taken[0].deletion for receipt in scene.told] == [Deletion.REFUSED]
    assert len(scene.shelf.kept) == 1


def test_ctrl_c_is_told_and_goes_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receipt of what was done comes first; then the interrupt ends what it was meant to end."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MemoryPlacement, "seal", interrupt)
    record(scene.folder, "a.wav", audio(100))
    scene.scan()
    with pytest.raises(KeyboardInterrupt):
        scene.scan()
    assert scene.news() == [("a.wav", Fate.FAILED)]


def test_a_folder_that_is_gone_raises(scene: Scene) -> None:
    """A scan of nothing is no scan that found nothing."""
    scene.folder.rmdir()
    with pytest.raises(SourceVanished):
        scene.scan()


# --- when it scans -------------------------------------------------------------------------------


class Script(Bell):
    """A bell that never waits: it writes down what it was asked and stops at the end."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.asked: list[tuple[str, float]] = []
        self._left = waits

    def wait(self, seconds: float) -> None:
        self._note("wait", seconds)

    def pause(self, seconds: float) -> None:
        self._note("pause", seconds)

    def _note(self, what: str, seconds: float) -> None:
        self.asked.append((what, seconds))
        self._left -= 1
        if self._left == 0:
            self.stop()


class Answers(Watcher):
    """A watcher whose scans answer what they are told to."""

    def __init__(self, *answers: bool | ConfereError) -> None:
        self._answers = iter(answers)

    def scan(self) -> bool:
        answer = next(self._answers)
        if isinstance(answer, ConfereError):
            raise answer
        return answer


def test_while_something_settles_events_are_not_heard() -> None:
    """With something unsettled it pauses for a quiet period; otherwise it waits for the bell."""
    bell = Script(3)
    watch(Answers(False, True, False), bell, lambda error: None, quiet_s=2, rescan_s=30)
    assert bell.asked == [("wait", 30), ("pause", 2), ("wait", 30)]


def test_trouble_is_told_once_until_it_is_over() -> None:
    """The same error again and again is one message; after a good scan it would be news."""
    gone, other = SourceVanished("H5"), SourceVanished("H6")
    told: list[ConfereError] = []
    watch(Answers(gone, gone, other, gone, False, gone), Script(6), told.append, quiet_s=2)
    assert told == [gone, other, gone, gone]


def test_a_call_ends_a_pause_and_a_ring_does_not() -> None:
    """A recorder that comes does not wait until another's file has settled."""
    bell = Bell()
    bell.call()
    bell.pause(PATIENT_S)
    ended = threading.Event()

    def pause() -> None:
        bell.pause(PATIENT_S)
        ended.set()

    thread = threading.Thread(target=pause)
    thread.start()
    bell.ring()
    assert not ended.is_set()
    bell.call()
    thread.join(PATIENT_S / 2)
    assert ended.is_set()


class Station(Answers):
    """A station that counts its scans."""

    def __init__(
        self, *answers: bool | ConfereError, then: Callable[[], None] | None = None
    ) -> None:
        super().__init__(*answers)
        self.scans = 0
        self._then = then

    def scan(self) -> bool:
        self.scans += 1
        if self._then:
            self._then()
        return super().scan()


def test_one_stations_trouble_keeps_no_other_from_its_work() -> None:
    """Every station is scanned; the trouble is told once, and again after it was over."""
    gone = SourceVanished("H5")
    told: list[ConfereError] = []
    stations = Stations(told.append)
    bad, good = Station(gone, gone, False, gone), Station(True, False, False, True)
    stations.add("bad", bad)
    stations.add("good", good)
    assert [stations.scan() for _ in range(4)] == [True, False, False, True]
    assert (bad.scans, good.scans, told) == (4, 4, [gone, gone])


def test_a_trouble_that_all_have_is_told_once() -> None:
    """A roster that is not in order is not told once for each recorder."""
    told: list[ConfereError] = []
    stations = Stations(told.append)
    for key in range(3):
        stations.add(key, Station(*[ConfereError("the roster is not in order")] * 2))
    for _ in range(2):
        assert stations.scan() is False
    assert len(told) == 1


def test_what_has_just_come_is_looked_at_in_the_same_round() -> None:
    """And what has just gone is not looked at any more."""
    stations = Stations(lambda _error: None)
    goes, comes = Station(), Station(True)

    def exchange() -> None:
        stations.drop("goes")
        stations.add("comes", comes)

    stations.add("gate", Station(False, then=exchange))
    stations.add("goes", goes)
    assert stations.scan() is True
    assert (goes.scans, comes.scans) == (0, 1)


def test_nothing_is_scanned_after_the_stop() -> None:
    """A bell that says stop at once ends the watching before it began."""
    bell = Bell()
    bell.stop()
    watch(Answers(), bell, lambda error: None, quiet_s=2)


def test_the_stop_ends_every_waiting() -> None:
    """Whoever waits, or pauses, goes on at the stop."""
    bell = Bell()
    threads = [threading.Thread(target=call, args=(PATIENT_S,)) for call in (bell.wait, bell.pause)]
    for thread in threads:
        thread.start()
    bell.stop()
    for thread in threads:
        thread.join(PATIENT_S / 2)
        assert not thread.is_alive()


# --- with the real watchdog ----------------------------------------------------------------------


class Heard(Bell):
    """A bell that remembers that it was rung."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = threading.Event()

    def ring(self) -> None:
        super().ring()
        self.heard.set()


@pytest.mark.parametrize("where", ["a.wav", "new/folder/a.wav"])
def test_a_new_file_rings_the_bell(tmp_path: Path, where: str) -> None:
    """The operating system's events arrive, from new folders too."""
    bell = Heard()
    with listening(tmp_path, bell) as mode:
        assert mode is Mode.EVENTS
        record(tmp_path, where, audio(10))
        assert bell.heard.wait(PATIENT_S)


@pytest.mark.parametrize(
    ("event", "rings"),
    [
        (events.FileCreatedEvent("a"), True),
        (events.FileModifiedEvent("a"), True),
        (events.FileMovedEvent("b", "a"), True),
        (events.FileClosedEvent("a"), True),
        (events.FileOpenedEvent("a"), False),
        (events.FileClosedNoWriteEvent("a"), False),
        (events.FileDeletedEvent("a"), False),
    ],
    ids=lambda value: getattr(value, "event_type", value),
)
def test_only_writing_rings_the_bell(event: events.FileSystemEvent, rings: bool) -> None:
    """Were reading and deleting heard, every scan would call for the next."""
    bell = Heard()
    Ringer(bell).on_any_event(event)
    assert bell.heard.is_set() is rings


def test_without_events_it_polls(tmp_path: Path) -> None:
    """A folder that cannot be listened to is said to be polled, and errors within are not eaten."""
    with listening(tmp_path / "nothing", Bell()) as mode:
        assert mode is Mode.POLLING
    with listening(tmp_path, Bell(), events=False) as mode:
        assert mode is Mode.POLLING
    with pytest.raises(OSError, match="mine"), listening(tmp_path / "nothing", Bell()):
        raise OSError("mine")
    with pytest.raises(OSError, match="mine"), listening(tmp_path, Bell()):
        raise OSError("mine")


def test_the_whole_watch_takes_a_recording(tmp_path: Path) -> None:
    """From the event to the empty folder, with real time and a short quiet period."""
    folder = tmp_path / "watched"
    folder.mkdir()
    bell, shelf = Bell(), MemoryShelf()
    receipts: list[Receipt] = []
    done = threading.Event()

    def tell(receipt: Receipt) -> None:
        receipts.append(receipt)
        done.set()

    errand = Errand("study", "laptop", quiet_s=0.05)
    tools = Tools(shelf, probe, SystemClock())
    watcher = Watcher(lambda: Recorder(folder), tools, errand, tell)
    with listening(folder, bell):
        thread = threading.Thread(target=watch, args=(watcher, bell, print, 0.05, PATIENT_S))
        thread.start()
        try:
            content = record(folder, "a.wav", audio(1000))
            assert done.wait(PATIENT_S)
        finally:
            bell.stop()
            thread.join(PATIENT_S)
    assert [kept.plain for kept in shelf.kept.values()] == [content]
    assert receipts[0].taken[0].deletion is Deletion.DELETED
