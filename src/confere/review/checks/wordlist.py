"""The word list of the study: what must be said so, what must not, what stays as it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from confere.review.checks.messages import finding
from confere.review.checks.text import Pair, Token, cover, tokens
from confere.review.checks.values import Context, Finding, Span, WordEntry, WordStatus

_PORTUGUESE_ENDINGS = (("ao", r"(?:ao|oes|aos|aes|a|as)"), ("al", r"(?:al|ais)"), ("el", r"(?:el|eis)"),
                       ("il", r"(?:il|is|eis)"), ("ol", r"(?:ol|ois)"), ("ul", r"(?:ul|uis)"),
                       ("m", r"(?:m|ns)"),
                       ("or", r"(?:or|ora|ores|oras)"), ("r", r"(?:r|res)"), ("z", r"(?:z|zes)"),
                       ("o", r"(?:o|a|os|as)"), ("a", r"(?:a|o|as|os)"), ("e", r"(?:e|es)"))  # fmt: skip


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find entries whose source is said and whose target is not there, or there though forbidden."""
    required: defaultdict[str, list[WordEntry]] = defaultdict(list)
    known = context.prepared(_by_beginning)
    heads = {head for token in pair.source_tokens for head in (token.folded[:1], token.folded[:2])}
    places = sorted({place for head in heads for place in known.get(head, ())})
    for entry in (context.words[place] for place in places):
        said = _places(entry.source, pair.source_tokens, _portuguese)
        if not said:
            continue
        if entry.status is WordStatus.REQUIRED:
            required[entry.source].append(entry)
        elif entry.status is WordStatus.FORBIDDEN:
            told = _places(entry.target, pair.target_tokens, _english)
            if told:
                yield finding(
                    pair.segment, "wordlist.forbidden", said, told,
                    source=entry.source, target=entry.target,
                )  # fmt: skip
        elif not _places(entry.source, pair.target_tokens, _portuguese):
            yield finding(pair.segment, "wordlist.keep", said, source=entry.source)
    for source, entries in required.items():
        targets = [entry.target for entry in entries]
        if not any(_places(target, pair.target_tokens, _english) for target in targets):
            said = _places(source, pair.source_tokens, _portuguese)
            told_so = " / ".join(targets)
            yield finding(pair.segment, "wordlist.required", said, source=source, target=told_so)


def _by_beginning(context: Context) -> Mapping[str, Sequence[int]]:
    """Return the places of the entries by the letters that no inflection of their first word changes."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(context.words):
        words = tokens(entry.source)
        if words:
            first = words[0].folded
            found[first[:2] if len(first) > 2 else first[:1]].append(place)
    return found


def _places(
    term: str, found: Sequence[Token], inflected: Callable[[str], re.Pattern[str]]
) -> list[Span]:
    words = [token.folded for token in tokens(term)]
    if not words:
        return []
    patterns = [inflected(word) for word in words]
    return [
        cover(found[at : at + len(words)])
        for at in range(len(found) - len(words) + 1)
        if all(p.fullmatch(found[at + step].folded) for step, p in enumerate(patterns))
    ]


@lru_cache(maxsize=5_000)
def _portuguese(word: str) -> re.Pattern[str]:
    """Return a pattern of a folded Portuguese word and its plurals and genders."""
    for ending, forms in _PORTUGUESE_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return re.compile(re.escape(word.removesuffix(ending)) + forms)
    return re.compile(re.escape(word) + "s?")


@lru_cache(maxsize=5_000)
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
