"""Offloading a recorder: what is taken, what is left, what is told."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pytest

from confere.errors import (
    CopyDiffers,
    DamagedObject,
    DiskFull,
    EmptyFile,
    Interrupted,
    NotAudio,
    SourceVanished,
    StorageProblem,
)
from confere.intake.identity import Places
from confere.intake.note import OffloadNote
from confere.intake.offload import Errand, offload
from confere.intake.outcome import Fate, Findings, Outcome, Probe, Progress
from confere.intake.port import Placement
from confere.intake.receipt import Receipt
from confere.intake.recorder import Deletion, Recorder
from confere.intake.source import Identity, OpenedSource, SourceFile
from confere.intake.transfer import Tools, iso_time
from doubles.card import Facts, audio, files_of, probe, record
from doubles.clock import FakeClock
from doubles.shelf import MemoryPlacement, MemoryShelf, open_bytes

MIB = 1 << 20


@dataclass
class Bench:
    """A card, a shelf, a clock and a probe; each may be exchanged before the run."""

    card: Path
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    clock: FakeClock = field(default_factory=FakeClock)
    probe: Probe = probe
    recorder: Callable[[Path, str], Recorder] = Recorder

    def run(self, *, keep: bool = False, progress: Progress | None = None) -> Receipt:
        """Offload the card."""
        tools = Tools(self.shelf, self.probe, self.clock)
        with self.recorder(self.card, "H5") as recorder:
            return offload(recorder, tools, Errand("study", "laptop", keep_source=keep), progress)

    def one(self) -> Outcome:
        """Offload the card and return the fate of its only file."""
        (outcome,) = self.run().outcomes
        return outcome

    def plain(self) -> dict[str, bytes]:
        """Return what is kept, by path on the card."""
        return {kept.note.path: kept.plain for kept in self.shelf.kept.values()}

    def untouched(self, content: dict[str, bytes]) -> bool:
        """Whether the card holds exactly this and the shelf nothing."""
        return files_of(self.card) == content and not self.shelf.kept and not self.shelf.underway


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty card."""
    card = tmp_path / "card"
    card.mkdir()
    return Bench(card)


# --- what is taken -------------------------------------------------------------------------------


def test_recordings_are_kept_and_then_gone_from_the_card(bench: Bench) -> None:
    """Each recording is on the shelf, byte for byte, and not on the card any more."""
    first = record(bench.card, "STEREO/ZOOM0001_LR-0001.WAV", audio(3 * MIB + 5))
    second = record(bench.card, "STEREO/ZOOM0001_LR-0002.WAV", audio(10))
    receipt = bench.run()
    assert bench.plain() == {
        "STEREO/ZOOM0001_LR-0001.WAV": first,
        "STEREO/ZOOM0001_LR-0002.WAV": second,
    }
    assert files_of(bench.card) == {}
    assert [o.deletion for o in receipt.taken] == [Deletion.DELETED, Deletion.DELETED]
    assert not bench.shelf.underway


def test_the_note_tells_where_a_recording_comes_from(bench: Bench) -> None:
    """Digests, sizes, times, place, parts and audio facts are those of the file."""
    content = record(bench.card, "STEREO/ZOOM0001_LR-0002.WAV", audio(1000))
    os.utime(bench.card / "STEREO/ZOOM0001_LR-0002.WAV", ns=(0, 1_000_000_000_123_456_789))
    receipt = bench.run()
    (kept,) = bench.shelf.kept.values()
    note = kept.note
    assert note == receipt.taken[0].note
    assert note.sha256 == hashlib.sha256(content).hexdigest()
    assert note.sealed_sha256 == hashlib.sha256(kept.sealed).hexdigest()
    assert (note.size_bytes, note.sealed_size_bytes) == (1000, len(kept.sealed))
    assert (note.name, note.path) == ("ZOOM0001_LR-0002.WAV", "STEREO/ZOOM0001_LR-0002.WAV")
    assert (note.source, note.part, note.receipt_id) == ("H5", 2, receipt.id)
    assert note.recorded_at == "2001-09-09T01:46:40+00:00"
    assert note.recorded_at_ns == 1_000_000_000_123_456_789
    assert note.offloaded_at == receipt.ended
    assert (note.duration_ms, note.codec, note.truncated) == (5000, "pcm_s16le", False)


