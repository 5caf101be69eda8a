"""The same words, translated otherwise; and the same translation of other words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token
from confere.review.checks.values import Finding

LEAST_WORDS = 4  # of the text that is the same; short answers depend on what was asked


def check(pairs: Sequence[Pair]) -> Iterator[tuple[str, Finding]]:
    """Return (segment id, finding) for each segment whose twin reads otherwise."""
    texts = [(_plain(pair.source_tokens), _plain(pair.target_tokens)) for pair in pairs]
    sources = _alike(texts)
    targets = _alike((target, source) for source, target in texts)
    shown = {plain: pair.source.strip() for (plain, _), pair in zip(texts, pairs, strict=True)}
    shown |= {plain: pair.target.strip() for (_, plain), pair in zip(texts, pairs, strict=True)}
    for (source, target), pair in zip(texts, pairs, strict=True):
        for other in sorted(sources.get(source, set()) - {target}):
            found = finding(pair.segment, "inconsistent.target", other=shown[other])
            yield pair.segment.id, found
        for other in sorted(targets.get(target, set()) - {source}):
            found = finding(pair.segment, "inconsistent.source", other=shown[other])
            yield pair.segment.id, found


def _alike(texts: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    """Return, for each text that is long enough, what stands beside it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for text, other in texts:
        if len(text.split()) >= LEAST_WORDS and other:
            found[text].add(other)
    return found


def _plain(found: Sequence[Token]) -> str:
    return " ".join(token.folded for token in found)
