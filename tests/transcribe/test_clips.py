"""Voices into clips."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.errors import DamagedModel
from confere.transcribe.clips import Clip, Span, find_voices, make_clips
from confere.transcribe.profile import DraftingProfile, profile_of
from doubles.decoded import decode
from doubles.practice import recording, truth

ALONE = DraftingProfile(merge_silence_ms=0, clip_pad_ms=100)
MERGED = DraftingProfile(merge_silence_ms=2_000, turn_silence_ms=700, clip_pad_ms=100)


def clips(
    profile: DraftingProfile, *voices: tuple[int, int], several_languages: bool = False
) -> list[Clip]:
    """The clips over voices in a recording of a minute."""
    spans = [Span(start_ms, end_ms) for start_ms, end_ms in voices]
    return make_clips(spans, Span(0, 60_000), profile, several_languages=several_languages)


def test_a_clip_is_its_voice_with_some_silence_around() -> None:
    """Padding goes on both sides, and not before the beginning."""
    first, second = clips(ALONE, (50, 1_000), (3_000, 4_000))
    assert first.span == Span(0, 1_100)
    assert second.span == Span(2_900, 4_100)
    assert second.voices == (Span(3_000, 4_000),)


def test_neighbours_share_the_silence_between_them() -> None:
    """Clips never overlap: where silence is short, each has half of it."""
    first, second = clips(ALONE, (1_000, 2_000), (2_100, 3_000))
    assert first.span.end_ms == 2_050
    assert second.span.start_ms == 2_050


def test_short_pauses_are_merged_up_to_the_models_window() -> None:
    """A model that hears 30 s is given up to 30 s at once."""
    merged = clips(MERGED, (0, 14_000), (15_000, 29_000), (30_000, 40_000))
    assert [len(clip.voices) for clip in merged] == [2, 1]
    assert merged[0].span.length_ms <= MERGED.chunk_ms


def test_turns_are_kept_apart_where_languages_alternate() -> None:
    """A pause that is nothing in one language may be the interpreter taking over."""
    voices = ((0, 4_000), (5_000, 9_000), (9_300, 12_000))
    assert len(clips(MERGED, *voices)) == 1
    assert [len(clip.voices) for clip in clips(MERGED, *voices, several_languages=True)] == [1, 2]


def test_the_rest_of_a_clip_begins_where_reading_ended() -> None:
    """What was not read yet is a clip of its own, with the voices that are left."""
    (clip,) = clips(MERGED, (1_000, 4_000), (5_000, 8_000))
    rest = clip.rest(4_507)
    assert rest is not None
    assert rest.span == Span(4_500, clip.span.end_ms)
    assert rest.voices == (Span(5_000, 8_000),)
    assert clip.rest(8_000) is None


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(30, 29_000)), max_size=30))
def test_clips_cover_every_voice_and_no_moment_twice(plan: list[tuple[int, int]]) -> None:
    """Whatever the voices, clips are in order, do not overlap and leave no voice out."""
    voices, now_ms = [], 0
    for pause_ms, length_ms in plan:
        start_ms = now_ms + pause_ms + 1
        voices.append(Span(start_ms, start_ms + length_ms))
        now_ms = start_ms + length_ms
    for profile in (ALONE, MERGED):
        made = make_clips(voices, Span(0, now_ms + 50), profile, several_languages=True)
        assert [voice for clip in made for voice in clip.voices] == voices
        for clip in made:
            assert clip.span.start_ms <= clip.voices[0].start_ms
            assert clip.voices[-1].end_ms <= clip.span.end_ms <= now_ms + 50
            assert clip.span.start_ms % 10 == 0
        for before, after in itertools.pairwise(made):
            assert before.span.end_ms - 10 <= after.span.start_ms


def test_voices_are_found_where_people_speak() -> None:
    """In a bundled recording every sentence begins with a voice, to a tenth of a second."""
    samples = decode(recording("ZOOM0001.WAV"), "ZOOM0001.WAV").samples
    voices = find_voices(samples, DraftingProfile(clip_silence_ms=250))
    for sentence in truth("ZOOM0001.WAV"):
        assert min(abs(voice.start_ms - sentence.start_ms) for voice in voices) < 150


def test_a_profile_is_checked_before_it_is_used() -> None:
    """An unknown key and a value of another type are faults of the model."""
    assert profile_of({"beam": 3}, "m").beam == 3
    for wrong in ({"beams": 3}, {"beam": "3"}, {"one_sentence": 1}):
        with pytest.raises(DamagedModel, match="drafting profile"):
            profile_of(wrong, "m")
