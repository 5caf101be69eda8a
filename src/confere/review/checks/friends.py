"""False friends: English words that look like the Portuguese one and mean something else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from confere.review.checks import stems
from confere.review.checks.lists import lines
from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, fold
from confere.review.checks.values import Context, Finding


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find Portuguese words whose false friend stands in the translation."""
    told = {stems.english(token.folded): token for token in pair.target_tokens}
    for token in pair.source_tokens:
        for friend, meaning in _friends().get(stems.portuguese(token.folded), ()):
            other = told.get(friend)
            if other:
                yield finding(
                    pair.segment, "friends.word", [token.span], [other.span],
                    source=token.text, target=other.text, meaning=meaning,
                )  # fmt: skip


@cache
def _friends() -> dict[str, list[tuple[str, str]]]:
    """Return (English stem, what is meant) by Portuguese stem."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in lines("false-friends"):
        word, _, rest = line.partition(":")
        friends, _, meaning = rest.partition("=")
        for friend in friends.split():
            known = (stems.english(fold(friend)), meaning.strip())
            found.setdefault(stems.portuguese(fold(word)), []).append(known)
    return found
