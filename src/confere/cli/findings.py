"""How what the checks see is printed, beside a segment or in a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from confere.acts.checks import handle_length
from confere.review.checks import Finding, Level, Span
from confere.review.checks.dismissals import Seen, count_open

_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "cyan"}


def print_findings(found: Sequence[Seen], digits: int = 0) -> None:
    """Print each on a line, with the handle by which it is dismissed, and by whom and why it was."""
    digits = digits or handle_length(found)
    for it in found:
        level, key = it.finding.level, it.finding.key[:digits]
        head = click.style(f"{level.value:<7}", fg=_COLOURS[level], dim=not it.is_open)
        click.echo(f"      {head}  {key}  " + click.style(told(it.finding), dim=not it.is_open))
        if it.dismissal:
            by, at = it.dismissal.by, it.dismissal.at[:16]
            click.echo(f"               dismissed by {by}, {at}: {it.dismissal.reason}")


def told(finding: Finding) -> str:
    """Return the sentence of a finding; of a name, with the words that are in the text."""
    text = finding.parameters.get("text")
    if finding.check == "identity" and text:
        return f"{finding.message.removesuffix('.')}: {text}"
    return finding.message


def counted(found: Iterable[Seen]) -> str:
    """Return how many are open, as ``1 error, 2 warnings``; nothing if none is."""
    names = {Level.ERROR: "errors", Level.WARNING: "warnings", Level.INFO: "to look at"}
    open_ = count_open(found)
    return ", ".join(
        f"{n} {names[level] if n > 1 else names[level].removesuffix('s')}"
        for level, n in open_.items()
        if n
    )


def open_only(found: Iterable[Seen], least: Level = Level.INFO) -> tuple[Seen, ...]:
    """Return what nobody has dismissed, of a level or above."""
    levels = list(Level)
    return tuple(
        it for it in found if it.is_open and levels.index(it.finding.level) <= levels.index(least)
    )


def pointed_at(text: str, spans: Iterable[Span]) -> str:
    """Return a text with what findings point at underlined, where there is colour."""
    places = {place for start, end in spans for place in range(start, end)}
    return "".join(
        click.style(character, underline=True, bold=True) if place in places else character
        for place, character in enumerate(text)
    )


def as_json(it: Seen, segment: int, handle: str) -> dict[str, Any]:
    """Return a finding as ``--json`` prints it."""
    finding, dismissal = it.finding, it.dismissal
    return {
        "finding": handle,
        "segment": segment,
        "id": it.segment_id,
        "level": finding.level.value,
        "check": finding.check,
        "message_id": finding.message_id,
        "parameters": dict(finding.parameters),
        "message": finding.message,
        "source_spans": [list(span) for span in finding.source_spans],
        "target_spans": [list(span) for span in finding.target_spans],
        "key": finding.key,
        "dismissed": {"by": dismissal.by, "at": dismissal.at, "reason": dismissal.reason}
        if dismissal
        else None,
    }
