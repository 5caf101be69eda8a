"""Is the translation about as long as it should be? Finds only what is far off.

Number words are left out: ``mil novecentos e noventa e dois`` is 1992.
"""

from __future__ import annotations

from collections.abc import Iterator

from confere.review.checks.messages import finding
from confere.review.checks.numbers import english_words, portuguese_words
from confere.review.checks.text import Pair
from confere.review.checks.values import Context, Finding

SHORTEST, LONGEST = 0.5, 1.8  # English words to Portuguese ones
LEAST_WORDS = 5  # of the source; shorter answers are too various


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find a translation whose number of words is far from its source's."""
    source, target = (
        len([token for token in found if not token.is_number and token.folded not in numbers])
        for found, numbers in (
            (pair.source_tokens, portuguese_words.WORDS),
            (pair.target_tokens, english_words.WORDS),
        )
    )
    if source <= LEAST_WORDS or not target:
        return
    ratio = target / source
    if not SHORTEST <= ratio <= LONGEST:
        kind = "short" if ratio < SHORTEST else "long"
        yield finding(pair.segment, f"length.{kind}", source=str(source), target=str(target))
