"""What the model read in one clip, as words at their places in the recording.

The pipeline's word times come from cross-attention: good inside a sentence, loose at its ends, where a
word is stretched over the silence around it. The voice detector knows those ends to 30 ms, so no word
begins before the voice it belongs to and none ends after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from confere.transcribe.clips import Clip, Span
from confere.transcribe.language import known_share
from confere.transcribe.marks import OTHER_LANGUAGE
from confere.transcribe.sentences import HeardWord

MS_PER_TIMESTAMP = 20  # Whisper's time tokens
STEP_MS = 200  # reading on must go forward at least this much, or it could go on for ever
REST_MS = 400  # a shorter rest of voice is the end of the last word
OTHER_BELOW = 0.25  # of the probability on the study's languages: it sounds like another one


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one clip, and what of the clip is still to be read."""

    words: tuple[HeardWord, ...]
    rest: Clip | None = None


def read_clip(
    clip: Clip,
    segments: Sequence[Mapping[str, Any]],
    *,
    language: str,
    heard: Mapping[str, float],
    languages: Sequence[str],
    timestamp_begin: int | None,
) -> Reading:
    """Return the reading of a clip from the pipeline's segments (dicts, times in seconds).

    ``timestamp_begin`` is the first time token of a model that ends after a sentence and says where,
    or None for one that reads to the end.
    """
    marks = (OTHER_LANGUAGE,) if known_share(heard, languages) < OTHER_BELOW else ()
    words = [
        HeardWord(
            raw=word["word"],
            start_ms=round(float(word["start"]) * 1000),
            end_ms=round(float(word["end"]) * 1000),
            probability=float(word["probability"]),
            language=language,
            log_probability=float(segment["avg_logprob"]),
            no_speech_probability=float(segment["no_speech_prob"]),
            marks=marks,
        )
        for segment in segments
        for word in segment["words"]
        if word["word"].strip()
    ]
    rest = None if timestamp_begin is None else _rest(clip, segments, timestamp_begin)
    heard_until_ms = clip.span.end_ms if rest is None else rest.span.start_ms
    return Reading(tuple(_placed(words, clip.voices, heard_until_ms)), rest)


def _rest(clip: Clip, segments: Sequence[Mapping[str, Any]], timestamp_begin: int) -> Clip | None:
    tokens = segments[-1]["tokens"] if segments else []
    if not tokens or tokens[-1] < timestamp_begin:
        return None
    step_ms = (tokens[-1] - timestamp_begin) * MS_PER_TIMESTAMP
    rest = clip.rest(clip.span.start_ms + step_ms)
    if rest is None or step_ms < STEP_MS:
        return None
    return rest if sum(voice.length_ms for voice in rest.voices) >= REST_MS else None


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
