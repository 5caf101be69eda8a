"""What the model read in one clip, as words at their places in the recording.

The pipeline's word times come from cross-attention: good inside a sentence, loose at its ends, where a
word is stretched over the silence around it. The voice detector knows those ends to 30 ms, so no word
begins before the voice it belongs to and none ends after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from confere.transcribe.clips import Clip, Span
from confere.transcribe.language import known_share
from confere.transcribe.marks import OTHER_LANGUAGE
from confere.transcribe.sentences import HeardWord

STEP_MS = 200  # reading on must go forward at least this much, or it could go on for ever
REST_MS = 400  # a shorter rest of voice is the end of the last word
OTHER_BELOW = 0.25  # of the probability on the study's languages: it sounds like another one


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word as the model wrote it, with the space before it; times count from the clip's beginning."""

    raw: str
    start_ms: int
    end_ms: int
    probability: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the model made of one clip.

    ``log_probability`` is the mean over the tokens. ``ended_ms`` is where a model that ends after one
    sentence says that it ended, from the clip's beginning; None where it says nothing.
    """

    words: tuple[TimedWord, ...]
    log_probability: float
    no_speech_probability: float
    ended_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one clip, and what of the clip is still to be read."""

    words: tuple[HeardWord, ...]
    rest: Clip | None = None


def read_clip(
    clip: Clip,
    decoded: Decoded,
    *,
    language: str,
    heard: Mapping[str, float],
    languages: Sequence[str],
) -> Reading:
    """Return the reading of a clip that was decoded in ``language``.

    ``heard`` is how probable the model found each language, ``languages`` are the study's.
    """
    marks = (OTHER_LANGUAGE,) if known_share(heard, languages) < OTHER_BELOW else ()
    words = [
        HeardWord(
            raw=word.raw,
            start_ms=clip.span.start_ms + word.start_ms,
            end_ms=clip.span.start_ms + word.end_ms,
            probability=word.probability,
            language=language,
            log_probability=decoded.log_probability,
            no_speech_probability=decoded.no_speech_probability,
            marks=marks,
        )
        for word in decoded.words
    ]
    rest = _rest(clip, decoded.ended_ms)
    heard_until_ms = clip.span.end_ms if rest is None else rest.span.start_ms
    return Reading(tuple(_placed(words, clip.voices, heard_until_ms)), rest)


def _rest(clip: Clip, ended_ms: int | None) -> Clip | None:
    if ended_ms is None or ended_ms < STEP_MS:
        return None
    rest = clip.rest(clip.span.start_ms + ended_ms)
    if rest is None or sum(voice.length_ms for voice in rest.voices) < REST_MS:
        return None
    return rest


def _placed(words: Sequence[HeardWord], voices: Sequence[Span], until_ms: int) -> list[HeardWord]:
    """Move the bounds of words out of silence, and keep them in order."""
    placed: list[HeardWord] = []
    last_ms = 0
    for index, word in enumerate(words):
        voice = _voice_of(word, voices)
        # Attention lets go of the last word early; it goes on as long as the voice does.
        end_ms = word.end_ms if index + 1 < len(words) else voice.end_ms
        start_ms = max(last_ms, min(max(word.start_ms, voice.start_ms), voice.end_ms))
        last_ms = max(start_ms, min(end_ms, voice.end_ms, until_ms))
        placed.append(replace(word, start_ms=start_ms, end_ms=last_ms))
    return placed


def _voice_of(word: HeardWord, voices: Sequence[Span]) -> Span:
    """The voice that a word shares the most time with, or is nearest to."""

    def shared(voice: Span) -> int:
        return min(word.end_ms, voice.end_ms) - max(word.start_ms, voice.start_ms)

    return max(voices, key=shared)
