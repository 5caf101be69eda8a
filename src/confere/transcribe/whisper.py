"""The speech engine: faster-whisper, from a model folder on this machine, never from the net.

Window after window is cut from the sound and prepared in a thread of its own, while the model hears the
one before. The language of each clip is chosen from the probabilities of the whole window and the languages
of the study, and the clips of each language are decoded together. So an interpreted interview is followed,
at the cost of one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from confere.domain import EngineRecord, SpokenSegment
from confere.errors import BadValue
from confere.transcribe.ahead import ahead
from confere.transcribe.decoding import Sound
from confere.transcribe.hearing import Hearing, Prepared, prepare
from confere.transcribe.marks import mark, mark_end
from confere.transcribe.pipeline import Pipeline
from confere.transcribe.port import HeardWindow, Sides
from confere.transcribe.profile import Scalar, profile_of
from confere.transcribe.sentences import HeardWord, Limits, split, within
from confere.transcribe.state import State, state_of
from confere.transcribe.windows import Beginning, Window, cut_windows

ENGINE = "faster-whisper"


class WhisperEngine:
    """A ``SpeechEngine`` over a CTranslate2 folder whose files were checked.

    ``device`` is ``cpu``, ``cuda`` or ``auto``, ``compute_type`` one of CTranslate2's or ``auto``.
    ``parallel`` batches are worked on at once, each with ``threads`` processors, 0 for what CTranslate2
    thinks best; neither changes what is heard. Raises DamagedModel when the folder lacks its tokenizer or
    does not load.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        digest: str,
        practice: bool,
        profile: Mapping[str, Scalar],
        device: str = "auto",
        compute_type: str = "auto",
        threads: int = 0,
        parallel: int = 1,
    ) -> None:
        device, compute_type = _machine(device, compute_type)
        self._parallel = parallel
        self._profile = profile_of(profile, name)
        self._record = EngineRecord(
            engine=ENGINE,
            engine_version=version(ENGINE),
            model=name,
            model_digest=digest,
            practice=practice,
            parameters={
                "device": device,
                "compute_type": compute_type,
                **self._profile.as_parameters(),
            },
        )
        self._pipeline = Pipeline(
            folder,
            name,
            self._profile,
            device=device,
            compute_type=compute_type,
            threads=threads,
            parallel=parallel,
        )

    @property
    def record(self) -> EngineRecord:
        """Which engine, model and parameters this is."""
        return self._record

    def windows(
        self,
        sound: Sound,
        *,
        languages: Sequence[str],
        words: Sequence[str] = (),
        sides: Sides = "auto",
        after: str | None = None,
    ) -> Iterator[HeardWindow]:
        """Yield the windows of one recording; see ``SpeechEngine``."""
        state = state_of(after, self._known(languages))
        return self._windows(sound, state, self._pipeline.prompt_of(words), sides)

    def _windows(
        self, sound: Sound, state: State, prompt: str | None, sides: Sides
    ) -> Iterator[HeardWindow]:
        if state.ended:
            return
        several = len(state.chooser.languages) > 1
        beginning = state.beginning

        def make() -> Generator[Prepared]:
            for window in cut_windows(sound.blocks(), beginning, sides, self._profile):
                yield prepare(window, self._pipeline, self._profile, several_languages=several)

        with ThreadPoolExecutor(self._parallel) as pool, closing(ahead(make)) as prepared:
            hearing = Hearing(self._pipeline, self._profile, prompt, pool)
            for each in prepared:
                heard = hearing.hear(each, state.chooser)
                yield self._heard(each.window, heard, state, sound)

    def _heard(
        self,
        window: Window,
        heard: Mapping[str, list[HeardWord]],
        state: State,
        sound: Sound,
    ) -> HeardWindow:
        """Return what ended in a window, and take the state behind it."""
        done_ms = window.span.end_ms
        segments = within(self._sentences(window, heard, state), done_ms)
        segments = mark(segments)
        if window.last:
            state.chooser.judge()
            segments = mark_end(
                segments,
                done_ms,
                state.chooser.languages[0],
                truncated=sound.truncated,
                damaged=sound.damaged,
            )
        state.windows += 1
        state.beginning = Beginning(done_ms, window.sides)
        state.ended = window.last
        return HeardWindow(
            state.windows,
            tuple(segments),
            done_ms,
            state.as_text(),
            done_ms if window.last else None,
        )

    def _sentences(
        self, window: Window, heard: Mapping[str, list[HeardWord]], state: State
    ) -> list[SpokenSegment]:
        """Return the sentences that ended in a window, in the order of time, and keep the rest."""
        segments = state.held
        limits = self._limits()
        still_open: dict[str, list[HeardWord]] = {}
        for side in sorted({*state.still_open, *heard}):
            words = [*state.still_open.get(side, []), *heard.get(side, [])]
            # A side that is no longer heard ends with the window before.
            goes_on = side in heard and not window.last
            ended, left = split(words, limits, window.span.end_ms if goes_on else None)
            segments += [replace(segment, side=side) for segment in ended]
            if left:
                still_open[side] = left
        segments.sort(key=lambda segment: (segment.start_ms, segment.side))
        from_ms = min((words[0].start_ms for words in still_open.values()), default=None)
        state.still_open = still_open
        state.held = [s for s in segments if from_ms is not None and s.start_ms >= from_ms]
        return segments[: len(segments) - len(state.held)]

    def _limits(self) -> Limits:
        return Limits(
            pause_ms=self._profile.pause_ms,
            max_ms=self._profile.sentence_max_ms,
            max_words=self._profile.sentence_max_words,
        )

    def _known(self, languages: Sequence[str]) -> tuple[str, ...]:
        if not languages:
            raise BadValue("a recording cannot be drafted without the languages it may be in")
        for language in languages:
            if language not in self._pipeline.languages:
                raise BadValue(
                    f"'{language}' is not a language that '{self._record.model}' can know",
                    "Languages are two-letter codes, such as pt, en, hi, bn or tl.",
                )
        return tuple(dict.fromkeys(languages))


def _machine(device: str, compute_type: str) -> tuple[str, str]:
    """Return the device and compute type that ``auto`` means on this machine."""
    if device == "auto":
        import ctranslate2

        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    if compute_type == "auto":
        compute_type = "float16" if device == "cuda" else "int8"
    return device, compute_type
