"""All checks in their order, and which of them are for a segment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from confere.review.checks import (
    alignment,
    brackets,
    consistency,
    friends,
    identity,
    leftover,
    length,
    names,
    negation,
    numbers,
    people,
    presence,
    questions,
    sound,
    wordlist,
)
from confere.review.checks.text import Pair
from confere.review.checks.values import Context, Finding, Level, SegmentTexts

_Check: TypeAlias = Callable[[Pair, Context], Iterator[Finding]]

#: What holds for any text, most important first.
_ALWAYS: tuple[_Check, ...] = (identity.check, brackets.check, sound.check)
#: What compares a text with its translation, whatever the languages.
_TRANSLATED: tuple[_Check, ...] = (presence.check, length.check, questions.check, wordlist.check)
#: What knows Portuguese and English.
_PORTUGUESE_ENGLISH: tuple[_Check, ...] = (
    numbers.check,
    negation.check,
    names.check,
    leftover.check,
    alignment.check,
    people.check,
    friends.check,
)
_LEVELS = list(Level)


def check_segment(segment: SegmentTexts, context: Context) -> list[Finding]:
    """Return what the checks see in one segment, errors first."""
    return _checked(Pair(segment), context)


def check_transcript(
    segments: Sequence[SegmentTexts], context: Context
) -> dict[str, list[Finding]]:
    """Return what the checks see in each segment, by its id, with what only all of them show."""
    pairs = [Pair(segment) for segment in segments]
    found = {pair.segment.id: _checked(pair, context) for pair in pairs}
    for identifier, finding in _inconsistent(pairs, context):
        found[identifier].append(finding)
    return found


def check_inconsistent(
    segments: Sequence[SegmentTexts], context: Context
) -> dict[str, list[Finding]]:
    """Return only what all segments together show, by the id of each segment that has any of it."""
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for identifier, finding in _inconsistent(map(Pair, segments), context):
        found[identifier].append(finding)
    return found


def _inconsistent(pairs: Iterable[Pair], context: Context) -> Iterator[tuple[str, Finding]]:
    return consistency.check([p for p in pairs if p.segment.language != context.target_language])


def _checked(pair: Pair, context: Context) -> list[Finding]:
    checks = _checks_for(pair.segment, context)
    found: dict[str, Finding] = {}
    for finding in (finding for check in checks for finding in check(pair, context)):
        found[finding.key] = _joined(found.get(finding.key), finding)
    return sorted(found.values(), key=lambda finding: _LEVELS.index(finding.level))


def _joined(first: Finding | None, other: Finding) -> Finding:
    """Return one finding for what was seen twice, such as a mark that is lost in two places."""
    if first is None:
        return other
    return replace(
        first,
        source_spans=(*first.source_spans, *other.source_spans),
        target_spans=(*first.target_spans, *other.target_spans),
    )


def _checks_for(segment: SegmentTexts, context: Context) -> Iterable[_Check]:
    yield from _ALWAYS
    if segment.language == context.target_language:
        yield leftover.check_language
        return
    yield presence.check
    if not (segment.source.strip() and segment.target.strip()):
        return
    yield from _TRANSLATED[1:]
    if (segment.language, context.target_language) == ("pt", "en"):
        yield from _PORTUGUESE_ENGLISH
