"""Text in a circle: the same words over and over, in one sentence or from sentence to sentence.

People repeat themselves too: *não, não, não*, lists, prayers. So the shorter what comes again, the more
often it must, and a refrain with other words in between is none. A sentence is judged by itself and by those
before it, never by those after it: where a window of the recording ends changes nothing.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from confere.transcribe.wording import Tokens, tokens

CONTEXT = 10  # sentences before, at most, that a loop over sentences is seen by
PAUSE_MS = 3_000  # a model in a loop does not wait; who answers question after question does
MOST_COMPRESSION = 2.4  # Whisper's own threshold for text that repeats itself
LEAST_COMPRESSED = 150  # characters; shorter texts hardly compress
LONGEST = 30  # words that come again and again
LONGEST_CIRCLE = 3  # sentences that take turns
_SPELLED = re.compile(r"(\w{1,6}?)\1{9,}")  # hahaha is shorter


class Said(NamedTuple):
    """A sentence before, as much of it as is needed to see a loop; as JSON it is a list of three."""

    text: str
    start_ms: int
    end_ms: int


def needed(words: int) -> int:
    """Return how often so many words must come in a row to be a loop."""
    return (8, 6, 5, 4, 4, 4)[words - 1] if words <= 6 else 3


def in_a_circle(text: str) -> bool:
    """Whether the words of one sentence go in a circle."""
    words = tokens(text)
    return (
        any(_repeats(words, length) for length in range(1, min(LONGEST, len(words) // 3) + 1))
        or _compression(text) > MOST_COMPRESSION
        or any(_SPELLED.search(word) for word in words)
    )


def goes_on(before: Sequence[Said], now: Said) -> bool:
    """Whether a sentence goes on a circle of sentences that those before it began."""
    said = [*before[-CONTEXT:], now]
    texts = [tokens(each.text) for each in said]
    for length in range(1, LONGEST_CIRCLE + 1):
        last = texts[-length:]
        words = sum(map(len, last))
        if not words or not all(last):
            return False
        times = 1
        at = len(said) - length
        while (
            at >= length
            and texts[at - length : at] == last
            and _hurries(said[at - length :], length)
        ):
            times, at = times + 1, at - length
        if times >= needed(words):
            return True
    return False


def remembered(before: Sequence[Said], said: Sequence[Said]) -> list[Said]:
    """Return what of a side's sentences the next ones need before them."""
    return [*before, *said][-CONTEXT:]


def _hurries(said: Sequence[Said], length: int) -> bool:
    """Whether nobody waits between the first sentences."""
    return all(
        after.start_ms - each.end_ms < PAUSE_MS
        for each, after in itertools.pairwise(said[: length + 1])
    )


def _repeats(words: Tokens, length: int) -> bool:
    """Whether so many words come in a row as often as makes a loop."""
    run, enough = 0, length * (needed(length) - 1)
    for place in range(length, len(words)):
        run = run + 1 if words[place] == words[place - length] else 0
        if run >= enough:
            return True
    return False


def _compression(text: str) -> float:
    """How many times shorter a text gets; a letter of any script counts as one byte."""
    if len(text) < LEAST_COMPRESSED:
        return 0.0
    numbers = {character: at for at, character in enumerate(dict.fromkeys(text))}
    data = bytes(numbers[character] % 256 for character in text)
    return len(data) / len(zlib.compress(data))
