"""What every speech engine does, whichever it is.

A new one adds its factory to ``ENGINES``. It must hear something in the first sentences of a
bundled Portuguese recording.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable

import pytest

from confere.errors import BadValue, DamagedObject, EmptyFile, NotAudio, UnknownLanguage
from confere.transcribe.port import SpeechEngine
from doubles.engines import FakeSpeechEngine
from doubles.practice import cut, speech_engine, wav

ENGINES: dict[str, Callable[[], SpeechEngine]] = {
    "fake": FakeSpeechEngine,
    "faster-whisper": speech_engine,
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> SpeechEngine:
    """Each of the engines."""
    return ENGINES[request.param]()


@pytest.fixture(scope="module")
def speech() -> bytes:
    """Nine seconds of two Portuguese sentences."""
    return cut("ZOOM0001.WAV", 0, 9_000)


def _silent(done_ms: int, total_ms: int) -> None:
    return None


def test_segments_are_in_the_order_of_time_and_inside_the_recording(
    engine: SpeechEngine, speech: bytes
) -> None:
    """Segments follow one another, and none lies outside the recording."""
    heard = engine.transcribe(io.BytesIO(speech), languages=["pt", "en"], progress=_silent)
    assert heard.segments
    assert abs(heard.duration_ms - 9_000) <= 1
    for segment in heard.segments:
        assert 0 <= segment.start_ms < segment.end_ms <= heard.duration_ms
        assert segment.text and segment.text == segment.text.strip()
    for before, after in itertools.pairwise(heard.segments):
        assert before.start_ms <= after.start_ms


def test_words_lie_in_their_segment_and_make_up_its_text(
    engine: SpeechEngine, speech: bytes
) -> None:
    """The words of a segment are in order, inside it, probable from 0 to 1, and all of its text."""
    heard = engine.transcribe(io.BytesIO(speech), languages=["pt", "en"], progress=_silent)
    for segment in heard.segments:
        assert "".join(word.text for word in segment.words) == segment.text.replace(" ", "")
        for word in segment.words:
            assert segment.start_ms <= word.start_ms <= word.end_ms <= segment.end_ms
            assert 0 <= word.probability <= 1
        for before, after in itertools.pairwise(segment.words):
            assert before.start_ms <= after.start_ms


def test_languages_are_among_those_of_the_study(engine: SpeechEngine, speech: bytes) -> None:
    """Whatever it sounds like, a segment is in a language of the study."""
    heard = engine.transcribe(io.BytesIO(speech), languages=["pt"], progress=_silent)
    assert {segment.language for segment in heard.segments} == {"pt"}


def test_progress_never_falls_and_ends_at_the_end(engine: SpeechEngine, speech: bytes) -> None:
    """Progress goes from 0 to the length of the recording, forward only."""
    told: list[tuple[int, int]] = []
    heard = engine.transcribe(
        io.BytesIO(speech),
        languages=["pt", "en"],
        progress=lambda done_ms, total_ms: told.append((done_ms, total_ms)),
    )
    assert told == sorted(told)
    assert told[-1] == (heard.duration_ms, heard.duration_ms)


def test_silence_has_no_segments(engine: SpeechEngine) -> None:
    """Five seconds of silence are a transcription without segments, not an error."""
    audio = io.BytesIO(wav(bytes(2 * 16_000 * 5)))
    heard = engine.transcribe(audio, languages=["pt", "en"], progress=_silent)
    assert heard.duration_ms == 5_000
    assert heard.segments == ()


def test_speech_in_no_language_of_the_study_is_an_error_that_names_what_it_sounds_like(
    engine: SpeechEngine, speech: bytes
) -> None:
    """Portuguese in a study of Hindi is refused, and the message says what it sounds like."""
    with pytest.raises(UnknownLanguage, match=r"\(hi\).*'pt'"):
        engine.transcribe(io.BytesIO(speech), languages=["hi"], progress=_silent)


@pytest.mark.parametrize("languages", [[], ["portuguese"]])
def test_languages_that_are_none_are_refused(
    engine: SpeechEngine, speech: bytes, languages: list[str]
) -> None:
    """No language at all and a word that is no language code are errors before any work."""
    with pytest.raises(BadValue):
        engine.transcribe(io.BytesIO(speech), languages=languages, progress=_silent)


def test_what_is_not_audio_is_not_audio(engine: SpeechEngine) -> None:
    """Text raises NotAudio and nothing raises EmptyFile."""
    with pytest.raises(NotAudio):
        engine.transcribe(io.BytesIO(b"not a recording\n" * 99), languages=["pt"], progress=_silent)
    with pytest.raises(EmptyFile):
        engine.transcribe(io.BytesIO(), languages=["pt"], progress=_silent)


def test_a_damaged_object_is_told_as_one(engine: SpeechEngine, speech: bytes) -> None:
    """What the reader raises in the middle of the audio comes out as it is."""

    class Damaged(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > len(speech) // 2:
                raise DamagedObject("chunk 7 does not open")
            return super().read(size)

    with pytest.raises(DamagedObject, match="chunk 7"):
        engine.transcribe(Damaged(speech), languages=["pt"], progress=_silent)


def test_the_same_audio_gives_the_same_again_and_stays_open(
    engine: SpeechEngine, speech: bytes
) -> None:
    """An engine keeps nothing from one recording to the next, and does not close what it was given."""
    audio = io.BytesIO(speech)
    first = engine.transcribe(audio, languages=["pt", "en"], progress=_silent)
    assert not audio.closed
    assert engine.transcribe(audio, languages=["pt", "en"], progress=_silent) == first


def test_the_record_says_how_to_do_it_again(engine: SpeechEngine) -> None:
    """The record is complete and its parameters are JSON scalars."""
    record = engine.record
    assert record.engine and record.engine_version and record.model
    assert len(record.model_digest) == 64
    assert json.loads(json.dumps(dict(record.parameters))) == record.parameters
    assert engine.record == record
