"""In which language a page speaks."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from confere.web.language import LANGUAGES, Messages, language_of


def request(wanted: str, chosen: str = "") -> Request:
    """A request of a browser that wants languages, in which somebody chose one."""
    headers = [(b"accept-language", wanted.encode("latin-1"))]
    if chosen:
        headers.append((b"cookie", f"language={chosen}".encode()))
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("wanted", "chosen", "language"),
    [
        ("", "", "en"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "", "pt"),
        ("en-US,en;q=0.9,pt;q=0.8", "", "en"),
        ("de,fr;q=0.9,pt;q=0.2", "", "pt"),
        ("pt;q=0.3,en;q=0.7", "", "en"),
        ("PT-br", "", "pt"),
        ("de", "", "en"),
        ("*", "", "en"),
        ("pt;q=x,en;q=0.1", "", "en"),
        (",;q=1,,", "", "en"),
        ("pt", "en", "en"),
        ("en", "pt", "pt"),
        ("pt", "../../etc", "pt"),
    ],
)
def test_the_choice_counts_then_what_the_browser_wants(
    wanted: str, chosen: str, language: str
) -> None:
    """And English where it wants neither."""
    assert language_of(request(wanted, chosen)) == language


def test_every_sentence_is_in_every_language_with_the_same_values() -> None:
    """None is missing, and none asks for a value that another does not."""
    import string

    messages = Messages()
    first, *others = (messages.all(language) for language in LANGUAGES)
    for other in others:
        assert set(first) == set(other)
        for name, sentence in first.items():
            fields = [
                {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
                for text in (sentence, other[name])
            ]
            assert fields[0] == fields[1], name
