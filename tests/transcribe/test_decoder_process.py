"""The decoder's process and its parent: what goes through, and what neither of them survives."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from confere.crypto import HeaderDamaged, HeaderMacWrong, PayloadDamaged, X25519Identity
from confere.errors import (
    ConfereError,
    DecoderStopped,
    EmptyFile,
    EncryptedAudio,
    NotAudio,
    WrongKey,
)
from confere.transcribe import child, framing
from confere.transcribe.decoder import DecoderProcess
from confere.transcribe.decoding import BLOCK_SAMPLES, Decoder
from confere.transcribe.resampling import SAMPLE_RATE
from doubles.encoding import encode, tone
from doubles.sealed import IDENTITY, sealed
from doubles.spoilt import spoilt

NAME = "ZOOM0001.WAV"


def decoder(content: bytes, **given: Any) -> DecoderProcess:
    """A process for a content."""
    with sealed(content) as file:
        return DecoderProcess(file, str(IDENTITY), NAME, **given)


def whole(content: bytes) -> Any:
    """All samples, (rows, n), decoded in this process."""
    with closing(Decoder(io.BytesIO(content), NAME)) as here:
        return np.concatenate(list(here.blocks()), axis=1)


@pytest.fixture(scope="module")
def minutes() -> bytes:
    """Two and a half minutes of stereo, in a format that is quick to make."""
    rows = np.stack([tone(150, 16_000), tone(150, 16_000, hz=700)])
    return encode("flac", "flac", rate=16_000, samples=rows)


# --- what goes through ---------------------------------------------------------------------------


def test_blocks_are_those_of_decoding_here(minutes: bytes) -> None:
    """The same samples, in blocks of 30 s, and the same is known before and after."""
    process = decoder(minutes)
    here = Decoder(io.BytesIO(minutes), NAME)
    blocks = list(process.blocks())
    assert process.facts == here.facts
    assert [block.shape for block in blocks] == [(2, BLOCK_SAMPLES)] * 5
    assert all(block.dtype == np.float32 for block in blocks)
    assert np.array_equal(np.concatenate(blocks, axis=1), whole(minutes))
    assert (process.truncated, process.damaged) == (False, False)
    process.close()


def test_a_recording_cut_off_is_told_by_the_process() -> None:
    """What is there comes, and then that there was more."""
    wav = encode("wav", "pcm_s16le")
    process = decoder(wav[: len(wav) // 2])
    assert sum(block.shape[1] for block in process.blocks()) > SAMPLE_RATE
    assert process.truncated


def test_what_is_no_number_is_silence() -> None:
    """A file of floating point may hold anything; the networks are given none of it."""
    wav = bytearray(encode("wav", "pcm_f32le", rate=16_000))
    wav[-8_000:-4_000] = np.full(1_000, np.nan, "<f4").tobytes()
    process = decoder(bytes(wav))
    (block,) = process.blocks()
    assert process.damaged and np.isfinite(block).all()
    assert block[0, :SAMPLE_RATE].any()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile(NAME)),
        (b"a text, and no sound " * 200, NotAudio(NAME, "it is broken, cut off, or no recording")),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", NotAudio(NAME, "it is broken")),
        (b"\x03ds2" + bytes(2_000), NotAudio(NAME, "a dictation in the format DS2")),
        (b"\x03enc" + bytes(2_000), EncryptedAudio(NAME, "DS2")),
    ],
)
def test_what_does_not_decode_is_told_as_here(content: bytes, error: ConfereError) -> None:
    """The same class and the same words, with the name that the process was never told."""
    with pytest.raises(type(error)) as told:
        decoder(content)
    assert type(told.value) is type(error)
    assert told.value.message.startswith(error.message.rstrip(")"))


def test_damage_is_told_when_it_is_reached() -> None:
    """Samples before it come; the error is the reader's own, of its finer class."""
    wav = encode("wav", "pcm_s16le", samples=tone(90))
    with sealed(wav, spoilt_at=6_000_000) as file, pytest.raises(PayloadDamaged, match="chunk 91"):
        process = DecoderProcess(file, str(IDENTITY), NAME)
        blocks = process.blocks()
        assert next(blocks).shape == (1, BLOCK_SAMPLES)
        list(blocks)


def test_a_header_that_is_not_ours_is_told() -> None:
    """Another's key, and a header that was changed after it was written."""
    with sealed(b"x") as file, pytest.raises(WrongKey):
        DecoderProcess(file, str(X25519Identity.generate()), NAME)
    # Now and then what it is changed to is no base64.
    with sealed(b"x", spoilt_at=160) as file, pytest.raises((HeaderMacWrong, HeaderDamaged)):
        DecoderProcess(file, str(IDENTITY), NAME)


