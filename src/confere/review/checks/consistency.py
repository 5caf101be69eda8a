"""The same words, translated otherwise; and the same translation of other words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, fold
from confere.review.checks.values import Finding

LEAST_WORDS = 4  # of the text that is the same; short answers depend on what was asked


def check(pairs: Sequence[Pair]) -> Iterator[tuple[str, Finding]]:
    """Return (segment id, finding) for each segment whose twin reads otherwise."""
    sources = _alike((pair, pair.source, pair.target) for pair in pairs)
    targets = _alike((pair, pair.target, pair.source) for pair in pairs)
    for pair in pairs:
        for groups, text, other, kind in (
            (sources, pair.source, pair.target, "target"),
            (targets, pair.target, pair.source, "source"),
        ):
            for said in sorted(groups.get(_plain(text), {}).items()):
                if said[0] != _plain(other):
                    found = finding(pair.segment, f"inconsistent.{kind}", other=said[1])
                    yield pair.segment.id, found


def _alike(texts: Iterable[tuple[Pair, str, str]]) -> Mapping[str, dict[str, str]]:
    """Return, for each text that is long enough, its counterparts by their plain form."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for _, text, other in texts:
        if len(text.split()) >= LEAST_WORDS and other.strip():
            found[_plain(text)].setdefault(_plain(other), other.strip())
    return found


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())
