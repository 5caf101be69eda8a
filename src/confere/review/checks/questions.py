"""Questions: Portuguese keeps the order of a statement, so the mark is often all there is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from confere.review.checks.messages import finding
from confere.review.checks.text import Pair
from confere.review.checks.values import Context, Finding, Span

#: What only asks for a nod; the other language may do without it.
_TAGS = {
    "source": re.compile(
        r"\b(?:né|não é(?: mesmo| verdade)?|não foi|não era|num é|tá|tá bom|certo|entendeu|entende|sabe|"
        r"viu|ok|percebe|percebes|pois|é|compreende|lembra|acredita|hein|hã|sim|não|pode ser|tá certo|"
        r"está bem|tá entendendo|está a ver|sabe como é|será|o quê|fazer o quê)\s*\?",
        re.IGNORECASE,
    ),
    "target": re.compile(
        r"\b(?:right|ok|okay|you know|you see|see|understand|you understand|huh|eh|hey|yes|no|really|"
        r"isn['’]t (?:it|that so)|(?:\w+n['’]t|is|are|was|were|do|does|did|can|could|will|would|has|have|had)"
        r" (?:i|you|he|she|it|we|they|there)|can you (?:believe|imagine)(?: it)?|believe me|remember|"
        r"what|what can you do)\s*\?",
        re.IGNORECASE,
    ),
}
_QUESTION = re.compile(r"[^.?!…;]*\?+")


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find a question that is none in the other text; tags are not counted on, nor missed."""
    if "?" not in pair.source and "?" not in pair.target:
        return
    source, source_tags = _count(pair.source, "source")
    target, target_tags = _count(pair.target, "target")
    if len(source) > len(target) + target_tags:
        yield finding(pair.segment, "questions.lost", source)
    elif len(target) > len(source) + source_tags:
        yield finding(pair.segment, "questions.added", [], target)


def _count(text: str, side: str) -> tuple[list[Span], int]:
    """Return the places of the true questions, and how many end in a tag."""
    asked, tags = [], 0
    endings = {match.end() for match in _TAGS[side].finditer(text)}
    for match in _QUESTION.finditer(text):
        words = len(match[0].split())
        if match.end() in endings and not (side == "target" and words < 3 and "," not in match[0]):
            tags += 1
        else:
            asked.append(Span(match.start() + len(match[0]) - len(match[0].lstrip()), match.end()))
    return asked, tags
