"""The number words of English, folded."""

from __future__ import annotations

from confere.review.checks.numbers.amounts import HALF, QUARTER, Value
from confere.review.checks.numbers.portuguese_words import MONTH_NAMES
from confere.review.checks.text import listed

UNITS = {
    word: number
    for number, word in enumerate(
        listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen "
            "fourteen fifteen sixteen seventeen eighteen nineteen"
        )
    )
}
TENS = {
    word: 10 * number + 20
    for number, word in enumerate(listed("twenty thirty forty fifty sixty seventy eighty ninety"))
}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "k": 1000,
          "mil": 1000}  # fmt: skip
BIG = {"hundred": 100, "dozen": 12} | SCALES
ORDINALS = {
    word: number + 3
    for number, word in enumerate(
        listed(
            "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
        )
    )
} | {"thirtieth": 30, "fortieth": 40, "fiftieth": 50, "hundredth": 100}
PARTS = {"thirds": 3, "quarters": 4, "fourths": 4, "fifths": 5, "tenths": 10}
DECADES = {tens[:-1] + "ies": value for tens, value in TENS.items()}
DAYS = listed("monday tuesday wednesday thursday friday saturday sunday")

#: Words that may be a number and mostly need none.
LOOSE: dict[str, tuple[Value | int, ...]] = {
    "one": (1,), "first": (1,), "once": (1,), "single": (1,), "only": (1,), "zero": (0,),
    "second": (2,), "both": (2,), "either": (2,), "neither": (2,), "twice": (2,), "double": (2,),
    "doubled": (2,), "couple": (2,), "pair": (2,), "twins": (2,), "twin": (2,), "triple": (3,),
    "tripled": (3,), "decade": (10,), "century": (100,), "noon": (12,), "midday": (12,),
    "midnight": (12, 0, 24), "quarter": (QUARTER, 15, 3), "week": ("1 week",), "millions": (10**6,),
    "billions": (10**9,), "may": ("may", 5), "march": ("march", 3), "hundreds": (100,),
    "trio": (3,), "quadruple": (4,),
}  # fmt: skip
#: Words that always count.
FIRM: dict[str, tuple[Value | int, ...]] = {
    "half": (HALF, 30), "dozen": (12,), "fortnight": (15, 14, "2 weeks"), "thrice": (3,),
    "halved": (HALF,), "halves": (HALF,), "hundred": (100,), "thousand": (1000,), "million": (10**6,),
    "billion": (10**9,),
} | {day + plural: (day,) for day in DAYS for plural in ("", "s")} | {
    word: (word, number + 1) for number, word in enumerate(MONTH_NAMES) if word not in LOOSE
}  # fmt: skip
#: Everything that is read as a number and as little else.
WORDS = frozenset({*UNITS, *TENS, *BIG, *FIRM, *ORDINALS, *DECADES})
