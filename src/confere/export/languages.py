"""Names and tags of the languages that studies work in; any other is named by its code."""

from __future__ import annotations

_NAMES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fil": "Filipino",
    "fr": "French",
    "hi": "Hindi",
    "pt": "Portuguese",
    "tl": "Filipino",
    "ur": "Urdu",
}
#: Word processors choose their dictionaries by region too: these are the regions of the studies.
_TAGS = {
    "bn": "bn-IN",
    "en": "en-GB",
    "fil": "fil-PH",
    "hi": "hi-IN",
    "pt": "pt-BR",
    "tl": "fil-PH",
}
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def name(code: str) -> str:
    """Return the English name of an ISO 639 code."""
    return _NAMES.get(code, code or "unknown language")


def tag(code: str) -> str:
    """Return the BCP 47 tag of an ISO 639 code."""
    return _TAGS.get(code, code)


def right_to_left(code: str) -> bool:
    """Whether the language is written from right to left."""
    return code in _RIGHT_TO_LEFT
