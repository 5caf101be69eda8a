"""Windows: where a recording is cut, and that no cut changes what was said."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confere.domain import SpokenSegment
from confere.errors import BadValue, UnknownLanguage
from confere.transcribe.ahead import ahead
from confere.transcribe.clips import Span
from confere.transcribe.port import HeardWindow, whole
from confere.transcribe.profile import DraftingProfile
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.state import state_of
from confere.transcribe.windows import Beginning, Window, cut_windows, quiet_place
from doubles.arrays import ArraySound, decoded
from doubles.practice import cut, recording, speech_engine

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples

PER_MS = SAMPLE_RATE // 1000
MINUTE = Span(0, 60_000)


def noise(length_ms: int, loud: float = 0.1) -> Samples:
    """So much noise, the same every time."""
    drawn = np.random.default_rng(1).standard_normal(length_ms * PER_MS)
    return (drawn * loud).astype(np.float32)


@pytest.fixture(scope="module")
def monologue() -> Samples:
    """Half a minute of Portuguese, shape (1, n)."""
    return decoded(recording("VOICE002.MP3").read())[:, : 28_000 * PER_MS]


def test_a_window_ends_in_the_middle_of_the_longest_silence_of_its_last_third() -> None:
    """A longer silence before counts no more than what of it lies there."""
    voices = [Span(0, 20_000), Span(41_000, 45_000), Span(48_000, 60_000)]
    assert quiet_place([noise(60_000)], voices) == 46_500
    assert quiet_place([noise(60_000)], [Span(0, 10_000)]) == 50_000


def test_silence_of_two_sides_is_where_both_are_silent() -> None:
    """The other side's voice is no place to cut."""
    sides = [Span(0, 50_000), Span(42_000, 60_000)]
    assert 40_000 <= quiet_place([noise(60_000), noise(60_000)], sides) < 60_000
    voices = [Span(0, 44_000), Span(52_000, 60_000), Span(30_000, 48_000)]
    assert quiet_place([noise(60_000)], voices) == 50_000


def test_who_talks_without_end_is_cut_where_it_is_quietest() -> None:
    """Where no silence is, the quietest fifth of a second of the last third is found."""
    samples = noise(60_000)
    samples[50_000 * PER_MS : 50_300 * PER_MS] *= 0.01
    assert 50_050 <= quiet_place([samples], [MINUTE]) <= 50_250


@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 20_000)), max_size=40),
    st.integers(1_000, 90_000),
)
def test_a_cut_lies_in_the_last_third_on_a_frame_of_the_spectrogram(
    plan: list[tuple[int, int]], length_ms: int
) -> None:
    """Whatever the voices, a window goes forward, and times in it are those of the recording."""
    voices, now_ms = [], 0
    for pause_ms, voice_ms in plan:
        start_ms, now_ms = now_ms + pause_ms, now_ms + pause_ms + voice_ms
        if now_ms <= length_ms:
            voices.append(Span(start_ms, now_ms))
    cut_ms = quiet_place([np.ones(length_ms * PER_MS, np.float32)], voices)
    assert length_ms * 2 // 3 - 10 <= cut_ms <= length_ms
    assert cut_ms % 10 == 0


def windows_of(samples: Samples, after: Beginning, block_ms: int = 30_000) -> list[Window]:
    """The windows of samples from a beginning on, in windows of 8 s."""
    profile = DraftingProfile(window_ms=8_000, clip_silence_ms=300)
    return list(
        cut_windows(ArraySound(samples, block_ms=block_ms).blocks(), after, "auto", profile)
    )


@pytest.mark.parametrize("block_ms", [7_001, 30_000, 200_000])
def test_windows_are_all_of_the_recording_whatever_the_blocks(
    monologue: Samples, block_ms: int
) -> None:
    """No sample is lost or doubled, and blocks of any length give the same windows."""
    windows = windows_of(monologue, Beginning(), block_ms)
    assert len(windows) > 3
    (heard,) = (np.concatenate([track.samples for (track,) in (w.tracks for w in windows)]),)
    assert np.array_equal(heard, monologue[0])
    assert [window.last for window in windows] == [False] * (len(windows) - 1) + [True]
    for before, after in itertools.pairwise(windows):
        assert before.span.end_ms == after.span.start_ms
    assert [w.span for w in windows] == [w.span for w in windows_of(monologue, Beginning())]


