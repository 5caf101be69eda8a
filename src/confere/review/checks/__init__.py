"""Checks on a translated segment: where a second look is worth it. They decide nothing.

``check_segment`` looks at one segment, ``check_transcript`` at all of them, which finds the same words
translated otherwise too; ``check_inconsistent`` finds that alone. Each check is a module; ``messages`` is
every sentence they can say, with its level; ``data`` are their word lists. What is written for
Portuguese and English is left out for other languages, and for speech that is in the target
language already.

    error      empty, untranslated, numbers, marks, identity
    warning    negation, length, omission, addition, names, questions, leftover, language, loop,
               sound, wordlist
    info       person, gender, friends, inconsistent

Only who checks loads the checks and their word lists: most acts ask for a `Level` at most.
"""

from __future__ import annotations

from collections.abc import Sequence

from confere.review.checks.messages import MESSAGES
from confere.review.checks.values import (
    Context,
    Finding,
    Level,
    SegmentTexts,
    Span,
    WordEntry,
    WordStatus,
)

__all__ = [
    "MESSAGES",
    "Context",
    "Finding",
    "Level",
    "SegmentTexts",
    "Span",
    "WordEntry",
    "WordStatus",
    "check_inconsistent",
    "check_segment",
    "check_transcript",
]


def check_segment(segment: SegmentTexts, context: Context) -> list[Finding]:
    """Return what the checks see in one segment, errors first."""
    from confere.review.checks import every

    return every.check_segment(segment, context)


def check_transcript(
    segments: Sequence[SegmentTexts], context: Context
) -> dict[str, list[Finding]]:
    """Return what the checks see in each segment, by its id, with what only all of them show."""
    from confere.review.checks import every

    return every.check_transcript(segments, context)


def check_inconsistent(
    segments: Sequence[SegmentTexts], context: Context
) -> dict[str, list[Finding]]:
    """Return only what all segments together show, by the id of each segment that has any of it."""
    from confere.review.checks import every

    return every.check_inconsistent(segments, context)
