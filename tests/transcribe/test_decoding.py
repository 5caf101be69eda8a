"""Every format a recorder writes, whole, cut off, damaged and hostile."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pytest

from confere.errors import EmptyFile, EncryptedAudio, NotAudio, SourceVanished
from confere.transcribe.decoding import Decoder, probe
from confere.transcribe.ending import look
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.source import PATIENCE
from doubles.decoded import decode
from doubles.encoding import SECONDS, encode, picture_only, tone
from doubles.sounds import write_tone

FORMATS = [
    ("wav", "pcm_u8", 16_000),
    ("wav", "pcm_s16le", 44_100),
    ("wav", "pcm_s24le", 48_000),
    ("wav", "pcm_s32le", 44_100),
    ("wav", "pcm_f32le", 44_100),
    ("wav", "pcm_mulaw", 8_000),
    ("wav", "adpcm_ms", 22_050),
    ("wav", "adpcm_ima_wav", 22_050),
    ("w64", "pcm_s24le", 44_100),
    ("aiff", "pcm_s16be", 44_100),
    ("mp3", "libmp3lame", 44_100),
    ("ipod", "aac", 44_100),
    ("ipod", "alac", 44_100),
    ("3gp", "aac", 16_000),
    ("adts", "aac", 44_100),
    ("asf", "wmav2", 44_100),
    ("flac", "flac", 44_100),
    ("ogg", "libopus", 48_000),
    ("amr", "libopencore_amrnb", 8_000),
]
ids = [f"{container}-{codec}" for container, codec, _ in FORMATS]


@pytest.fixture(scope="module", params=FORMATS, ids=ids)
def recording(request: pytest.FixtureRequest) -> bytes:
    """Three seconds of a tone in each format."""
    return encode(*request.param)


def test_every_format_of_recorders_decodes_to_its_length_and_pitch(recording: bytes) -> None:
    """The samples are 16 kHz mono, as long as the recording, at its pitch, and loud as it was."""
    decoded = decode(io.BytesIO(recording), "a recording")
    samples = decoded.samples
    assert samples.dtype == np.float32
    assert abs(len(samples) / 16_000 - SECONDS) < 0.06  # codecs pad to whole frames
    middle = samples[16_000:32_000]
    assert np.argmax(np.abs(np.fft.rfft(middle))) == 300
    assert (
        0.15 < np.sqrt(np.mean(middle**2)) < 0.24
    )  # 0.3 over the square root of 2, less what AMR takes
    assert not decoded.truncated and not decoded.damaged


def test_the_facts_are_known_before_anything_is_decoded_whole(recording: bytes) -> None:
    """A first look tells the length to 120 ms, the channels and the rate."""
    facts = probe(io.BytesIO(recording), "a recording")
    assert abs(facts.duration_ms - SECONDS * 1000) < 120
    assert facts.channels == 1
    assert facts.sample_rate in {8_000, 16_000, 22_050, 44_100, 48_000}
    assert facts.codec and facts.container


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        *(("wav", codec) for codec in ("pcm_s16le", "pcm_f32le", "adpcm_ms")),
        *(("aiff", "pcm_s16be"), ("flac", "flac"), ("mp3", "libmp3lame"), ("adts", "aac")),
    ],
)
def test_what_is_there_of_a_recording_cut_off_is_used_and_the_cut_is_told(
    container: str, codec: str
) -> None:
    """Half a file gives the sound that is in it, and says that there was more."""
    whole = encode(container, codec)
    decoded = decode(io.BytesIO(whole[: len(whole) * 2 // 3]), "a recording")
    assert 1.0 < len(decoded.samples) / 16_000 < 2.1
    assert decoded.truncated


def test_an_m4a_that_was_never_closed_is_no_audio() -> None:
    """An M4A keeps its index at its end; without it nothing can be read, and the error says so."""
    whole = encode("ipod", "aac")
    with pytest.raises(NotAudio, match="cut off"):
        decode(io.BytesIO(whole[: len(whole) // 2]), "a recording")


def test_a_hole_in_the_middle_is_told_and_stands_as_silence() -> None:
    """What follows broken packets keeps its time."""
    samples = tone(6, hz=300)
    samples[4 * 44_100 :] = tone(2, hz=600)
    broken = bytearray(encode("flac", "flac", samples=samples))
    middle = len(broken) // 2
    broken[middle : middle + 3_000] = bytes(3_000)
    decoded = decode(io.BytesIO(bytes(broken)), "a recording")
    assert decoded.damaged
    assert abs(len(decoded.samples) / 16_000 - 6) < 0.05
    last = decoded.samples[-16_000:]
    assert np.argmax(np.abs(np.fft.rfft(last))) == 600


@pytest.mark.parametrize(
    "content",
    [
        b"a text, and no sound " * 200,
        b"RIFF" + bytes(2_000),
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        bytes(5_000),
    ],
)
def test_what_is_not_audio_is_not_audio(content: bytes) -> None:
    """Text, zeros, a broken header, and lists that would make FFmpeg open other files."""
    with pytest.raises(NotAudio, match=r"letter\.wav does not open as audio"):
        probe(io.BytesIO(content), "letter.wav")


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"\x02dss", "DSS"), (b"\x03dss", "DSS"), (b"\x06dss", "DSS"), (b"\x03ds2", "DS2")],
)
def test_a_dictation_is_told_as_what_it_is(head: bytes, kind: str) -> None:
    """The makers' own formats do not decode here, and a decoder that gives noise is not asked."""
    with pytest.raises(NotAudio, match=f"a dictation in the format {kind}"):
        probe(io.BytesIO(head + bytes(2_000)), "memo.ds2")


