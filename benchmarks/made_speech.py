"""Speech made up for the figures: the pairs of ``checks_data``, varied, with a long tail of words.

The words of a language are few that are everywhere and very many that are hardly anywhere. Words of the
pairs are swapped for invented ones drawn by Zipf's law, sentences are joined, and one in seven segments
is a word or two, as in an interview. Everything follows from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parent / "checks_data"
SHORT = [
    ("Sim.", "Yes."), ("Não.", "No."), ("É.", "Yes."), ("Tá bom.", "All right."),
    ("Isso.", "That's it."), ("Não sei.", "I don't know."), ("Ah, sim.", "Oh, yes."),
    ("Pois é.", "That's right."), ("Entendi.", "I see."),
    ("Com certeza.", "Certainly."), ("Obrigada.", "Thank you."), ("Pode ser.", "Maybe."),
]  # fmt: skip
BEGINNINGS = """
ba be bi bo ca co cu da de di fa fe ga go ja la le li ma mi
mo na no pa pe po ra re ri sa se so ta te to va ve vi
""".split()  # noqa: SIM905
ENDINGS = """
ção mento dor dora eira inho inha ada ado oso osa aria ista
ância ez ura ismo ável ante al ão ar er ir ava ou ei
""".split()  # noqa: SIM905
ONE_IN_SHORT, ONE_IN_SWAPPED, ONE_IN_JOINED = 7, 6, 3

Pair = tuple[str, str]


def seeds() -> list[Pair]:
    """The pairs of both halves: what was said, and its translation."""
    blocks = [
        block.strip().split("\n")
        for name in ("dev", "held-out")
        for block in (DATA / f"{name}.txt").read_text("utf-8").split("\n\n")
        if block.strip() and not block.startswith("#")
    ]
    return [(source, target) for source, target in blocks]


def vocabulary(size: int, chance: random.Random) -> list[str]:
    """Invented words that look like Portuguese, each once, the commonest first."""
    found: dict[str, None] = {}
    while len(found) < size:
        stem = "".join(chance.choices(BEGINNINGS, k=chance.choice((1, 2, 2, 3))))
        found[stem + chance.choice(ENDINGS)] = None
    return list(found)


def speech(count: int, seed: int, words: int = 40_000) -> Iterator[Pair]:
    """Give so many pairs."""
    chance = random.Random(seed)
    pairs, tail = seeds(), vocabulary(words, chance)
    for _ in range(count):
        if chance.randrange(ONE_IN_SHORT) == 0:
            yield chance.choice(SHORT) if chance.randrange(2) else _one_word(tail, chance)
            continue
        source, target = chance.choice(pairs)
        if chance.randrange(ONE_IN_JOINED) == 0:
            more = chance.choice(pairs)
            source, target = f"{source[:-1]}, e {more[0]}", f"{target[:-1]}, and {more[1]}"
        yield _swapped(source, tail, chance), _swapped(target, tail, chance)


def _one_word(tail: list[str], chance: random.Random) -> Pair:
    word = f"{_drawn(tail, chance).capitalize()}."
    return word, word


def _drawn(tail: list[str], chance: random.Random) -> str:
    # The logarithm of a word's rank is even: Zipf's law.
    return tail[int(len(tail) ** chance.random()) - 1]


def _swapped(text: str, tail: list[str], chance: random.Random) -> str:
    words = text.split(" ")
    for at in range(len(words)):
        if chance.randrange(ONE_IN_SWAPPED) == 0:
            words[at] = _drawn(tail, chance)
    return " ".join(words)
