"""What errors, findings of an audit and reasons say, in the language of the page.

They are written where they arise, for the command line, in English. ``messages/told.json`` has each of these
sentences, as it stands in the source with its holes numbered, and how the page says it: ``pt`` always, ``en``
where the command line's words help nobody before a page. A hole that is itself made of our words is written
``{0~}`` there. ``tests/web/test_telling.py`` reads the source and misses none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from confere.web.language import FOLDER, Messages

FILE = "told.json"
#: Where single words stand among the messages that a sentence may hold.
_WORDS = ("role", "state", "side")
_HOLE = re.compile(r"\{(\d+)(~?)\}")
#: A sentence with fewer letters of its own fits too much to be found among several.
_TELLING = 12


class _Sentence(NamedTuple):
    """One row: what it looks like once it is filled in, and what is said for it, by language."""

    pattern: re.Pattern[str]
    words: str  # its longest piece between holes: where that is not, it is not
    opens: bool  # whether it begins with a hole
    letters: int
    said: dict[str, str]


class Telling:
    """Says in a language of the page what was written in English.

    Nothing of what was said is kept: it may hold words of a study, and the front outlives every lock.
    """

    def __init__(self, messages: Messages, folder: Path = FOLDER) -> None:
        self._messages = messages
        self._file = folder / FILE

    def say(self, language: str, text: str) -> str:
        """Return a text as the page says it; as it stands where nobody wrote it otherwise."""
        pieces = [self._find(language, piece, _TELLING) for piece in text.split("; ")]
        if len(pieces) > 1 and None not in pieces:
            return "; ".join(filter(None, pieces))
        return self._find(language, text, 0) or text

    def into(self, language: str) -> Callable[[str], str]:
        """Return `say` for one language."""
        return lambda text: self.say(language, text) if text else text

    @cached_property
    def _rows(self) -> tuple[dict[str, dict[str, str]], list[_Sentence]]:
        """All sentences, and those with holes by what they look like, most letters first."""
        table: dict[str, dict[str, str]] = json.loads(self._file.read_text("utf-8"))
        open_ = [_sentence(text, said) for text, said in table.items() if _HOLE.search(text)]
        return table, sorted(open_, key=lambda row: -row.letters)

    def _find(self, language: str, text: str, letters: int) -> str | None:
        whole, open_ = self._rows
        if text in whole:
            return whole[text].get(language, text)
        fitting = [
            (row, found)
            for row in open_
            if row.letters >= letters
            and row.words in text
            and (found := row.pattern.fullmatch(text))
        ]
        if not fitting:
            return None
        # A sentence may stand in another one's hole: the outer one's own words come first.
        row, found = min(fitting, key=lambda each: each[1].end(1) if each[0].opens else 0)
        return self._fill(language, row.said.get(language), found) or text

    def _fill(self, language: str, said: str | None, found: re.Match[str]) -> str | None:
        if said is None:
            return None

        def value(hole: re.Match[str]) -> str:
            given = found[int(hole[1]) + 1]
            return self._words(language, given) if hole[2] else given

        return _HOLE.sub(value, said)

    def _words(self, language: str, text: str) -> str:
        said = self.say(language, text)
        if said != text:
            return said
        return ", ".join(self._word(language, word) for word in text.split(", "))

    def _word(self, language: str, word: str) -> str:
        named = (self._messages.find(language, f"{group}.{word}") for group in _WORDS)
        return next(filter(None, named), word)


def _sentence(text: str, said: dict[str, str]) -> _Sentence:
    parts = _HOLE.split(text)[::3]
    pattern = re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL)
    return _Sentence(pattern, max(parts, key=len), not parts[0], sum(map(len, parts)), said)