def test_a_window_follows_from_where_it_begins(monologue: Samples) -> None:
    """From any window's beginning on, the windows are those that come without a break."""
    windows = windows_of(monologue, Beginning())
    for number, window in enumerate(windows):
        again = windows_of(monologue, Beginning(window.span.start_ms, "mixed"))
        assert [(w.span, w.tracks[0].voices) for w in again] == [
            (w.span, w.tracks[0].voices) for w in windows[number:]
        ]


def test_voices_lie_in_their_window(monologue: Samples) -> None:
    """A voice that goes on behind the cut ends at it and begins again."""
    for window in windows_of(monologue, Beginning()):
        for voice in window.tracks[0].voices:
            assert window.span.start_ms <= voice.start_ms < voice.end_ms <= window.span.end_ms


# --- the engine --------------------------------------------------------------------------------------


def sentences(windows: Sequence[HeardWindow]) -> list[SpokenSegment]:
    """The segments of all windows."""
    return [segment for window in windows for segment in window.segments]


@pytest.mark.parametrize("window_ms", [9_000, 20_000])
def test_windows_of_any_length_give_the_same_sentences(monologue: Samples, window_ms: int) -> None:
    """Cuts lie in silence, so sentences and their times are those of the recording in one piece."""
    sound = ArraySound(monologue)
    in_one = whole(speech_engine(), sound, languages=["pt", "en"])
    in_many = whole(speech_engine(window_ms), sound, languages=["pt", "en"])
    assert [(s.text, s.language) for s in in_many.segments] == [
        (s.text, s.language) for s in in_one.segments
    ]
    for one, other in zip(in_one.segments, in_many.segments, strict=True):
        assert abs(one.start_ms - other.start_ms) <= 100
        assert abs(one.end_ms - other.end_ms) <= 100


def test_a_sentence_that_spans_a_cut_is_one_segment(monologue: Samples) -> None:
    """Its words wait in the state, and it comes with the window in which it ends, at its own times."""
    windows = list(speech_engine(5_000).windows(ArraySound(monologue), languages=["pt"]))
    cuts = [window.done_ms for window in windows[:-1]]
    spanning = [
        segment
        for segment in sentences(windows)
        if segment.words
        and any(segment.words[0].start_ms < cut < segment.words[-1].end_ms for cut in cuts)
    ]
    assert spanning
    for segment in spanning:
        first, last = segment.words[0], segment.words[-1]
        assert (segment.start_ms, segment.end_ms) == (first.start_ms, last.end_ms)
        for before, after in itertools.pairwise(segment.words):
            assert before.end_ms <= after.start_ms


def test_threads_change_nothing(monologue: Samples) -> None:
    """Two batches at a time on a processor each, or one on two: the same to the last digit."""
    sound = ArraySound(monologue)
    one, two = (
        list(engine.windows(sound, languages=["pt", "en"]))
        for engine in (speech_engine(12_000, 1, 2), speech_engine(12_000, 2, 1))
    )
    assert one == two


def test_a_wrong_language_is_told_at_the_end_after_a_break_too(monologue: Samples) -> None:
    """What the windows before heard is in the state, so the judgement is that of the whole."""
    engine, sound = speech_engine(12_000), ArraySound(monologue)
    windows = engine.windows(sound, languages=["hi"])
    kept = next(windows)
    with pytest.raises(UnknownLanguage, match="'pt'"):
        list(engine.windows(sound, languages=["hi"], after=kept.state))
    assert isinstance(windows, Generator)
    windows.close()


def test_a_state_is_for_the_languages_it_was_made_for(monologue: Samples) -> None:
    """Who changes the study's languages begins anew."""
    state = state_of(None, ["pt", "en"]).as_text()
    assert state_of(state, ["pt", "en"]).as_text() == state
    for wrong, languages in (
        (state, ["pt"]),
        ("[]", ["pt"]),
        (json.dumps({**json.loads(state), "format": 99}), ["pt", "en"]),
    ):
        with pytest.raises(BadValue):
            state_of(wrong, languages)


def test_two_sides_are_heard_apart_in_the_order_of_time(monologue: Samples) -> None:
    """Each side has its own sentences; they come as they began, over windows too."""
    other = decoded(cut("ZOOM0001.WAV", 0, 28_000))[:, : monologue.shape[1]]
    stereo = np.concatenate([monologue, other])
    engine = speech_engine(12_000)
    windows = list(engine.windows(ArraySound(stereo), languages=["pt", "en"], sides="apart"))
    heard = sentences(windows)
    assert [s.start_ms for s in heard] == sorted(s.start_ms for s in heard)
    left = whole(engine, ArraySound(monologue), languages=["pt", "en"])
    assert [s.text.lower() for s in heard if s.side == "left"] == [
        s.text.lower() for s in left.segments
    ]
    assert {s.side for s in heard} == {"left", "right"}
    kept = windows[0]
    again = engine.windows(
        ArraySound(stereo), languages=["pt", "en"], sides="apart", after=kept.state
    )
    assert list(again) == windows[1:]