def test_parts_of_one_session_share_a_group(bench: Bench) -> None:
    """The parts stay together, and another recording stays apart."""
    for name in ("Z1-0001.WAV", "Z1-0002.WAV", "Z2-0001.WAV"):
        record(bench.card, name, audio(50, hash(name)))
    bench.run()
    notes = {kept.note.name: kept.note for kept in bench.shelf.kept.values()}
    assert notes["Z1-0001.WAV"].group == notes["Z1-0002.WAV"].group
    assert notes["Z1-0001.WAV"].group != notes["Z2-0001.WAV"].group
    assert [notes[f"Z1-000{n}.WAV"].part for n in (1, 2)] == [1, 2]


def test_a_truncated_recording_is_taken_and_marked(bench: Bench) -> None:
    """What still opens as audio is worth keeping."""
    record(bench.card, "a.wav", audio(100) + b"cut")
    assert bench.one().fate is Fate.TAKEN
    (kept,) = bench.shelf.kept.values()
    assert kept.note.truncated


def test_with_keep_everything_is_copied_and_nothing_deleted(bench: Bench) -> None:
    """The copy is proved all the same."""
    content = {"a.wav": record(bench.card, "a.wav", audio(MIB + 1))}
    receipt = bench.run(keep=True)
    assert bench.plain() == files_of(bench.card) == content
    assert receipt.taken[0].deletion is Deletion.KEPT
    assert receipt.text().endswith("Nothing was deleted.\n")


def test_odd_extensions_are_probed(bench: Bench) -> None:
    """Recorders invent extensions: whether it is audio, the probe says."""
    record(bench.card, "take.zzz", audio(10))
    record(bench.card, "noext", audio(11))
    bench.run()
    assert set(bench.plain()) == {"take.zzz", "noext"}


# --- what is left --------------------------------------------------------------------------------


def test_what_is_not_audio_is_left_and_told(bench: Bench) -> None:
    """Files that do not open, empty ones, side files, wastebaskets and links stay on the card."""
    content = {
        "a.wav": record(bench.card, "a.wav", b"this is no audio"),
        "b.wav": record(bench.card, "b.wav", b""),
        "notes.txt": record(bench.card, "notes.txt", audio(10)),
        ".Trashes/c.wav": record(bench.card, ".Trashes/c.wav", audio(10)),
    }
    (bench.card / "link.wav").symlink_to("a.wav")
    receipt = bench.run()
    assert bench.untouched(content)
    fates = {outcome.path: outcome.fate for outcome in receipt.outcomes}
    assert fates == {
        "a.wav": Fate.NOT_AUDIO,
        "b.wav": Fate.EMPTY,
        "notes.txt": Fate.SIDE_FILE,
        ".Trashes/c.wav": Fate.SYSTEM_FOLDER,
        "link.wav": Fate.UNSAFE,
    }
    errors = {outcome.path: type(outcome.error) for outcome in receipt.outcomes}
    assert (errors["a.wav"], errors["b.wav"]) == (NotAudio, EmptyFile)
    assert receipt.problem is None


def test_side_files_never_reach_the_decoder(bench: Bench) -> None:
    """Text, pictures and projects are not probed."""

    def alarm(stream: BinaryIO, name: str) -> Facts:
        raise AssertionError(name)

    record(bench.card, "photo.jpg", b"\xff\xd8")
    record(bench.card, "ZOOM0001.hprj", b"project")
    bench.probe = alarm
    assert {outcome.fate for outcome in bench.run().outcomes} == {Fate.SIDE_FILE}


