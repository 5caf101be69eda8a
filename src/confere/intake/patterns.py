"""The names that recorders give to their files, described by small patterns with named fields.

``{take}_{track:LR,Tr#}-{part:4}`` is the name, without its extension, of a part of one of several
tracks of a take. Letters count the same large and small; everything outside braces stands for itself.

=====================  =====================================================================
``{take}``             text with a digit in it: which recording it is
``{name}``             any text
``{number:4}``         so many digits that say nothing to us; ``{number}``: one or more
``{part:4}``           so many digits: which part of a recording that was cut; ``{part}``: any
``{track:LR,Tr#}``     one of these words, ``#`` for a digit: tracks recorded at the same time
``{year:4}``           the recorder's clock: ``{year:2}`` is of this century; two digits each
``{month}`` …          for ``{month} {day} {hour} {minute} {second}``
=====================  =====================================================================

No regular expressions in a file that people write: a pattern has one text without an end at most, so
a name that a hostile card made up cannot keep the matching busy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from confere.errors import BadValue

_TOKEN = re.compile(r"\{(\w+)(?::([^{}]*))?\}|([^{}]+)|([{}])")
_TEXTS = frozenset({"take", "name"})
_DATE = ("year", "month", "day")
_TIME = ("hour", "minute", "second")
_FIELDS = "take, name, number, part, track, year, month, day, hour, minute or second"


@dataclass(frozen=True, slots=True)
class Named:
    """What a file's name says. ``take`` is what the parts and tracks of one recording share.

    ``at`` is the recorder's clock as the name tells it: ISO 8601 without a zone, a day or a time of
    day, or empty. It is a hint: nobody knows how that clock was set.
    """

    take: str
    part: int | None
    track: str
    at: str


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern, ready to be held against names; made by `compiled`."""

    text: str
    expression: re.Pattern[str]

    def match(self, stem: str) -> Named | None:
        """Return what a name without its extension says, or None where the pattern does not fit."""
        found = self.expression.fullmatch(stem)
        if found is None:
            return None
        fields = found.groupdict()
        if "take" in fields and not any(c.isdigit() for c in fields["take"]):
            return None
        part = fields.get("part")
        return Named(
            _without(stem, found, ("part", "track")),
            int(part) if part else None,
            fields.get("track", ""),
            _at(fields),
        )


def compiled(pattern: str) -> NamePattern:
    """Return a pattern ready to be used; raises BadValue for one that means nothing."""
    pieces: list[str] = []
    seen: set[str] = set()
    for name, detail, literal, brace in _TOKEN.findall(pattern):
        if brace:
            raise _wrong(pattern, "a brace is not closed, or not opened")
        if literal:
            pieces.append(re.escape(literal))
            continue
        if name in seen and name != "number":
            raise _wrong(pattern, f"{{{name}}} stands there twice")
        if name in _TEXTS and seen & _TEXTS:
            raise _wrong(pattern, "only one of {take} and {name} may stand there")
        seen.add(name)
        group = "" if name == "number" else f"?P<{name}>"
        pieces.append(f"({group}{_field(pattern, name, detail)})")
    told = [name in seen for name in (*_DATE, *_TIME)]
    if any(told) and (not all(told[:3]) or told != sorted(told, reverse=True)):
        raise _wrong(pattern, "a time needs {year}, {month} and {day}, and then {hour}, {minute}")
    if not pieces:
        raise _wrong(pattern, "it is empty")
    return NamePattern(pattern, re.compile("".join(pieces), re.IGNORECASE | re.DOTALL | re.ASCII))


def _field(pattern: str, name: str, detail: str) -> str:
    """Return the expression of one field."""
    if name in _TEXTS and not detail:
        return ".+"
    if name in ("number", "part") and (not detail or re.fullmatch(r"[1-9]", detail)):
        return rf"\d{{{detail}}}" if detail else r"\d{1,9}"
    if name == "track" and detail:
        words = [word.strip() for word in detail.split(",")]
        if all(words):
            longest_first = sorted(words, key=len, reverse=True)
            return "|".join(re.escape(w).replace(r"\#", r"\d") for w in longest_first)
    if name == "year" and detail in ("2", "4"):
        return rf"\d{{{detail}}}"
    if name in (*_DATE[1:], *_TIME) and not detail:
        return r"\d{2}"
    whole = f"{{{name}:{detail}}}" if detail else f"{{{name}}}"
    raise _wrong(pattern, f"{whole} means nothing; there is {_FIELDS}")


def _without(stem: str, found: re.Match[str], names: tuple[str, ...]) -> str:
    """Return the name with some of its fields taken out, in small letters."""
    known = found.re.groupindex
    spans = sorted((found.span(name) for name in names if name in known), reverse=True)
    for begin, end in spans:
        stem = f"{stem[:begin]}/{stem[end:]}"  # no name has a slash: nothing runs together
    return stem.lower()


def _at(fields: dict[str, str]) -> str:
    """Return the time that a name tells, as far as it is one."""
    if "year" not in fields:
        return ""
    year = int(fields["year"]) + (2000 if len(fields["year"]) == 2 else 0)
    numbers = [int(fields[name]) for name in (*_DATE[1:], *_TIME) if name in fields]
    try:
        at = datetime(year, *numbers)  # type: ignore[arg-type]  # no zone is known
    except (ValueError, TypeError):
        return ""
    if "hour" not in fields:
        return at.date().isoformat()
    return at.isoformat(timespec="seconds" if "second" in fields else "minutes")


def _wrong(pattern: str, detail: str) -> BadValue:
    return BadValue(f"the pattern '{pattern}': {detail}", "docs/recorders.md shows them all.")
