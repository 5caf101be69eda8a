"""Which sentences train and which are kept apart: the one place that decides it.

The bundled recordings' sentences and those of the development set never train. What benchmarks
speak is drawn from everything that is in neither.
"""

from __future__ import annotations

import random
from functools import cache

from . import grammar
from .dialogues import spoken_sentences
from .grammar import Pair
from .patterns import FIXED

SPEECH_SEED, TRANSLATION_SEED, DEVELOPMENT_SEED = 7, 21, 999
PORTUGUESE_UTTERANCES, ENGLISH_UTTERANCES = 16_000, 9_000
TRANSLATION_PAIRS = 57_000
DEVELOPMENT_PAIRS = 300
FIXED_TRANSLATION = 150
SHORT_SEED = 12
SHORT_PORTUGUESE, SHORT_ENGLISH, SHORT_TRANSLATION = 3_000, 2_500, 5_000


@cache
def development() -> list[Pair]:
    """The pairs that choose between checkpoints; the fixed sentences, which every speaker repeats,
    are not among them."""
    fixed = {text for pair in FIXED for text in pair}
    return grammar.corpus(DEVELOPMENT_SEED, DEVELOPMENT_PAIRS, spoken_sentences() | fixed)


@cache
def kept_apart() -> frozenset[str]:
    """Every text, of both languages, that nothing may train on."""
    return spoken_sentences() | {text for pair in development() for text in pair}


@cache
def for_speech() -> tuple[list[str], list[str]]:
    """What the speech model hears: Portuguese texts and English texts, of different pairs."""
    pairs = grammar.corpus(
        SPEECH_SEED, PORTUGUESE_UTTERANCES + ENGLISH_UTTERANCES, exclude=kept_apart()
    )
    portuguese = [pair[0] for pair in pairs[:PORTUGUESE_UTTERANCES]]
    return portuguese, [pair[1] for pair in pairs[PORTUGUESE_UTTERANCES:]]


def short(seed: int, count: int) -> list[Pair]:
    """Questions and fixed sentences, again and again.

    There are some 270 different ones, so that a corpus of distinct draws holds each of them once, and
    nobody learns "Bom dia." from a single hearing.
    """
    rng = random.Random(seed)
    pairs: list[Pair] = []
    while len(pairs) < count:
        pair = grammar.short_sentence(rng)
        if kept_apart().isdisjoint(pair):
            pairs.append(pair)
    return pairs


@cache
def short_for_speech() -> tuple[list[str], list[str]]:
    """Short sentences for the speech model: Portuguese texts and English texts."""
    pairs = short(SHORT_SEED, SHORT_PORTUGUESE + SHORT_ENGLISH)
    portuguese = [pair[0] for pair in pairs[:SHORT_PORTUGUESE]]
    return portuguese, [pair[1] for pair in pairs[SHORT_PORTUGUESE:]]


@cache
def for_translation() -> list[Pair]:
    """What the translation model learns from, the short sentences first.

    The fixed ones share no pattern with anything and are learnt by heart, so they come most often.
    """
    pairs = grammar.corpus(TRANSLATION_SEED, TRANSLATION_PAIRS, exclude=kept_apart())
    return FIXED * FIXED_TRANSLATION + short(SHORT_SEED, SHORT_TRANSLATION) + pairs


def fresh(seed: int, count: int, trained: frozenset[str]) -> list[Pair]:
    """Pairs of another draw, neither side of which was trained on or chose a checkpoint."""
    return grammar.corpus(seed, count, exclude=kept_apart() | trained)


def held_out(seed: int, count: int, trained: frozenset[str]) -> list[Pair]:
    """What benchmarks speak and translate: fresh pairs, and for one in ten a question.

    Nearly all questions that there are were trained on, so these are from the development set, which
    no training saw.
    """
    rng = random.Random(seed)
    questions = [pair for pair in development() if pair[0].endswith("?")]
    return [
        rng.choice(questions) if rng.random() < 0.1 else pair
        for pair in fresh(seed, count, trained)
    ]


@cache
def speech_training_texts() -> frozenset[str]:
    """Every text that the speech model heard in training."""
    return frozenset(text for texts in (*for_speech(), *short_for_speech()) for text in texts)


@cache
def translation_training_texts() -> frozenset[str]:
    """Every text that the translation model saw in training."""
    return frozenset(text for pair in for_translation() for text in pair)
