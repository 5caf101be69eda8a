"""Amounts and the ways to read them.

A *value* is a number, or the name of a month, a day or a span that is not a number (``"monday"``). An
*amount* is one thing said, with every value it may have: ``meia`` is a half, thirty minutes or, in
a telephone number, six. A *mention* has one or more *ways* to read it as amounts: ``3,5`` is one
amount, or three and a half.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from confere.review.checks.text import Token
from confere.review.checks.values import Span

Value: TypeAlias = Fraction | str

HALF = Fraction(1, 2)
QUARTER = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount; one that is not ``strict`` may lack its counterpart (``um`` is also an article)."""

    values: frozenset[Value]
    span: Span
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of text that tells an amount or several; ``digits`` if it may be part of a longer
    row of digits, as in a telephone number."""

    ways: tuple[tuple[Amount, ...], ...]
    first: int  # of its tokens
    after: int
    digits: str = ""


def amount(
    found: Sequence[Token],
    first: int,
    after: int,
    values: Iterable[Value | int],
    strict: bool = True,
) -> Amount:
    """Make the amount that the tokens ``first`` to ``after`` tell."""
    kept = frozenset(Fraction(v) if isinstance(v, int) else v for v in values)
    return Amount(kept, Span(found[first].start, found[after - 1].end), strict)


def one(
    found: Sequence[Token], first: int, after: int, *values: Value | int, strict: bool = True
) -> Mention:
    """Make a mention that has one way and one amount."""
    return Mention(((amount(found, first, after, values, strict),),), first, after)


def year_values(value: Fraction) -> set[Value]:
    """Return the years that two digits may mean: 92 is 1992, 15 may be 2015."""
    if value.denominator != 1 or not 0 <= value < 100:
        return set()
    years: set[Value] = {value + 1900}
    return years | {value + 2000} if value < 50 else years


def hour_values(value: Fraction, *, afternoon: bool = False) -> set[Value]:
    """Return the hour on the other clock: 15 is 3, and 3 in the afternoon is 15."""
    if value.denominator != 1:
        return set()
    if 12 < value <= 24:
        return {value - 12}
    return {value + 12} if afternoon and 0 < value < 12 else set()


def decimal_ways(value: Fraction, text: str, decimal: str) -> list[tuple[Fraction, ...]]:
    """Return how a decimal may be said: 3.5 is three and a half, 4.40 is four (and) forty."""
    whole, _, part = text.rpartition(decimal)
    if not whole or not part.isdecimal() or value.denominator == 1:
        return [(value,)]
    base = Fraction(value.numerator // value.denominator)
    ways: list[tuple[Fraction, ...]] = [(value,)]
    if value - base == HALF and len(part) == 1:
        ways.append((base, HALF))
    if len(part) == 2:
        ways.append((base, Fraction(int(part))))
    return ways


def join_digits(mentions: list[Mention], found: Sequence[Token]) -> list[Mention]:
    """Let rows of digits also be read as one number: 3322-4567, ``nove oito sete meia``."""
    joined: list[Mention] = []
    row: list[Mention] = []
    for mention in mentions:
        if row and not (mention.digits and _neighbours(row[-1], mention, found)):
            joined += _row(row)
            row = []
        if mention.digits:
            row.append(mention)
        else:
            joined.append(mention)
    return joined + _row(row)


def _neighbours(left: Mention, right: Mention, found: Sequence[Token]) -> bool:
    return left.after == right.first and found[right.first].gap.strip() in ("", "-", ",", ".", "–")


def _row(row: list[Mention]) -> list[Mention]:
    digits = "".join(mention.digits for mention in row)
    if len(row) < 2 or len(digits) < 3 or (len(row) == 2 and len(digits) < 5):
        return row
    apart = tuple(amount for mention in row for amount in mention.ways[0])
    span = Span(apart[0].span.start, apart[-1].span.end)
    whole = Amount(frozenset({Fraction(int(digits))}), span)
    return [Mention((apart, (whole,)), row[0].first, row[-1].after)]
