"""Is there a translation at all?"""

from __future__ import annotations

from collections.abc import Iterator

from confere.review.checks.lists import word_set
from confere.review.checks.messages import finding
from confere.review.checks.text import Pair
from confere.review.checks.values import Context, Finding

MOST_SHORT = 3  # words of an answer that may be the same in both languages: "Hum.", "Maria José."


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find an empty text, and a translation that is the source; names and interjections may be."""
    source, target = pair.segment.source.strip(), pair.segment.target.strip()
    said = [token.folded for token in pair.source_tokens]
    told = [token.folded for token in pair.target_tokens]
    if source and not target:
        yield finding(pair.segment, "empty.target")
    elif target and not source:
        yield finding(pair.segment, "empty.source")
    elif source and said == told and not _may_be_equal(pair):
        yield finding(pair.segment, "untranslated.equal")


def _may_be_equal(pair: Pair) -> bool:
    words = [token for token in pair.source_tokens if not token.is_number]
    if not words:
        return True
    names = all(token.text[0].isupper() for token in words)
    interjections = all(token.folded in word_set("interjections") for token in words)
    return len(words) <= MOST_SHORT and (names or interjections)
