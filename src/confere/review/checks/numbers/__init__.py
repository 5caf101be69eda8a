"""Numbers, dates and times, compared by value: digits and words, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import zip_longest

from confere.review.checks.messages import finding
from confere.review.checks.numbers import english, portuguese
from confere.review.checks.numbers.amounts import Amount
from confere.review.checks.numbers.matching import unmatched
from confere.review.checks.text import Pair
from confere.review.checks.values import Context, Finding


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find every number of one text that the other lacks, in the order of the text."""
    missing, added = unmatched(
        portuguese.mentions(pair.source_tokens), english.mentions(pair.target_tokens)
    )
    for left, right in zip_longest(missing, added):
        said = {"source": _told(left, pair.source)} if left else {}
        said |= {"target": _told(right, pair.target)} if right else {}
        kind = "differ" if left and right else "missing" if left else "added"
        source = [left.span] if left else []
        target = [right.span] if right else []
        yield finding(pair.segment, f"numbers.{kind}", source, target, **said)


def _told(amount: Amount, text: str) -> str:
    """Return an amount as people may read it: ``1500 (mil e quinhentos)``."""
    said = text[amount.span.start : amount.span.end]
    numbers = sorted(value for value in amount.values if isinstance(value, Fraction))
    if said[0].isdecimal() or len(numbers) != 1:
        return said
    return f"{_written(numbers[0])} ({said})"


def _written(value: Fraction) -> str:
    for digits in range(4):
        if (value * 10**digits).denominator == 1:
            return f"{float(value):.{digits}f}"
    return f"{value.numerator}/{value.denominator}"
