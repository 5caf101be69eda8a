"""Transcript marks: what stands in square brackets, one for one and in the same order.

``[inaudible 00:12:03]``, ``[unclear: word? 00:12:03]``, ``[pause 5s]``, ``[laughter]``, ``[crying]``,
``[crosstalk]``, ``[interruption: phone]``, ``[sic]``, and the tags of redactions. What was unclear or what
interrupted is translated, so only the kind and the time are compared there. A translator's note
stands in the translation alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from confere.review.checks.messages import finding
from confere.review.checks.text import MARK, Pair, fold
from confere.review.checks.values import Context, Finding, Span

_NOTE = "translator note"
_WORDED = frozenset(("unclear", "interruption", "noise"))
_UNCLOSED = re.compile(r"\[[^\[\]\n]{0,30}|[^\[\]\n]{0,30}\]")
_TIME = re.compile(r"\d+(?::\d+)+|\d+\s*s\b")
#: What Portuguese transcribers write for the marks of the protocol.
_ENGLISH = {
    "inaudivel": "inaudible", "incompreensivel": "inaudible", "risos": "laughter",
    "riso": "laughter", "risada": "laughter", "risadas": "laughter", "laughs": "laughter",
    "choro": "crying", "chora": "crying", "chorando": "crying", "pausa": "pause",
    "silencio": "silence", "interrupcao": "interruption", "ruido": "noise", "barulho": "noise",
    "falas sobrepostas": "crosstalk", "sobreposicao": "crosstalk", "vozes": "crosstalk",
    "nota do tradutor": _NOTE, "nota da tradutora": _NOTE, "duvida": "unclear", "confuso": "unclear",
}  # fmt: skip


def check(pair: Pair, context: Context) -> Iterator[Finding]:
    """Find marks that one text lacks, that differ, that stand in another order or are not closed."""
    source = _marks(pair.segment.source)
    target = [mark for mark in _marks(pair.segment.target) if mark[0] != _NOTE]
    kinds = [kind for kind, _, _ in source], [kind for kind, _, _ in target]
    missing = _less(source, kinds[1])
    added = _less(target, kinds[0])
    for left, right in zip_longest(missing, added):
        if left and right:
            yield finding(
                pair.segment, "marks.differ", [left[2]], [right[2]], source=left[1], target=right[1]
            )
        elif left:
            yield finding(pair.segment, "marks.missing", [left[2]], source=left[1])
        elif right:
            yield finding(pair.segment, "marks.added", [], [right[2]], target=right[1])
    if kinds[0] != kinds[1] and not missing and not added:
        spans = [mark[2] for mark in source], [mark[2] for mark in target]
        yield finding(pair.segment, "marks.order", *spans)
    yield from _open(pair)


def _marks(text: str) -> list[tuple[str, str, Span]]:
    return [(_kind(m[0]), m[0], Span(*m.span())) for m in MARK.finditer(text)]


def _kind(mark: str) -> str:
    """Return what of a mark must be the same in both texts."""
    inside = " ".join(fold(mark[1:-1]).split())
    time = "".join(found[0].replace(" ", "") for found in [_TIME.search(inside)] if found)
    word, colon, _ = inside.partition(":")
    name = _TIME.sub("", word if colon and not _TIME.match(inside) else inside).strip()
    name = re.sub(r"[\d:\s]+$", "", name) if time else name
    name = _ENGLISH.get(name.removesuffix("'s") if name else name, name)
    name = name.replace("translator's note", _NOTE)
    if name == _NOTE:
        return _NOTE
    if colon and name not in _WORDED and not time:
        return inside
    return f"{name} {time}".strip()


def _less(marks: list[tuple[str, str, Span]], other: list[str]) -> list[tuple[str, str, Span]]:
    left = Counter(other)
    rest = []
    for mark in marks:
        if left[mark[0]]:
            left[mark[0]] -= 1
        else:
            rest.append(mark)
    return rest


def _open(pair: Pair) -> Iterator[Finding]:
    if not any(bracket in text for text in (pair.source, pair.target) for bracket in "[]"):
        return
    for match in _UNCLOSED.finditer(pair.source):
        place = [Span(*match.span())]
        yield finding(pair.segment, "marks.open", place, text=match[0].strip())
    for match in _UNCLOSED.finditer(pair.target):
        place = [Span(*match.span())]
        yield finding(pair.segment, "marks.open", [], place, text=match[0].strip())
