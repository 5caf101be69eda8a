"""From words to sentences: a segment is a sentence, never half of one.

Whisper cuts where its window or a breath ends, and half sentences translate badly. So its cuts are
forgotten and the words are grouped anew: a sentence ends at a full stop, at a long pause, or where the
language changes. A sentence that is too long for people to check is cut at its best place, as soon as it is
too long, so that it does not matter where the words that came so far end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from confere.domain import SpokenSegment, Word

FULL_STOPS = ".?!…。？！।॥"
CLOSING = "\"'”’»)]"
COMMAS = ",;:–—،、，；："

SHORTEST_MS = 20  # of a segment: one of Whisper's time steps

# Words that carry a full stop and end no sentence, in the languages the study sites speak.
# Only such as end none ever: an English "No." does.
ABBREVIATIONS = frozenset(
    [
        *("sr.", "sra.", "srta.", "dr.", "dra.", "prof.", "profa.", "av.", "nº.", "pág."),
        *("mr.", "mrs.", "ms.", "st.", "vs.", "e.g.", "i.e.", "gng.", "bb."),
        *("डॉ.", "श्री.", "ডা.", "মো."),
    ]
)


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the model wrote it, with the space or the apostrophe before it, and its clip's data."""

    raw: str
    start_ms: int
    end_ms: int
    probability: float
    language: str
    log_probability: float
    no_speech_probability: float
    marks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The word without the space before it."""
        return self.raw.strip()


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a sentence ends without a full stop, and how long one may be."""

    pause_ms: int
    max_ms: int
    max_words: int


def group(words: Sequence[HeardWord], limits: Limits) -> list[SpokenSegment]:
    """Return the sentences of words that are in the order of time."""
    segments, still_open = split(words, limits, None)
    assert not still_open
    return segments


def split(
    words: Sequence[HeardWord], limits: Limits, silent_from_ms: int | None
) -> tuple[list[SpokenSegment], list[HeardWord]]:
    """Return the sentences that end in these words, and the words of the one that is still open.

    More words may come, none before ``silent_from_ms``; None: no more come, and nothing stays open. The
    words that stay open, followed by those that come, give the same as all of them at once.
    """
    sentences: list[list[HeardWord]] = []
    sentence: list[HeardWord] = []
    for word in words:
        if sentence and _ends(sentence[-1], word, limits):
            sentences.append(sentence)
            sentence = []
        sentence.append(word)
        while _too_long(sentence, limits):
            cut = _best_cut(sentence)
            sentences.append(sentence[:cut])
            sentence = sentence[cut:]
    if sentence and (
        silent_from_ms is None or silent_from_ms - sentence[-1].end_ms >= limits.pause_ms
    ):
        sentences.append(sentence)
        sentence = []
    return [_segment(each) for each in sentences], sentence


def within(segments: Sequence[SpokenSegment], duration_ms: int) -> list[SpokenSegment]:
    """Return the segments with their bounds inside the recording and a length each.

    A word squeezed between two voices can lose its whole length, and the last one's end may lie a
    little after the last sample; nobody could play that.
    """
    kept = []
    for segment in segments:
        start_ms = max(0, min(segment.start_ms, duration_ms - SHORTEST_MS))
        end_ms = min(max(segment.end_ms, start_ms + SHORTEST_MS), duration_ms)
        kept.append(replace(segment, start_ms=start_ms, end_ms=end_ms))
    return kept


def _ends(word: HeardWord, following: HeardWord, limits: Limits) -> bool:
    """Whether a sentence ends between two words."""
    return (
        word.language != following.language
        or following.start_ms - word.end_ms >= limits.pause_ms
        or (is_full_stop(word.text) and not following.text[:1].islower())
    )


def is_full_stop(text: str) -> bool:
    """Whether a word carries the end of a sentence (an abbreviation or an initial does not)."""
    bare = text.rstrip(CLOSING)
    if not bare or bare[-1] not in FULL_STOPS:
        return False
    if bare[-1] != ".":
        return True
    initial = len(bare) == 2 and bare[0].isupper()
    return not initial and bare.lower().lstrip("\"'“‘«([¿¡") not in ABBREVIATIONS


def _too_long(sentence: Sequence[HeardWord], limits: Limits) -> bool:
    length_ms = sentence[-1].end_ms - sentence[0].start_ms
    return len(sentence) > 1 and (length_ms > limits.max_ms or len(sentence) > limits.max_words)


def _best_cut(sentence: Sequence[HeardWord]) -> int:
    """The index before which to cut: at a comma or a pause, and rather in the middle."""
    middle = len(sentence) / 2

    def worth(cut: int) -> float:
        pause_s = max(0, sentence[cut].start_ms - sentence[cut - 1].end_ms) / 1000
        comma = 1.0 if sentence[cut - 1].text[-1:] in COMMAS else 0.0
        return comma + pause_s - abs(cut - middle) / middle

    return max(range(1, len(sentence)), key=worth)


def _segment(words: Sequence[HeardWord]) -> SpokenSegment:
    count = len(words)
    return SpokenSegment(
        start_ms=words[0].start_ms,
        end_ms=max(word.end_ms for word in words),
        language=words[0].language,
        text="".join(word.raw for word in words).strip(),
        words=tuple(
            Word(word.text, word.start_ms, word.end_ms, round(word.probability, 4))
            for word in words
        ),
        mean_log_probability=round(sum(word.log_probability for word in words) / count, 4),
        no_speech_probability=round(max(word.no_speech_probability for word in words), 4),
        marks=tuple(sorted({mark for word in words for mark in word.marks})),
    )
