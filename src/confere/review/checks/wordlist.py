"""The word list of the study: what must be said so, what must not, what stays as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from confere.domain.inflection import Patterns, Said, english, places, portuguese
from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token, cover
from confere.review.checks.values import Context, Finding, Span, WordEntry, WordStatus


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find entries whose source is said and whose target is not there, or there though forbidden."""
    required: defaultdict[str, list[WordEntry]] = defaultdict(list)
    found = context.prepared(_Sources).said(pair.source_tokens)
    for entry, said in found:
        if entry.status is WordStatus.REQUIRED:
            required[entry.source].append(entry)
        elif entry.status is WordStatus.FORBIDDEN:
            told = _places(english(entry.target), pair.target_tokens)
            if told:
                yield finding(
                    pair.segment, "wordlist.forbidden", said, told,
                    source=entry.source, target=entry.target,
                )  # fmt: skip
        elif not _places(portuguese(entry.source), pair.target_tokens):
            yield finding(pair.segment, "wordlist.keep", said, source=entry.source)
    places = {entry.source: said for entry, said in found}
    for source, entries in required.items():
        targets = [entry.target for entry in entries]
        if not any(_places(english(target), pair.target_tokens) for target in targets):
            told_so = " / ".join(targets)
            yield finding(
                pair.segment, "wordlist.required", places[source], source=source, target=told_so
            )


class _Sources:
    """The source words of a list."""

    def __init__(self, context: Context) -> None:
        self._entries = context.words
        self._terms = Said([entry.source for entry in context.words])

    def said(self, found: Sequence[Token]) -> list[tuple[WordEntry, list[Span]]]:
        """Return the entries whose source is said, in their order, with where it is."""
        said = self._terms.find([token.folded for token in found])
        return [
            (self._entries[number], [cover(found[first:behind]) for first, behind in spans])
            for number, spans in said.items()
        ]


def _places(term: Patterns, found: Sequence[Token]) -> list[Span]:
    starts = places(term, [token.folded for token in found])
    return [cover(found[at : at + len(term)]) for at in starts]