def test_an_empty_card_gives_a_receipt_of_nothing(bench: Bench) -> None:
    """Nothing there, no waiting, nothing told but that."""
    assert bench.run().outcomes == ()
    assert bench.clock.waited == []


# --- settling ------------------------------------------------------------------------------------


def test_nothing_is_taken_before_the_quiet_period_is_over(bench: Bench) -> None:
    """A recording that is on the card at once is still watched for one quiet period."""
    record(bench.card, "a.wav", audio(10))
    bench.run()
    assert sum(bench.clock.waited) >= Errand("s", "m").quiet_s


def test_a_file_that_keeps_growing_is_left(bench: Bench) -> None:
    """When the patience is over it is told as unfinished; the others are taken."""
    record(bench.card, "done.wav", audio(10))
    record(bench.card, "growing.wav", audio(10))

    def write() -> None:
        with (bench.card / "growing.wav").open("ab") as file:
            file.write(b"more")

    bench.clock.meanwhile = write
    receipt = bench.run()
    assert set(bench.plain()) == {"done.wav"}
    assert [(o.path, o.fate) for o in receipt.unfinished] == [("growing.wav", Fate.UNSETTLED)]
    assert receipt.problem is not None


def test_a_file_that_is_finished_meanwhile_is_taken(bench: Bench) -> None:
    """The run waits, within its patience, for a file that is just being copied there."""
    content = audio(3000)
    record(bench.card, "a.wav", content[:1000])
    portions = iter([content[:2000], content])

    def write() -> None:
        if (portion := next(portions, None)) is not None:
            record(bench.card, "a.wav", portion)

    bench.clock.meanwhile = write
    assert bench.one().fate is Fate.TAKEN
    assert bench.plain() == {"a.wav": content}


# --- what goes wrong with one file ---------------------------------------------------------------


class Meddling(Recorder):
    """A recorder on which something happens at the n-th opening of a file (1: to hold it open,
    2: for the probe, 3: for the second reading)."""

    def __init__(self, root: Path, label: str, at: int, act: Callable[[], object]) -> None:
        super().__init__(root, label)
        self._left = at
        self._act = act

    def open(self, source: SourceFile) -> OpenedSource:
        self._left -= 1
        if self._left == 0:
            self._act()
        return super().open(source)


@pytest.mark.parametrize("opening", [1, 2, 3])
@pytest.mark.parametrize("change", ["grown", "shrunk", "rewritten", "replaced"])
def test_a_file_that_changes_between_the_readings_is_left(
    bench: Bench, change: str, opening: int
) -> None:
    """Whatever happens to it after it settled: it is left as it then is, and nothing is kept."""
    path = bench.card / "a.wav"
    record(bench.card, "a.wav", audio(5000, 1))
    new = {"grown": audio(6000, 2), "shrunk": audio(4000, 2)}.get(change, audio(5000, 2))

    def act() -> None:
        if change == "replaced":
            record(bench.card, "b", new)
            (bench.card / "b").replace(path)
        else:
            path.write_bytes(new)
        os.utime(path, ns=(1, 1))

    bench.recorder = lambda root, label: Meddling(root, label, opening, act)
    assert bench.one().fate is Fate.CHANGED
    assert bench.untouched({"a.wav": new})


def test_a_card_that_reads_differently_each_time_is_found_out(bench: Bench) -> None:
    """Same size, same time, other bytes at the second reading: the copy is not proved."""
    path = bench.card / "a.wav"
    content = record(bench.card, "a.wav", audio(5000))
    times = path.stat().st_mtime_ns

    def flip() -> None:
        with path.open("r+b") as file:
            file.seek(4000)
            file.write(bytes([content[4000] ^ 1]))
        os.utime(path, ns=(times, times))

    bench.recorder = lambda root, label: Meddling(root, label, 3, flip)
    outcome = bench.one()
    assert isinstance(outcome.error, CopyDiffers)
    assert not bench.shelf.kept
    assert path.exists()


