"""The real speech engine on the practice model: what it hears, and when its model is not right."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import jiwer
import pytest

from confere.domain import Transcription
from confere.errors import DamagedModel
from confere.models.store import BUNDLED
from confere.transcribe.decoding import Decoder
from confere.transcribe.port import whole
from confere.transcribe.whisper import WhisperEngine
from doubles.arrays import ArraySound, decoded
from doubles.practice import RECORDINGS, Spoken, cut, recording, speech_engine, truth

PORTUGUESE = "VOICE002.MP3"
INTERPRETED = "INTERVIEW003.M4A"


def words(text: str) -> str:
    """A text as word errors are counted: small letters, no marks."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def hear(audio: io.BytesIO) -> Transcription:
    """What the practice model hears."""
    return whole(speech_engine(), Decoder(audio, "the recording"), languages=["pt", "en"])


@pytest.fixture(scope="module")
def portuguese() -> Transcription:
    """What is heard in a recording of a minute."""
    return hear(recording(PORTUGUESE))


def test_what_is_said_is_heard(portuguese: Transcription) -> None:
    """At most one word in seven is wrong in a Portuguese recording (the card has the figures)."""
    said = words(" ".join(spoken.text for spoken in truth(PORTUGUESE)))
    heard = words(" ".join(segment.text for segment in portuguese.segments))
    assert jiwer.wer(said, heard) < 0.15


def test_segments_begin_when_sentences_do(portuguese: Transcription) -> None:
    """The median error of the segments' beginnings is under a tenth of a second."""
    errors = sorted(
        min(abs(segment.start_ms - spoken.start_ms) for segment in portuguese.segments)
        for spoken in truth(PORTUGUESE)
    )
    assert errors[len(errors) // 2] < 100


def test_a_segment_is_a_sentence(portuguese: Transcription) -> None:
    """There are about as many segments as sentences, and nearly all end as sentences do."""
    assert abs(len(portuguese.segments) - len(truth(PORTUGUESE))) <= 2
    ended = sum(segment.text[-1] in ".?!" for segment in portuguese.segments)
    assert ended >= 0.9 * len(portuguese.segments)


def test_an_interpreted_interview_is_followed() -> None:
    """Where English and Portuguese alternate, 95 of 100 of the speech have their language."""
    heard = hear(recording(INTERPRETED))
    sentences = truth(INTERPRETED)
    right_ms = sum(
        _shared_ms(spoken, segment.start_ms, segment.end_ms)
        for spoken in sentences
        for segment in heard.segments
        if segment.language == spoken.language
    )
    assert right_ms >= 0.95 * sum(spoken.end_ms - spoken.start_ms for spoken in sentences)


def test_a_recording_cut_off_is_drafted_and_marked() -> None:
    """The sentences that are there are heard, and the last one says that there was more."""
    whole = (RECORDINGS / "ZOOM0001.WAV").read_bytes()
    heard = hear(io.BytesIO(whole[: len(whole) // 3]))
    assert heard.segments
    assert "truncated" in heard.segments[-1].marks
    assert not any("truncated" in segment.marks for segment in heard.segments[:-1])


def test_the_engine_never_uses_the_net(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every socket shut, a model loads from its folder and hears."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("the net was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    engine = load(BUNDLED / "speech")
    sound = ArraySound(decoded(cut("ZOOM0001.WAV", 0, 5_000)))
    assert whole(engine, sound, languages=["pt"]).segments


# A recording is heard in a process of its own, whose home is empty.
HEARING = """
import sys
from pathlib import Path
from confere.transcribe.decoding import Decoder
from confere.transcribe.port import whole
from confere.transcribe.whisper import WhisperEngine
engine = WhisperEngine(
    Path(sys.argv[1]), name="practice", digest="0" * 64, practice=True, profile={}, device="cpu"
)
with Path(sys.argv[2]).open("rb") as audio:
    whole(engine, Decoder(audio, "the recording"), languages=["pt"])
print("torch" in sys.modules)
"""


def test_the_engine_leaves_nothing_behind(tmp_path: Path) -> None:
    """No cache, no id, no record of what was run stays in the user's home; torch is not needed."""
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    audio = tmp_path / "audio.wav"
    audio.write_bytes(cut("ZOOM0001.WAV", 0, 5_000))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "CI"))}
    run = subprocess.run(
        [sys.executable, "-c", HEARING, str(BUNDLED / "speech"), str(audio)],
        capture_output=True,
        text=True,
        check=True,
        env=kept | {"HOME": str(home), "TMPDIR": str(temporary)},
    )
    assert run.stdout.split() == ["False"]
    assert [path for path in (*home.rglob("*"), *temporary.rglob("*")) if path.is_file()] == []


def test_a_folder_without_its_tokenizer_is_refused(tmp_path: Path) -> None:
    """Without tokenizer.json the net would be asked, so nothing is loaded."""
    folder = shutil.copytree(BUNDLED / "speech", tmp_path / "model")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(DamagedModel, match=r"it has no tokenizer\.json"):
        load(folder)


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    """A model.bin that does not load is the model's fault and is said so."""
    folder = shutil.copytree(BUNDLED / "speech", tmp_path / "model")
    (folder / "model.bin").write_bytes(b"no weights")
    with pytest.raises(DamagedModel, match="it does not load"):
        load(folder)


def load(folder: Path) -> WhisperEngine:
    """The engine over a folder."""
    return WhisperEngine(
        folder, name="practice", digest="0" * 64, practice=True, profile={}, device="cpu", threads=1
    )


def _shared_ms(spoken: Spoken, start_ms: int, end_ms: int) -> int:
    return max(0, min(spoken.end_ms, end_ms) - max(spoken.start_ms, start_ms))
