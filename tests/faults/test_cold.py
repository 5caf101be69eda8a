"""What is read back comes from the disk: after the caches are dropped, the system holds no page of it."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path

import pytest

from confere.intake.recorder import Recorder
from confere.intake.source import BLOCK_BYTES
from confere.vault.objects import NewRecording
from confere.vault.storage import Storage
from doubles.card import audio, record

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what it holds")
SIZE = 3 * BLOCK_BYTES + 5


def pages_held(file: Path) -> int:
    """Return how many pages of a file the system holds in memory (mincore)."""
    pages = -(-file.stat().st_size // mmap.PAGESIZE)
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as mapped:
        address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
        held = (ctypes.c_ubyte * pages)()
        size = ctypes.c_size_t(file.stat().st_size)
        assert ctypes.CDLL(None).mincore(ctypes.c_void_p(address), size, held) == 0
        return sum(page & 1 for page in held)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder on a disk: what lies in memory only has no cache to be dropped."""
    file = tmp_path / "file"
    file.write_bytes(bytes(SIZE))
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if pages_held(file):
        pytest.skip("the temporary folder lies in memory")
    return tmp_path


def test_the_sealed_object_is_read_back_from_the_disk(place: Path) -> None:
    """Sealed and flushed it is in memory or not; opened to be read back, nothing of it is."""
    recording = NewRecording(Storage(place), "x25519")
    recording.write(audio(SIZE))
    recording.seal()
    file = place / "recordings" / f"{recording.id}.partial" / "audio.age"
    assert file.read_bytes()
    assert pages_held(file)
    reader = recording.read_back()
    reader.close()
    # Its header was read, and what the system reads ahead of itself behind it.
    assert pages_held(file) < -(-SIZE // mmap.PAGESIZE) // 2
    recording.abandon()


def test_the_source_is_read_a_second_time_from_the_card(place: Path) -> None:
    """After the first reading it is in memory; after the caches are dropped, nothing of it is."""
    card = place / "card"
    record(card, "a.wav", audio(SIZE))
    with (card / "a.wav").open("rb") as written:
        os.fsync(written.fileno())
    with Recorder(card) as recorder:
        (file,) = recorder.walk().files
        with recorder.open(file) as source:
            assert sum(map(len, source.blocks())) == SIZE
            assert pages_held(card / "a.wav")
            source.drop_caches()
            assert pages_held(card / "a.wav") == 0
