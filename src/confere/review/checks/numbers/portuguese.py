"""Numbers as they are said and written in Portuguese (Brazil, Portugal, Mozambique, Angola)."""

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
from confere.review.checks.numbers.portuguese_words import (
    DAYS,
    FIRM,
    GROUPS,
    HUNDREDS,
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
_BEGIN = WORDS | {*LOOSE, *ORDINALS, *GROUPS, "vigesimo", "vigesima"}

_YEAR_AFTER = frozenset(listed("em de desde ate ano anos para pra a"))
_HOUR_AFTER = frozenset(["as", "das", "pelas"])
_AFTERNOON = frozenset(("tarde", "noite"))
_MINUTES = frozenset((5, 10, 15, 20, 25))
_WEEKS = {15: ("2 weeks", 14), 8: ("1 week", 7)}  # ``quinze dias`` is a fortnight


def mentions(found: Sequence[Token]) -> list[Mention]:
    """Return what ``found``, the words of a Portuguese text, tells of numbers, dates and times."""
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
            self._date_word(at)
            or self._half_group(at)
            or self._clock(at)
            or self._cardinal_with_company(at)
            or self._ordinal(at)
            or self._roman(at)
            or self._loose(at)
        )

    def word(self, at: int, *, joined: bool = False) -> str:
        """The folded word at ``at``, or nothing: past the end or, if asked, behind a comma."""
        if not 0 <= at < len(self.found) or (joined and not self.found[at].joined):
            return ""
        return self.found[at].folded

    # cardinals

    def chunk(self, at: int) -> tuple[int, int]:
        """Return a number below a thousand that begins at ``at`` and where it ends; (0, at) if none."""
        total, end = 0, at
        for table in (HUNDREDS, TENS, UNITS):
            start = end
            if end > at:
                if self.word(end, joined=True) != "e":
                    break
                start = end + 1
            word = self.word(start, joined=end > at)
            fits = word in table and (table is not UNITS or not total % 100 or 0 < UNITS[word] < 10)
            if fits and not (self.word(at) == "cem" and end > at):
                total += table[word]
                end = start + 1
        return total, end

    def cardinal(self, at: int) -> tuple[Fraction, int] | None:
        """Return a whole number, in words or digits and with its thousands, and where it ends."""
        total, end, below = Fraction(0), at, 10**15
        while True:
            value, after = self._part(end if end == at else self._past_and(end), first=end == at)
            scale = SCALES.get(self.word(after, joined=after > at), 0)
            if scale >= below or (scale and not value and end == at and scale > 1000):
                break
            if scale:
                total += (value or 1) * scale
                end, below = after + 1, scale
                if self._half_follows(end):
                    return total + Fraction(scale, 2), end + 2
                continue
            if not value or (end > at and value >= below):
                break
            return total + value, after
        return (total, end) if end > at else None

    def _part(self, at: int, *, first: bool) -> tuple[Fraction, int]:
        token = self.found[at] if at < len(self.found) else None
        if token and token.is_number and (first or token.joined):
            return number(token.text), at + 1
        value, end = self.chunk(at) if first or self.word(at, joined=True) else (0, at)
        return Fraction(value), end

    def _past_and(self, at: int) -> int:
        return at + 1 if self.word(at, joined=True) == "e" else at

    def _half_follows(self, at: int) -> bool:
        return self.word(at, joined=True) == "e" and self.word(at + 1, joined=True) in (
            "meio",
            "meia",
        )

    def _cardinal_with_company(self, at: int) -> Mention | None:
        """A whole number with what follows it: halves, dozens, thirds, decimals, weeks."""
        if self.word(at) == "cento" and self.word(at - 1) == "por":
            return None
        if self.found[at].is_number and not number(self.found[at].text):
            none = one(self.found, at, at + 1, 0, strict=False)
            return Mention(none.ways, at, at + 1, self.found[at].text)
        read = self.cardinal(at)
        if read is None or (self.word(at) in ("um", "uma", "zero") and read[1] == at + 1):
            return self._one(at) if read else None
        value, end = read
        return self._company(at, value, end)

    def _one(self, at: int) -> Mention | None:
        """``um`` and ``zero`` count only in company: um milhão was read before, uma e meia, uma dúzia."""
        value = Fraction(UNITS[self.word(at)])
        company = self._company(at, value, at + 1)
        if company.after > at + 1:
            return company
        digit = self.word(at + 1) in UNITS or self.word(at - 1) in UNITS
        kept = amount(self.found, at, at + 1, (value,), strict=False)
        return Mention(((kept,),), at, at + 1, str(value) if digit else "")

    def _company(self, at: int, value: Fraction, end: int) -> Mention:
        after = self.word(end, joined=True)
        if self._half_follows(end):
            return self._and_half(at, value, end)
        if after in GROUPS:
            return one(self.found, at, end + 1, value * GROUPS[after])
        if after in PARTS:
            return self._fraction(at, value, end, PARTS[after])
        if after in ("virgula", "ponto") and self.cardinal(end + 1):
            return self._decimal(at, value, end)
        if after in ("para", "pra", "pras", "pro") and value in _MINUTES:
            before = self._minutes_to(at, value, end)
            if before:
                return before
        return self._plain(at, value, end)

    def _plain(self, at: int, value: Fraction, end: int) -> Mention:
        others: set[Value] = set()
        if self.word(at - 1) in _YEAR_AFTER:
            others |= year_values(value)
        if self.word(end) == "dias" and value in _WEEKS:
            others |= {Fraction(v) if isinstance(v, int) else v for v in _WEEKS[int(value)]}
        if self.word(end) == "semanas":
            others.add(f"{value} weeks")
        if self.word(at - 1) in _HOUR_AFTER or value <= 12:
            others |= hour_values(value, afternoon=self._afternoon(end))
        text = self.found[at].text
        digit = text if self.found[at].is_number else str(value) if 0 <= value < 10 else ""
        single = end == at + 1
        if single and self.found[at].is_number:
            strict = True
            ways = decimal_ways(value, text, ",") if "," in text else decimal_ways(value, text, ".")
        else:
            strict, ways = True, [(value,)]
        made = [
            tuple(
                amount(self.found, at, end, {part} | (others if len(way) == 1 else set()), strict)
                for part in way
            )
            for way in ways
        ]
        return Mention(tuple(made), at, end, digit if single and digit.isdecimal() else "")

    def _afternoon(self, at: int) -> bool:
        return any(self.word(at + step) in _AFTERNOON for step in range(5))

    def _and_half(self, at: int, value: Fraction, end: int) -> Mention:
        scale = SCALES.get(self.word(end + 2, joined=True))
        if scale:
            return one(self.found, at, end + 3, (value + HALF) * scale)
        hours: set[Value] = {value}
        hours |= hour_values(value, afternoon=self._afternoon(end + 2))
        strict = value != 1
        whole = amount(self.found, at, end, hours, strict)
        half = amount(self.found, end + 1, end + 2, (HALF, 30))
        both = amount(self.found, at, end + 2, (value + HALF,))
        return Mention(((whole, half), (both,)), at, end + 2)

    def _fraction(self, at: int, value: Fraction, end: int, part: int) -> Mention:
        share = amount(self.found, at, end + 1, (value / part,))
        if self.word(end) in ("quartos", "quintos"):  # three rooms, too
            return Mention(((share,), (amount(self.found, at, end, (value,)),)), at, end + 1)
        return Mention(((share,),), at, end + 1)

    def _decimal(self, at: int, value: Fraction, end: int) -> Mention:
        read = self.cardinal(end + 1)
        part, after = read if read else (Fraction(0), end)
        whole = value + part / 10 ** len(str(part))
        return one(self.found, at, after, whole)

    def _minutes_to(self, at: int, value: Fraction, end: int) -> Mention | None:
        hour = end + 1 + (self.word(end + 1) in ("as", "a"))
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

    def _clock(self, at: int) -> Mention | None:
        """15h30, 15h, 15:30, 15 horas."""
        token = self.found[at]
        if not token.text.isdecimal() or len(token.text) > 2:
            return None
        unit = self.word(at + 1)
        if unit in ("h", "hs", "hrs", "horas"):
            minutes = at + 2 if unit != "horas" else len(self.found)
        elif at + 1 < len(self.found) and self.found[at + 1].gap == ":":
            minutes = at + 1
        else:
            return None
        hour = Fraction(int(token.text))
        hours: set[Value] = {hour}
        hours |= hour_values(hour, afternoon=self._afternoon(at + 1))
        said = [amount(self.found, at, at + 1, hours)]
        end = min(at + 2, minutes)
        late = self.found[minutes] if minutes < len(self.found) else None
        if late and late.text.isdecimal() and late.gap in ("", ":"):
            end = minutes + 1
            value = int(late.text)
            values = (value, HALF) if value == 30 else (value,)
            said += [amount(self.found, minutes, end, values)] if value else []
        return Mention((tuple(said),), at, max(end, at + 1))

    def _date_word(self, at: int) -> Mention | None:
        word = self.word(at)
        if word in DAYS and self.word(at + 1) == "feira":
            return one(self.found, at, at + 2, DAYS[word])
        if word in ("meio", "meia") and self.word(at + 1, joined=True) in ("dia", "noite"):
            values = (12,) if word == "meio" else (12, 0, 24)
            return one(self.found, at, at + 2, *values, strict=False)
        city = word == "janeiro" and self.word(at - 2) == "rio"
        return one(self.found, at, at + 1, *FIRM[word]) if word in FIRM and not city else None

    def _half_group(self, at: int) -> Mention | None:
        if self.word(at) not in ("meio", "meia"):
            return None
        after = self.word(at + 1, joined=True)
        size = GROUPS.get(after) or SCALES.get(after)
        if not size:
            return None
        return one(self.found, at, at + 2, Fraction(size, 2), strict=after != "duzia")

    def _ordinal(self, at: int) -> Mention | None:
        word = self.word(at)
        if word in ("decimo", "decima", "vigesimo", "vigesima"):
            unit = ORDINALS.get(self.word(at + 1, joined=True), 0)
            if 0 < unit < 10:
                return one(self.found, at, at + 2, ORDINALS[word] + unit)
        if word in ORDINALS and word not in LOOSE:
            age = word == "terceira" and self.word(at + 1) == "idade"
            return None if age else one(self.found, at, at + 1, ORDINALS[word])
        return None

    def _roman(self, at: int) -> Mention | None:
        century = self.word(at - 1) in ("seculo", "seculos")
        value = roman(self.found[at].text, alone=century)
        return one(self.found, at, at + 1, value) if value else None

    def _loose(self, at: int) -> Mention | None:
        word = self.word(at)
        if word not in LOOSE:
            return None
        kept = amount(self.found, at, at + 1, LOOSE[word], strict=False)
        return Mention(((kept,),), at, at + 1, "6" if word == "meia" else "")


def number(text: str) -> Fraction:
    """Return the value of digits as they are written in Portuguese: 1.500 is 1500 and 2,5 is 2.5."""
    whole, _, part = text.partition(",")
    groups = whole.split(".")
    if len(groups) > 1 and not all(len(group) == 3 for group in groups[1:]):
        return (
            Fraction(text.replace(",", ""))
            if text.count(".") == 1
            else Fraction(text.replace(".", "").replace(",", ""))
        )
    return Fraction(whole.replace(".", "") + ("." + part.replace(",", "") if part else ""))
