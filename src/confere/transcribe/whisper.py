"""The speech engine: faster-whisper, from a model folder on this machine, never from the net.

Window after window is cut from the sound, prepared and encoded, while the one before is decoded. The
language of each clip is chosen from the probabilities of the whole window and the languages of the study, and
the clips of each language are decoded together. So an interpreted interview is followed, at the cost of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path

from confere.domain import EngineRecord
from confere.errors import BadValue
from confere.transcribe.ahead import ahead
from confere.transcribe.decoding import Sound
from confere.transcribe.finished import finish
from confere.transcribe.hearing import Hearing, Prepared, prepare
from confere.transcribe.marks import mark_end
from confere.transcribe.pipeline import Pipeline
from confere.transcribe.port import HeardWindow, Sides
from confere.transcribe.profile import Scalar, profile_of
from confere.transcribe.sentences import HeardWord
from confere.transcribe.state import State, state_of
from confere.transcribe.windows import Beginning, cut_windows

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
        pool = ThreadPoolExecutor(self._parallel, "speech")
        prepared = (
            prepare(window, self._pipeline, self._profile, pool, several_languages=several)
            for window in cut_windows(sound.blocks(), state.beginning, sides, self._profile)
        )
        with ExitStack() as stack:
            windows = stack.enter_context(closing(ahead(prepared)))
            # Goes first when nobody wants more: then what it has not begun is not waited for.
            stack.callback(pool.shutdown, cancel_futures=True)
            hearing = Hearing(self._pipeline, self._profile, prompt, pool)
            for each in windows:
                yield self._heard(each, hearing.hear(each, state.chooser), state, sound)

    def _heard(
        self,
        prepared: Prepared,
        heard: Mapping[str, list[HeardWord]],
        state: State,
        sound: Sound,
    ) -> HeardWindow:
        """Return what ended in a window, and take the state behind it."""
        window = prepared.window
        done_ms = window.span.end_ms
        segments = finish(window, heard, prepared.listened, state, self._profile)
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