@pytest.mark.parametrize("number", range(15))  # one of each format; benchmarks/spoil.py goes on
def test_what_is_spoilt_by_chance_fails_or_decodes(number: int) -> None:
    """It never hangs, never takes the parent down, and never comes to more than there can be in it."""
    total = 0
    try:
        process = decoder(spoilt(number), patience_s=60)
        for block in process.blocks():
            assert np.isfinite(block).all()
            total += block.shape[1]
    except NotAudio as error:
        assert not isinstance(error, DecoderStopped)
    assert total <= 60 * SAMPLE_RATE


# --- what the process is given, and keeps --------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="told by /proc")
def test_the_process_at_work_is_confined_and_knows_nothing_else(
    minutes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """seccomp's filter is on, no right can be gained, and no secret stands where others look."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the backup")
    with closing(decoder(minutes)) as process:
        there = Path(f"/proc/{process.pid}")
        status = dict(line.split(":\t", 1) for line in (there / "status").read_text().splitlines())
        assert process.confinement.missing == ()
        assert (status["Seccomp"], status["NoNewPrivs"], status["Threads"]) == ("2", "1", "1")
        given = (there / "cmdline").read_bytes()
        assert str(IDENTITY).encode() not in given and NAME.encode() not in given
        if os.geteuid() == 0:  # as itself it may not look any more
            environment = (there / "environ").read_bytes()
            assert b"AWS" not in environment and str(IDENTITY).encode() not in environment
            opened = {str(path.readlink()) for path in (there / "fd").iterdir()}
            assert len(opened) == 3  # the pipe, nothing for errors, and the sealed file
            assert (there / "cwd").readlink() == Path("/")


def test_the_place_in_the_sealed_file_is_not_moved(minutes: bytes) -> None:
    """The descriptor is shared; whoever reads on with it is not disturbed."""
    with sealed(minutes) as file:
        file.seek(7)
        list(DecoderProcess(file, str(IDENTITY), NAME).blocks())
        assert os.lseek(file.fileno(), 0, os.SEEK_CUR) == 7


def test_the_process_works_ahead_by_no_more_than_a_block(minutes: bytes) -> None:
    """Nobody listens, so it waits: it is asleep at the pipe, and its memory does not grow."""
    with closing(decoder(minutes)) as process:
        blocks = process.blocks()
        next(blocks)
        waiting = 0
        while waiting < 3:  # asleep, three times in a row
            state = Path(f"/proc/{process.pid}/stat").read_text().rsplit(") ", 1)[1][0]
            waiting = waiting + 1 if state == "S" else 0
        assert sum(block.shape[1] for block in blocks) == 120 * SAMPLE_RATE


# --- ends ----------------------------------------------------------------------------------------


def gone(pid: int) -> bool:
    """Wait until a process has ended."""
    with contextlib.suppress(ProcessLookupError):
        watched = os.pidfd_open(pid)
        ended = select.select([watched], [], [], 30)[0]
        os.close(watched)
        return bool(ended)
    return True


def test_a_process_that_is_killed_is_an_error_and_no_more(minutes: bytes) -> None:
    """Out of memory, say: the parent says what became of it, and goes on."""
    process = decoder(minutes)
    blocks = process.blocks()
    next(blocks)
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(DecoderStopped, match="ended by the signal SIGKILL") as told:
        list(blocks)
    assert isinstance(told.value, NotAudio)


def test_a_process_that_hangs_is_ended(minutes: bytes) -> None:
    """The parent waits asleep, and not for ever."""
    process = decoder(minutes, patience_s=60)
    process._child._patience_s = 0.3
    os.kill(process.pid, signal.SIGSTOP)
    busy_s = time.process_time()
    with pytest.raises(DecoderStopped, match="nothing came of it for"):
        list(process.blocks())
    assert time.process_time() - busy_s < 0.2
    assert gone(process.pid)


def test_who_has_heard_enough_ends_it(minutes: bytes) -> None:
    """By closing it, by dropping what was being read, or by forgetting all of it."""
    process = decoder(minutes)
    next(process.blocks())
    process.close()
    process.close()
    assert gone(process.pid)
    process = decoder(minutes)
    pid = process.pid
    blocks = process.blocks()
    next(blocks)
    del process, blocks
    assert gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="a signal of Linux's")
def test_it_ends_with_its_parent(tmp_path: Path, minutes: bytes) -> None:
    """Also when the parent was killed, and while nothing is asked of it."""
    with sealed(minutes) as file:
        (tmp_path / "sealed").write_bytes(os.pread(file.fileno(), len(minutes) + 9_999, 0))
    code = """
import os, signal, sys
from confere.transcribe.decoder import DecoderProcess
process = DecoderProcess(open(sys.argv[1], "rb"), sys.argv[2], "a recording")
os.write(1, b"%d" % process.pid)
os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "sealed"), str(IDENTITY)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    assert done.returncode == -signal.SIGKILL
    assert gone(int(done.stdout))


# --- a decoder that somebody has taken over ------------------------------------------------------

