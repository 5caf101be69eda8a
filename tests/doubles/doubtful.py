"""Drafts with the faults that marks are there to find, put in at known places.

A scene is one side of a window: the sentences of a draft, where voices are, and how loud it is. It is made of
texts alone, or taken from a real draft. A seeded fault gives the scene with it, and the span in which a mark
has to point at it. Everything follows from the random generator that is given.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from confere.domain import SpokenSegment, Word
from confere.transcribe.clips import Span
from confere.transcribe.listening import FRAME_MS, Listening
from confere.transcribe.loops import Said, remembered
from confere.transcribe.marks import mark, missed, said
from confere.transcribe.sentences import HeardWord

PAUSE_MS = 1_200  # that ends a sentence, as in the profile of Whisper's models


@dataclass(frozen=True)
class Scene:
    """One side of a window."""

    segments: tuple[SpokenSegment, ...]
    voices: tuple[Span, ...]
    levels_db: NDArray[np.float64]

    @property
    def listened(self) -> Listening:
        """What the marks are given."""
        return Listening(Span(0, len(self.levels_db) * FRAME_MS), self.voices, self.levels_db)


@dataclass(frozen=True)
class Seeded:
    """A scene with a fault in it, and where."""

    scene: Scene
    span: Span


Fault = Callable[[Scene, random.Random], Seeded | None]


def judged(scene: Scene, before: Sequence[Said] = ()) -> list[SpokenSegment]:
    """The scene's sentences with their marks, and what was missed, as the engine does it."""
    segments, unheard = _missed(scene)
    marked = mark(segments, scene.listened, before)
    return sorted([*marked, *unheard], key=lambda segment: segment.start_ms)


def remembered_of(scene: Scene, before: Sequence[Said] = ()) -> list[Said]:
    """What the next window of that side is given."""
    return remembered(before, said(scene.segments))


def _missed(scene: Scene) -> tuple[list[SpokenSegment], list[SpokenSegment]]:
    heard = [_heard(word, segment) for segment in scene.segments for word in segment.words]
    words, unheard = missed(scene.listened, heard, language="pt", pause_ms=PAUSE_MS)
    waiting = iter(words)
    segments = []
    for segment in scene.segments:
        marks = {mark for _ in segment.words for mark in next(waiting).marks}
        segments.append(replace(segment, marks=tuple(sorted({*segment.marks, *marks}))))
    return segments, unheard


def _heard(word: Word, segment: SpokenSegment) -> HeardWord:
    return HeardWord(
        " " + word.text, word.start_ms, word.end_ms, word.probability, segment.language, -0.2, 0.0
    )


# --- ordinary speech ----------------------------------------------------------------------------------


def scene_of(texts: Iterable[tuple[str, str]], rng: random.Random) -> Scene:
    """A scene in which these sentences (language, text) are said, with pauses and breaths."""
    segments: list[SpokenSegment] = []
    at_ms = 500
    for language, text in texts:
        segments.append(spoken(text, language, at_ms, rng))
        at_ms = segments[-1].end_ms + rng.choice((150, 300, 500, 900, 1_600, 3_000))
    voices = [voice for segment in segments for voice in _voices_of(segment)]
    return Scene(tuple(segments), tuple(voices), _levels(voices, at_ms + 500, rng))


def spoken(text: str, language: str, start_ms: int, rng: random.Random) -> SpokenSegment:
    """A sentence said at somebody's pace, every now and then with a breath in the middle."""
    letter_ms = rng.uniform(50, 95)
    at_ms, words = start_ms, []
    for part in text.split():
        length_ms = max(60, round(len(part) * letter_ms * rng.uniform(0.7, 1.4)))
        words.append(Word(part, at_ms, at_ms + length_ms, round(rng.uniform(0.6, 1.0), 4)))
        at_ms += length_ms + (rng.randint(300, 700) if rng.random() < 0.05 else 0)
    return segment_of(words, language)


def segment_of(words: Sequence[Word], language: str) -> SpokenSegment:
    """The sentence of these words, of which the model is sure."""
    return SpokenSegment(
        words[0].start_ms,
        max(word.end_ms for word in words),
        language,
        " ".join(word.text for word in words),
        tuple(words),
        -0.2,
        0.02,
    )


def _voices_of(segment: SpokenSegment) -> list[Span]:
    voices: list[Span] = []
    for word in segment.words:
        if voices and word.start_ms - voices[-1].end_ms < 250:
            voices[-1] = Span(voices[-1].start_ms, word.end_ms)
        else:
            voices.append(Span(word.start_ms, word.end_ms))
    return voices