def test_sides_are_told_apart_as_soon_as_both_have_spoken(monologue: Samples) -> None:
    """What was mixed until then ends there; a run that goes on knows what was decided."""
    silence = np.zeros(14_000 * PER_MS, np.float32)
    left = np.concatenate([monologue[0], silence])
    answer = decoded(cut("ZOOM0001.WAV", 0, 14_000))[0]
    right = np.zeros_like(left)
    right[-len(answer) :] = answer
    hiss = noise(len(left) // PER_MS, 0.001)
    sides = np.stack([left + 0.1 * right, right + 0.1 * left])[:, : len(hiss)]
    sound = ArraySound((sides + hiss).astype(np.float32))
    engine = speech_engine(26_000)
    windows = list(engine.windows(sound, languages=["pt", "en"]))
    told = [segment.side for segment in sentences(windows)]
    assert told[0] == "" and told[-1] == "right"
    assert told.index("right") > max(at for at, side in enumerate(told) if side == "")
    starts_ms = [segment.start_ms for segment in sentences(windows)]
    assert starts_ms == sorted(starts_ms)
    again = engine.windows(sound, languages=["pt", "en"], after=windows[0].state)
    assert list(again) == windows[1:]


def test_a_copied_channel_is_one_voice(monologue: Samples) -> None:
    """Stereo with the same on both sides is heard once, as it is in mono."""
    engine = speech_engine(12_000)
    stereo = whole(engine, ArraySound(np.repeat(monologue, 2, 0)), languages=["pt"])
    assert {segment.side for segment in stereo.segments} == {""}
    mono = whole(engine, ArraySound(monologue), languages=["pt"])
    assert [s.text for s in stereo.segments] == [s.text for s in mono.segments]


def test_the_model_is_told_what_to_expect(
    monologue: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words stand before the text in every prompt the model gets: whole ones, as many as fit."""
    engine = speech_engine(hotwords=True)
    model = engine._pipeline._model
    prompts: list[list[int]] = []
    generate = model.model.generate

    class Listening:
        """The model, with its prompts noted."""

        def __getattr__(self, name: str) -> object:
            return getattr(whisper, name)

        def generate(self, rows: object, given: list[list[int]], **options: object) -> object:
            prompts.extend(given)
            return generate(rows, given, **options)

    whisper = model.model
    monkeypatch.setattr(model, "model", Listening())
    words = ["Anhangabaú", "Dona Neide", *(f"lugar número {number}" for number in range(200))]
    sound = ArraySound(monologue[:, : 6_000 * PER_MS])
    list(engine.windows(sound, languages=["pt"], words=words))
    assert prompts
    tokenizer = engine._pipeline.tokenizer("pt")
    for prompt in prompts:
        assert prompt[0] == tokenizer.sot_prev
        told = tokenizer.decode(prompt[1 : prompt.index(tokenizer.sot)]).strip().split(", ")
        assert told == words[: len(told)]
        assert 2 < len(told) < len(words)
        assert len(prompt) <= model.max_length // 2 + 4


def test_the_practice_model_is_told_nothing() -> None:
    """Any prompt ruins it, and its profile says so."""
    assert speech_engine()._pipeline.prompt_of(["Anhangabaú"]) is None


# --- ahead -------------------------------------------------------------------------------------------


@given(st.integers(0, 9), st.integers(0, 9))
@settings(deadline=None)
def test_what_is_made_ahead_comes_in_order_and_ends_with_who_wants_it(
    made: int, wanted: int
) -> None:
    """Items come as they were made, one more at most is made; closing ends thread and generator."""
    told: list[int] = []

    def make() -> Generator[int]:
        try:
            for number in range(made):
                told.append(number)
                yield number
        finally:
            told.append(-1)

    threads = threading.active_count()
    items = ahead(make())
    assert list(itertools.islice(items, wanted)) == list(range(min(made, wanted)))
    items.close()
    assert threading.active_count() == threads
    if wanted:
        assert told == [*range(min(made, wanted + 1)), -1]


def test_what_goes_wrong_ahead_is_raised_in_its_place() -> None:
    """First what was made, then the error."""

    def make() -> Generator[int]:
        yield 1
        raise UnknownLanguage(("pt",), "es")

    items = ahead(make())
    assert next(items) == 1
    with pytest.raises(UnknownLanguage):
        next(items)
