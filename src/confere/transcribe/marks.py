"""What the machine distrusts: marks point people somewhere and decide nothing.

=====================  =====================================================================
``low-probability``    the model was unsure of the words
``no-speech``          the model doubts that anybody speaks here
``other-language``     it sounds like a language that is not one of the study's
``truncated``          the recording ends here before its header says it should
``damaged-audio``      somewhere in the recording packets did not decode and stand as silence
=====================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from confere.domain import SpokenSegment

LOW_PROBABILITY = "low-probability"
NO_SPEECH = "no-speech"
OTHER_LANGUAGE = "other-language"
TRUNCATED = "truncated"
DAMAGED_AUDIO = "damaged-audio"

LOW_MEAN = 0.65  # of the word probabilities of a sentence
LOW_WORD = 0.35  # a word below this is a guess ...
LOW_WORDS_SHARE = 0.3  # ... and a sentence with this share of guesses is one
NO_SPEECH_PROBABILITY = 0.6  # Whisper's own two thresholds for silence
NO_SPEECH_LOG_PROBABILITY = -1.0


def mark(segments: Sequence[SpokenSegment]) -> list[SpokenSegment]:
    """Return the segments with the marks that each one's own numbers call for."""
    return [_with(segment, *_doubts(segment)) for segment in segments]


def mark_end(
    segments: Sequence[SpokenSegment],
    duration_ms: int,
    language: str,
    *,
    truncated: bool,
    damaged: bool,
) -> list[SpokenSegment]:
    """Return the segments with what is wrong with the recording told on the last of them.

    Where there is none, an empty one in ``language`` tells it: nothing is lost in silence.
    """
    marks = [TRUNCATED] * truncated + [DAMAGED_AUDIO] * damaged
    if not marks:
        return list(segments)
    if not segments:
        return [_nothing_heard(duration_ms, language, *marks)]
    return [*segments[:-1], _with(segments[-1], *marks)]


def _doubts(segment: SpokenSegment) -> list[str]:
    doubts = []
    probabilities = [word.probability for word in segment.words]
    guesses = sum(probability < LOW_WORD for probability in probabilities)
    if probabilities and (
        sum(probabilities) < LOW_MEAN * len(probabilities)
        or guesses >= LOW_WORDS_SHARE * len(probabilities)
    ):
        doubts.append(LOW_PROBABILITY)
    if (
        segment.no_speech_probability > NO_SPEECH_PROBABILITY
        and segment.mean_log_probability < NO_SPEECH_LOG_PROBABILITY
    ):
        doubts.append(NO_SPEECH)
    return doubts


def _with(segment: SpokenSegment, *marks: str) -> SpokenSegment:
    return replace(segment, marks=tuple(sorted({*segment.marks, *marks})))


def _nothing_heard(duration_ms: int, language: str, *marks: str) -> SpokenSegment:
    return SpokenSegment(
        start_ms=max(0, duration_ms - 1000),
        end_ms=duration_ms,
        language=language,
        text="",
        words=(),
        mean_log_probability=0.0,
        no_speech_probability=1.0,
        marks=tuple(sorted(marks)),
    )