def test_an_encrypted_dictation_is_told_apart() -> None:
    """It is a recording, even if nobody here can open it."""
    with pytest.raises(EncryptedAudio, match="DS2.*encrypted") as told:
        probe(io.BytesIO(b"\x03enc" + bytes(2_000)), "memo.ds2")
    assert told.value.container == "DS2"


@pytest.mark.parametrize("container", ["matroska", "avi", "caf"])
def test_containers_that_no_recorder_writes_are_not_opened(container: str) -> None:
    """A good sound in a container outside the list is refused before its parser runs."""
    with pytest.raises(NotAudio):
        probe(io.BytesIO(encode(container, "pcm_s16le")), "strange")


def test_codecs_that_no_recorder_writes_are_not_run() -> None:
    """A good sound in a codec outside the list is refused."""
    with pytest.raises(NotAudio):
        decode(io.BytesIO(encode("wav", "adpcm_g726", 8_000)), "strange")


def test_a_film_without_sound_is_not_audio() -> None:
    """A file that holds only pictures is named as such."""
    with pytest.raises(NotAudio, match="it holds no sound"):
        probe(io.BytesIO(picture_only()), "film.mp4")


def test_an_empty_file_and_an_empty_recording_are_told_apart() -> None:
    """No byte is EmptyFile; a header without sound is NotAudio."""
    with pytest.raises(EmptyFile):
        probe(io.BytesIO(), "empty.wav")
    with pytest.raises(NotAudio):
        probe(io.BytesIO(encode("wav", "pcm_s16le")[:44]), "headed.wav")


def test_a_source_that_vanishes_is_told_as_such() -> None:
    """What the reader raises comes out as it is, not as a shorter recording."""

    class Vanishing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise SourceVanished("ZOOM0001.WAV")
            return super().read(size)

    with pytest.raises(SourceVanished):
        decode(Vanishing(encode("wav", "pcm_s16le")), "ZOOM0001.WAV")


