"""Training examples: what the model is shown in one window, and what it has to say to it.

An example is a stretch of features with at most a few sentences in it. The product cuts recordings
at pauses and shows the model one clip a sentence, so that is what most windows are; the others
teach what may also come: two sentences the cutting did not part, a sentence cut in two at a comma,
more sound after the first sentence, and nothing at all.

Without timestamps the answer is all that is said. With timestamps it is the first sentence alone,
closed by the same end twice: whoever decodes seeks there and reads on, and the decoder never has to
align over 30 s.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .features import FLOOR, FRAMES_PER_SECOND, MEL_BINS, Features, augmented, noise_bank
from .speech_corpus import SpeechCorpus, Spoken
from .vocabulary import Vocabulary

Span = tuple[float, float] | None  # seconds of the window that a token is heard in
POSITIONS_PER_SECOND = 50
FULL_WINDOW = 3000  # frames
LONGEST_CLIP = 1500  # frames; longer ones the product cuts
MOST_PADDING = 200  # frames that a short window or a clip is padded with at most
PADDING_PHONEME = 0
ENGLISH_SHARE = 0.45
LATEST_START = 1.0  # seconds; decoding allows no later first timestamp


@dataclass
class Example:
    """Normalised features `[frames, 80]`, the tokens that begin with the prompt, the time in which
    each is heard, how many leading tokens are prompt, the phoneme of each 20 ms, and the window's
    place in the position table."""

    features: Features
    tokens: list[int]
    spans: list[Span]
    prompt: int
    phonemes: NDArray[np.int64]
    offset: int = 0


@dataclass
class Stretch:
    """Sound being put together: raw features and phonemes, with the sentences placed in it."""

    parts: list[Features] = field(default_factory=list)
    phonemes: list[NDArray[np.int64]] = field(default_factory=list)
    placed: list[tuple[float, float, list[int], list[Span]]] = field(default_factory=list)
    frames: int = 0

    def add_silence(self, seconds: float) -> None:
        """Silence of an even number of frames."""
        frames = 2 * int(seconds * POSITIONS_PER_SECOND)
        self.parts.append(np.full((frames, MEL_BINS), FLOOR, np.float32))
        self.phonemes.append(np.zeros(frames // 2, np.int64))
        self.frames += frames

    def add(self, sentence: Sentence) -> None:
        """A sentence, padded to an even number of frames."""
        start = self.frames / FRAMES_PER_SECOND
        raw = sentence.raw
        if len(raw) % 2:
            raw = np.concatenate([raw, np.full((1, MEL_BINS), FLOOR, np.float32)])
        spans: list[Span] = [
            None if span is None else (start + span[0], start + span[1]) for span in sentence.spans
        ]
        self.placed.append((start, start + sentence.duration, sentence.tokens, spans))
        self.parts.append(raw)
        self.phonemes.append(sentence.phonemes[: len(raw) // 2])
        self.frames += len(raw)

    def raw(self) -> Features:
        """Everything in a row."""
        return np.concatenate(self.parts)


@dataclass
class Sentence:
    """A sentence or part of one: sound, tokens with their times in seconds, phonemes by 20 ms."""

    raw: Features
    tokens: list[int]
    spans: list[tuple[float, float]]
    duration: float
    phonemes: NDArray[np.int64]


class ExampleMaker:
    """Draws examples from a corpus; everything follows from the random generator it is given."""

    def __init__(self, corpus: SpeechCorpus, vocabulary: Vocabulary, rng: random.Random) -> None:
        self.corpus, self.vocabulary, self.rng = corpus, vocabulary, rng
        self.languages = {code: corpus.of_language(code) for code in ("pt", "en")}
        names = sorted({name for spoken in corpus.utterances for _, name in spoken.phonemes})
        sounding = [name for name in names if name and not name.startswith("_")]
        self.phoneme_rows = {name: row for row, name in enumerate(sounding, PADDING_PHONEME + 1)}
        self.english_share = ENGLISH_SHARE

    @property
    def phoneme_count(self) -> int:
        """How many phonemes there are, silence among them."""
        return len(self.phoneme_rows) + 1

    def sentence(self, language: str) -> Sentence:
        """A random utterance of the language."""
        index = self.rng.choice(self.languages[language])
        spoken, raw = self.corpus.utterances[index], self.corpus.raw(index)
        tokens, offsets = self.vocabulary.encode(spoken.text)
        return Sentence(
            raw,
            tokens,
            token_times(spoken, offsets),
            spoken.duration,
            self._phonemes(spoken, len(raw)),
        )

    def _phonemes(self, spoken: Spoken, frames: int) -> NDArray[np.int64]:
        result = np.zeros((frames + 1) // 2, np.int64)
        ends = [time for time, _ in spoken.phonemes[1:]] + [spoken.duration]
        for (start, name), end in zip(spoken.phonemes, ends, strict=True):
            first, last = round(start * POSITIONS_PER_SECOND), round(end * POSITIONS_PER_SECOND)
            result[first:last] = self.phoneme_rows.get(name, PADDING_PHONEME)
        return result

    def language(self) -> str:
        """Portuguese or English, by their share."""
        return "en" if self.rng.random() < self.english_share else "pt"

    def short(self) -> Example:
        """One or two whole sentences anywhere in the position table: cheap windows that teach the
        sounds first."""
        rng = self.rng
        while True:
            language = self.language()
            stretch = Stretch()
            stretch.add_silence(rng.random() * 0.5)
            for _ in range(1 if rng.random() < 0.6 else 2):
                stretch.add(self.sentence(language))
                stretch.add_silence(rng.uniform(0.1, 0.9))
            if stretch.frames <= LONGEST_CLIP:
                break
        # Whatever its batch pads it to, a window stays inside of the table.
        offset = rng.randrange(0, (FULL_WINDOW - LONGEST_CLIP - MOST_PADDING) // 2)
        base = offset / POSITIONS_PER_SECOND
        return self._finished(stretch, language, rng.random() < 0.5, base, offset)

    def clip(self, limit: int) -> Example:
        """A clip as the product cuts it, or one of the rarer things, of at most `limit` frames."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.05:
            return self.nothing(limit)
        if kind < 0.12:
            return self.first_of_many(limit)
        language = self.language()
        while True:
            stretch = Stretch()
            stretch.add_silence(rng.uniform(0.02, 0.3) if rng.random() < 0.9 else rng.random())
            first = self.sentence(language)
            if kind < 0.18:
                first = self.part(first) or first
            stretch.add(clipped(first, rng))
            if kind > 0.94:
                stretch.add_silence(rng.uniform(0.1, 0.4))
                stretch.add(self.sentence(language))
            stretch.add_silence(rng.uniform(0.0, 0.35) if rng.random() < 0.9 else rng.random())
            if stretch.frames <= min(limit, LONGEST_CLIP):
                example = self._finished(stretch, language, timed=rng.random() < 0.6)
                return self.prompted(example) if rng.random() < 0.1 else example

    def first_of_many(self, limit: int) -> Example:
        """A window with more in it than its first sentence, read with timestamps."""
        rng = self.rng
        language = self.language()
        stretch = Stretch()
        stretch.add_silence(rng.random() * 0.9)
        if rng.random() < 0.3:  # a leftover of the sentence before
            tail = self.sentence(language).raw
            stretch.parts.append(tail[-2 - 2 * rng.randrange(1, 16) : -2])
            stretch.frames += len(stretch.parts[-1])
            stretch.phonemes.append(np.zeros(len(stretch.parts[-1]) // 2, np.int64))
            stretch.add_silence(rng.uniform(0.2, 0.6))
        while True:
            stretch.add(self.sentence(language))
            stretch.add_silence(rng.uniform(0.2, 1.5))
            if stretch.frames >= limit:
                break
        return self._finished(stretch, language, timed=True, limit=limit)

    def nothing(self, limit: int) -> Example:
        """Silence, noise or the tail of a sentence already read: nothing is to be said."""
        rng, vocabulary = self.rng, self.vocabulary
        frames = min(limit, rng.choice([20, 40, 60, 100, 150, 400, 1500, 3000]))
        raw = np.full((frames, MEL_BINS), FLOOR + rng.gauss(0, 0.1), np.float32)
        leftover = rng.random() < 0.5
        if leftover:
            tail = self.sentence("pt").raw[-2 - rng.randrange(4, 36) : -2][:frames]
            raw[: len(tail)] = tail
        elif rng.random() < 0.5:
            raw = np.log10(noise_bank()[:frames] * 10 ** rng.uniform(-9, -4) + 1e-10)
        features = augmented(raw, rng)
        phonemes = np.zeros((len(features) + 1) // 2, np.int64)
        if not leftover and rng.random() < 0.4:
            tokens = [vocabulary.start, vocabulary.no_speech, vocabulary.end]
            return Example(features, tokens, [None] * 3, 0, phonemes)
        timed = vocabulary.time(0) if rng.random() < 0.5 else vocabulary.no_timestamps
        tokens = [vocabulary.start, vocabulary.pt, vocabulary.transcribe, timed, vocabulary.end]
        return Example(features, tokens, [None] * 5, 2, phonemes)

    def part(self, sentence: Sentence) -> Sentence | None:
        """One side of a sentence that is cut at a comma, where cutting at pauses may well part it."""
        text = self.vocabulary.tokenizer.decode(sentence.tokens)
        commas = [m.start() for m in re.finditer(", ", text)]
        if not commas:
            return None
        _, offsets = self.vocabulary.encode(text.strip())
        comma = self.rng.choice(commas)
        after = next(i for i, (_, end) in enumerate(offsets) if end > comma + 1)
        time = sentence.spans[after][0]
        frame = int(time * POSITIONS_PER_SECOND) * 2
        cut = frame / FRAMES_PER_SECOND
        if self.rng.random() < 0.5:
            return Sentence(
                sentence.raw[:frame],
                sentence.tokens[:after],
                sentence.spans[:after],
                cut,
                sentence.phonemes[: frame // 2],
            )
        return Sentence(
            sentence.raw[frame:],
            sentence.tokens[after:],
            [(max(0.0, a - cut), b - cut) for a, b in sentence.spans[after:]],
            sentence.duration - cut,
            sentence.phonemes[frame // 2 :],
        )

    def prompted(self, example: Example) -> Example:
        """The example behind a prompt of a few words, as a study's word list makes one."""
        spoken = self.rng.choices(self.corpus.utterances, k=self.rng.randrange(1, 6))
        words = ", ".join(self.rng.choice(one.text.split()).strip(".,?") for one in spoken)
        prompt = [self.vocabulary.previous, *self.vocabulary.encode(words)[0]]
        example.tokens = prompt + example.tokens
        example.spans = [*(None for _ in prompt), *example.spans]
        example.prompt = len(prompt)
        return example

    def _finished(
        self,
        stretch: Stretch,
        language: str,
        timed: bool,
        base: float = 0.0,
        offset: int = 0,
        limit: int = FULL_WINDOW,
    ) -> Example:
        vocabulary = self.vocabulary
        tokens = [vocabulary.start, vocabulary.language(language), vocabulary.transcribe]
        spans: list[Span] = [None] * 3
        if not timed:
            tokens.append(vocabulary.no_timestamps)
            spans.append(None)
        end = 0.0
        for start, stop, pieces, times in stretch.placed[: 1 if timed else None]:
            end = stop
            if timed:
                tokens.append(vocabulary.time(base + min(start, LATEST_START)))
                spans.append((start, start + 0.04))
            tokens += pieces
            spans += times
        if timed:
            tokens += [vocabulary.time(base + end + 0.06)] * 2
            spans += [(end - 0.02, end + 0.1)] * 2
        tokens.append(vocabulary.end)
        spans.append(None if timed else (end, end + 0.1))
        features = augmented(stretch.raw()[:limit], self.rng)
        phonemes = np.concatenate(stretch.phonemes)[: (len(features) + 1) // 2]
        return Example(features, tokens, spans, 0, phonemes, offset)


def clipped(sentence: Sentence, rng: random.Random) -> Sentence:
    """Now and then the first or last few hundredths of a second are lost, as when a cut comes late
    or early."""
    if rng.random() > 0.2:
        return sentence
    head, tail = 2 * rng.randrange(0, 3), 2 * rng.randrange(0, 4)
    seconds = head / FRAMES_PER_SECOND
    return Sentence(
        sentence.raw[head : len(sentence.raw) - tail],
        sentence.tokens,
        [(max(0.0, a - seconds), max(0.0, b - seconds)) for a, b in sentence.spans],
        sentence.duration - seconds - tail / FRAMES_PER_SECOND,
        sentence.phonemes[head // 2 : (len(sentence.raw) - tail + 1) // 2],
    )


def token_times(spoken: Spoken, offsets: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """When each token is heard: its share, by letters, of the time of its word. Offsets count from
    a leading blank."""
    bounds = [(match.start() + 1, match.end() + 1) for match in re.finditer(r"\S+", spoken.text)]
    starts = spoken.word_starts
    ends = [*starts[1:], spoken.duration]
    times = []
    for first, last in offsets:
        anchor = max(last - 1, 1)
        word = next((i for i, (a, b) in enumerate(bounds) if a <= anchor < b), len(bounds) - 1)
        low, high = bounds[word]
        length, seconds = high - low, ends[word] - starts[word]
        before, after = max(0, first - low) / length, min(1.0, (last - low) / length)
        times.append((starts[word] + before * seconds, starts[word] + max(0, after) * seconds))
    return times
