"""What every speech engine does, whichever it is.

A new one adds its factory to ``ENGINES``. It must hear something in the first sentences of a
bundled Portuguese recording.
"""

from __future__ import annotations

import io
import itertools
import json
import threading
from collections.abc import Callable, Generator

import pytest

from confere.domain import Transcription
from confere.errors import BadValue, DamagedObject, UnknownLanguage
from confere.transcribe.decoding import Decoder
from confere.transcribe.port import SpeechEngine, whole
from doubles.engines import FakeSpeechEngine
from doubles.practice import cut, speech_engine, wav

WINDOW_MS = 8_000  # shorter than anybody would want, so that a few seconds are several windows

ENGINES: dict[str, Callable[[], SpeechEngine]] = {
    "fake": lambda: FakeSpeechEngine(window_ms=WINDOW_MS),
    "faster-whisper": lambda: speech_engine(WINDOW_MS),
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> SpeechEngine:
    """Each of the engines."""
    return ENGINES[request.param]()


@pytest.fixture(scope="module")
def speech() -> bytes:
    """Nine seconds of two Portuguese sentences."""
    return cut("ZOOM0001.WAV", 0, 9_000)


def sound(audio: bytes) -> Decoder:
    """A recording as it is given to an engine."""
    return Decoder(io.BytesIO(audio), "the recording")


def hear(engine: SpeechEngine, audio: bytes, *languages: str) -> Transcription:
    """What an engine hears in a recording."""
    return whole(engine, sound(audio), languages=languages)


def test_segments_are_in_the_order_of_time_and_inside_the_recording(
    engine: SpeechEngine, speech: bytes
) -> None:
    """Segments follow one another, and none lies outside the recording."""
    heard = hear(engine, speech, "pt", "en")
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
    heard = hear(engine, speech, "pt", "en")
    for segment in heard.segments:
        assert "".join(word.text for word in segment.words) == segment.text.replace(" ", "")
        for word in segment.words:
            assert segment.start_ms <= word.start_ms <= word.end_ms <= segment.end_ms
            assert 0 <= word.probability <= 1
        for before, after in itertools.pairwise(segment.words):
            assert before.start_ms <= after.start_ms


def test_languages_are_among_those_of_the_study(engine: SpeechEngine, speech: bytes) -> None:
    """Whatever it sounds like, a segment is in a language of the study."""
    heard = hear(engine, speech, "pt")
    assert {segment.language for segment in heard.segments} == {"pt"}


def test_windows_follow_one_another_and_the_last_one_knows_the_length(
    engine: SpeechEngine, speech: bytes
) -> None:
    """Windows are numbered from 1, go forward, and only the last says how long the recording is."""
    windows = list(engine.windows(sound(speech), languages=["pt", "en"]))
    assert [window.number for window in windows] == [*range(1, len(windows) + 1)]
    assert all(window.duration_ms is None for window in windows[:-1])
    assert windows[-1].duration_ms == windows[-1].done_ms
    for before, after in itertools.pairwise(windows):
        assert before.done_ms < after.done_ms
    for window in windows:
        assert all(segment.end_ms <= window.done_ms for segment in window.segments)


def test_a_broken_off_recording_goes_on_as_if_it_had_not_been(engine: SpeechEngine) -> None:
    """From every kept state on, the windows are the same to the byte, and none comes after the last."""
    audio = cut("ZOOM0001.WAV", 0, 20_000)
    windows = list(engine.windows(sound(audio), languages=["pt", "en"]))
    assert len(windows) > 1
    for kept in windows:
        again = engine.windows(sound(audio), languages=["pt", "en"], after=kept.state)
        assert list(again) == windows[kept.number :]


def test_a_state_that_is_none_is_refused(engine: SpeechEngine, speech: bytes) -> None:
    """What no engine wrote is told before any work."""
    with pytest.raises(BadValue):
        engine.windows(sound(speech), languages=["pt"], after="no state")


def test_words_to_expect_are_taken_and_kept_nowhere(engine: SpeechEngine, speech: bytes) -> None:
    """Names are told to the model; neither the record nor a state says them."""
    windows = list(engine.windows(sound(speech), languages=["pt"], words=["Anhangabaú"]))
    assert any(window.segments for window in windows)
    assert "Anhangaba" not in "".join(window.state for window in windows)
    assert "Anhangaba" not in repr(engine.record)


def test_silence_has_no_segments(engine: SpeechEngine) -> None:
    """Five seconds of silence are a transcription without segments, not an error."""
    heard = hear(engine, wav(bytes(2 * 16_000 * 5)), "pt", "en")
    assert heard.duration_ms == 5_000
    assert heard.segments == ()


def test_speech_in_no_language_of_the_study_is_an_error_that_names_what_it_sounds_like(
    engine: SpeechEngine, speech: bytes
) -> None:
    """Portuguese in a study of Hindi is refused, and the message says what it sounds like."""
    with pytest.raises(UnknownLanguage, match=r"\(hi\).*'pt'"):
        hear(engine, speech, "hi")


@pytest.mark.parametrize("languages", [[], ["portuguese"]])
def test_languages_that_are_none_are_refused(
    engine: SpeechEngine, speech: bytes, languages: list[str]
) -> None:
    """No language at all and a word that is no language code are errors before any work."""
    with pytest.raises(BadValue):
        engine.windows(sound(speech), languages=languages)


def test_a_damaged_object_is_told_as_one(engine: SpeechEngine, speech: bytes) -> None:
    """What the reader raises in the middle of the audio comes out as it is."""

    class Damaged(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > len(speech) // 2:
                raise DamagedObject("chunk 7 does not open")
            return super().read(size)

    with pytest.raises(DamagedObject, match="chunk 7"):
        list(engine.windows(Decoder(Damaged(speech), "the recording"), languages=["pt"]))


def test_the_same_audio_gives_the_same_again(engine: SpeechEngine, speech: bytes) -> None:
    """An engine keeps nothing from one recording to the next."""
    assert hear(engine, speech, "pt", "en") == hear(engine, speech, "pt", "en")


def test_no_thread_is_left_when_nobody_wants_more(engine: SpeechEngine, speech: bytes) -> None:
    """Whoever stops after a window leaves nothing running."""
    before = threading.active_count()
    windows = engine.windows(sound(cut("ZOOM0001.WAV", 0, 20_000)), languages=["pt", "en"])
    assert next(windows).number == 1
    assert isinstance(windows, Generator)
    windows.close()
    assert threading.active_count() == before


def test_the_record_says_how_to_do_it_again(engine: SpeechEngine) -> None:
    """The record is complete and its parameters are JSON scalars."""
    record = engine.record
    assert record.engine and record.engine_version and record.model
    assert len(record.model_digest) == 64
    assert json.loads(json.dumps(dict(record.parameters))) == record.parameters
    assert engine.record == record
