"""An interpreted interview that nothing was tuned on, heard in short windows, so that there are many cuts.

``benchmarks/drafting_quality.py`` has the figures, of more sound and beside the bare engine.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass

import jiwer
import pytest

from confere.domain import SpokenSegment
from confere.review.spoken import words
from confere.transcribe.decoding import Decoder
from doubles.interpreted import Sentence, make, need_espeak
from doubles.practice import speech_engine

MINUTES, WINDOW_MS = 2, 15_000
NEAR_MS = 5_000


@dataclass(frozen=True)
class Interview:
    """What was said, what was heard, and where the windows ended."""

    said: list[Sentence]
    heard: list[SpokenSegment]
    cuts_ms: list[int]


@pytest.fixture(scope="module")
def interview() -> Interview:
    """Two minutes, in windows of some 12 s."""
    need_espeak()
    wav, said = make(9_100, MINUTES, held_out=True)
    windows = list(
        speech_engine(WINDOW_MS).windows(
            Decoder(io.BytesIO(wav), "the recording"), languages=["pt", "en"]
        )
    )
    heard = [segment for window in windows for segment in window.segments]
    return Interview(said, heard, [window.done_ms for window in windows[:-1]])


def shared_ms(one: Sentence, other: SpokenSegment) -> int:
    """How long both last."""
    return max(0, min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms))


def text_of(said: list[Sentence]) -> str:
    """As words, for counting."""
    return " ".join(word for each in said for word in words(each.text))


def test_what_was_said_is_heard(interview: Interview) -> None:
    """At most one word in eight is wrong, over all cuts (the benchmark says how many there are)."""
    heard = " ".join(word for each in interview.heard for word in words(each.text))
    assert len(interview.cuts_ms) > 8
    assert jiwer.wer(text_of(interview.said), heard) < 0.125


def test_nearly_all_speech_has_its_language(interview: Interview) -> None:
    """95 of 100 seconds of what was said lie under a segment of their language."""
    right_ms = sum(
        shared_ms(sentence, segment)
        for sentence in interview.said
        for segment in interview.heard
        if segment.language == sentence.language
    )
    assert right_ms >= 0.95 * sum(each.end_ms - each.start_ms for each in interview.said)


def test_a_cut_neither_loses_a_sentence_nor_doubles_one(interview: Interview) -> None:
    """Near a cut every sentence has its segment, and no two lie over one another."""
    assert [s.start_ms for s in interview.heard] == sorted(s.start_ms for s in interview.heard)
    assert all(b.start_ms >= a.end_ms for a, b in itertools.pairwise(interview.heard))
    near = [
        sentence
        for sentence in interview.said
        if any(
            sentence.start_ms - NEAR_MS < cut < sentence.end_ms + NEAR_MS
            for cut in interview.cuts_ms
        )
    ]
    assert len(near) > 8
    for sentence in near:
        covered_ms = sum(shared_ms(sentence, segment) for segment in interview.heard)
        assert covered_ms >= 0.8 * (sentence.end_ms - sentence.start_ms), sentence


def test_segments_are_whole_sentences(interview: Interview) -> None:
    """Seven in eight begin and end with a sentence, to half a second; half of them to 50 ms."""
    whole = [
        segment
        for segment in interview.heard
        if any(
            abs(segment.start_ms - each.start_ms) <= 500
            and abs(segment.end_ms - each.end_ms) <= 500
            for each in interview.said
        )
    ]
    assert len(whole) >= 0.875 * len(interview.heard)
    off_ms = sorted(
        min(abs(segment.start_ms - each.start_ms) for segment in interview.heard)
        for each in interview.said
    )
    assert off_ms[len(off_ms) // 2] <= 50
