"""From any place on: every sample stands at its own time, in every format that the intake knows."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from confere.errors import SourceVanished
from confere.transcribe import span
from confere.transcribe.decoding import probe
from confere.transcribe.places import Places
from confere.transcribe.resampling import SAMPLE_RATE, Resampler
from confere.transcribe.span import Playhead, decode_span
from doubles.decoded import decode
from doubles.encoding import CHANGING, encode

RATE = 24_000
SECONDS = 12
FORMATS = [
    ("wav", "pcm_u8", 16_000),
    ("wav", "pcm_s16le", 44_100),
    ("wav", "pcm_s24le", 48_000),
    ("wav", "pcm_mulaw", 8_000),
    ("wav", "adpcm_ms", 22_050),
    ("wav", "adpcm_ima_wav", 22_050),
    ("wav", "libmp3lame", 44_100),
    ("w64", "pcm_s24le", 44_100),
    ("aiff", "pcm_s16be", 44_100),
    ("mp3", "libmp3lame", 44_100),
    ("mp3", "libmp3lame", 22_050),
    ("mp2", "mp2", 44_100),
    ("ipod", "aac", 44_100),
    ("ipod", "alac", 44_100),
    ("3gp", "aac", 16_000),
    ("3gp", "libopencore_amrnb", 8_000),
    ("adts", "aac", 44_100),
    ("asf", "wmav2", 44_100),
    ("flac", "flac", 44_100),
    ("ogg", "libopus", 48_000),
    ("ogg", "flac", 44_100),
    ("amr", "libopencore_amrnb", 8_000),
]
#: In ms; near the borders of what is decoded from the beginning, and beyond the end.
PLACES = (7_333, 0, 2, 1_499, 1_500, 1_501, 9_999, 4_000, 11_300, 11_800)


def hiss(rate: int, seconds: float = SECONDS) -> Any:
    """Noise that no two places share, so that a place is known by its sound."""
    noise = np.random.default_rng(7).standard_normal(round(seconds * 2_000) + 1)
    times = np.arange(round(seconds * rate)) / rate
    return (np.interp(times * 2_000, np.arange(len(noise)), noise) * 0.1).astype(np.float32)


@pytest.fixture(scope="module", params=FORMATS, ids=lambda f: "-".join(map(str, f)))
def recording(request: pytest.FixtureRequest) -> bytes:
    """Such noise in each format."""
    container, codec, rate = request.param
    return encode(container, codec, rate, hiss(rate))


def read(head: Playhead, count: int) -> Any:
    """Read so many samples, or to the end."""
    pieces: list[Any] = []
    while count > 0 and len(piece := head.read(count)):
        pieces.append(piece)
        count -= len(piece)
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def late_by_ms(sound: Any, as_it_is: Any) -> float:
    """Return by how much a sound comes too late; the two must be alike."""
    length = min(len(sound), len(as_it_is))
    sound, as_it_is = sound[:length], as_it_is[:length]
    spectrum = np.fft.rfft(sound, 2 * length) * np.conj(np.fft.rfft(as_it_is, 2 * length))
    alike = np.fft.irfft(spectrum)
    late = int(np.argmax(alike))
    assert alike[late] > 0.9 * np.linalg.norm(sound) * np.linalg.norm(as_it_is)
    return (late if late < length else late - 2 * length) * 1000 / RATE


def test_every_place_is_at_its_time(recording: bytes) -> None:
    """In the order of a hand that jumps about, to a millisecond of what decoding it whole gives."""
    whole = np.concatenate(list(decode_span(io.BytesIO(recording), 0, 60_000, RATE)))
    head = Playhead(io.BytesIO(recording), RATE, Places(io.BytesIO(recording)))
    for at_ms in PLACES:
        first = at_ms * RATE // 1000
        head.go(first)
        sound = read(head, RATE // 4)
        assert len(sound) > RATE // 8 and head.position == first + len(sound)
        assert abs(late_by_ms(sound, whole[first : first + len(sound)])) <= 1
    head.close()


def test_time_is_that_of_the_draft(recording: bytes) -> None:
    """The transcript's times come from decoding it whole; what is played goes by the same."""
    whole = decode(io.BytesIO(recording), "a recording").samples
    played = np.concatenate(list(decode_span(io.BytesIO(recording), 0, 60_000)))
    assert np.array_equal(played, whole)
    part = np.concatenate(list(decode_span(io.BytesIO(recording), 5_000, 5_500)))
    assert len(part) == SAMPLE_RATE // 2
    expected = whole[5 * SAMPLE_RATE : 5 * SAMPLE_RATE + len(part)]
    assert abs(late_by_ms(part, expected)) * RATE / SAMPLE_RATE <= 1


def test_reading_on_is_seamless(recording: bytes) -> None:
    """In pieces of any length, one after the other, the same samples come as at once."""
    one, other = (Playhead(io.BytesIO(recording), RATE) for _ in range(2))
    for head in (one, other):
        head.go(3 * RATE)
    lengths = itertools.cycle([1, 7, 1_000, 4_801])
    pieces = np.concatenate([read(one, length) for length in itertools.islice(lengths, 16)])
    assert np.array_equal(pieces, read(other, len(pieces)))


