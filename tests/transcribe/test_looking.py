"""The first look at a file in a process of its own: the same verdicts, whoever fails on the way."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from typing import Any

import pytest

from confere.errors import BadInput, DecoderStopped, EncryptedAudio, NotAudio, SourceVanished
from confere.transcribe import child, framing, looking
from confere.transcribe.ending import look
from confere.transcribe.looking import Looker
from doubles.encoding import encode
from doubles.spoilt import spoilt

NAME = "ZOOM0001.WAV"


@pytest.fixture(scope="module")
def looker() -> Looker:
    """One for many files, as an offload has it."""
    return Looker()


def process_of(looker: Looker) -> int:
    """The number of the process that looked last."""
    assert looker._child is not None
    return looker._child.pid


@pytest.mark.parametrize(
    "content",
    [
        encode("wav", "pcm_s16le", layout="stereo"),
        encode("mp3", "libmp3lame"),
        encode("ipod", "aac"),
        encode("asf", "wmav2"),
        encode("wav", "pcm_s16le")[:100_000],
        encode("flac", "flac")[:20_000],
        b"a text, and no sound " * 200,
        b"RIFF" + bytes(2_000),
        b"\x03enc" + bytes(2_000),
        b"\x03ds2" + bytes(2_000),
        *map(spoilt, range(100, 130)),
    ],
)
def test_a_look_from_outside_sees_the_same(content: bytes, looker: Looker) -> None:
    """What it is, whether it is cut off, and why it is none, in the same words."""
    here: Any
    try:
        here = look(io.BytesIO(content), NAME)
    except BadInput as error:
        here = error
    if not isinstance(here, BadInput):
        assert looker(io.BytesIO(content), NAME) == here
        return
    with pytest.raises(type(here)) as told:
        looker(io.BytesIO(content), NAME)
    assert type(told.value) is type(here) and told.value.message == here.message
    assert not isinstance(here, EncryptedAudio) or told.value.__dict__ == here.__dict__


def test_files_that_come_soon_have_one_process(looker: Looker) -> None:
    """A card's files share it; a card that comes later has one of its own."""
    wav = encode("wav", "pcm_s16le")
    looker(io.BytesIO(wav), NAME)
    first = process_of(looker)
    with pytest.raises(NotAudio):
        looker(io.BytesIO(b"no sound at all"), NAME)
    looker(io.BytesIO(wav), NAME)
    assert process_of(looker) == first
    looker._until = 0
    looker(io.BytesIO(wav), NAME)
    assert process_of(looker) != first


def test_a_recorder_that_is_pulled_is_no_verdict(looker: Looker) -> None:
    """What reading raises here is raised here, whatever the process made of the file's end."""

    class Vanishing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 100_000:
                raise SourceVanished(NAME)
            return super().read(size)

    with pytest.raises(SourceVanished):
        looker(Vanishing(encode("wav", "pcm_s16le")), NAME)
    with pytest.raises(SourceVanished):
        looker(Vanishing(encode("ipod", "aac", samples=None)[:5] + bytes(200_000)), NAME)
    assert looker(io.BytesIO(encode("mp3", "libmp3lame")), NAME).codec == "mp3float"


def test_a_process_that_was_ended_meanwhile_is_started_again(looker: Looker) -> None:
    """By the system, say: the next file is looked at all the same."""
    wav = io.BytesIO(encode("wav", "pcm_s16le"))
    looker(wav, NAME)
    os.kill(process_of(looker), signal.SIGKILL)
    assert looker(wav, NAME).duration_ms == 3000


def test_who_ends_it_with_a_file_gets_it_once_more_and_no_third_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that ends two decoders is told as such, and the process after it is a new one."""
    looker = Looker(patience_s=20)
    frames = framing.HEADER.pack(framing.CONFINED, 50) + (
        b'{"landlock": 7, "seccomp": true, "limits": true}'.ljust(50)
    )
    says = f"import os; os.read(0, 999); os.write(1, {frames!r}); os.read(0, 999)"
    monkeypatch.setattr(child, "_COMMAND", (sys.executable, "-c", says))
    with pytest.raises(DecoderStopped, match="ended before its time"):
        looker(io.BytesIO(b"x" * 100), NAME)
    monkeypatch.undo()
    assert looker(io.BytesIO(encode("wav", "pcm_s16le")), NAME).codec == "pcm_s16le"


@pytest.mark.parametrize(
    "said",
    [
        framing.HEADER.pack(framing.READ, 16) + framing.PLACE.pack(0, 1 << 40),
        framing.HEADER.pack(framing.READ, 3) + b"abc",
        framing.HEADER.pack(framing.FACTS, 2) + b"{}",
        framing.HEADER.pack(framing.BLOCK, 8) + bytes(8),
    ],
)
def test_nonsense_is_an_error_and_no_more(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a process that was taken over asks for."""
    confined = b'{"landlock": 7, "seccomp": true, "limits": true}'
    frames = framing.HEADER.pack(framing.CONFINED, len(confined)) + confined + said
    says = f"import os; os.read(0, 999); os.write(1, {frames!r}); os.read(0, 999); os.read(0, 999)"
    monkeypatch.setattr(child, "_COMMAND", (sys.executable, "-c", says))
    with pytest.raises(DecoderStopped):
        Looker(patience_s=20)(io.BytesIO(b"x" * 100), NAME)


def test_reading_without_end_ends(looker: Looker, monkeypatch: pytest.MonkeyPatch) -> None:
    """So often nobody who means well asks."""
    monkeypatch.setattr(looking, "_MOST_READINGS", 3)
    with pytest.raises(DecoderStopped, match="without end"):
        looker(io.BytesIO(encode("wav", "pcm_s16le")), NAME)


def test_threads_wait_for_each_other(looker: Looker) -> None:
    """Two at once get what each asked for."""
    seen: dict[str, str] = {}
    sounds = {"a.mp3": encode("mp3", "libmp3lame"), "b.wav": encode("wav", "pcm_s16le")}

    def see(name: str) -> None:
        for _ in range(5):
            seen[name] = looker(io.BytesIO(sounds[name]), name).container

    threads = [threading.Thread(target=see, args=(name,)) for name in sounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"a.mp3": "mp3", "b.wav": "wav"}


def test_a_fork_has_a_process_of_its_own(looker: Looker) -> None:
    """And its end does not end its parent's."""
    wav = encode("wav", "pcm_s16le")
    looker(io.BytesIO(wav), NAME)
    kept = process_of(looker)
    if (pid := os.fork()) == 0:
        same = looker._at_hand() is not None
        if looker._child is not None:
            looker._child.stop()
        os._exit(int(same))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    looker(io.BytesIO(wav), NAME)
    assert process_of(looker) == kept
