"""Errors of one segment, as counts that can be summed. The only importer of jiwer and sacrebleu.

Both are imported when they are first needed, so that no command starts slower for them. A study has a
hundred thousand segments, and most drafts differ from the final text in a word or two. So what both
have in common at the beginning and at the end is set aside where that changes no count; tests hold the
counts against those of the libraries.

*Words* are compared in lower case, composed (NFC), without punctuation; a hyphen or apostrophe within a word
stays. Numbers are not spelled out: ``2`` and ``dois`` are an error. Transcript marks (``[laughter]``) and
what stands in them are set aside, for no machine writes them. Fillers that people restored for a verbatim
text count as deletions of the machine's, because the text without them is not what was said.

The translation is compared as it is written, capitals and punctuation included, marks set aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from confere.review.spoken import without_marks, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from sacrebleu.metrics.ter import TER

    _Table: TypeAlias = npt.NDArray[np.float64]

ORDERS: Final = 6  # chrF compares n-grams of 1 to 6 characters
BETA: Final = 2  # recall counts twice as much as precision
CHRF_COUNTS: Final = 3 * ORDERS  # draft's, final's and common ones
_BEAM: Final = 25  # words: how far from the diagonal sacrebleu looks


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
    said = words(final)
    heard = said if draft == final else words(draft)
    if heard == said:
        return WordErrors(hits=len(said))
    import jiwer

    found = jiwer.process_words(" ".join(said), " ".join(heard))
    return WordErrors(found.hits, found.substitutions, found.deletions, found.insertions)


def chrf_counts(draft: str, final: str) -> tuple[int, ...]:
    """Return the 18 counts of character n-grams that chrF is made of; counts of segments add up.

    For each order those of the draft, of the final text, and common to both. White space is left out. A
    final text that is too short for an order gives none of it: chrF has no way to blame a draft for
    words too many.
    """
    ours, theirs = ("".join(without_marks(text).split()) for text in (draft, final))
    before, after = _alike(ours, theirs)
    # What lies wholly in a common end is common; only the rest need be looked at.
    both = [max(0, before - n) + max(0, after - n) for n in range(ORDERS)]
    rest = Counter(_grams(theirs, before, after))
    for gram, count in Counter(_grams(ours, before, after)).items():
        both[len(gram) - 1] += min(count, rest[gram])
    counts: list[int] = []
    for n, common in enumerate(both):
        of_final = max(0, len(theirs) - n)
        counts += (max(0, len(ours) - n), of_final, common) if of_final else (0, 0, 0)
    return tuple(counts)


def chrf(counts: _Table) -> _Table:
    """Return chrF (β = 2), 0 to 100, of summed counts, by row; NaN where no text is to compare with.

    Popović, WMT 2015, as sacrebleu computes it: means of precision and recall over the orders that
    both texts have.
    """
    import numpy as np

    ours, theirs, both = (counts[:, place::3] for place in range(3))
    orders = (ours > 0) & (theirs > 0)
    many = np.maximum(orders.sum(axis=1), 1)
    precision, recall = (
        np.divide(both, of, out=np.zeros_like(both), where=orders).sum(axis=1) / many
        for of in (ours, theirs)
    )
    below = BETA**2 * precision + recall
    score = np.divide(
        100 * (1 + BETA**2) * precision * recall, below, out=np.zeros_like(below), where=below > 0
    )
    return np.where(theirs.any(axis=1), score, np.nan)


def edits(draft: str, final: str) -> Edits:
    """Return the edits from a draft to the final text, and the words of the latter."""
    ours, theirs = (without_marks(text).lower().split() for text in (draft, final))
    count = _edits_without_shifts(ours, theirs)
    if count is None:
        found = _ter().sentence_score(" ".join(ours), [" ".join(theirs)])
        count = int(found.num_edits)
    return Edits(count, len(theirs))


def signatures() -> tuple[str, str]:
    """Return what sacrebleu wants reported with chrF and TER: all settings, and its version."""
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    told = []
    for name, metric in (("chrF2", CHRF()), ("TER", TER())):
        metric.sentence_score("a", ["a"])  # the number of references is known only after a score
        told.append(f"{name}|{metric.get_signature()}")
    return told[0], told[1]


def _edits_without_shifts(ours: Sequence[str], theirs: Sequence[str]) -> int | None:
    """Return the edits where no shift of words can save one, or None where one might.

    A shift moves words and changes none. So no shift helps where the edit distance already is the least
    that the words themselves allow, wherever they stand: as many as one text has more than both share.
    sacrebleu looks for the distance in a beam about the diagonal. None lies outside it in short texts,
    and none so small that no way of that length leaves the beam.
    """
    longest = max(len(ours), len(theirs))
    before, after = _alike(ours, theirs)
    ours, theirs = (text[before : len(text) - after] for text in (ours, theirs))
    least = max(len(ours), len(theirs))
    shared = sum((Counter(ours) & Counter(theirs)).values()) if ours and theirs else 0
    distance = _distance(ours, theirs) if shared else least
    in_beam = longest <= _BEAM or 2 * distance + 1 < _BEAM
    return distance if in_beam and distance == least - shared else None


def _distance(ours: Sequence[str], theirs: Sequence[str]) -> int:
    import jiwer

    found = jiwer.process_words(" ".join(theirs), " ".join(ours))
    return int(found.substitutions + found.deletions + found.insertions)


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, int]:
    """Return how much is the same at the beginning, and how much of what is left at the end."""
    shorter = min(len(ours), len(theirs))
    before = 0
    while before < shorter and ours[before] == theirs[before]:
        before += 1
    after = 0
    while after < shorter - before and ours[-1 - after] == theirs[-1 - after]:
        after += 1
    return before, after


def _grams(text: str, before: int, after: int) -> list[str]:
    """Return the n-grams of all orders that lie wholly in neither common end."""
    if before == len(text) or after == len(text):
        return []
    last = len(text) - after
    return [
        text[at : at + order]
        for order in range(1, ORDERS + 1)
        for at in range(max(0, before - order + 1), min(last, len(text) - order + 1))
    ]


@cache
def _ter() -> TER:
    from sacrebleu.metrics.ter import TER

    return TER()
