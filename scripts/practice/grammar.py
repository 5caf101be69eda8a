"""The practice language: random sentences with parallel English, from the tables in `words` and
`patterns`.

`sentence(rng)` draws one pair. `corpus(seed, count, exclude)` draws distinct ones and leaves out
those to be kept apart. Draws depend on nothing but the seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Sequence

from . import patterns, words

Pair = tuple[str, str]  # (Portuguese, English)
Noun = tuple[str, str, str]  # (gender, Portuguese, English)

NOUN_KINDS: dict[str, Sequence[Noun]] = {
    "place": words.PLACES,
    "role": words.ROLES,
    "family": words.FAMILY,
    "group": words.GROUPS,
    "object": words.OBJECTS,
    "appointment": words.APPOINTMENTS,
    "activity": words.ACTIVITIES,
    "form": words.FORMS,
    "task": words.TASKS,
    "event": words.APPOINTMENTS + words.ACTIVITIES,
    "topic": words.OBJECTS + words.APPOINTMENTS + words.ACTIVITIES,
}

# Article and contractions by gender and number.
PORTUGUESE_FORMS: dict[str, dict[str, str]] = {
    "o": {"m": "o", "f": "a", "mp": "os", "fp": "as"},
    "um": {"m": "um", "f": "uma"},
    "no": {"m": "no", "f": "na"},
    "ao": {"m": "ao", "f": "à"},
    "do": {"m": "do", "f": "da", "mp": "dos", "fp": "das"},
}

SLOT = re.compile(r"\{(?:(?P<form>o|um|no|ao|do|the|a|open)\.)?(?P<key>[a-z/]+(?:\.2)?)"
                  r"(?P<argument>:[a-z0-9:-]+)?\}")  # fmt: skip


def number(value: int, feminine: bool = False) -> Pair:
    """A number below one hundred, or one, two or three hundred, in words."""
    if value in words.HUNDREDS_MASCULINE:
        portuguese, english = words.HUNDREDS_MASCULINE[value]
    elif value < 20:
        portuguese, english = words.SMALL_NUMBERS[value]
    else:
        tens, units = value // 10 * 10, value % 10
        portuguese, english = words.TENS[tens]
        if units:
            portuguese += " e " + words.SMALL_NUMBERS[units][0]
            english += "-" + words.SMALL_NUMBERS[units][1]
    if feminine:
        head, _, last = portuguese.rpartition(" ")
        portuguese = f"{head} {words.FEMININE_ENDINGS.get(last, last)}".strip()
    return portuguese, english


def hour(rng: random.Random) -> Pair:
    """A time of day on the full, half or quarter hour."""
    value = rng.randint(1, 12)
    style = rng.random()
    if value == 12:
        if style < 0.6:
            return "ao meio-dia", "at noon"
        return "ao meio-dia e meia", "at half past twelve"
    portuguese, english = number(value, feminine=True)
    preposition, unit = ("à", "hora") if value == 1 else ("às", "horas")
    if style < 0.5:
        return f"{preposition} {portuguese} {unit}", f"at {english} o'clock"
    if style < 0.8:
        return f"{preposition} {portuguese} e meia", f"at half past {english}"
    return f"{preposition} {portuguese} e quinze", f"at quarter past {english}"


def english_article(noun: str) -> str:
    """The noun with "a" or "an" before it."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


