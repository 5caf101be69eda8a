"""Errors put into clean pairs by code, for the benchmark of the checks.

Each seeder takes a pair and a random source and returns the spoilt pair, or None where the pair has
nothing to spoil. None of them uses the checks' own code or lists.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Seed:
    """A spoilt pair, what was done to it, and the names that its identity key holds."""

    source: str
    target: str
    done: str
    names: tuple[str, ...] = ()


Pairs = Sequence[tuple[str, str]]
Seeder = Callable[[str, str, random.Random, Pairs], "Seed | None"]


def listed(text: str) -> list[str]:
    return text.split()


NUMBERS = listed(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand million"
)
NAMES = listed(
    "Fernanda Otávio Jurema Leandro Ivone Cícero Tereza Anselmo Mafalda Nelson Rute Damião"
)
IDENTITIES = (
    "Ronaldo Peixoto",
    "Graziela Monteiro",
    "Ivanilde",
    "Tobias Chissano",
    "Rosa Quintela",
)
MARKS = (
    "[inaudible 00:12:03]", "[laughter]", "[crying]", "[pause 5s]", "[crosstalk]", "[NAME-1]", "[PLACE-2]",
    "[unclear: word? 00:31:40]", "[interruption: phone]", "[sic]",
)  # fmt: skip


def number(source: str, target: str, chance: random.Random, pairs: Pairs) -> Seed | None:
    """Another number in the translation: another word, a digit changed, a zero lost or won."""
    words = "|".join(NUMBERS)
    found = list(re.finditer(rf"\d+(?:[.,]\d+)*|\b(?:{words})\b", target))
    if not found:
        return None
    place = chance.choice(found)
    old = place[0]
    new = _digits(old, chance) if old[0].isdigit() else _number_word(old, chance)
    return Seed(source, target[: place.start()] + new + target[place.end() :], f"{old} > {new}")


def _digits(old: str, chance: random.Random) -> str:
    places = [i for i, c in enumerate(old) if c.isdigit()]
    how = chance.choice(("digit", "digit", "zero", "swap"))
    if how == "zero" and "," not in old and "." not in old and len(old) != 4:
        return old[:-1] if old.endswith("0") and len(old) > 1 else old + "0"
    if how == "swap" and len(places) > 1 and old[places[-1]] != old[places[-2]]:
        return old[: places[-2]] + old[places[-1]] + old[places[-2]]
    at = chance.choice([p for p in places if p < len(old) - 2 or len(places) < 4] or places)
    new = chance.choice([d for d in "123456789" if d != old[at]])
    return old[:at] + new + old[at + 1 :]


def _number_word(old: str, chance: random.Random) -> str:
    at = NUMBERS.index(old)
    alike = (
        NUMBERS[:8]
        if at < 8
        else NUMBERS[8:18]
        if at < 18
        else NUMBERS[18:26]
        if at < 26
        else NUMBERS[26:]
    )
    return chance.choice([word for word in alike if word != old])


_DROPPED = (
    (r"\b(was|were|is|are|did|does|do|could|would|should|has|have|had)n['’]t\b", r"\1"),
    (r"\bcan['’]t\b", "can"), (r"\bwon['’]t\b", "will"), (r"\b(is|was|are|were|do|did) not\b", r"\1"),
    (r"\bnot (?!only)", ""), (r"\b[Nn]ever\b", "always"), (r"\b[Nn]obody\b", "everybody"),
    (r"\b[Nn]o one\b", "everyone"), (r"\bnothing\b", "everything"), (r"\bwithout\b", "with"),
    (r"\bthere(?:'s|’s) no\b", "there is"), (r"\bno (?=[a-z])", "some "),
)  # fmt: skip
_ADDED = (
    (r"\b(was|were|is|are|did|does|could|would|had|has)\b(?! not)", r"\1n't"),
    (r"\b(I|we|they|you) (?=(?:know|want|like|think|live|work|remember|need|pay)\b)", r"\1 don't "),
)


def negation(source: str, target: str, chance: random.Random, pairs: Pairs) -> Seed | None:
    """A denial lost from the translation, put into it, or lost from the source."""
    how = chance.choice(("drop", "drop", "drop", "add", "source"))
    if how == "source":
        places = [m for m in re.finditer(r"\b(?:[Nn]ão|[Nn]unca) (?=\w)", source)]
        if not places or re.search(r"\bnão\?|\bné\b", source, re.IGNORECASE):
            return None
        place = chance.choice(places)
        return Seed(source[: place.start()] + source[place.end() :], target, "source: não lost")
    if how == "add" and re.search(
        r"n['’]t\b|\b(?:not|no|never|nobody|nothing|without)\b", target, re.I
    ):
        return None
    rules = _DROPPED if how == "drop" else _ADDED
    found = [(m, new) for old, new in rules for m in re.finditer(old, target)]
    if not found or (
        how == "drop" and not re.search(r"(?i)\b(?:não|nem|nunca|ninguém|nada|sem|nenhum)", source)
    ):
        return None
    place, new = chance.choice(found)
    spoilt = target[: place.start()] + place.expand(new) + target[place.end() :]
    return Seed(source, spoilt, f"{how}: {place[0].strip()}")


def omission(source: str, target: str, chance: random.Random, pairs: Pairs) -> Seed | None:
    """A clause or a sentence of four words or more left out, or the end of a long sentence."""
    parts = re.split(r"(?<=[,;:.!?])\s+", target)
    long = [i for i, part in enumerate(parts) if len(part.split()) >= 4]
    if len(parts) > 1 and long:
        lost = chance.choice(long)
        kept = " ".join(part for i, part in enumerate(parts) if i != lost).rstrip(",;: ")
    else:
        words = target.split()
        if len(words) < 11:
            return None
        cut = chance.randint(len(words) // 2, len(words) - 4)
        lost, kept = cut, " ".join(words[:cut])
    kept = kept[0].upper() + kept[1:] + ("" if kept[-1] in ".?!" else ".")
    if len(kept.split()) < 2:
        return None
    return Seed(source, kept, "left out")


def addition(source: str, target: str, chance: random.Random, pairs: Pairs) -> Seed | None:
    """A clause of another pair's translation, four to nine words, put in as a sentence or a clause."""
    other = chance.choice(pairs)[1]
    parts = [p.strip(",;:.!? ") for p in re.split(r"(?<=[,;:.!?])\s+", other)]
    parts = [p for p in parts if 4 <= len(p.split()) <= 9]
    if not parts or len(target.split()) < 5 or other == target:
        return None
    part = chance.choice(parts)
    if chance.random() < 0.5:
        return Seed(source, f"{target} {part[0].upper()}{part[1:]}.", f"added: {part}")
    return Seed(
        source, f"{target.rstrip('.?!')}, and {part[0].lower()}{part[1:]}.", f"added: {part}"
    )


