"""The practice language: what it can say, and that draws repeat."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from practice import grammar, patterns, words

WORDS = Path(__file__).with_name("words.txt").read_text()


def word_types(texts: list[str]) -> set[str]:
    """The words of the texts in lower case."""
    return {word for text in texts for word in re.findall(r"[\w'-]+", text.lower())}


@pytest.fixture(scope="module")
def drawn() -> list[grammar.Pair]:
    """Enough sentences that every word comes up."""
    return grammar.corpus(1, 40_000)


@pytest.mark.parametrize(("side", "language"), [(0, "pt"), (1, "en")])
def test_every_word_of_the_practice_language_can_be_drawn(
    drawn: list[grammar.Pair], side: int, language: str
) -> None:
    """The word list that fixes the language is covered, in Portuguese and in English."""
    lists = dict(re.findall(r"^(pt|en)\n(.*?)(?=^en$|\Z)", WORDS, re.M | re.S))
    wanted = set(lists[language].split())
    assert len(wanted) > 400
    assert wanted - word_types([pair[side] for pair in drawn]) == set()


def test_a_corpus_repeats_from_its_seed_and_differs_by_it() -> None:
    """Everything follows from the seed."""
    assert grammar.corpus(3, 50) == grammar.corpus(3, 50)
    assert grammar.corpus(3, 50) != grammar.corpus(4, 50)


def test_a_corpus_has_each_sentence_once_and_none_that_is_excluded() -> None:
    """Excluding works by either side of a pair."""
    kept = {pair[1] for pair in grammar.corpus(5, 200)}
    pairs = grammar.corpus(5, 300, exclude=kept)
    assert len({pair[0] for pair in pairs}) == 300
    assert kept.isdisjoint(pair[1] for pair in pairs)


@pytest.mark.parametrize(
    ("value", "feminine", "pair"),
    [
        (1, True, ("uma", "one")),
        (19, False, ("dezenove", "nineteen")),
        (20, False, ("vinte", "twenty")),
        (22, True, ("vinte e duas", "twenty-two")),
        (31, False, ("trinta e um", "thirty-one")),
        (99, False, ("noventa e nove", "ninety-nine")),
        (100, True, ("cem", "one hundred")),
        (200, True, ("duzentas", "two hundred")),
        (300, False, ("trezentos", "three hundred")),
    ],
)
def test_numbers_in_words(value: int, feminine: bool, pair: grammar.Pair) -> None:
    """Numbers agree in gender, and tens are joined as each language does."""
    assert grammar.number(value, feminine) == pair


def test_no_slot_is_left_open(drawn: list[grammar.Pair]) -> None:
    """Every brace of a pattern is filled, and every sentence ends in a mark."""
    assert not [pair for pair in drawn if re.search(r"[{}]|  ", " ".join(pair))]
    assert {text[-1] for pair in drawn for text in pair} == {".", "?"}


def test_both_sides_of_a_pattern_have_the_same_slots() -> None:
    """What is said in Portuguese is said in English."""
    groups = [*patterns.COMPLEMENTS.values(), *patterns.FACTS, *patterns.QUESTIONS]
    for _, portuguese, english in (row for group in groups for row in group):
        keys = [
            {match["key"] for match in grammar.SLOT.finditer(text) if match["form"] != "open"}
            for text in (portuguese, english)
        ]
        assert keys[0] == keys[1], (portuguese, english)


def test_every_verb_has_complements() -> None:
    """The two verb tables name the same verbs."""
    assert words.VERBS.keys() == patterns.COMPLEMENTS.keys()


def test_a_noun_takes_its_articles() -> None:
    """Gender and number decide the Portuguese article, the first letter the English one."""
    filler = grammar.Filler(random.Random(1))
    filler.nouns["role"] = ("f", "enfermeira", "nurse")
    assert filler.fill("{o.role} {no.role} {do.role}", "{the.role} {a.role}") == (
        "a enfermeira na enfermeira da enfermeira",
        "the nurse a nurse",
    )
    assert grammar.english_article("outpatient clinic") == "an outpatient clinic"