CONFINED = json.dumps({"landlock": 7, "seccomp": True, "limits": True}).encode()
FACTS = json.dumps(
    {
        "duration_ms": 3000,
        "channels": 2,
        "sample_rate": 44100,
        "codec": "pcm_s16le",
        "container": "wav",
    }
).encode()
SAYS = "import os, sys; os.read(0, 1); os.write(1, bytes.fromhex(sys.argv[1]))"


def frames(*said: tuple[int, bytes]) -> bytes:
    """Several frames, as a decoder sends them."""
    return b"".join(framing.HEADER.pack(kind, len(content)) + content for kind, content in said)


@pytest.fixture
def taken_over(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes, str], DecoderProcess]:
    """Starts what says so many bytes in the decoder's place, then does something."""

    def start(said: bytes, then: str = "") -> DecoderProcess:
        command = (sys.executable, "-c", f"{SAYS}\n{then}", said.hex())
        monkeypatch.setattr(child, "_COMMAND", command)
        return decoder(b"x", patience_s=20)

    return start


BEGINS = ((framing.CONFINED, CONFINED), (framing.FACTS, FACTS))
NONSENSE = {
    "nothing": b"",
    "half a header": b"C\x01",
    "a length without end": framing.HEADER.pack(framing.CONFINED, 0xFFFFFFFF),
    "a kind there is not": frames((0, b"")),
    "what comes later": frames((framing.END, b"{}")),
    "no JSON": frames((framing.CONFINED, b"{")),
    "JSON without end": frames((framing.CONFINED, b"[" * 8000)),
    "JSON of another shape": frames((framing.CONFINED, b"[]")),
    "other keys": frames((framing.CONFINED, b'{"a": 1}')),
    "facts without a length": frames(BEGINS[0], (framing.FACTS, b"{}")),
    "a length that is text": frames(BEGINS[0], (framing.FACTS, FACTS.replace(b"3000", b'"a"'))),
    "a length below nothing": frames(BEGINS[0], (framing.FACTS, FACTS.replace(b"3000", b"-1"))),
    "a coding of its own": frames(BEGINS[0], (framing.FACTS, FACTS.replace(b"pcm", b"\x1b["))),
    "a block too long": frames(*BEGINS) + framing.HEADER.pack(framing.BLOCK, 8_000_000),
    "half a sample": frames(*BEGINS, (framing.BLOCK, bytes(12))),
    "no sample": frames(*BEGINS, (framing.BLOCK, b"")),
    "an end without a word": frames(*BEGINS, (framing.END, b"{}")),
    "an error that is none": frames((framing.FAILED, b'{"error": "KeyboardInterrupt"}')),
    "an error number": frames((framing.FAILED, b'{"error": "OSError", "number": "x"}')),
    "too long an error": framing.HEADER.pack(framing.FAILED, 1 << 20),
}


@pytest.mark.parametrize("said", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_an_error_and_no_more(
    said: bytes, taken_over: Callable[[bytes], DecoderProcess]
) -> None:
    """Whatever it says, the parent says that the decoder was stopped."""
    with pytest.raises(DecoderStopped):
        list(taken_over(said).blocks())


def test_a_length_is_believed_up_to_a_bound() -> None:
    """Nothing that a process says makes its parent take more than a minute's samples."""
    assert max(framing.longest(kind) for kind in range(256)) == 2 * BLOCK_SAMPLES * 4


def test_sound_without_end_ends(
    taken_over: Callable[..., DecoderProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No interview is longer than that, whatever says so."""
    monkeypatch.setattr("confere.transcribe.decoder.MAX_HOURS", 0)
    more = "while True: os.write(1, b'B' + (1 << 20).to_bytes(4, 'little') + bytes(1 << 20))"
    process = taken_over(frames(*BEGINS), more)
    with pytest.raises(DecoderStopped):
        list(process.blocks())
    assert gone(process.pid)


def test_an_error_brings_no_escapes_and_no_long_text(
    taken_over: Callable[[bytes], DecoderProcess],
) -> None:
    """Its words stand on somebody's terminal."""
    detail = "\x1b]0;owned\x07 \u202e" + "long " * 100
    said = json.dumps({"error": "NotAudio", "detail": detail}).encode()
    with pytest.raises(NotAudio) as told:
        taken_over(frames((framing.FAILED, said)))
    assert told.value.message.isprintable() and len(told.value.message) < 200


def test_one_that_falls_silent_is_ended(taken_over: Callable[..., DecoderProcess]) -> None:
    """It closes its pipe and lives on: the parent does not wait for it."""
    with pytest.raises(DecoderStopped, match="it fell silent"):
        taken_over(b"", "os.close(1); os.read(0, 1 << 20); os.read(0, 1)")


def test_one_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a problem of the machine, and not of the recording."""
    monkeypatch.setattr(child, "_COMMAND", ("/nowhere/python",))
    with pytest.raises(ConfereError, match="could not be started") as told:
        decoder(b"x")
    assert not isinstance(told.value, NotAudio)
