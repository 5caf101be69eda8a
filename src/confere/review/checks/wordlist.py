"""The word list of the study: what must be said so, what must not, what stays as it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token, cover, tokens
from confere.review.checks.values import Context, Finding, Span, WordEntry, WordStatus

_PORTUGUESE_ENDINGS = (("ao", r"(?:ao|oes|aos|aes|a|as)"), ("al", r"(?:al|ais)"), ("el", r"(?:el|eis)"),
                       ("il", r"(?:il|is|eis)"), ("ol", r"(?:ol|ois)"), ("ul", r"(?:ul|uis)"),
                       ("m", r"(?:m|ns)"),
                       ("or", r"(?:or|ora|ores|oras)"), ("r", r"(?:r|res)"), ("z", r"(?:z|zes)"),
                       ("o", r"(?:o|a|os|as)"), ("a", r"(?:a|o|as|os)"), ("e", r"(?:e|es)"))  # fmt: skip


Patterns: TypeAlias = tuple[re.Pattern[str], ...]


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find entries whose source is said and whose target is not there, or there though forbidden."""
    required: defaultdict[str, list[WordEntry]] = defaultdict(list)
    found = context.prepared(_Sources).said(pair.source_tokens)
    for entry, said in found:
        if entry.status is WordStatus.REQUIRED:
            required[entry.source].append(entry)
        elif entry.status is WordStatus.FORBIDDEN:
            told = _places(_english_term(entry.target), pair.target_tokens)
            if told:
                yield finding(
                    pair.segment, "wordlist.forbidden", said, told,
                    source=entry.source, target=entry.target,
                )  # fmt: skip
        elif not _places(_portuguese_term(entry.source), pair.target_tokens):
            yield finding(pair.segment, "wordlist.keep", said, source=entry.source)
    places = {entry.source: said for entry, said in found}
    for source, entries in required.items():
        targets = [entry.target for entry in entries]
        if not any(_places(_english_term(target), pair.target_tokens) for target in targets):
            told_so = " / ".join(targets)
            yield finding(
                pair.segment, "wordlist.required", places[source], source=source, target=told_so
            )


class _Sources:
    """The source words of a list, found by the first word of each in any inflection."""

    def __init__(self, context: Context) -> None:
        self._entries = context.words
        self._terms = [_portuguese_term(entry.source) for entry in context.words]
        self._begun: dict[str, list[int]] = {}
        # By the letters that no inflection of the first word changes.
        self._by_head: defaultdict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(context.words):
            words = tokens(entry.source) if self._terms[place] else []
            for first in words[:1]:
                self._by_head[first.folded[: 2 if len(first.folded) > 2 else 1]].append(place)

    def said(self, found: Sequence[Token]) -> list[tuple[WordEntry, list[Span]]]:
        """Return the entries whose source is said, in their order, with where it is."""
        places: defaultdict[int, list[Span]] = defaultdict(list)
        for at, token in enumerate(found):
            for place in self._beginning(token.folded):
                if _stands(self._terms[place], found, at):
                    places[place].append(cover(found[at : at + len(self._terms[place])]))
        return [(self._entries[place], places[place]) for place in sorted(places)]

    def _beginning(self, folded: str) -> list[int]:
        """Return the entries whose first word this may be; kept, for few words make up most speech."""
        if folded not in self._begun:
            heads = {folded[:1], folded[:2]}
            some = [place for head in heads for place in self._by_head.get(head, ())]
            self._begun[folded] = [p for p in some if self._terms[p][0].fullmatch(folded)]
        return self._begun[folded]


def _places(term: Patterns, found: Sequence[Token]) -> list[Span]:
    if not term:
        return []
    starts = range(len(found) - len(term) + 1)
    return [cover(found[at : at + len(term)]) for at in starts if _stands(term, found, at)]


def _stands(term: Patterns, found: Sequence[Token], at: int) -> bool:
    return at + len(term) <= len(found) and all(
        pattern.fullmatch(found[at + step].folded) for step, pattern in enumerate(term)
    )


@lru_cache(maxsize=5_000)
def _portuguese_term(term: str) -> Patterns:
    return tuple(_portuguese(token.folded) for token in tokens(term))


@lru_cache(maxsize=5_000)
def _english_term(term: str) -> Patterns:
    return tuple(_english(token.folded) for token in tokens(term))


def _portuguese(word: str) -> re.Pattern[str]:
    """Return a pattern of a folded Portuguese word and its plurals and genders."""
    for ending, forms in _PORTUGUESE_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return re.compile(re.escape(word.removesuffix(ending)) + forms)
    return re.compile(re.escape(word) + "s?")


def _english(word: str) -> re.Pattern[str]:
    """Return a pattern of a folded English word, its plural, possessive and verb endings."""
    if word.endswith("y") and len(word) > 2:
        return re.compile(re.escape(word[:-1]) + r"(?:y|ys|ies|ied|ying|y's)")
    stem = re.escape(word.removesuffix("e"))
    own = re.escape(word)
    doubled = re.escape(word[-1]) if word else ""
    return re.compile(
        rf"(?:{own}(?:s|es|'s|s'|d|ed|ing)?|{stem}(?:ing|ed)|{own}{doubled}(?:ing|ed))"
    )
