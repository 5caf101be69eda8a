"""Loops, text over silence, and speech without text: what the sound says about the text."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from confere.review.checks.messages import finding
from confere.review.checks.text import MARK, Pair, Token, cover
from confere.review.checks.values import Context, Finding

NO_SPEECH = "no-speech"  # the mark of transcribe/marks.py
LONGEST_LOOP = 8  # words that come again and again
FASTEST_PER_S = 7.0  # words; fast talkers reach five
SLOWEST_PER_S = 0.25
LEAST_WORDS = 8
LEAST_SILENCE_S = 8.0
MOST_COMPRESSION = 2.4  # Whisper's own threshold for text that repeats itself
LEAST_COMPRESSED = 150  # characters; shorter texts hardly compress


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find words in a circle, words where the engine hears nobody, and too few or too many."""
    yield from _loops(pair)
    words = len(pair.source_tokens)
    if NO_SPEECH in pair.segment.marks and words:
        yield finding(pair.segment, "sound.silence")
    if pair.segment.duration_ms is None:
        return
    seconds = pair.segment.duration_ms / 1000
    told = {"words": str(words), "seconds": f"{seconds:.1f}"}
    if words >= LEAST_WORDS and words > FASTEST_PER_S * seconds:
        yield finding(pair.segment, "sound.fast", **told)
    marked = NO_SPEECH in pair.segment.marks or MARK.search(pair.segment.source)
    if seconds >= LEAST_SILENCE_S and words < SLOWEST_PER_S * seconds and not marked:
        yield finding(pair.segment, "sound.untold", **told)


def _loops(pair: Pair) -> Iterator[Finding]:
    said = _loop(pair.source_tokens)
    told = _loop(pair.target_tokens)
    if said:
        yield finding(pair.segment, "loop.words", [cover(said[0])], **_shown(said, pair.source))
    elif told:
        yield finding(pair.segment, "loop.words", [], [cover(told[0])], **_shown(told, pair.target))
    else:
        for side, text in (("source", pair.source), ("target", pair.target)):
            times = _compression(text)
            if times > MOST_COMPRESSION:
                yield finding(pair.segment, "loop.words", times=f"{times:.1f}", text=f"({side})")


def _shown(loop: tuple[Sequence[Token], int, int], text: str) -> dict[str, str]:
    found, length, times = loop
    return {"times": str(times), "text": text[found[0].start : found[length - 1].end]}


def _loop(found: Sequence[Token]) -> tuple[Sequence[Token], int, int] | None:
    """Return the words of the first loop, how many words it has and how often they come."""
    spoken = [token.folded for token in found]
    for length in range(1, LONGEST_LOOP + 1):
        needed = 6 if length == 1 else 5 if length == 2 else 3
        run = 0
        for place in range(length, len(spoken) + 1):
            if place < len(spoken) and spoken[place] == spoken[place - length]:
                run += 1
                continue
            if run >= length * (needed - 1):
                return found[place - run - length : place], length, run // length + 1
            run = 0
    return None


def _compression(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if len(data) >= LEAST_COMPRESSED else 0.0
