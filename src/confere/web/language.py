"""In which language a page speaks, and its sentences: ``messages/LANGUAGE.json``, by name."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.requests import Request

FOLDER = Path(__file__).parent / "messages"
#: The first is spoken where a browser wants neither.
LANGUAGES = ("en", "pt")
COOKIE = "language"


def language_of(request: Request) -> str:
    """Return the language somebody chose, or the first that their browser wants and we speak."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    wanted = (_weighted(one) for one in request.headers.get("accept-language", "").split(","))
    for _, tag in sorted(wanted, key=lambda one: -one[0]):
        if tag in LANGUAGES:
            return tag
    return LANGUAGES[0]


def _weighted(one: str) -> tuple[float, str]:
    """Return how much a language is wanted, and its tag without the country."""
    tag, _, weight = one.strip().partition(";q=")
    try:
        return float(weight or 1), tag.partition("-")[0].lower()
    except ValueError:
        return 0.0, ""


class Messages:
    """Every sentence of the page, in every language."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._by_language: dict[str, dict[str, str]] = {
            language: json.loads((folder / f"{language}.json").read_text("utf-8"))
            for language in LANGUAGES
        }

    def say(self, language: str, name: str, /, **values: object) -> str:
        """Return a sentence with its values; raises KeyError for one that nobody wrote."""
        return self._by_language[language][name].format(**values)

    def find(self, language: str, name: str) -> str:
        """Return a sentence as it is, or nothing."""
        return self._by_language[language].get(name, "")

    def all(self, language: str) -> dict[str, str]:
        """Return every sentence of a language, by name."""
        return dict(self._by_language[language])
