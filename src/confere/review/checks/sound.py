"""Loops, text over silence, and speech without text: what the sound says about the text.

The marks are those of transcribe/marks.py, which heard the sound. They are about the draft; what can be seen
in the text as it stands now is looked for there.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from confere.review.checks.messages import finding
from confere.review.checks.text import MARK, Pair, Token, cover
from confere.review.checks.values import Context, Finding

NO_SPEECH = "no-speech"
MISSED_SPEECH = "missed-speech"
#: What a mark says about words that are still there, and which finding says so already.
SAID_BY_MARKS = {
    NO_SPEECH: ("sound.silence", ""),
    "invention": ("sound.invention", ""),
    "loop": ("loop.sentences", "loop.words"),
    "wrong-language": ("language.other", ""),
    "word-rate": ("sound.rate", "sound.fast"),
}
LONGEST_LOOP = 8  # words that come again and again
FASTEST_PER_S = 7.0  # words; fast talkers reach five
SLOWEST_PER_S = 0.25
WHOLE_PER_S = 2.0  # words of somebody of whom nothing is left out
LEAST_WORDS = 8
LEAST_SILENCE_S = 8.0
MOST_COMPRESSION = 2.4  # Whisper's own threshold for text that repeats itself
LEAST_COMPRESSED = 150  # characters; shorter texts hardly compress


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find words in a circle, words where nobody speaks, voices without words, too few and too many."""
    seen = [*_loops(pair), *_rates(pair)]
    yield from seen
    told = {each.message_id for each in seen}
    if _words(pair):
        for mark, (message_id, instead) in SAID_BY_MARKS.items():
            if mark in pair.segment.marks and instead not in told:
                language = {"language": pair.segment.language} if mark == "wrong-language" else {}
                yield finding(pair.segment, message_id, **language)
    if MISSED_SPEECH in pair.segment.marks and not MARK.search(pair.segment.source):
        seconds = (pair.segment.duration_ms or 0) / 1000
        if not _words(pair):
            yield finding(pair.segment, "sound.unheard")
        elif _words(pair) < WHOLE_PER_S * seconds:
            yield finding(pair.segment, "sound.missed")


def _rates(pair: Pair) -> Iterator[Finding]:
    if pair.segment.duration_ms is None:
        return
    words = _words(pair)
    seconds = pair.segment.duration_ms / 1000
    told = {"words": str(words), "seconds": f"{seconds:.1f}"}
    if words >= LEAST_WORDS and words > FASTEST_PER_S * seconds:
        yield finding(pair.segment, "sound.fast", **told)
    excused = {NO_SPEECH, MISSED_SPEECH} & {*pair.segment.marks} or MARK.search(pair.segment.source)
    if seconds >= LEAST_SILENCE_S and words < SLOWEST_PER_S * seconds and not excused:
        yield finding(pair.segment, "sound.untold", **told)


def _words(pair: Pair) -> int:
    """How many words there are, in any script: vowel signs are no letters, and end no word."""
    return sum(any(map(str.isalnum, part)) for part in pair.source.split())


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
    """How many times shorter a text gets; a letter of any script counts as one byte."""
    if len(text) < LEAST_COMPRESSED:
        return 0.0
    numbers = {character: at for at, character in enumerate(dict.fromkeys(text))}
    data = bytes(numbers[character] % 256 for character in text)
    return len(data) / len(zlib.compress(data))