def test_beyond_the_end_there_is_nothing(recording: bytes) -> None:
    """Neither a sample nor an error, and going back works."""
    head = Playhead(io.BytesIO(recording), RATE, Places(io.BytesIO(recording)))
    head.go(2 * SECONDS * RATE)
    assert len(head.read(100)) == 0
    head.go(SECONDS * RATE // 2)
    assert len(head.read(100)) > 0


def test_a_wrong_bit_rate_in_a_header_misleads_nobody() -> None:
    """An MP3 of changing bit rate without an index says that its first frame's bit rate holds on."""
    loud = np.concatenate([np.zeros(6 * 44_100, np.float32), hiss(44_100, 6)])
    mp3 = encode("mp3", "libmp3lame", samples=loud, options=CHANGING)
    assert abs(probe(io.BytesIO(mp3), "a recording").duration_ms - 12_000) > 2_000
    whole = np.concatenate(list(decode_span(io.BytesIO(mp3), 0, 60_000, RATE)))
    head = Playhead(io.BytesIO(mp3), RATE, Places(io.BytesIO(mp3)))
    for at_ms in (9_000, 6_500, 11_000):
        first = at_ms * RATE // 1000
        head.go(first)
        sound = read(head, RATE // 2)
        assert abs(late_by_ms(sound, whole[first : first + len(sound)])) <= 1


def test_places_are_found_in_turns_or_at_once() -> None:
    """Looking ahead for a while each time finds the same as asking for the last place."""
    mp3 = encode("mp3", "libmp3lame", samples=hiss(44_100, 30))
    asked, ahead = Places(io.BytesIO(mp3)), Places(io.BytesIO(mp3))
    last = asked.find(29.9)
    turns = 0
    while not ahead.look_ahead(0):
        turns += 1
        assert turns < 100
    assert last is not None and ahead.find(29.9) == last
    assert 29.7 < last.time_s <= 29.9
    assert ahead.find(-1.0) is None
    assert ahead.look_ahead(1.0)


def test_a_span_near_the_end_is_not_decoded_from_the_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of an MP3 the packets before it are counted, and no more decoded than the span and a little."""
    mp3 = encode("mp3", "libmp3lame", samples=hiss(44_100, 60))
    resampled: list[int] = []

    class Counting(Resampler):
        def __call__(self, frame: Any | None) -> Iterator[Any]:
            resampled.append(frame.samples if frame else 0)
            return super().__call__(frame)

    monkeypatch.setattr(span, "Resampler", Counting)
    assert sum(map(len, decode_span(io.BytesIO(mp3), 58_000, 59_000))) == SAMPLE_RATE
    assert sum(resampled) < 2 * 44_100


def test_a_hole_stands_as_silence_at_any_place() -> None:
    """What follows broken packets keeps its time, whether one comes there by reading or by jumping."""
    sound = hiss(44_100)
    broken = bytearray(encode("flac", "flac", samples=sound))
    middle = len(broken) // 2
    broken[middle : middle + 20_000] = bytes(20_000)
    whole = np.concatenate(list(decode_span(io.BytesIO(bytes(broken)), 0, 60_000, RATE)))
    assert abs(len(whole) - SECONDS * RATE) < RATE // 10
    head = Playhead(io.BytesIO(bytes(broken)), RATE)
    head.go(10 * RATE)
    there = read(head, RATE)
    assert abs(late_by_ms(there, whole[10 * RATE : 11 * RATE])) <= 1
    again = list(
        decode_span(io.BytesIO(encode("flac", "flac", samples=sound)), 10_000, 11_000, RATE)
    )
    assert abs(late_by_ms(there, np.concatenate(again))) <= 1


def test_what_reading_raises_is_raised() -> None:
    """A recorder that is pulled, or a damaged object, is not an early end."""

    class Vanishing(io.BytesIO):
        gone = False

        def read(self, size: int | None = -1, /) -> bytes:
            if self.gone:
                raise SourceVanished("the recorder")
            return super().read(size)

    audio = Vanishing(encode("wav", "pcm_s16le", samples=hiss(44_100)))
    head = Playhead(audio, RATE)
    audio.gone = True
    with pytest.raises(SourceVanished):
        head.go(6 * RATE)
        read(head, 6 * RATE)


def test_a_span_is_as_long_as_it_was_asked_for() -> None:
    """To the sample, at both rates, whatever the pieces are."""
    wav = encode("wav", "pcm_s16le", samples=hiss(44_100, 3))

    def lengths() -> Iterator[int]:
        for rate in (SAMPLE_RATE, RATE):
            for start, end in ((0, 1), (999, 1_001), (0, 3_000), (2_990, 9_000)):
                part = decode_span(io.BytesIO(wav), start, end, rate)
                yield sum(map(len, part)) * 1000 // rate

    assert list(lengths()) == [1, 2, 3_000, 10] * 2
