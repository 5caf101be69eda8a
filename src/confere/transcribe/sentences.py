"""From words to sentences: a segment is a sentence, never half of one.

Whisper cuts where its window or a breath ends, and half sentences translate badly. So its cuts are
forgotten and the words are grouped anew: a sentence ends at a full stop, at a long pause, or where the
language changes. A sentence that is too long for people to check is cut at its best place.
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
    sentences: list[list[HeardWord]] = []
    for index, word in enumerate(words):
        if index and not _ends(words[index - 1], word, limits):
            sentences[-1].append(word)
        else:
            sentences.append([word])
    return [_segment(part) for sentence in sentences for part in _shortened(sentence, limits)]


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


def _shortened(sentence: list[HeardWord], limits: Limits) -> list[list[HeardWord]]:
    length_ms = sentence[-1].end_ms - sentence[0].start_ms
    if len(sentence) < 2 or (length_ms <= limits.max_ms and len(sentence) <= limits.max_words):
        return [sentence]
    cut = _best_cut(sentence)
    return _shortened(sentence[:cut], limits) + _shortened(sentence[cut:], limits)


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
