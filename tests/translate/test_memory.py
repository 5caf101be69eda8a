"""How alike two texts are: what is compared, what is a repeat, what comes first."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from confere.translate.memory import LEAST_SCORE, Match, Normalised, best_matches, normalise


@pytest.mark.parametrize(
    ("text", "body", "is_question"),
    [
        ("Não sei.", "não sei", False),
        ("  NÃO \t sei … ", "não sei", False),
        (unicodedata.normalize("NFD", "Não sei"), "não sei", False),
        ("Não sei?!", "não sei", True),
        ("Por quê? Não sei.", "por quê? não sei", False),
        ("ﬁm", "fim", False),
        ("पानी नहीं है।", "पानी नहीं है", False),
        ("[laughter]", "[laughter]", False),
        ("...", "", False),
        ("?", "", True),
        ("", "", False),
    ],
)
def test_what_is_compared(text: str, body: str, is_question: bool) -> None:
    """Form, capitals, spaces and the marks at the end make no difference; asking does."""
    assert normalise(text) == Normalised(body, is_question)


@pytest.mark.parametrize(
    ("asked", "known", "score", "exact"),
    [
        ("não sei.", "Não sei", 100, True),
        ("Ele foi?", "Ele foi?", 100, True),
        ("Ele foi", "Ele foi?", 99, False),
        ("Ele foi?", "Ele foi.", 99, False),
        # One of ten characters each way is another: 2 * 9 / 20.
        ("abcdefghij", "abcdefghix", 90, False),
        # 2 * 6 / 16 is 75, the least that counts; rounded down, never up.
        ("abcdefgh", "abcdefxy", 75, False),
        ("abcdefg", "abcdefxy", 80, False),
        ("a" * 500, "a" * 499 + "b", 99, False),  # 99.8 is no repeat
    ],
)
def test_the_score(asked: str, known: str, score: int, exact: bool) -> None:
    """Worked by hand: the share of characters in common, rounded down."""
    assert best_matches(asked, [known]) == [Match(0, score, exact)]


@pytest.mark.parametrize(
    ("asked", "known"),
    [("abcdefgh", "abcdezxy"), ("Sim", "Não"), ("?", "?"), ("", ""), ("sim", "")],
)
def test_what_is_not_alike(asked: str, known: str) -> None:
    """Below 75, or with nothing to compare, there is no match: of marks alone there is no memory."""
    assert best_matches(asked, [known]) == []


def test_the_best_come_first() -> None:
    """By score, and of equal ones in the order in which they were given."""
    known = ["a água é boa mesmo", "o rio", "A água é boa.", "a água é boa?", "a água é boa"]
    found = best_matches("a água é boa", known)
    assert [(m.index, m.exact) for m in found] == [(2, True), (4, True), (3, False), (0, False)]
    assert [m.score for m in found][:3] == [100, 100, 99]


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=8))
def test_matches_are_all_that_are_alike(asked: str, known: list[str]) -> None:
    """Every text from 75 on and no other; the score is the indel similarity; exact means equal."""
    body = normalise(asked).body
    found = {match.index: match for match in best_matches(asked, known)}
    for index, text in enumerate(known):
        similarity = 100 * Indel.normalized_similarity(body, normalise(text).body)
        assert (index in found) == (bool(body) and round(similarity, 6) >= LEAST_SCORE)
        if index in found:
            match = found[index]
            assert match.exact == (normalise(text) == normalise(asked)) == (match.score == 100)
            assert match.exact or match.score == min(int(round(similarity, 6)), 99)