class Replacing(MemoryShelf):
    """A shelf during whose keeping something happens to the source."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act

    def begin(self) -> Placement:
        act = self._act

        class Acting(MemoryPlacement):
            def keep(self, note: OffloadNote) -> None:
                super().keep(note)
                act()

        return Acting(self, "acting")


def test_what_is_not_the_same_file_any_more_is_not_deleted(bench: Bench) -> None:
    """Replaced between the proof and the deletion: the copy stays, and so does the new file."""
    path = bench.card / "a.wav"
    old = record(bench.card, "a.wav", audio(500, 1))
    new = audio(501, 2)
    bench.shelf = Replacing(lambda: path.write_bytes(new))
    outcome = bench.one()
    assert (outcome.fate, outcome.deletion) == (Fate.TAKEN, Deletion.CHANGED)
    assert bench.plain() == {"a.wav": old}
    assert files_of(bench.card) == {"a.wav": new}


def test_what_somebody_else_deleted_is_not_said_to_be_deleted(bench: Bench) -> None:
    """Two laptops at one card: the one that comes late says that the file was gone."""
    record(bench.card, "a.wav", audio(500))
    bench.shelf = Replacing((bench.card / "a.wav").unlink)
    outcome = bench.one()
    assert (outcome.fate, outcome.deletion) == (Fate.TAKEN, Deletion.GONE)


class Lying(MemoryShelf):
    """A shelf whose disk gives back something else than was written."""

    def __init__(self, spoil: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._spoil = spoil

    def begin(self) -> Placement:
        spoil = self._spoil

        class Spoiled(MemoryPlacement):
            def read_back(self) -> BinaryIO:
                return io.BytesIO(spoil(super().read_back().read()))

        self.underway["x"] = placement = Spoiled(self, "x")
        return placement


def damaged(_plain: bytes) -> bytes:
    """Fail as an object does that does not open."""
    raise DamagedObject("chunk 3 does not open")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plain: plain[:-1],
        lambda plain: plain + b"x",
        lambda plain: b"" * len(plain),
        lambda plain: bytes([plain[0] ^ 1]) + plain[1:],
        damaged,
    ],
    ids=["short", "long", "empty", "flipped", "damaged"],
)
def test_a_copy_that_reads_back_wrong_is_not_kept(
    bench: Bench, spoil: Callable[[bytes], bytes]
) -> None:
    """The source stays, the copy goes, and the error says what is in doubt."""
    content = {"a.wav": record(bench.card, "a.wav", audio(MIB + 9))}
    bench.shelf = Lying(spoil)
    outcome = bench.one()
    assert outcome.fate is Fate.FAILED
    assert isinstance(outcome.error, CopyDiffers)
    assert bench.untouched(content)


def test_one_bad_file_does_not_stop_the_others(bench: Bench) -> None:
    """A probe that fails in an unforeseen way costs its own file only, and its words are not told."""

    def fragile(stream: BinaryIO, name: str) -> Facts:
        if name == "b.wav":
            raise ZeroDivisionError("words of an interview")
        return probe(stream, name)

    for name in ("a.wav", "b.wav", "c.wav"):
        record(bench.card, name, audio(20, ord(name[0])))
    bench.probe = fragile
    receipt = bench.run()
    assert list(files_of(bench.card)) == ["b.wav"]
    (failed,) = receipt.unfinished
    assert failed.error is not None
    assert "ZeroDivisionError" in failed.reason
    assert "words" not in receipt.text()


def test_a_decoder_without_room_is_not_a_verdict(bench: Bench) -> None:
    """When the probe itself cannot work, the file failed; it is not called "not audio"."""

    def broken(stream: BinaryIO, name: str) -> Facts:
        raise OSError(12, "Cannot allocate memory")

    record(bench.card, "a.wav", audio(20))
    bench.probe = broken
    outcome = bench.one()
    assert outcome.fate is Fate.FAILED
    assert isinstance(outcome.error, StorageProblem)


# --- what ends a run -----------------------------------------------------------------------------


class Dying(Recorder):
    """A recorder whose files err after so many bytes, for every reader, each time they are read."""

    def __init__(self, root: Path, label: str, after_bytes: int, opening: int) -> None:
        super().__init__(root, label)
        self._after = after_bytes
        self._openings = opening

    def open(self, source: SourceFile) -> OpenedSource:
        self._openings -= 1
        with super().open(source) as opened:
            after = self._after if self._openings <= 0 else -1
            return _Erring(os.dup(opened.fileno()), opened.identity, source.path, after)


class _Erring(OpenedSource):
    def __init__(self, descriptor: int, identity: Identity, name: str, after_bytes: int) -> None:
        super().__init__(descriptor, identity, name)
        self._after = after_bytes

    def _read(self, size_bytes: int) -> bytes:
        if 0 <= self._after <= os.lseek(self.fileno(), 0, os.SEEK_CUR):
            self.failure = OSError(5, "Input/output error")
            raise self.failure
        return super()._read(size_bytes)


@pytest.mark.parametrize("opening", [1, 2, 3])
@pytest.mark.parametrize("after", [0, 1, MIB, 2 * MIB + 3])
def test_a_read_error_is_told_and_nothing_is_kept(bench: Bench, after: int, opening: int) -> None:
    """At whatever reading and after however many bytes: never "not audio", never half a copy."""
    content = {"a.wav": record(bench.card, "a.wav", audio(2 * MIB + 3))}
    bench.recorder = lambda root, label: Dying(root, label, after, opening)
    outcome = bench.one()
    if opening == 2 and after > 0:  # only the probe's reading errs, beyond what it read
        assert outcome.fate in (Fate.TAKEN, Fate.FAILED)
    else:
        assert outcome.fate is Fate.FAILED
    if outcome.fate is Fate.FAILED:
        assert isinstance(outcome.error, SourceVanished)
        assert bench.untouched(content)


def test_a_probe_that_swallows_read_errors_gives_no_verdict(bench: Bench) -> None:
    """A decoder that answers "not audio" because the cable was pulled is not believed."""

    def swallowing(stream: BinaryIO, name: str) -> Facts:
        try:
            stream.read()
        except OSError:
            raise NotAudio(name) from None
        return Facts()

    record(bench.card, "a.wav", audio(2 * MIB))
    bench.recorder = lambda root, label: Dying(root, label, MIB, 2)
    bench.probe = swallowing
    assert isinstance(bench.one().error, SourceVanished)


@pytest.mark.parametrize("verdict", ["not audio", "empty"])
def test_no_verdict_is_given_on_a_recorder_that_is_gone(
    bench: Bench, tmp_path: Path, verdict: str
) -> None:
    """ "Not audio" and "empty" are what everything looks like once the cable is pulled."""
    number = bench.card.stat().st_dev
    device = tmp_path / "dev" / "block" / f"{os.major(number)}:{os.minor(number)}"
    device.mkdir(parents=True)
    record(bench.card, "a.wav", b"no sound" if verdict == "not audio" else b"")

    class Yanked(Recorder):
        def open(self, source: SourceFile) -> OpenedSource:
            if device.exists():
                device.rmdir()
            return super().open(source)

    bench.recorder = lambda root, label: Yanked(root, label, places=Places(tmp_path))
    outcome = bench.one()
    assert outcome.fate is Fate.FAILED
    assert isinstance(outcome.error, SourceVanished)


def test_the_second_reading_does_not_come_from_memory(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two readings of the source, the system is asked to forget the first."""
    acts: list[str] = []
    drop, blocks = OpenedSource.drop_caches, OpenedSource.blocks

    def dropping(source: OpenedSource) -> None:
        acts.append("drop")
        drop(source)

    def reading(source: OpenedSource) -> Iterator[bytes]:
        acts.append("read")
        return blocks(source)

    monkeypatch.setattr(OpenedSource, "drop_caches", dropping)
    monkeypatch.setattr(OpenedSource, "blocks", reading)
    record(bench.card, "a.wav", audio(100))
    bench.run()
    assert acts == ["read", "drop", "read"]


