"""What people type into a segment, made fit to keep or refused: texts, speakers, times, reasons."""

from __future__ import annotations

import re
import unicodedata

from confere.errors import BadValue

_SPEAKER = re.compile(r"\w[\w .-]{0,31}")  # a code such as P01, I1, IP, UNK: short, on one line
_LANGUAGE = re.compile(r"[a-z]{2,3}")  # ISO 639
_LINE_BREAKS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def text(typed: str) -> str:
    """Return a text in Unicode's composed form (NFC), with plain line breaks, without outer space.

    One spelling for one text: otherwise two keyboards make "the same" word differ, and a search, a
    comparison or a signature sees a change that no person made. Raises BadValue for control
    characters, which no writer of documents can carry.
    """
    cleaned = unicodedata.normalize("NFC", _LINE_BREAKS.sub("\n", typed)).strip()
    for place, character in enumerate(cleaned):
        if character not in "\n\t" and unicodedata.category(character) in {"Cc", "Cs"}:
            raise BadValue(
                f"the text holds a control character (U+{ord(character):04X}) at place {place + 1}",
                "Type the words anew instead of pasting them.",
            )
    return cleaned


def speaker(typed: str) -> str:
    """Return a speaker's code; raises BadValue."""
    code = unicodedata.normalize("NFC", typed).strip()
    if not _SPEAKER.fullmatch(code):
        raise BadValue(
            "a speaker's code is 1 to 32 letters, digits, spaces, points, hyphens or underscores",
            "Participants appear by code (P01), never by name.",
        )
    return code


def language(typed: str) -> str:
    """Return an ISO 639 code; raises BadValue."""
    if not _LANGUAGE.fullmatch(typed):
        raise BadValue("a language is given by its ISO 639 code", "For example pt for Portuguese.")
    return typed


def span(start_ms: int, end_ms: int, duration_ms: int) -> None:
    """Refuse times that are not a span of the recording; raises BadValue."""
    if not 0 <= start_ms < end_ms <= duration_ms:
        raise BadValue(
            f"{start_ms} to {end_ms} ms is not a span of a recording of {duration_ms} ms",
            "The start is before the end, and both are within the recording.",
        )


def parts(text_: str, place: int, which: str) -> tuple[str, str]:
    """Cut a text at a place, counted in characters; raises BadValue if a part would be empty.

    An empty text has two empty parts.
    """
    if not text_:
        return "", ""
    first, second = text(text_[: max(0, place)]), text(text_[max(0, place) :])
    if not first or not second:
        raise BadValue(
            f"one part of the {which} text would be empty",
            "Split between two of its words.",
        )
    return first, second


def likely_place(source: str, place: int, target: str) -> int:
    """Return where a translation probably is to be cut: between words, after the same share of it."""
    gaps = [match.start() for match in re.finditer(r"\s+", target)]
    if not gaps or not source:
        return 0
    wanted = len(target) * place / len(source)
    return min(gaps, key=lambda gap: abs(gap - wanted))


def both_or_neither(source: str, target: str) -> None:
    """Refuse a segment with one text; raises BadValue. Both are empty where nothing is said."""
    if bool(source) != bool(target):
        raise BadValue(
            "one of the two texts would be empty",
            "Give both, or empty both if nothing was said there.",
        )


def reason(typed: str, purpose: str) -> str:
    """Return a written reason; raises BadValue if there is none. ``purpose`` completes 'to'."""
    written = text(typed)
    if not written:
        raise BadValue(f"a written reason is needed to {purpose}")
    return written
