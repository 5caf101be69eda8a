"""From the errors of segments to figures of a transcript, a model, a study.

Everything is kept by segment and summed: a study's word error rate is its errors over its words, not the
mean of its interviews' rates, and chrF is computed from summed counts likewise. Intervals come from a
bootstrap over segments with a fixed seed. They say how much the figure depends on which segments were
said; they leave out that segments of one interview resemble each other, so for other interviews than
these they are too narrow.

Under a sampling plan give only the segments that came by the draw (``Draw.drawn``): marked ones are worse
than the rest, and counting them all would make the machine worse than it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from confere.domain import EngineRecord
from confere.review.drafted import DraftAndFinal
from confere.review.worth import scores
from confere.review.worth.scores import CHRF_COUNTS, Edits, WordErrors
from confere.review.worth.time_spent import TimeSpent

RESAMPLES: Final = 1000
SEED: Final = 20260101  # any number, always the same: the same text gives the same interval
_DRAWN_TOGETHER: Final = 1 << 20  # rows; more would only take more memory
_WORDS, _EDITS = [0, 1], [2, 3]  # columns: errors and reference; then those of chrF

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    _Table: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, order=True)
class Model:
    """One engine with one model, exactly; ``digest`` is that of the model's manifest."""

    engine: str
    engine_version: str
    name: str
    digest: str

    @classmethod
    def of(cls, record: EngineRecord) -> Model:
        """Return the model of an engine's record."""
        return cls(record.engine, record.engine_version, record.model, record.model_digest)


@dataclass(frozen=True, slots=True, order=True)
class Models:
    """The two models that drafted a transcript."""

    speech: Model
    translation: Model


@dataclass(frozen=True, slots=True)
class SegmentCounts:
    """What one segment adds to the sums.

    ``translated`` is false for speech in the target language: its second text is the first again, and
    would count as a perfect translation. Then ``chrf`` and ``edits`` are zero.
    """

    language: str
    source_changed: bool
    target_changed: bool
    words: WordErrors
    translated: bool
    chrf: tuple[int, ...]
    edits: Edits


@dataclass(frozen=True, slots=True)
class Worth:
    """What is summed: of one transcript, or of several.

    ``segments`` are those with any text, drafted or final; a recording without speech has none.
    ``spent`` is by person's name. ``practice`` is true if a practice model drafted any of it: then the
    figures say nothing about real work, and whatever shows them says so.
    """

    transcripts: tuple[str, ...]
    segments: tuple[SegmentCounts, ...]
    audio_ms: int
    models: tuple[Models, ...]
    practice: bool
    spent: Mapping[str, TimeSpent] = field(default_factory=dict)

    def words(self, language: str = "") -> WordErrors:
        """Return the word errors, of all segments or of those in one language."""
        chosen = [s.words for s in self.segments if language in ("", s.language)]
        return WordErrors(*(sum(column) for column in zip(*chosen, strict=True)))

    @property
    def work_ms(self) -> int:
        """The time that all people spent."""
        return sum(each.work_ms for each in self.spent.values())


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval over ``n`` segments.

    ``value`` is None where nothing can be measured, the interval where fewer than two segments are.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of`` segments."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        """The share in per cent; None of nothing."""
        return 100 * self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a transcript, a model or a study; rates in per cent, chrF from 0 to 100.

    Lower is better for the two rates, higher for chrF. Insertions can bring a rate above 100.
    """

    word_error_rate: Estimate
    chrf: Estimate
    edit_rate: Estimate
    source_changed: Share
    target_changed: Share


def measure(
    segments: Iterable[DraftAndFinal],
    *,
    transcript: str,
    audio_ms: int,
    speech: EngineRecord,
    translation: EngineRecord,
    target_language: str,
    spent: Mapping[str, TimeSpent] | None = None,
) -> Worth:
    """Return what the machine was worth in one transcript, whose id is ``transcript``."""
    return Worth(
        transcripts=(transcript,),
        segments=tuple(_counts(s, target_language) for s in segments if _has_text(s)),
        audio_ms=audio_ms,
        models=(Models(Model.of(speech), Model.of(translation)),),
        practice=speech.practice or translation.practice,
        spent=dict(spent or {}),
    )