class Filler:
    """Fills the slots of one pattern; a key met again gives the same filling."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.nouns: dict[str, Noun] = {}
        self.pairs: dict[str, Pair] = {}

    def fill(self, portuguese: str, english: str) -> Pair:
        """Both sides with every slot filled; the Portuguese side, being first, carries the ranges."""
        return (
            SLOT.sub(lambda match: self._replace(match, 0), portuguese),
            SLOT.sub(lambda match: self._replace(match, 1), english),
        )

    def _replace(self, match: re.Match[str], side: int) -> str:
        form, key, argument = match["form"], match["key"], (match["argument"] or "").strip(":")
        kinds = key.removesuffix(".2").split("/")
        if kinds[0] not in NOUN_KINDS:
            if key not in self.pairs:
                self.pairs[key] = self._pair(key, argument)
            return self.pairs[key][side]
        if key not in self.nouns:
            nouns = [noun for kind in kinds for noun in NOUN_KINDS[kind]]
            self.nouns[key] = self.rng.choice(
                [noun for noun in nouns if not argument or noun[0] == argument]
            )
        return self._noun(self.nouns[key], form, side)

    @staticmethod
    def _noun(noun: Noun, form: str | None, side: int) -> str:
        gender, portuguese, english = noun
        if form is None:
            return (portuguese, english)[side]
        if form == "open":
            return "aberto" if gender == "m" else "aberta"
        if form == "the":
            return "the " + english
        if form == "a":
            return english_article(english)
        return f"{PORTUGUESE_FORMS[form][gender]} {portuguese}"

    def _pair(self, key: str, argument: str) -> Pair:
        rng = self.rng
        if key == "number":
            gender, _, limits = argument.partition(":")
            low, _, high = limits.partition("-")
            return number(draw_number(rng, int(low), int(high)), gender == "f")
        if key == "hour":
            return hour(rng)
        if key == "name" or key == "city":
            word = rng.choice(words.NAMES if key == "name" else words.CITIES)
            return word, word
        if key == "service":
            return draw(rng, patterns.SERVICE)
        return rng.choice({"day": words.DAYS, "transport": words.TRANSPORT}[key])


def draw_number(rng: random.Random, low: int, high: int) -> int:
    """A number of the range, half of them up to twenty, and now and then a hundred where the range
    reaches it."""
    style = rng.random()
    if style < 0.1 and high > 99:
        return rng.choice([100, 200, 300])
    return rng.randint(low, min(high, 20 if style < 0.6 else 99))


def draw(rng: random.Random, choices: Sequence[patterns.Pattern]) -> Pair:
    """One pattern by weight, filled."""
    _, portuguese, english = rng.choices(choices, [weight for weight, _, _ in choices])[0]
    return Filler(rng).fill(portuguese, english)


def subject(rng: random.Random) -> tuple[str, str, int, bool]:
    """Who acts: Portuguese, English, which Portuguese verb form, and whether English takes the
    third person."""
    style = rng.random()
    if style < 0.5:
        return rng.choice(words.PRONOUNS)
    if style < 0.7:
        return *Filler(rng).fill("{o.role}", "{the.role}"), 1, True
    if style < 0.85:
        return *Filler(rng).fill("{o.family}", "{family}"), 1, True
    if style < 0.92:
        return *Filler(rng).fill("{name}", "{name}"), 1, True
    return *Filler(rng).fill("{o.group}", "{the.group}"), 3, False


def adverb(rng: random.Random, times: Sequence[Pair]) -> Pair:
    """When it happens: a day, a month or a time that fits the tense; more often nothing."""
    if rng.random() > 0.45:
        return "", ""
    style = rng.random()
    if style < 0.25:
        return rng.choice(words.DAYS)
    if style < 0.35:
        return rng.choice(words.MONTHS)
    return rng.choice(times)


def clause(rng: random.Random) -> Pair:
    """Subject, verb in one of four tenses, perhaps negated, what follows the verb, and when."""
    who, who_english, person, third = subject(rng)
    infinitive = rng.choice(list(words.VERBS))
    forms = words.VERBS[infinitive]
    base, third_form, past_form = forms[9:12]
    what = draw(rng, patterns.COMPLEMENTS[infinitive])
    tense = rng.random()
    negative = rng.random() < 0.15
    not_base = ("does not " if third else "do not ") + base
    if tense < 0.35:
        times, verb = words.PRESENT_TIMES, forms[1 + person]
        verb_english = not_base if negative else third_form if third else base
    elif tense < 0.7:
        times, verb = words.PAST_TIMES, forms[5 + person]
        verb_english = "did not " + base if negative else past_form
    elif tense < 0.85:
        times, verb = words.FUTURE_TIMES, words.GOING_TO[person]
        if infinitive != "ir":
            verb += " " + infinitive
        verb_english = ("will not " if negative else "will ") + base
    else:
        times = words.FUTURE_TIMES
        modal, plain, modal_third, after_not = rng.choice(words.MODALS)
        verb = f"{modal[person]} {infinitive}"
        if not negative:
            verb_english = f"{modal_third if third else plain} {base}"
        elif after_not:
            verb_english = f"{'does' if third else 'do'} not {after_not} {base}"
        else:
            verb_english = f"cannot {base}"
    when = adverb(rng, times)
    if negative:
        verb = "não " + verb
    return (
        " ".join(filter(None, (who, verb, what[0], when[0]))),
        " ".join(filter(None, (who_english, verb_english, what[1], when[1]))),
    )


def fact(rng: random.Random) -> Pair:
    """A plain statement about a place, a person, a number or a time."""
    return draw(rng, rng.choice(patterns.FACTS))


def sentence(rng: random.Random) -> Pair:
    """One sentence in both languages, capitalised and punctuated."""
    style = rng.random()
    if style < 0.04:
        return rng.choice(patterns.FIXED)
    mark = "."
    if style < 0.14:
        portuguese, english = draw(rng, rng.choice(patterns.QUESTIONS))
        mark = "?"
    elif style < 0.42:
        portuguese, english = clause(rng)
    elif style < 0.68:
        portuguese, english = fact(rng)
    elif style < 0.80:
        opening = rng.choice(patterns.OPENINGS)
        rest = clause(rng) if rng.random() < 0.6 else fact(rng)
        portuguese, english = f"{opening[0]}, {rest[0]}", f"{opening[1]}, {rest[1]}"
    else:
        first = clause(rng) if rng.random() < 0.5 else fact(rng)
        second = clause(rng) if rng.random() < 0.6 else fact(rng)
        joint = rng.choice(patterns.CONNECTORS)
        portuguese = f"{first[0]}{joint[0]} {second[0]}"
        english = f"{first[1]}{joint[1]} {second[1]}"
    return (
        portuguese[0].upper() + portuguese[1:] + mark,
        english[0].upper() + english[1:] + mark,
    )


def short_sentence(rng: random.Random) -> Pair:
    """A question or a fixed sentence, in the proportion that `sentence` draws them."""
    if rng.random() < 0.04 / 0.14:
        return rng.choice(patterns.FIXED)
    portuguese, english = draw(rng, rng.choice(patterns.QUESTIONS))
    return portuguese[0].upper() + portuguese[1:] + "?", english[0].upper() + english[1:] + "?"


def corpus(seed: int, count: int, exclude: Collection[str] = ()) -> list[Pair]:
    """`count` pairs, each with its own Portuguese sentence, none of whose sides is in `exclude`."""
    rng = random.Random(seed)
    seen = set(exclude)
    pairs: list[Pair] = []
    while len(pairs) < count:
        pair = sentence(rng)
        if pair[0] in seen or pair[1] in seen:
            continue
        seen.add(pair[0])
        pairs.append(pair)
    return pairs
