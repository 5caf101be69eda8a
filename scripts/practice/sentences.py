"""Which sentences train and which are kept apart: the one place that decides it.

The bundled recordings' sentences and those of the development set never train. What benchmarks
speak is drawn from everything that is in neither.
"""

from __future__ import annotations

from functools import cache

from . import grammar
from .dialogues import spoken_sentences
from .grammar import Pair
from .patterns import FIXED

SPEECH_SEED, TRANSLATION_SEED, DEVELOPMENT_SEED = 7, 21, 999
PORTUGUESE_UTTERANCES, ENGLISH_UTTERANCES = 16_000, 9_000
TRANSLATION_PAIRS = 57_000
DEVELOPMENT_PAIRS = 300


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


@cache
def for_translation(count: int = TRANSLATION_PAIRS) -> list[Pair]:
    """What the translation model learns from."""
    return grammar.corpus(TRANSLATION_SEED, count, exclude=kept_apart())


def fresh(seed: int, count: int, trained: frozenset[str]) -> list[Pair]:
    """Pairs of another draw, neither side of which was trained on or chose a checkpoint."""
    return grammar.corpus(seed, count, exclude=kept_apart() | trained)


@cache
def speech_training_texts() -> frozenset[str]:
    """Every text that the speech model heard in training."""
    portuguese, english = for_speech()
    return frozenset(portuguese) | frozenset(english)


@cache
def translation_training_texts() -> frozenset[str]:
    """Every text that the translation model saw in training."""
    return frozenset(text for pair in for_translation() for text in pair)
