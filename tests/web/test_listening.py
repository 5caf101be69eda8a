"""Seconds of a recording: read on without seeking, kept a while, and never silent for what is damaged."""

from __future__ import annotations

import io
from typing import BinaryIO

import numpy as np
import pytest

from confere.errors import DamagedObject
from confere.web.sound.listening import SECOND_BYTES, Listening
from doubles.encoding import encode, tone

MINUTES = 2
RATE = 44_100


class Shelf:
    """Opens one recording as often as it is wanted, counts what is read of it, and may be damaged."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.read_bytes = 0
        self.damaged_from: int | None = None
        self.opened: list[BinaryIO] = []

    def __call__(self) -> BinaryIO:
        shelf = self

        class Reader(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                found = super().read(size)
                shelf.read_bytes += len(found)
                if shelf.damaged_from is not None and self.tell() > shelf.damaged_from:
                    raise DamagedObject("it was changed", "audio.age")
                return found

        self.opened.append(Reader(self.content))
        return self.opened[-1]


def pitches() -> bytes:
    """A WAV of two minutes, each second at a pitch of its own: 200 Hz, 210 Hz, …"""
    seconds = [tone(1, RATE, 200 + 10 * second) for second in range(60 * MINUTES)]
    return encode("wav", "pcm_s16le", RATE, np.concatenate(seconds))


@pytest.fixture
def shelf() -> Shelf:
    """Such a recording."""
    return Shelf(pitches())


@pytest.fixture
def listening(shelf: Shelf) -> Listening:
    """Somebody who listens to it."""
    return Listening(shelf, MINUTES * 60_000)


def pitch_hz(second: bytes) -> int:
    """Return the loudest pitch of a second."""
    assert len(second) == SECOND_BYTES
    return int(np.argmax(np.abs(np.fft.rfft(np.frombuffer(second, "<i2")))))


def test_each_second_is_that_second(listening: Listening) -> None:
    """In any order, from the first to the last; after the end it is silent."""
    for number in (100, 0, 1, 2, 50, 51, 3, 119, 60, 118, 7):
        assert pitch_hz(listening.second(number)) == 200 + 10 * number
    assert listening.second(60 * MINUTES) == bytes(SECOND_BYTES)


def test_playing_on_reads_everything_once(listening: Listening, shelf: Shelf) -> None:
    """Also in two places in turns, as in two tabs; and what was heard just now is not decoded again."""
    before = shelf.read_bytes
    for number in range(20):
        listening.second(10 + number)
        listening.second(70 + number)
    assert shelf.read_bytes - before < 1.25 * 40 * RATE * 2
    before = shelf.read_bytes
    for number in (10, 29, 70, 89):
        listening.second(number)
        listening.make_peaks(number)
    assert shelf.read_bytes == before


def test_what_is_damaged_is_no_silence(listening: Listening, shelf: Shelf) -> None:
    """However often it is asked for; the rest can still be heard."""
    listening.second(20)
    shelf.damaged_from = 60 * RATE * 2
    with pytest.raises(DamagedObject):
        for number in range(21, 70):
            listening.second(number)
    for _ in range(3):
        with pytest.raises(DamagedObject):
            listening.second(80)
    assert pitch_hz(listening.second(5)) == 250


def test_few_readers_are_open_and_all_are_closed(listening: Listening, shelf: Shelf) -> None:
    """Jumping about opens no more than two, also when something fails each time."""
    for number in range(0, 100, 7):
        listening.second(number)
    assert len(shelf.opened) == 2
    shelf.damaged_from = 0
    for number in range(1, 100, 7):
        with pytest.raises(DamagedObject):
            listening.second(number)
    assert sum(not reader.closed for reader in shelf.opened) <= 2
    listening.close()
    assert all(reader.closed for reader in shelf.opened)


def test_places_are_looked_for_in_turns() -> None:
    """An MP3 is counted once; a WAV needs no counting."""
    assert Listening(Shelf(pitches()), 1_000).look_ahead(0)
    mp3 = Shelf(encode("mp3", "libmp3lame", RATE, tone(60, RATE)))
    listening = Listening(mp3, 60_000)
    turns = 1
    while not listening.look_ahead(0):
        turns += 1
    assert 2 < turns < 60
    before = mp3.read_bytes
    assert pitch_hz(listening.second(50)) == 300
    assert mp3.read_bytes - before < len(mp3.content) // 4
    listening.close()


def test_columns_are_the_loudest_of_what_they_span() -> None:
    """A click in one hundredth of a second is in its column, wherever columns begin."""
    sound = np.zeros(5 * RATE, np.float32)
    sound[round(2.5 * RATE) : round(2.505 * RATE)] = 0.9
    listening = Listening(Shelf(encode("wav", "pcm_s16le", RATE, sound)), 5_000)
    for number in range(5):
        listening.make_peaks(number)
    loud = [peak > 100 for peak in listening.columns(0, 5_000, 50)]
    assert loud.index(True) == 25 and sum(loud) <= 2
    assert max(listening.columns(2_450, 2_550, 3)) > 100
    assert max(listening.columns(2_600, 5_000, 7)) < 5
    assert len(listening.columns(2_500, 2_501, 4_000)) == 4_000