@pytest.mark.parametrize("opening", [1, 2, 3])
def test_a_recorder_that_goes_ends_the_run(bench: Bench, opening: int) -> None:
    """The file in work failed, the rest is told as not reached, and the card is as it was."""
    content = {name: record(bench.card, name, audio(99, ord(name[0]))) for name in ("a", "b", "c")}
    away = bench.card.with_name("away")
    bench.recorder = lambda root, label: Meddling(
        root, label, opening, lambda: bench.card.rename(away)
    )
    receipt = bench.run()
    away.rename(bench.card)
    taken = [outcome.path for outcome in receipt.taken]
    assert all(isinstance(o.error, SourceVanished) for o in receipt.unfinished)
    assert [o.fate for o in receipt.unfinished][-2:] == [Fate.NOT_REACHED] * 2
    assert isinstance(receipt.problem, SourceVanished)
    left = files_of(bench.card)
    assert all(left[path] == content[path] for path in content if path not in taken)
    assert not bench.shelf.underway


def test_a_recorder_that_goes_while_it_settles_is_told(bench: Bench) -> None:
    """Before the first transfer there is nothing for a receipt: the error comes through."""
    record(bench.card, "a.wav", audio(10))
    bench.clock.meanwhile = lambda: bench.card.rename(bench.card.with_name("away"))
    with pytest.raises(SourceVanished):
        bench.run()


