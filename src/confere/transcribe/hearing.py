"""From the clips of one window to their words: encoded one by one, decoded in batches of one language.

All clips are encoded first, so that the language of each is chosen with all of them known; that needs
nothing of the window before, and is done while that one is decoded. A batch holds clips of about one length,
which end at about the same time. How the work is divided follows from the clips and the profile alone;
threads only take what is next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confere.transcribe.clips import Clip, make_clips
from confere.transcribe.language import LanguageChooser
from confere.transcribe.listening import Listening, listen
from confere.transcribe.pipeline import Encoded, Pipeline
from confere.transcribe.profile import DraftingProfile
from confere.transcribe.reading import Reading, read_clip
from confere.transcribe.resampling import SAMPLE_RATE
from confere.transcribe.sentences import HeardWord
from confere.transcribe.windows import Track, Window

if TYPE_CHECKING:
    from confere.transcribe.pipeline import Features
    from confere.transcribe.resampling import Mono

_PER_MS = SAMPLE_RATE // 1000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A window with what its sound tells, and its clips, in the order of time, encoded."""

    window: Window
    listened: Mapping[str, Listening]  # by side
    clips: tuple[Clip, ...]
    encoded: tuple[Encoded, ...]


def prepare(
    window: Window,
    pipeline: Pipeline,
    profile: DraftingProfile,
    pool: Executor,
    *,
    several_languages: bool,
) -> Prepared:
    """Return a window as far as it can be known without the one before it; ``pool`` runs the encoder."""
    clips = sorted(
        (
            clip
            for track in window.tracks
            for clip in make_clips(
                track.voices,
                window.span,
                profile,
                several_languages=several_languages,
                side=track.side,
            )
        ),
        key=lambda clip: (clip.span.start_ms, clip.side),
    )
    listened = {
        track.side: listen(track.samples, window.span.start_ms, track.voices)
        for track in window.tracks
    }
    return Prepared(window, listened, tuple(clips), _encode(clips, window, pipeline, pool))


def _encode(
    clips: Sequence[Clip], window: Window, pipeline: Pipeline, pool: Executor
) -> tuple[Encoded, ...]:
    features = (_features(clip, window, pipeline) for clip in clips)
    encoding = [pool.submit(pipeline.encode, each) for each in features]
    return tuple(each.result() for each in encoding)


def _features(clip: Clip, window: Window, pipeline: Pipeline) -> Features:
    (track,) = (track for track in window.tracks if track.side == clip.side)
    return pipeline.features(_samples(clip, track, window.span.start_ms))


def _samples(clip: Clip, track: Track, from_ms: int) -> Mono:
    start, end = clip.span.start_ms - from_ms, clip.span.end_ms - from_ms
    return track.samples[start * _PER_MS : end * _PER_MS]


@dataclass(frozen=True)
class Hearing:
    """Hears windows: ``prompt`` is what the model is told to expect, ``pool`` runs the batches."""

    pipeline: Pipeline
    profile: DraftingProfile
    prompt: str | None
    pool: Executor

    def hear(self, prepared: Prepared, chooser: LanguageChooser) -> dict[str, list[HeardWord]]:
        """Return the words of each side, in the order of time."""
        words: dict[str, list[HeardWord]] = {track.side: [] for track in prepared.window.tracks}
        clips, encoded = prepared.clips, prepared.encoded
        languages = _choose(clips, encoded, chooser)
        while clips:
            readings = self._read(clips, encoded, languages, chooser.languages)
            for clip, reading in zip(clips, readings, strict=True):
                words[clip.side] += reading.words
            left = [
                (reading.rest, language)
                for reading, language in zip(readings, languages, strict=True)
                if reading.rest is not None
            ]
            clips = tuple(rest for rest, _ in left)
            encoded = _encode(clips, prepared.window, self.pipeline, self.pool)
            languages = [
                chooser.choose_rest(each.languages, rest.span.length_ms, before)
                for each, (rest, before) in zip(encoded, left, strict=True)
            ]
        for side in words.values():
            side.sort(key=lambda word: word.start_ms)
        return words

    def _read(
        self,
        clips: Sequence[Clip],
        encoded: Sequence[Encoded],
        languages: Sequence[str],
        known: Sequence[str],
    ) -> list[Reading]:
        batches = batched(languages, encoded, self.profile.batch)
        decoding = [
            self.pool.submit(
                self.pipeline.decode,
                [encoded[at] for at in batch],
                languages[batch[0]],
                self.prompt,
            )
            for batch in batches
        ]
        readings: dict[int, Reading] = {}
        for batch, future in zip(batches, decoding, strict=True):
            for at, decoded in zip(batch, future.result(), strict=True):
                readings[at] = read_clip(
                    clips[at],
                    decoded,
                    language=languages[at],
                    heard=encoded[at].languages,
                    languages=known,
                )
        return [readings[at] for at in range(len(clips))]


def _choose(
    clips: Sequence[Clip], encoded: Sequence[Encoded], chooser: LanguageChooser
) -> list[str]:
    chosen: dict[int, str] = {}
    for side in sorted({clip.side for clip in clips}):
        rows = [row for row, clip in enumerate(clips) if clip.side == side]
        heard: list[Mapping[str, float]] = [encoded[row].languages for row in rows]
        lengths_ms = [clips[row].span.length_ms for row in rows]
        chosen |= dict(zip(rows, chooser.choose(heard, lengths_ms, side), strict=True))
    return [chosen[row] for row in range(len(clips))]


def batched(languages: Sequence[str], encoded: Sequence[Encoded], at_most: int) -> list[list[int]]:
    """Return which clips are decoded together, by their index, the longest batch first.

    Clips of a batch have one language and as many positions, and follow one another in length. Batches are as
    large as one another: a full one and a rest would leave a processor without work.
    """
    groups: dict[tuple[str, int], list[int]] = {}
    for row, (language, each) in enumerate(zip(languages, encoded, strict=True)):
        groups.setdefault((language, each.positions), []).append(row)
    batches = []
    for group in groups.values():
        group.sort(key=lambda row: (-encoded[row].length_ms, row))
        count = -(-len(group) // at_most)
        size, larger = divmod(len(group), count)
        first = 0
        for at in range(count):
            last = first + size + (at < larger)
            batches.append(group[first:last])
            first = last
    return sorted(batches, key=lambda batch: (-encoded[batch[0]].length_ms, batch[0]))
