"""Numbers, dates and times, compared by value."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.review.checks import Context, Finding, Level, SegmentTexts, check_segment
from confere.review.checks.numbers import english, portuguese
from confere.review.checks.numbers.amounts import Mention
from confere.review.checks.text import tokens


def numbers(source: str, target: str) -> list[Finding]:
    """Return the findings about numbers."""
    found = check_segment(SegmentTexts("s", source, target), Context())
    return [finding for finding in found if finding.check == "numbers"]


def values(mentions: list[Mention]) -> list[set[object]]:
    """The values of the first way of each mention."""
    return [set(amount.values) for mention in mentions for amount in mention.ways[0]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mil novecentos e noventa e dois", 1992),
        ("mil e quinhentos", 1500),
        ("1.500", 1500),
        ("R$ 1.500,00", 1500),
        ("um milhão e meio", 1_500_000),
        ("1,5 milhão", 1_500_000),
        ("dois e meio milhões", 2_500_000),
        ("2 milhões", 2_000_000),
        ("dois bilhões", 2 * 10**9),
        ("dois biliões", 2 * 10**12),
        ("cento e vinte e três mil quatrocentos e cinquenta e seis", 123_456),
        ("dezasseis", 16),
        ("catorze", 14),
        ("quinhentas mulheres", 500),
        ("duas dúzias", 24),
        ("meio milhão", 500_000),
        ("dois terços", Fraction(2, 3)),
        ("dois vírgula cinco", Fraction(5, 2)),
        ("décimo terceiro", 13),
        ("5ª série", 5),
    ],
)
def test_portuguese_is_read_by_value(text: str, value: int | Fraction) -> None:
    """Digits and words of Portuguese have the value that Portuguese gives them."""
    assert value in values(portuguese.mentions(tokens(text)))[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nineteen ninety-two", 1992),
        ("twenty ten", 2010),
        ("nineteen oh five", 1905),
        ("fifteen hundred", 1500),
        ("1,500.00", 1500),
        ("two and a half million", 2_500_000),
        ("a million and a half", 1_500_000),
        ("half a dozen", 6),
        ("two hundred and five", 205),
        ("one hundred and twenty-three thousand four hundred and fifty-six", 123_456),
        ("two-thirds", Fraction(2, 3)),
        ("two point five", Fraction(5, 2)),
        ("twenty-first", 21),
        ("the eighties", 1980),
    ],
)
def test_english_is_read_by_value(text: str, value: int | Fraction) -> None:
    """Digits and words of English have the value that English gives them."""
    assert value in values(english.mentions(tokens(text)))[0]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Foi às três e meia da tarde.", "It was at half past three in the afternoon."),
        ("Foi às 15h30.", "It was at 3:30 p.m."),
        ("Cheguei às quinze pras quatro.", "I arrived at a quarter to four."),
        ("Cheguei às quinze pras quatro.", "I arrived at 3:45."),
        ("Lá pelas dez e quinze.", "At about a quarter past ten."),
        ("Em noventa e dois eu fugi.", "In 1992 I fled."),
        ("A seca dos anos oitenta.", "The drought of the 1980s."),
        ("Meia dúzia de gente.", "Half a dozen people."),
        ("Era dia primeiro de maio.", "It was May 1st."),
        ("Foi numa segunda-feira.", "It was on a Monday."),
        ("Passa de quinze em quinze dias.", "He comes every two weeks."),
        ("Apanhei duas vezes.", "I was beaten twice."),
        ("No século XIX.", "In the nineteenth century."),
        ("Meu número é nove oito sete meia cinco.", "My number is 98765."),
        ("O telefone era 3322-4567.", "The phone was 3322-4567."),
        ("Cabiam entre cem e duzentas pessoas.", "It held one hundred to two hundred people."),
        ("Entre mil e duas mil pessoas.", "Between one and two thousand: 1,000 and 2,000."),
        ("Nasceu com 2,5 quilos.", "She was born weighing two and a half kilos."),
        ("A passagem era quatro e quarenta.", "The fare was 4.40."),
        ("Três em cada dez, ou 30%.", "Three out of ten, or thirty percent."),
        ("Um dia ele veio.", "He came one day."),
        ("Um dia ele veio.", "A man came, one of those."),
        ("Nós dois fomos juntos.", "We both went."),
        ("Tinha vinte, vinte anos.", "I was twenty."),
        ("Foram 10 000 pessoas.", "There were ten thousand people."),
        ("Três quartos e uma sala.", "Three bedrooms and a living room."),
        ("De segunda a sexta.", "From Monday to Friday."),
        ("Cinquenta por cento.", "50%."),
        ("Umas dezenas de pessoas.", "A few dozen people."),
        ("Fui pro Rio de Janeiro.", "I went to Rio."),
    ],
)
def test_the_same_numbers_are_not_flagged(source: str, target: str) -> None:
    """What a careful translator writes for a number is the same number."""
    assert numbers(source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (
            "Paguei mil e quinhentos.",
            "I paid 150.",
            "Source says 1500 (mil e quinhentos); the translation has 150.",
        ),
        ("Em 1.500 casas.", "In 1.500 houses.", "Source says 1.500; the translation has 1.500."),
        (
            "Tenho dois filhos.",
            "I have children.",
            "Source says 2 (dois); the translation has no such number.",
        ),
        (
            "Tenho filhos.",
            "I have three children.",
            "The translation has 3 (three); the source has no such number.",
        ),
        (
            "Foi em março.",
            "It was in May, in June.",
            "Source says 3 (março); the translation has 6 (June).",
        ),
        (
            "Gastaram um bilião.",
            "They spent a billion.",
            "Source says 1000000000000 (um bilião); the translation has 1000000000 (a billion).",
        ),
    ],
)
def test_another_number_is_an_error(source: str, target: str, message: str) -> None:
    """A number that the other text lacks is told as an error, with both values."""
    [finding] = numbers(source, target)
    assert (finding.level, finding.message) == (Level.ERROR, message)


def test_the_finding_points_at_both_numbers() -> None:
    """The spans cut the numbers out of the texts."""
    source, target = "Foram vinte e sete pontos.", "I got seventeen stitches."
    [finding] = numbers(source, target)
    assert [source[start:end] for start, end in finding.source_spans] == ["vinte e sete"]
    assert [target[start:end] for start, end in finding.target_spans] == ["seventeen"]


def test_half_past_lost_is_found() -> None:
    """Half past three is not three."""
    assert numbers("Eles chegaram às três e meia.", "They came at three.")


@given(st.integers(min_value=13, max_value=10**9))
def test_digits_agree_with_their_own_notation(number: int) -> None:
    """Any whole number with Portuguese points is the same with English commas."""
    english_digits = f"{number:,}"
    portuguese_digits = english_digits.replace(",", ".")
    assert numbers(f"Foram {portuguese_digits} ao todo.", f"It was {english_digits} overall.") == []


@given(st.integers(min_value=13, max_value=10**6), st.integers(min_value=13, max_value=10**6))
def test_other_digits_are_found(one: int, other: int) -> None:
    """Two different whole numbers are never taken for one another."""
    found = numbers(f"Foram {one} ao todo.", f"It was {other} overall.")
    assert bool(found) == (one != other)


@given(st.text(alphabet="0123456789.,:hº- emilduas", max_size=40), st.text(max_size=40))
def test_any_text_can_be_read(source: str, target: str) -> None:
    """No text makes the reading of numbers fail."""
    portuguese.mentions(tokens(source))
    english.mentions(tokens(source))
    numbers(source, target)