def combined(worths: Iterable[Worth]) -> Worth:
    """Return the sum of several; of none, an empty one."""
    given = list(worths)
    spent: dict[str, TimeSpent] = {}
    for worth in given:
        for person, time in worth.spent.items():
            spent[person] = spent.get(person, TimeSpent()) + time
    return Worth(
        transcripts=tuple(name for worth in given for name in worth.transcripts),
        segments=tuple(segment for worth in given for segment in worth.segments),
        audio_ms=sum(worth.audio_ms for worth in given),
        models=tuple(sorted({models for worth in given for models in worth.models})),
        practice=any(worth.practice for worth in given),
        spent=spent,
    )


def by_models(worths: Iterable[Worth]) -> Mapping[Models, Worth]:
    """Return the sums by the pair of models that drafted; give the worth of single transcripts."""
    groups: dict[Models, list[Worth]] = {}
    for worth in worths:
        [models] = worth.models
        groups.setdefault(models, []).append(worth)
    return {models: combined(groups[models]) for models in sorted(groups)}


def figures(worth: Worth, resamples: int = RESAMPLES, seed: int = SEED) -> Figures:
    """Return the figures with their intervals; the same segments in the same order give the same."""
    import numpy as np

    translated = [s for s in worth.segments if s.translated]
    rows = [(s.words.errors, s.words.reference, *s.edits, *s.chrf) for s in worth.segments]
    table = np.array(rows, dtype=np.float64).reshape(-1, len(_WORDS + _EDITS) + CHRF_COUNTS)
    sums, drawn = table.sum(axis=0, keepdims=True), _resampled(table, resamples, seed)

    def estimate(figure: Callable[[_Table], _Table], n: int) -> Estimate:
        return _estimate(figure(sums), figure(drawn), n)

    return Figures(
        word_error_rate=estimate(lambda it: _rates(it[:, _WORDS]), len(worth.segments)),
        chrf=estimate(lambda it: scores.chrf(it[:, -CHRF_COUNTS:]), len(translated)),
        edit_rate=estimate(lambda it: _rates(it[:, _EDITS]), len(translated)),
        source_changed=Share(sum(s.source_changed for s in worth.segments), len(worth.segments)),
        target_changed=Share(sum(s.target_changed for s in translated), len(translated)),
    )


def _has_text(segment: DraftAndFinal) -> bool:
    texts = (segment.draft_source, segment.draft_target, segment.source, segment.target)
    return any(text.strip() for text in texts)


def _counts(segment: DraftAndFinal, target_language: str) -> SegmentCounts:
    translated = segment.language != target_language
    return SegmentCounts(
        segment.language,
        segment.source_changed,
        segment.target_changed,
        scores.word_errors(segment.draft_source, segment.source),
        translated,
        scores.chrf_counts(segment.draft_target, segment.target)
        if translated
        else (0,) * CHRF_COUNTS,
        scores.edits(segment.draft_target, segment.target) if translated else Edits(),
    )


def _rates(sums: _Table) -> _Table:
    """Return errors over reference words in per cent, by row; NaN where there is no reference."""
    import numpy as np

    errors, reference = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(reference > 0, 100 * errors / reference, np.nan)


def _resampled(table: _Table, resamples: int, seed: int) -> _Table:
    """Return the sums of as many rows as there are, drawn with replacement, so many times over."""
    import numpy as np

    # RandomState, not Generator: its stream is frozen, so that a later numpy gives the same interval.
    random, rows = np.random.RandomState(seed), len(table)
    if rows < 2:
        return np.zeros((0, table.shape[1]))
    together = max(1, _DRAWN_TOGETHER // rows)
    drawn = []
    for first in range(0, resamples, together):
        times = min(together, resamples - first)
        which = random.randint(rows, size=(times, rows)) + rows * np.arange(times)[:, None]
        drawn.append(
            np.bincount(which.ravel(), minlength=times * rows).reshape(times, rows) @ table
        )
    return np.concatenate(drawn)


def _estimate(value: _Table, drawn: _Table, n: int) -> Estimate:
    """Return a figure with the 2.5 and 97.5 percentiles of what was drawn."""
    import numpy as np

    if np.isnan(value[0]):
        return Estimate(None, None, None, n)
    known = drawn[~np.isnan(drawn)]  # a resample of nothing but empty segments has no rate
    if n < 2 or not len(known):
        return Estimate(float(value[0]), None, None, n)
    low, high = (float(bound) for bound in np.percentile(known, [2.5, 97.5]))
    return Estimate(float(value[0]), low, high, n)