def _levels(voices: Iterable[Span], until_ms: int, rng: random.Random) -> NDArray[np.float64]:
    """A room's noise, and syllables in it where there are voices."""
    chance = np.random.default_rng(rng.getrandbits(32))
    levels = chance.normal(-62, 1, until_ms // FRAME_MS)
    for voice in voices:
        frames = np.arange(voice.start_ms // FRAME_MS, min(voice.end_ms // FRAME_MS, len(levels)))
        levels[frames] = -32 + 11 * np.sin(frames * 0.55) + chance.normal(0, 2, len(frames))
    return levels


# --- faults -------------------------------------------------------------------------------------------


def invention(phrases: Sequence[str]) -> Fault:
    """A stock sentence where something sounded, as long as it might take to say."""

    def seed(scene: Scene, rng: random.Random) -> Seeded | None:
        return _inserted(scene, [_varied(rng.choice(phrases), rng)], rng)

    return seed


def courtesy(phrases: Sequence[str]) -> Fault:
    """Thanks where the model doubts that anybody speaks."""

    def seed(scene: Scene, rng: random.Random) -> Seeded | None:
        return _inserted(
            scene, [rng.choice(phrases)], rng, no_speech_probability=rng.uniform(0.45, 0.99)
        )

    return seed


def loop_in_a_sentence(scene: Scene, rng: random.Random) -> Seeded | None:
    """Words of a sentence again and again, until the model's window is full."""
    words = _some(scene, rng, 1).text.split()
    length = rng.choice((1, 2, 3, 4, 6, 9))
    start = rng.randrange(max(1, len(words) - length))
    circle = words[start : start + length]
    times = max(rng.randint(6, 30), -(-10 // len(circle)))
    return _inserted(scene, [" ".join([*words[:start], *circle * times])], rng)


def loop_over_sentences(scene: Scene, rng: random.Random) -> Seeded | None:
    """A sentence again and again as segments of their own."""
    text = _some(scene, rng, 1).text
    times = rng.randint(5, 12) if len(text.split()) > 2 else rng.randint(9, 16)
    return _inserted(scene, [text] * times, rng)


def missed_sentence(scene: Scene, rng: random.Random) -> Seeded | None:
    """A sentence of a second or more that the model did not write."""
    long = [s for s in scene.segments if s.end_ms - s.start_ms >= 1_000]
    if not long:
        return None
    gone = rng.choice(long)
    segments = tuple(segment for segment in scene.segments if segment is not gone)
    return Seeded(replace(scene, segments=segments), Span(gone.start_ms, gone.end_ms))


def missed_words(scene: Scene, rng: random.Random) -> Seeded | None:
    """Two seconds or more out of a sentence; the word before is stretched over them, or is not."""
    long = [s for s in scene.segments if len(s.words) > 5 and s.end_ms - s.start_ms >= 3_500]
    if not long:
        return None
    whole = rng.choice(long)
    first = rng.randrange(1, len(whole.words) - 1)
    last = next(
        (
            at
            for at in range(first, len(whole.words))
            if whole.words[at].end_ms - whole.words[first].start_ms >= 2_000
        ),
        None,
    )
    if last is None:
        return None
    words = list(whole.words[:first])
    if rng.random() < 0.5:
        words[-1] = replace(words[-1], end_ms=whole.words[last].end_ms)
    less = segment_of([*words, *whole.words[last + 1 :]], whole.language)
    segments = tuple(less if segment is whole else segment for segment in scene.segments)
    span = Span(whole.words[first].start_ms, whole.words[last].end_ms)
    return Seeded(replace(scene, segments=segments), span)


def wrong_language(pairs: Sequence[tuple[str, str, str]]) -> Fault:
    """A sentence whose text is in another language (language of the segment, text, other's text)."""

    def seed(scene: Scene, rng: random.Random) -> Seeded | None:
        language, _, text = rng.choice(pairs)
        return _inserted(scene, [text], rng, language=language)

    return seed


def too_fast(scene: Scene, rng: random.Random) -> Seeded | None:
    """A sentence in a fraction of the time that it takes to say it."""
    text = _some(scene, rng, 3).text
    made = _inserted(scene, [text], rng)
    segment = _at(made)
    squeezed_ms = round(sum(map(str.isalnum, text)) * 1000 / rng.uniform(36, 90))
    return _changed(made, _squeezed(segment, squeezed_ms))


def too_slow(scene: Scene, rng: random.Random) -> Seeded | None:
    """A word or two for a voice of many seconds."""
    text = rng.choice(("Sim.", "E aí.", "Então.", "Yes.", "Pois é."))
    made = _inserted(scene, [text], rng, length_ms=rng.randint(8_000, 20_000))
    return made


def on_silence(scene: Scene, rng: random.Random) -> Seeded | None:
    """A sentence where no voice is."""
    made = _inserted(scene, [_some(scene, rng, 1).text], rng)
    voices = tuple(voice for voice in made.scene.voices if not _shared(voice, made.span))
    return replace(made, scene=replace(made.scene, voices=voices))


def on_a_hum(scene: Scene, rng: random.Random) -> Seeded | None:
    """A sentence where something hums all the time and the voice detector took it for a voice."""
    made = _inserted(scene, [_some(scene, rng, 5).text], rng)
    levels = made.scene.levels_db.copy()
    frames = slice(made.span.start_ms // FRAME_MS, -(-made.span.end_ms // FRAME_MS))
    count = len(levels[frames])
    levels[frames] = -30 + np.random.default_rng(rng.getrandbits(32)).normal(0, 0.8, count)
    return replace(made, scene=replace(made.scene, levels_db=levels))


def doubted(scene: Scene, rng: random.Random) -> Seeded | None:
    """A sentence that the model itself does not believe."""
    text = _some(scene, rng, 1).text
    return _inserted(
        scene,
        [text],
        rng,
        no_speech_probability=rng.uniform(0.65, 1),
        mean_log_probability=rng.uniform(-2.5, -1.05),
    )


def _inserted(
    scene: Scene,
    texts: Sequence[str],
    rng: random.Random,
    *,
    language: str = "",
    length_ms: int | None = None,
    **numbers: float,
) -> Seeded:
    """These sentences behind a sentence of the scene, over a voice of their own; the rest moves back."""
    place = rng.randrange(1, len(scene.segments) + 1)
    at_ms = scene.segments[place - 1].end_ms + 400
    made: list[SpokenSegment] = []
    for text in texts:
        start_ms = made[-1].end_ms + 200 if made else at_ms
        one = spoken(text, language or scene.segments[place - 1].language, start_ms, rng)
        if length_ms is not None:
            one = _squeezed(one, length_ms)
        made.append(replace(one, **numbers))  # type: ignore[arg-type]
    span = Span(at_ms, made[-1].end_ms)
    gap_ms = -(-(span.length_ms + 800) // FRAME_MS) * FRAME_MS
    voices = [_moved_span(voice, at_ms, gap_ms) for voice in scene.voices]
    voices += [Span(segment.start_ms, segment.end_ms) for segment in made]
    segments = [_moved(segment, gap_ms) for segment in scene.segments[place:]]
    cut = at_ms // FRAME_MS
    levels = _levels([Span(s.start_ms - at_ms, s.end_ms - at_ms) for s in made], gap_ms, rng)
    return Seeded(
        Scene(
            (*scene.segments[:place], *made, *segments),
            tuple(sorted(voices, key=lambda voice: voice.start_ms)),
            np.concatenate([scene.levels_db[:cut], levels, scene.levels_db[cut:]]),
        ),
        span,
    )


def _at(made: Seeded) -> SpokenSegment:
    return next(s for s in made.scene.segments if s.start_ms >= made.span.start_ms)


def _changed(made: Seeded, segment: SpokenSegment) -> Seeded:
    old = _at(made)
    segments = tuple(segment if each is old else each for each in made.scene.segments)
    return Seeded(replace(made.scene, segments=segments), Span(segment.start_ms, segment.end_ms))


def _squeezed(segment: SpokenSegment, length_ms: int) -> SpokenSegment:
    """The sentence in so much time."""
    times = length_ms / (segment.end_ms - segment.start_ms)

    def placed(ms: int) -> int:
        return round(segment.start_ms + (ms - segment.start_ms) * times)

    words = tuple(
        replace(w, start_ms=placed(w.start_ms), end_ms=placed(w.end_ms)) for w in segment.words
    )
    return replace(segment, end_ms=segment.start_ms + length_ms, words=words)


def _moved(segment: SpokenSegment, by_ms: int) -> SpokenSegment:
    words = tuple(
        replace(w, start_ms=w.start_ms + by_ms, end_ms=w.end_ms + by_ms) for w in segment.words
    )
    return replace(
        segment, start_ms=segment.start_ms + by_ms, end_ms=segment.end_ms + by_ms, words=words
    )


def _moved_span(voice: Span, from_ms: int, by_ms: int) -> Span:
    if voice.start_ms < from_ms - 400:
        return voice
    return Span(voice.start_ms + by_ms, voice.end_ms + by_ms)


def _some(scene: Scene, rng: random.Random, least_words: int) -> SpokenSegment:
    long = [s for s in scene.segments if len(s.text.split()) >= least_words]
    return rng.choice(long or list(scene.segments))


def _varied(text: str, rng: random.Random) -> str:
    """The sentence with other capitals and marks."""
    text = rng.choice((text, text, text.lower(), text.upper(), text.replace(",", "")))
    return text + rng.choice(("", ".", "!", "…"))


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms))


def found(made: Seeded, marks: Iterable[str]) -> bool:
    """Whether one of the marks points at the fault: a segment that shares half of its time, or lies in it."""
    wanted = set(marks)
    for segment in judged(made.scene):
        span = Span(segment.start_ms, segment.end_ms)
        both = _shared(span, made.span)
        if both * 2 >= min(span.length_ms, made.span.length_ms) and wanted & set(segment.marks):
            return True
    return False