_CAPITAL = r"(?<=[a-z,;] )[A-ZÁÉÍÓÚÇÂ][a-záéíóúãõçâêô]{3,}"
_NO_NAME = frozenset(
    listed(
        "January February March April June July August September October November December "
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday English Portuguese "
        "Christmas Brazilian Bolivians Mozambique Indians Bible Police Federal Zone Street "
        "Father Sister Dona Inflation Lord Family"
    )
)


def name(source: str, target: str, chance: random.Random, pairs: Pairs) -> Seed | None:
    """Another name in the translation, or a name of the identity key in either text."""
    found = [m for m in re.finditer(_CAPITAL, target) if m[0] not in _NO_NAME and m[0] in source]
    if found and chance.random() < 0.7:
        place = chance.choice(found)
        new = chance.choice([n for n in NAMES if n not in source])
        spoilt = target[: place.start()] + new + target[place.end() :]
        return Seed(source, spoilt, f"{place[0]} > {new}")
    if chance.random() < 0.85:
        return None
    whole = chance.choice(IDENTITIES)
    part = chance.choice((whole, whole.split()[0]))
    at = source.find(", ") if chance.random() < 0.5 else -1
    if at > 0:
        return Seed(f"{source[:at]}, {part}{source[at:]}", target, f"identity: {part}", IDENTITIES)
    return Seed(source, f"{target[:-1]}, {part}{target[-1]}", f"identity: {part}", IDENTITIES)


def mark(source: str, target: str, chance: random.Random, pairs: Pairs) -> Seed | None:
    """One or two marks in both texts, one of them lost, changed, moved or invented in the translation."""
    first, second = chance.sample(MARKS, 2)
    source = f"{first} {source} {second}"
    how = chance.choice(("lost", "other", "order", "added", "time"))
    if how == "lost":
        return Seed(source, f"{first} {target}", how)
    if how == "other":
        third = chance.choice([m for m in MARKS if m not in (first, second)])
        return Seed(source, f"{first} {target} {third}", how)
    if how == "order":
        return Seed(source, f"{second} {target} {first}", how)
    if how == "added":
        return Seed(source, f"{first} {second} {target} {second}", how)
    late = source.replace(first, "[inaudible 00:12:03]")
    return Seed(late, f"[inaudible 00:21:03] {target} {second}", how)


def question(source: str, target: str, chance: random.Random, pairs: Pairs) -> Seed | None:
    """A question made a statement, or a statement a question."""
    if "?" in source and target.endswith("?") and source.endswith("?"):
        return Seed(source, target[:-1] + ".", "lost")
    if "?" in source or not target.endswith(".") or chance.random() < 0.9:
        return None
    return Seed(source, target[:-1] + "?", "added")


def portuguese(source: str, target: str, chance: random.Random, pairs: Pairs) -> Seed | None:
    """One to four words of the source in the place of as many words of the translation."""
    words, told = source.split(), target.split()
    length = chance.randint(1, 4)
    if len(words) < length + 3 or len(told) < length + 3:
        return None
    at = chance.randrange(1, len(words) - length)
    taken = [word.strip(",;:.!?") for word in words[at : at + length]]
    plain = [w for w in taken if w.isalpha() and w.islower() and len(w) > 3]
    if not plain or not all(word.islower() for word in taken):
        return None
    to = chance.randrange(1, len(told) - length)
    return Seed(
        source, " ".join([*told[:to], *taken, *told[to + length :]]), f"left: {' '.join(taken)}"
    )


#: Kind: how it is made, and the checks and the level that should see it.
ANY_TEXT = ("omission", "addition", "length", "negation", "names", "questions", "numbers", "marks")
KINDS: dict[str, tuple[Seeder, tuple[str, ...], tuple[str, ...]]] = {
    "numbers": (number, ("numbers",), ("error",)),
    "negation": (negation, ("negation",), ("warning",)),
    "omission": (omission, ANY_TEXT, ("warning", "error")),
    "addition": (addition, ANY_TEXT, ("warning", "error")),
    "names": (name, ("names", "identity"), ("warning", "error")),
    "marks": (mark, ("marks",), ("error",)),
    "questions": (question, ("questions",), ("warning",)),
    "left in Portuguese": (portuguese, ("leftover",), ("warning",)),
}