class Small(MemoryShelf):
    """A shelf on a disk with little room."""

    def __init__(self, room_bytes: int) -> None:
        super().__init__()
        self.room_bytes = room_bytes

    def begin(self) -> Placement:
        shelf = self

        class Full(MemoryPlacement):
            def write(self, data: bytes | memoryview, /) -> int:
                shelf.room_bytes -= len(data)
                if shelf.room_bytes < 0:
                    raise OSError(28, "No space left on device")
                return super().write(data)

        self.underway["x"] = placement = Full(self, f"full-{self.room_bytes}")
        self.underway[placement.recording_id] = self.underway.pop("x")
        return placement


def test_a_full_disk_ends_the_run(bench: Bench) -> None:
    """What fitted is safe, what did not is on the card, and the rest is told as not reached."""
    content = {name: record(bench.card, name, audio(MIB, ord(name[0]))) for name in ("a", "b", "c")}
    bench.shelf = Small(MIB + 10)
    receipt = bench.run()
    fates = [outcome.fate for outcome in receipt.outcomes]
    assert fates == [Fate.TAKEN, Fate.FAILED, Fate.NOT_REACHED]
    assert isinstance(receipt.problem, DiskFull)
    assert bench.plain() == {"a": content["a"]}
    assert files_of(bench.card) == {"b": content["b"], "c": content["c"]}
    assert not bench.shelf.underway


@pytest.mark.parametrize("moment", ["write", "seal", "keep"])
def test_ctrl_c_ends_the_run_with_a_receipt(bench: Bench, moment: str) -> None:
    """Who presses Ctrl+C still learns what is in the vault and what is on the card."""
    content = {name: record(bench.card, name, audio(99, ord(name[0]))) for name in ("a", "b", "c")}

    class Impatient(MemoryShelf):
        def begin(self) -> Placement:
            placement = super().begin()
            if self.kept:
                setattr(placement, moment, interrupt)
            return placement

    bench.shelf = Impatient()
    receipt = bench.run()
    assert [o.fate for o in receipt.outcomes] == [Fate.TAKEN, Fate.FAILED, Fate.NOT_REACHED]
    assert isinstance(receipt.problem, Interrupted)
    assert files_of(bench.card) == {"b": content["b"], "c": content["c"]}
    assert list(bench.plain()) == ["a"]
    assert not bench.shelf.underway


