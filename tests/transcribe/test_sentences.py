"""Words into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.domain import SpokenSegment
from confere.transcribe.sentences import HeardWord, Limits, group, is_full_stop, split

LIMITS = Limits(pause_ms=1_000, max_ms=30_000, max_words=60)


def spoken(
    text: str, start_ms: int = 0, language: str = "pt", pace_ms: int = 300
) -> list[HeardWord]:
    """A text as the model writes it: each word with the space before it."""
    return [
        HeardWord(
            f" {word}",
            start_ms + at * pace_ms,
            start_ms + (at + 1) * pace_ms,
            0.9,
            language,
            -0.2,
            0.1,
        )
        for at, word in enumerate(text.split())
    ]


def texts(words: list[HeardWord], limits: Limits = LIMITS) -> list[str]:
    """The sentences that words become."""
    return [segment.text for segment in group(words, limits)]


def test_a_full_stop_ends_a_sentence() -> None:
    """Sentences in one breath come apart."""
    assert texts(spoken("Bom dia. Meu nome é Ana. E o seu?")) == [
        "Bom dia.",
        "Meu nome é Ana.",
        "E o seu?",
    ]


def test_half_a_sentence_is_joined_with_its_other_half() -> None:
    """A breath in the middle of a sentence, where whisper cuts, is none of its ends."""
    words = spoken("Depois da pandemia,") + spoken("nós visitamos os idosos.", 1_500)
    assert texts(words) == ["Depois da pandemia, nós visitamos os idosos."]


def test_a_long_pause_ends_a_sentence() -> None:
    """Somebody else begins, or the same one anew."""
    words = spoken("e depois") + spoken("a senhora pode repetir?", 3_000)
    assert texts(words) == ["e depois", "a senhora pode repetir?"]


def test_a_change_of_language_ends_a_sentence() -> None:
    """The interpreter begins where the participant stopped."""
    words = spoken("eu moro aqui") + spoken("I live here.", 1_000, "en")
    segments = group(words, LIMITS)
    assert [(segment.language, segment.text) for segment in segments] == [
        ("pt", "eu moro aqui"),
        ("en", "I live here."),
    ]


@pytest.mark.parametrize(
    "text", ["O Dr. Silva chegou.", "A Sra. Paula saiu.", "João A. Souza falou."]
)
def test_titles_and_initials_end_no_sentence(text: str) -> None:
    """The full stop of an abbreviation stays inside."""
    assert texts(spoken(text)) == [text]


def test_a_hesitation_ends_no_sentence() -> None:
    """Dots before a small letter are a hesitation."""
    assert texts(spoken("eu acho... que sim.")) == ["eu acho... que sim."]


@pytest.mark.parametrize("word", ["sim.", "sim?", "sim!", "है।", 'sim."', "sim.)", "No."])
def test_full_stops_of_the_sites_languages_are_known(word: str) -> None:
    """Latin marks, the danda, and marks before a closing quote."""
    assert is_full_stop(word)


def test_bounds_are_those_of_the_words() -> None:
    """A segment begins with its first word and ends with its last."""
    (segment,) = group(spoken("Bom dia, Ana.", 700), LIMITS)
    assert (segment.start_ms, segment.end_ms) == (700, 1_600)
    assert [word.text for word in segment.words] == ["Bom", "dia,", "Ana."]


def test_a_sentence_too_long_is_cut_at_a_comma() -> None:
    """Who speaks without end is cut where it hurts least."""
    words = spoken("um dois três quatro, cinco seis sete oito", pace_ms=1_000)
    limits = Limits(pause_ms=1_000, max_ms=6_000, max_words=60)
    assert texts(words, limits) == ["um dois três quatro,", "cinco seis sete oito"]


PLANS = st.lists(
    st.tuples(
        st.sampled_from([" sim", " não.", " talvez,", "-se", " 3.", " É?"]),
        st.integers(0, 3_000),
        st.sampled_from(["pt", "en"]),
    ),
    max_size=80,
)


def planned(plan: list[tuple[str, int, str]]) -> list[HeardWord]:
    """Words of 200 ms, each after a pause."""
    words, now_ms = [], 0
    for raw, pause_ms, language in plan:
        now_ms += pause_ms
        words.append(HeardWord(raw, now_ms, now_ms + 200, 0.5, language, -1.0, 0.2))
        now_ms += 200
    return words


@given(PLANS, st.sets(st.integers(0, 79)))
def test_words_that_come_in_pieces_give_the_same_sentences(
    plan: list[tuple[str, int, str]], cuts: set[int]
) -> None:
    """Wherever windows are cut, what stays open and what comes make what all at once would."""
    words = planned(plan)
    limits = Limits(pause_ms=1_500, max_ms=8_000, max_words=10)
    ended: list[SpokenSegment] = []
    still_open: list[HeardWord] = []
    first = 0
    for cut in sorted(cut for cut in cuts if cut < len(words)):
        more, still_open = split([*still_open, *words[first:cut]], limits, words[cut].start_ms)
        assert len(still_open) <= limits.max_words
        ended += more
        first = cut
    more, left = split([*still_open, *words[first:]], limits, None)
    assert left == []
    assert [*ended, *more] == group(words, limits)


@given(PLANS)
def test_no_word_is_lost_doubled_or_moved(plan: list[tuple[str, int, str]]) -> None:
    """Grouping keeps every word, its order and its time, and keeps to the limits."""
    words = planned(plan)
    limits = Limits(pause_ms=1_500, max_ms=8_000, max_words=10)
    segments = group(words, limits)
    kept = [(word.text, word.start_ms) for segment in segments for word in segment.words]
    assert kept == [(word.text, word.start_ms) for word in words]
    for segment in segments:
        assert len(segment.words) <= limits.max_words
        assert len(segment.words) == 1 or segment.end_ms - segment.start_ms <= limits.max_ms


def test_every_segment_has_a_length_inside_the_recording() -> None:
    """A segment without length gets one, and none goes beyond the last sample."""
    from confere.transcribe.sentences import SHORTEST_MS, within

    def spoken(start_ms: int, end_ms: int) -> SpokenSegment:
        return SpokenSegment(start_ms, end_ms, "pt", "Sim.", (), -0.1, 0.0)

    segments = within([spoken(500, 500), spoken(700, 990), spoken(995, 1040)], 1000)
    assert [(s.start_ms, s.end_ms) for s in segments] == [
        (500, 500 + SHORTEST_MS),
        (700, 990),
        (1000 - SHORTEST_MS, 1000),
    ]
