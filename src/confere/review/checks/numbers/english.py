"""Numbers as they are said and written in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from confere.review.checks.numbers.amounts import (
    HALF,
    Mention,
    Value,
    amount,
    decimal_ways,
    hour_values,
    join_digits,
    one,
    year_values,
)
from confere.review.checks.numbers.english_words import (
    BIG,
    DECADES,
    FIRM,
    LOOSE,
    ORDINALS,
    PARTS,
    SCALES,
    TENS,
    UNITS,
    WORDS,
)
from confere.review.checks.numbers.roman import roman
from confere.review.checks.text import Token, listed

#: What a mention may begin with, beside digits and Roman numerals.
_BEGIN = WORDS | {*LOOSE, *DECADES, "a", "an"}

_AFTERNOON = frozenset(["afternoon", "evening", "night", "pm"])
_VAGUE = frozenset(listed("few several many some couple"))
_SUFFIXES = frozenset(["st", "nd", "rd", "th"])


def mentions(found: Sequence[Token]) -> list[Mention]:
    """Return what ``found``, the words of an English text, tells of numbers, dates and times."""
    read: list[Mention] = []
    at = 0
    reader = _Reader(found)
    while at < len(found):
        token = found[at]
        begins = token.is_number or token.folded in _BEGIN or token.text.isupper()
        mention = reader.mention(at) if begins else None
        if mention:
            read.append(mention)
        at = mention.after if mention else at + 1
    return join_digits(read, found)


@dataclass(frozen=True, slots=True)
class _Reader:
    found: Sequence[Token]

    def mention(self, at: int) -> Mention | None:
        """Return what begins at word ``at``, the longest first."""
        return (
            self._half_of(at)
            or self._clock(at)
            or self._year(at)
            or self._ordinal(at)
            or self._cardinal_with_company(at)
            or self._decade(at)
            or self._roman(at)
            or self._single(at)
        )

    def word(self, at: int, *, joined: bool = False) -> str:
        """The folded word at ``at``, or nothing: past the end or, if asked, behind a comma."""
        if not 0 <= at < len(self.found) or (joined and not self.found[at].joined):
            return ""
        return self.found[at].folded

    # cardinals

    def below_hundred(self, at: int, *, joined: bool = False) -> tuple[int, int]:
        """Return a number below a hundred that begins at ``at`` and where it ends; (0, at) if none."""
        word = self.word(at, joined=joined)
        if word in TENS:
            unit = UNITS.get(self.word(at + 1, joined=True), 0)
            return (TENS[word] + unit, at + 2) if 0 < unit < 10 else (TENS[word], at + 1)
        return (UNITS[word], at + 1) if word in UNITS else (0, at)

    def chunk(self, at: int, *, first: bool) -> tuple[Fraction, int]:
        """Return a part before a thousand or a million: ``two hundred and five``, ``a``, ``1.5``."""
        token = self.found[at] if at < len(self.found) else None
        if token and token.is_number and (first or token.joined):
            return number(token.text), at + 1
        word = self.word(at, joined=not first)
        if word in ("a", "an") and self.word(at + 1, joined=True) in BIG:
            value, end = 1, at + 1
        else:
            value, end = self.below_hundred(at, joined=not first)
        if self.word(end, joined=end > at) != "hundred" or (end == at and not first):
            return Fraction(value), end
        total, end = (value or 1) * 100, end + 1
        rest, after = self._rest(end)
        return Fraction(total + rest), after

    def _rest(self, at: int) -> tuple[int, int]:
        """The tens and units behind a hundred, unless they begin a number of their own."""
        start = at + 1 if self.word(at, joined=True) == "and" else at
        rest, after = self.below_hundred(start, joined=True)
        if not rest or self.word(after, joined=True) == "hundred":
            return 0, at
        if start > at and self.word(start) == "one" and after == start + 1:
            return 0, at  # "a hundred and one of them" is rarer than "a hundred, and one …"
        return rest, after

    def cardinal(self, at: int) -> tuple[Fraction, int] | None:
        """Return a number, in words or digits and with its thousands, and where it ends."""
        total, end, below = Fraction(0), at, 10**15
        while True:
            start = end
            if end > at and self.word(end, joined=True) == "and":
                start = end + 1
            value, after = self.chunk(start, first=end == at)
            scale = SCALES.get(self.word(after, joined=True), 0) if value else 0
            if scale >= below or not value or (end > at and not scale and value >= below):
                break
            if not scale:
                return (total + value, after)
            total += value * scale
            end, below = after + 1, scale
            if self._and_half(end):
                return total + Fraction(scale, 2), end + 3
        return (total, end) if end > at else None

    def _and_half(self, at: int) -> bool:
        return (
            self.word(at, joined=True) == "and"
            and self.word(at + 1) == "a"
            and self.word(at + 2) == "half"
        )

    def _cardinal_with_company(self, at: int) -> Mention | None:
        read = self.cardinal(at)
        if read is None:
            return None
        value, end = read
        if self.word(at) == "one" and end == at + 1:
            company = self._company(at, value, end)
            return company if company.after > end else None
        return self._company(at, value, end)

    def _company(self, at: int, value: Fraction, end: int) -> Mention:
        after = self.word(end, joined=True)
        if self._and_half(end):
            return self._with_half(at, value, end)
        if after == "dozen":
            return one(self.found, at, end + 1, value * 12)
        if after in PARTS:
            values: set[Value | int] = {value / PARTS[after]}
            return one(self.found, at, end + 1, *values)
        if after == "point" and self.cardinal(end + 1):
            return self._decimal(at, value, end)
        if after == "oh" and self.word(end + 1) in UNITS:
            return self._oh(at, value, end)
        if after in ("to", "minutes") and value in (5, 10, 20, 25):
            before = self._minutes_to(at, value, end)
            if before:
                return before
        return self._plain(at, value, end)

    def _plain(self, at: int, value: Fraction, end: int) -> Mention:
        text = self.found[at].text
        afternoon = value <= 12 and self._afternoon(end)
        others: set[Value] = set(hour_values(value, afternoon=True)) if afternoon else set()
        if self.word(end) in ("week", "weeks"):
            others.add(f"{value} week" + "s" * (value != 1))
        if at and self.found[at].gap.endswith(("'", "’")):
            others |= year_values(value)
        single = end == at + 1
        ways: list[tuple[Fraction, ...]] = [(value,)]
        if single and "." in text:
            ways = decimal_ways(value, text, ".")
        made = tuple(
            tuple(
                amount(self.found, at, end, {part} | (others if len(way) == 1 else set()))
                for part in way
            )
            for way in ways
        )
        digit = text if self.found[at].is_number else str(value) if 0 <= value < 10 else ""
        return Mention(made, at, end, digit if single and digit.isdecimal() else "")

    def _afternoon(self, at: int) -> bool:
        near = [self.word(at + step) for step in range(5)]
        return bool(_AFTERNOON & set(near)) or near[:2] == ["p", "m"]

    def _with_half(self, at: int, value: Fraction, end: int) -> Mention:
        scale = BIG.get(self.word(end + 3, joined=True))
        if scale:
            return one(self.found, at, end + 4, (value + HALF) * scale)
        whole = amount(self.found, at, end, (value,), strict=value != 1)
        half = amount(self.found, end + 2, end + 3, (HALF, 30))
        both = amount(self.found, at, end + 3, (value + HALF,))
        return Mention(((whole, half), (both,)), at, end + 3)

    def _decimal(self, at: int, value: Fraction, end: int) -> Mention:
        read = self.cardinal(end + 1)
        part, after = read if read else (Fraction(0), end)
        return one(self.found, at, after, value + part / 10 ** len(str(part)))

    def _oh(self, at: int, value: Fraction, end: int) -> Mention:
        unit = UNITS[self.word(end + 1)]
        apart = (
            amount(self.found, at, end, (value,)),
            amount(self.found, end + 1, end + 2, (unit,)),
        )
        whole = amount(self.found, at, end + 2, (value * 100 + unit,))
        return Mention(((whole,), apart), at, end + 2)

    def _minutes_to(self, at: int, value: Fraction, end: int) -> Mention | None:
        hour = end + 1 + (self.word(end) == "minutes")
        if self.word(hour - 1) != "to":
            return None
        read = self.cardinal(hour)
        if read is None or not 0 < read[0] <= 12:
            return None
        pair = (
            amount(self.found, at, end, (value,)),
            amount(self.found, hour, read[1], (read[0],)),
        )
        before = (
            amount(self.found, at, read[1], (60 - value,)),
            amount(self.found, hour, read[1], ((read[0] - 2) % 12 + 1,)),
        )
        return Mention((pair, before), at, read[1])

    # the rest

    def _half_of(self, at: int) -> Mention | None:
        """Half a million, half a dozen, half dozen."""
        if self.word(at) != "half":
            return None
        end = at + 1 + (self.word(at + 1, joined=True) == "a")
        size = BIG.get(self.word(end, joined=True))
        return one(self.found, at, end + 1, Fraction(size, 2)) if size else None

    def _clock(self, at: int) -> Mention | None:
        """3:30, 3:30 p.m."""
        token = self.found[at]
        if not token.text.isdecimal() or at + 1 >= len(self.found) or len(token.text) > 2:
            return None
        minutes = self.found[at + 1]
        if minutes.gap != ":" or not minutes.text.isdecimal():
            return None
        hour, value = Fraction(int(token.text)), int(minutes.text)
        hours: set[Value] = {hour}
        hours |= hour_values(hour, afternoon=self._afternoon(at + 2))
        said = [amount(self.found, at, at + 1, hours)]
        if value:
            values = (value, HALF) if value == 30 else (value,)
            said.append(amount(self.found, at + 1, at + 2, values))
        return Mention((tuple(said),), at, at + 2)

    def _year(self, at: int) -> Mention | None:
        """Nineteen ninety-two, twenty ten, 1992, nineteen hundred is a cardinal."""
        century, end = self.below_hundred(at)
        if not 10 <= century <= 20 or self.word(end, joined=True) not in TENS | UNITS:
            return None
        years, after = self.below_hundred(end, joined=True)
        if not 10 <= years < 100 or self.word(after, joined=True) in BIG:
            return None
        whole = amount(self.found, at, after, (century * 100 + years,))
        apart = (amount(self.found, at, end, (century,)), amount(self.found, end, after, (years,)))
        return Mention(((whole,), apart), at, after)

    def _ordinal(self, at: int) -> Mention | None:
        word = self.word(at)
        digits = self.found[at].text
        if digits.isdecimal() and self.word(at + 1) in _SUFFIXES and not self.found[at + 1].gap:
            return one(self.found, at, at + 2, int(digits))
        if word in TENS:
            last = self.word(at + 1, joined=True)
            unit = {"first": 1, "second": 2}.get(last) or ORDINALS.get(last, 0)
            if 0 < unit < 10:
                return one(self.found, at, at + 2, TENS[word] + unit)
        if word in ORDINALS:
            value = ORDINALS[word]
            return one(self.found, at, at + 1, value, Fraction(1, value))
        return None

    def _decade(self, at: int) -> Mention | None:
        token = self.found[at]
        word = token.folded
        if word in DECADES:
            return one(self.found, at, at + 1, DECADES[word], *year_values(Fraction(DECADES[word])))
        return None

    def _roman(self, at: int) -> Mention | None:
        value = roman(self.found[at].text, alone=False)
        return one(self.found, at, at + 1, value) if value else None

    def _single(self, at: int) -> Mention | None:
        word = self.word(at)
        if word in FIRM:
            vague = word in BIG and bool({self.word(at - 1), self.word(at - 2)} & _VAGUE)
            return one(self.found, at, at + 1, *FIRM[word], strict=not vague)
        if word not in LOOSE:
            return None
        kept = amount(self.found, at, at + 1, LOOSE[word], strict=False)
        return Mention(((kept,),), at, at + 1, "1" if word == "one" else "")


def number(text: str) -> Fraction:
    """Return the value of digits as they are written in English: 1,500 is 1500 and 2.5 is 2.5."""
    plain = text.replace(",", "")
    return Fraction(plain) if plain.count(".") < 2 else Fraction(plain.replace(".", ""))