def interrupt(*_: object) -> None:
    """Press Ctrl+C."""
    raise KeyboardInterrupt


# --- progress ------------------------------------------------------------------------------------


class Listener:
    """Writes down what a progress is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def found(self, findings: Findings) -> None:
        """Note what was found."""
        self.told.append(("found", (findings.files, findings.size_bytes)))

    def planned(self, files: int, size_bytes: int) -> None:
        """Note the plan."""
        self.told.append(("planned", (files, size_bytes)))

    def started(self, file: SourceFile, size_bytes: int) -> None:
        """Note the beginning."""
        self.told.append(("started", (file.path, size_bytes)))

    def advanced(self, bytes_done: int) -> None:
        """Note the advance."""
        self.told.append(("advanced", bytes_done))

    def finished(self, outcome: Outcome) -> None:
        """Note the end."""
        self.told.append(("finished", (outcome.path, outcome.fate)))


def test_progress_is_told_from_nothing_to_all(bench: Bench) -> None:
    """Plan, beginning, steady advance up to the size, end; for every file."""
    size = 2 * MIB + 4
    record(bench.card, "a.wav", audio(size))
    record(bench.card, "b.wav", b"no sound")
    listener = Listener()
    bench.run(progress=listener)
    assert listener.told[0] == ("found", (2, size + 8))
    assert listener.told[1] == ("planned", (2, size + 8))
    assert listener.told[2] == ("started", ("a.wav", size))
    advances = [value for what, value in listener.told if what == "advanced"]
    assert advances == sorted(advances, key=lambda value: int(str(value)))
    assert advances[-1] == size
    assert len(advances) == 6
    assert listener.told[-2:] == [
        ("started", ("b.wav", 8)),
        ("finished", ("b.wav", Fate.NOT_AUDIO)),
    ]


def test_memory_does_not_grow_with_the_file(bench: Bench) -> None:
    """No read and no write is larger than a block."""
    sizes: list[int] = []

    class Measuring(MemoryShelf):
        def begin(self) -> Placement:
            class Measured(MemoryPlacement):
                def write(self, data: bytes | memoryview, /) -> int:
                    sizes.append(len(data))
                    return super().write(data)

            return Measured(self, "measured")

    record(bench.card, "a.wav", audio(5 * MIB + 1))
    bench.shelf = Measuring()
    bench.run()
    assert max(sizes) <= MIB
    assert sum(sizes) == 5 * MIB + 1


def test_no_thread_is_left_behind(bench: Bench) -> None:
    """The hashing ends with the file, also when it fails."""
    before = threading.active_count()
    record(bench.card, "a.wav", audio(MIB))
    bench.shelf = Small(10)
    bench.run()
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "1970-01-01T00:00:00+00:00"),
        (-1, "1969-12-31T23:59:59+00:00"),
        (1_772_388_000_000_000_000, "2026-03-01T18:00:00+00:00"),
        (2**63 - 1, "2262-04-11T23:47:16+00:00"),
        (10**21, ""),
        (-(10**21), ""),
    ],
)
def test_times_of_recorders_are_told_when_they_are_dates(time_ns: int, text: str) -> None:
    """A clock that was never set, or a hostile one, is no error."""
    assert iso_time(time_ns) == text


def test_sealed_bytes_are_not_the_plaintext(bench: Bench) -> None:
    """The double seals enough for the digests to differ."""
    content = record(bench.card, "a.wav", audio(100))
    bench.run()
    (kept,) = bench.shelf.kept.values()
    assert kept.sealed != content
    assert open_bytes(kept.sealed) == content
