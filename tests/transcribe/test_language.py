"""The choice of a language for each clip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.errors import UnknownLanguage
from confere.transcribe.language import LanguageChooser

CLEAR_PT = {"pt": 0.97, "en": 0.02, "es": 0.01}
CLEAR_EN = {"pt": 0.02, "en": 0.97, "es": 0.01}
LEANS_EN = {"pt": 0.4, "en": 0.6}


def chooser() -> LanguageChooser:
    """A study of Portuguese and English."""
    return LanguageChooser(("pt", "en"))


def test_clear_clips_are_what_they_are() -> None:
    """An interpreted interview is followed, clip by clip."""
    clips = [CLEAR_EN, CLEAR_PT, CLEAR_PT, CLEAR_EN, CLEAR_PT]
    assert chooser().choose(clips, [3_000] * 5) == ["en", "pt", "pt", "en", "pt"]


def test_an_unclear_clip_goes_with_its_neighbours() -> None:
    """A clip that leans the other way does not change the language by itself."""
    assert chooser().choose([CLEAR_PT, LEANS_EN, CLEAR_PT], [3_000] * 3) == ["pt"] * 3


def test_a_short_clip_is_weak_evidence() -> None:
    """A quarter of a second that sounds like English is an English-sounding 'ok' in Portuguese."""
    assert chooser().choose([CLEAR_PT, CLEAR_EN, CLEAR_PT], [3_000, 250, 3_000]) == ["pt"] * 3


def test_one_batch_goes_on_where_the_last_ended() -> None:
    """The first clip of a batch knows the language of the last clip before it."""
    choosing = chooser()
    assert choosing.choose([CLEAR_PT], [3_000]) == ["pt"]
    assert choosing.choose([LEANS_EN], [3_000]) == ["pt"]
    assert choosing.choose([CLEAR_EN], [3_000]) == ["en"]


def test_languages_outside_the_study_are_never_chosen() -> None:
    """Spanish-sounding Portuguese is Portuguese where nobody speaks Spanish."""
    galician = {"es": 0.6, "pt": 0.39, "en": 0.01}
    assert chooser().choose([galician], [3_000]) == ["pt"]


def test_speech_in_another_language_is_told_with_its_name() -> None:
    """When most of the speech is in none of the study's languages, that is an error."""
    choosing = chooser()
    choosing.choose([{"es": 0.9, "pt": 0.1}, {"es": 0.95, "pt": 0.05}], [3_000, 4_000])
    with pytest.raises(UnknownLanguage, match="'es'"):
        choosing.judge()


def test_some_speech_in_another_language_is_none() -> None:
    """A greeting in Spanish does not stop a Portuguese interview."""
    choosing = chooser()
    choosing.choose([{"es": 0.99, "pt": 0.01}, CLEAR_PT, CLEAR_PT], [3_000] * 3)
    choosing.judge()


def test_no_speech_is_no_language_and_no_error() -> None:
    """Silence is judged kindly."""
    choosing = chooser()
    assert choosing.choose([], []) == []
    choosing.judge()


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 30_000)), max_size=20))
def test_every_clip_gets_one_of_the_studys_languages(clips: list[tuple[float, int]]) -> None:
    """Whatever the model says, zero included, there is one answer a clip."""
    heard = [{"pt": share, "en": (1 - share) / 2} for share, _ in clips]
    chosen = chooser().choose(heard, [length_ms for _, length_ms in clips])
    assert len(chosen) == len(clips)
    assert set(chosen) <= {"pt", "en"}
