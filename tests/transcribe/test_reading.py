"""What the model read in a clip, put in its place; and what is marked."""

from __future__ import annotations

from dataclasses import replace

from confere.domain import SpokenSegment, Word
from confere.transcribe import marks
from confere.transcribe.clips import Clip, Span
from confere.transcribe.reading import Decoded, Reading, TimedWord, read_clip

CLIP = Clip(Span(10_000, 14_000), (Span(10_200, 12_000), Span(12_600, 13_800)))


def read(*words: tuple[str, int, int], ended_ms: int | None = None, **heard: float) -> Reading:
    """Read a clip in which the model wrote these words at these times of the recording, in ms."""
    decoded = Decoded(
        tuple(
            TimedWord(f" {text}", start_ms - 10_000, end_ms - 10_000, 0.8)
            for text, start_ms, end_ms in words
        ),
        log_probability=-0.3,
        no_speech_probability=0.1,
        ended_ms=ended_ms,
    )
    probable = heard or {"pt": 0.9, "en": 0.1}
    return read_clip(CLIP, decoded, language="pt", heard=probable, languages=("pt", "en"))


def test_no_word_begins_before_its_voice_or_ends_after_it() -> None:
    """Attention spreads the first and the last word over the silence; the voice knows better."""
    reading = read(("Bom", 10_000, 10_600), ("dia.", 12_300, 14_000))
    assert [(word.start_ms, word.end_ms) for word in reading.words] == [
        (10_200, 10_600),
        (12_600, 13_800),
    ]


def test_the_last_word_goes_on_as_long_as_its_voice() -> None:
    """Attention lets go of the last word before it is over."""
    reading = read(("Bom", 10_300, 10_600), ("dia.", 12_700, 13_100))
    assert reading.words[-1].end_ms == 13_800


def test_a_word_in_silence_goes_to_the_voice_it_touches() -> None:
    """A word that begins in a pause begins with the voice after it."""
    reading = read(("sim,", 10_300, 11_900), ("talvez", 12_100, 13_000), ("não.", 13_000, 13_800))
    assert reading.words[1].start_ms == 12_600


def test_words_stay_in_order_whatever_their_times() -> None:
    """Times that run backwards are straightened."""
    reading = read(("um", 11_000, 11_500), ("dois", 10_500, 10_900), ("três", 10_800, 11_600))
    starts = [word.start_ms for word in reading.words]
    assert starts == sorted(starts)
    assert all(word.start_ms <= word.end_ms for word in reading.words)


def test_a_model_that_stops_after_a_sentence_is_read_on() -> None:
    """When it says that its sentence ended before the voice did, the rest is a clip to read."""
    stopped = read(("Sim.", 10_200, 11_500), ended_ms=2_000)
    assert stopped.rest is not None
    assert stopped.rest.span == Span(12_000, 14_000)
    to_the_end = read(("Sim.", 10_200, 13_500), ended_ms=3_700)
    assert to_the_end.rest is None


def test_reading_on_always_gets_forward() -> None:
    """A model that says it ended where it began is not asked again."""
    stuck = read(("a", 10_200, 10_300), ended_ms=40)
    assert stuck.rest is None


def test_speech_that_sounds_foreign_is_marked() -> None:
    """Words of a clip that sounds like no language of the study say so."""
    reading = read(("hola", 10_200, 11_000), es=0.9, pt=0.1)
    assert reading.words[0].marks == (marks.OTHER_LANGUAGE,)


def segment(*probabilities: float, no_speech: float = 0.0, log: float = -0.2) -> SpokenSegment:
    """A segment whose words have these probabilities."""
    words = tuple(Word("a", at, at + 1, each) for at, each in enumerate(probabilities))
    return SpokenSegment(0, 1_000, "pt", "a", words, log, no_speech)


def test_unsure_words_are_marked() -> None:
    """A sentence is marked when its words are unsure together, or some are mere guesses."""
    sure, unsure, guessed = marks.mark(
        [segment(0.9, 0.8, 0.95), segment(0.6, 0.5, 0.7), segment(0.99, 0.99, 0.2)]
    )
    assert sure.marks == ()
    assert unsure.marks == guessed.marks == (marks.LOW_PROBABILITY,)


def test_text_that_nobody_may_have_spoken_is_marked() -> None:
    """Both of whisper's doubts together are one of ours."""
    (heard,) = marks.mark([segment(0.9, no_speech=0.8)])
    assert heard.marks == ()
    (doubted,) = marks.mark([segment(0.9, no_speech=0.8, log=-1.5)])
    assert doubted.marks == (marks.NO_SPEECH,)


def test_a_cut_is_told_on_the_last_segment() -> None:
    """Only the last segment says that the recording was cut off, and keeps its own marks."""
    first = replace(segment(0.9), marks=("low-probability",))
    told = marks.mark_end([first, first], 9_000, "pt", truncated=True, damaged=True)
    assert told[0] == first
    assert told[1].marks == ("damaged-audio", "low-probability", "truncated")
    assert marks.mark_end([first], 9_000, "pt", truncated=False, damaged=False) == [first]


def test_a_cut_in_silence_is_told_too() -> None:
    """Where no segment is, an empty one at the end tells it."""
    (told,) = marks.mark_end([], 9_000, "pt", truncated=True, damaged=False)
    assert (told.end_ms, told.text, told.marks) == (9_000, "", ("truncated",))
