"""Errors of one segment, as counts that can be summed. The only importer of jiwer and sacrebleu.

Both are imported when they are first needed, so that no command starts slower for them.

*Words* are compared in lower case, composed (NFC), without punctuation; a hyphen or apostrophe within a word
stays. Numbers are not spelled out: ``2`` and ``dois`` are an error. Transcript marks (``[laughter]``) and
what stands in them are set aside, for no machine writes them. Fillers that people restored for a verbatim
text count as deletions of the machine's, because the text without them is not what was said.

The translation is compared as it is written, capitals and punctuation included, marks set aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from confere.review.spoken import without_marks, words

if TYPE_CHECKING:
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

CHRF_COUNTS: Final = 18  # draft's, final's and common n-grams, for orders 1 to 6


class WordErrors(NamedTuple):
    """Words of a draft against those of the final text, after the best alignment."""

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def reference(self) -> int:
        """Words of the final text."""
        return self.hits + self.substitutions + self.deletions

    @property
    def errors(self) -> int:
        """Words that were wrong, missing or too many."""
        return self.substitutions + self.deletions + self.insertions


class Edits(NamedTuple):
    """Edits that lead from a draft to the final text, shifts of phrases included (TER)."""

    edits: int = 0
    reference: int = 0


def word_errors(draft: str, final: str) -> WordErrors:
    """Return the word errors of a draft; words over silence are insertions to no word at all."""
    import jiwer

    found = jiwer.process_words(" ".join(words(final)), " ".join(words(draft)))
    return WordErrors(found.hits, found.substitutions, found.deletions, found.insertions)


def chrf_counts(draft: str, final: str) -> tuple[int, ...]:
    """Return the 18 counts of character n-grams that chrF is made of; counts of segments add up.

    A final text that is empty gives none: chrF has no way to blame a draft for words too many.
    """
    # Not public in sacrebleu, which is pinned; a test holds sums of these against its public score.
    [counts] = _chrf()._extract_corpus_statistics([without_marks(draft)], [[without_marks(final)]])
    return tuple(int(count) for count in counts)


def chrf(counts: Sequence[int]) -> float | None:
    """Return chrF, 0 to 100, of summed counts; None where there is no text to compare with."""
    if not any(counts[1::3]):
        return None
    return float(_chrf()._compute_score_from_stats(list(counts)).score)


def edits(draft: str, final: str) -> Edits:
    """Return the edits from a draft to the final text, and the words of the latter."""
    found = _ter().sentence_score(without_marks(draft), [without_marks(final)])
    return Edits(int(found.num_edits), int(found.ref_length))


def signatures() -> tuple[str, str]:
    """Return what sacrebleu wants reported with chrF and TER: all settings, and its version."""
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    told = []
    for name, metric in (("chrF2", CHRF()), ("TER", TER())):
        metric.sentence_score("a", ["a"])  # the number of references is known only after a score
        told.append(f"{name}|{metric.get_signature()}")
    return told[0], told[1]


@cache
def _chrf() -> CHRF:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


@cache
def _ter() -> TER:
    from sacrebleu.metrics.ter import TER

    return TER()