def test_two_channels_stay_left_and_right() -> None:
    """A voice on each channel is found on its own row, and nothing of it on the other."""
    left_right = np.stack([tone(hz=300), tone(hz=700)])
    decoder = Decoder(io.BytesIO(encode("wav", "pcm_s16le", samples=left_right)), "stereo.wav")
    rows = np.concatenate(list(decoder.blocks()), axis=1)
    assert decoder.facts.channels == 2 and rows.dtype == np.float32
    assert rows.shape == (2, SECONDS * SAMPLE_RATE)
    spectra = np.abs(np.fft.rfft(rows[:, 16_000:32_000]))
    assert list(spectra.argmax(axis=1)) == [300, 700]
    assert spectra[0, 700] < spectra[0, 300] / 1000 > spectra[1, 300]


@pytest.mark.parametrize("layout", ["mono", "2.1", "4.0", "5.1"])
def test_one_channel_and_more_than_two_give_one_row(layout: str) -> None:
    """What no two people speak into is mixed to one."""
    wav = encode("wav", "pcm_s16le", layout=layout)
    (block,) = Decoder(io.BytesIO(wav), "a.wav").blocks()
    assert block.shape == (1, SECONDS * SAMPLE_RATE)
    assert np.argmax(np.abs(np.fft.rfft(block[0, 16_000:32_000]))) == 300


def test_blocks_are_bounded() -> None:
    """A long recording comes in blocks of the size asked for, never whole."""
    audio = io.BytesIO(encode("flac", "flac", rate=16_000, samples=tone(60, 16_000)))
    lengths = [block.shape[1] for block in Decoder(audio, "long.flac").blocks(16_000)]
    assert lengths == [16_000] * 60


def test_zeros_behind_the_sound_are_not_walked_through(tmp_path: Path) -> None:
    """A recorder makes its file long beforehand and loses its power: FFmpeg takes the rest for chunks."""
    made = write_tone(tmp_path / "a.wav", seconds=2)
    with made.open("r+b") as file:
        file.truncate(3 << 30)  # a hole: nothing of it is on the disk
    with made.open("rb") as opened:
        calls = Counting(opened)
        seen = look(cast("BinaryIO", calls), "a.wav")
        assert seen.duration_ms == 2000
        calls.count = 0
        samples = sum(
            block.shape[1] for block in Decoder(cast("BinaryIO", calls), "a.wav").blocks()
        )
    assert samples == 2 * SAMPLE_RATE
    assert calls.count < 5 * PATIENCE  # of the hundred thousand readings that it would take


def test_empty_chunks_without_end_are_given_up(tmp_path: Path) -> None:
    """Whoever means harm writes a million chunks of nothing; what was found before them is used."""
    made = write_tone(tmp_path / "a.wav", seconds=2)
    with made.open("ab") as file:
        file.write(b"JUNK\0\0\0\0" * (1 << 18))
    with made.open("rb") as opened:
        calls = Counting(opened)
        samples = sum(
            block.shape[1] for block in Decoder(cast("BinaryIO", calls), "a.wav").blocks()
        )
    assert samples == 2 * SAMPLE_RATE
    assert PATIENCE < calls.count < 2 * PATIENCE


class Counting:
    """Counts how often it is asked."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.count = 0

    def read(self, size: int) -> bytes:
        """Count, and read."""
        self.count += 1
        return self.file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Count, and move."""
        self.count += 1
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """Where it is."""
        return self.file.tell()


def test_nothing_is_written_to_disk(recording: bytes) -> None:
    """No file is opened for writing and none is made while a recording is decoded."""
    with _files_opened_to_write() as opened:
        decode(io.BytesIO(recording), "a recording")
    assert opened == []


_watching: list[list[str]] = []


@contextmanager
def _files_opened_to_write() -> Iterator[list[str]]:
    found: list[str] = []
    if not _watching:
        sys.addaudithook(_audit)  # stays for good, so it looks whether anybody wants to know
    _watching.append(found)
    try:
        yield found
    finally:
        _watching.remove(found)
        _watching.append([])  # the hook is there already


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        _watching[-1].append(str(arguments[0]))
    elif event in {"tempfile.mkstemp", "tempfile.mkdtemp"}:
        _watching[-1].append(event)
