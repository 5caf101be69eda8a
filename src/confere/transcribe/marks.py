"""What the machine distrusts: marks point people somewhere and decide nothing; no text is ever changed.

=====================  =====================================================================
``low-probability``    the model was unsure of the words
``no-speech``          there are words, and hardly a sign that anybody speaks
``missed-speech``      somebody speaks, and there are no words: a segment without text, or one that
                       has less of it than was said
``loop``               the same words again and again, in a sentence or from sentence to sentence
``invention``          a sentence that models write where nobody speaks (``config/inventions.toml``)
``wrong-language``     the words are of another language than the segment
``word-rate``          more words than anybody says in the time, or hardly any
``other-language``     it sounds like a language that is not one of the study's
``truncated``          the recording ends here before its header says it should
``damaged-audio``      somewhere in the recording packets did not decode and stand as silence
=====================  =====================================================================

For each side of a window, in this order::

    listened = listen(track.samples, window.span.start_ms, track.voices)
    words, unheard = missed(listened, words, language=..., pause_ms=..., side=...)
    segments = mark(group(words ...), listened, before)      # the sentences that ended
    before = remembered(before, said(segments))              # kept for the side's next window, JSON lists
    segments = sorted([*segments, *unheard], key=lambda s: s.start_ms)

Sentences are judged by what is before them, so it does not matter where a window ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from confere.domain import SpokenSegment
from confere.transcribe import inventions
from confere.transcribe.clips import Span
from confere.transcribe.listening import Listening, unwritten
from confere.transcribe.loops import Said, goes_on, in_a_circle, remembered
from confere.transcribe.sentences import HeardWord
from confere.transcribe.wording import letters, reads_as_another, tokens

LOW_PROBABILITY = "low-probability"
NO_SPEECH = "no-speech"
MISSED_SPEECH = "missed-speech"
LOOP = "loop"
INVENTION = "invention"
WRONG_LANGUAGE = "wrong-language"
WORD_RATE = "word-rate"
OTHER_LANGUAGE = "other-language"
TRUNCATED = "truncated"
DAMAGED_AUDIO = "damaged-audio"

LOW_MEAN = 0.65  # of the word probabilities of a sentence
LOW_WORD = 0.35  # a word below this is a guess ...
LOW_WORDS_SHARE = 0.3  # ... and a sentence with this share of guesses is one
NO_SPEECH_PROBABILITY = 0.6  # Whisper's own two thresholds for silence
NO_SPEECH_LOG_PROBABILITY = -1.0
LEAST_VOICED = 0.3  # of a sentence's time; below this it stands on silence
COURTESY_NO_SPEECH = 0.4  # with this much doubt, a "thank you" is an invention

FASTEST_LETTERS_PER_S = 30.0  # a fast talker reaches 22
FEWEST_LETTERS = 6  # times of shorter sentences are too rough
SLOWEST_LETTERS_PER_S = 2.0
SLOWEST_LEAST_MS = 6_000  # of voice


def mark(
    segments: Sequence[SpokenSegment],
    listened: Listening | None = None,
    before: Sequence[Said] = (),
) -> list[SpokenSegment]:
    """Return the segments of one side, in the order of time, with the marks that each calls for.

    ``listened`` is the window they ended in; without it the sound is not asked. ``before`` are the sentences
    of that side before them (`remembered`).
    """
    marked = []
    for segment in segments:
        if not tokens(segment.text):
            marked.append(segment)
            continue
        now = said([segment])
        doubts = set(_doubts(segment, listened))
        if in_a_circle(segment.text) or goes_on(before, now[0]):
            doubts.add(LOOP)
        if _invented(segment, doubts):
            doubts.add(INVENTION)
        before = remembered(before, now)
        marked.append(_with(segment, *doubts))
    return marked


def said(segments: Sequence[SpokenSegment]) -> list[Said]:
    """Return what loops are seen by; segments without text are left out."""
    return [Said(s.text, s.start_ms, s.end_ms) for s in segments if tokens(s.text)]


def missed(
    listened: Listening,
    words: Sequence[HeardWord],
    *,
    language: str,
    pause_ms: int,
    side: str = "",
) -> tuple[list[HeardWord], list[SpokenSegment]]:
    """Find the voices of one side of a window that no words were written for.

    ``words`` are all that were heard in the window on that side, in the order of time. What lies between
    two words of a sentence is marked on the word before it; anything else becomes a segment without text,
    in the language of its neighbours or in ``language``. ``pause_ms`` is the pause that ends a sentence.
    """
    marked = list(words)
    unheard = []
    for span in unwritten(listened, words):
        place = next((at for at, w in enumerate(words) if w.end_ms > span.start_ms), len(words))
        while place < len(words) and words[place].start_ms < span.end_ms - 1:
            place += 1  # past the words that are stretched over it
        last = words[place - 1] if place else None
        following = words[place] if place < len(words) else None
        free = Span(
            max(span.start_ms, last.end_ms if last else 0),
            min(span.end_ms, following.start_ms if following else span.end_ms),
        )
        inside = last and following and following.start_ms - last.end_ms < pause_ms
        if last and (inside or free.length_ms < span.length_ms / 2):
            marked[place - 1] = replace(last, marks=tuple({*last.marks, MISSED_SPEECH}))
        else:
            near = last or following
            unheard.append(_unheard(free, near.language if near else language, side))
    return marked, unheard


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
        end = Span(max(0, duration_ms - 1000), duration_ms)
        return [_empty(end, language, "", *marks)]
    return [*segments[:-1], _with(segments[-1], *marks)]


def _doubts(segment: SpokenSegment, listened: Listening | None) -> Iterator[str]:
    probabilities = [word.probability for word in segment.words]
    guesses = sum(probability < LOW_WORD for probability in probabilities)
    if probabilities and (
        sum(probabilities) < LOW_MEAN * len(probabilities)
        or guesses >= LOW_WORDS_SHARE * len(probabilities)
    ):
        yield LOW_PROBABILITY
    if (
        segment.no_speech_probability > NO_SPEECH_PROBABILITY
        and segment.mean_log_probability < NO_SPEECH_LOG_PROBABILITY
    ) or (listened and _on_no_voice(segment, listened)):
        yield NO_SPEECH
    if reads_as_another(segment.text, segment.language):
        yield WRONG_LANGUAGE
    if _rate_is_wrong(segment, listened):
        yield WORD_RATE


def _on_no_voice(segment: SpokenSegment, listened: Listening) -> bool:
    span = Span(segment.start_ms, segment.end_ms)
    inside = listened.within(span)
    if inside != span:
        return False  # the rest was heard in the window before
    if listened.voiced_ms(span) < LEAST_VOICED * span.length_ms:
        return True
    return listened.is_quiet(span) or listened.is_steady(span)


def _rate_is_wrong(segment: SpokenSegment, listened: Listening | None) -> bool:
    count = letters(segment.text)
    length_ms = segment.end_ms - segment.start_ms
    if count >= FEWEST_LETTERS and count * 1000 > FASTEST_LETTERS_PER_S * length_ms:
        return True
    span = Span(segment.start_ms, segment.end_ms)
    if listened is None or listened.within(span) != span:
        return False
    voiced_ms = listened.voiced_ms(span)
    return voiced_ms >= SLOWEST_LEAST_MS and count * 1000 < SLOWEST_LETTERS_PER_S * voiced_ms


def _invented(segment: SpokenSegment, doubts: set[str]) -> bool:
    likeness = inventions.shipped().likeness(segment.text)
    if likeness is not inventions.Likeness.COURTESY:
        return likeness is not None
    return bool(doubts - {LOW_PROBABILITY}) or segment.no_speech_probability > COURTESY_NO_SPEECH


def _with(segment: SpokenSegment, *marks: str) -> SpokenSegment:
    return replace(segment, marks=tuple(sorted({*segment.marks, *marks})))


def _unheard(span: Span, language: str, side: str) -> SpokenSegment:
    return _empty(span, language, side, MISSED_SPEECH)


def _empty(span: Span, language: str, side: str, *marks: str) -> SpokenSegment:
    return SpokenSegment(
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        language=language,
        text="",
        words=(),
        mean_log_probability=0.0,
        no_speech_probability=1.0,
        marks=tuple(sorted(marks)),
        side=side,
    )
